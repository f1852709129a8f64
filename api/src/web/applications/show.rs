//! An application's own page.

use axum::{extract::State, response::Response};
use domain::Personal;
use projections::{applications::Row, state::Usage};
use serde::Serialize;
use serde_json::Value;

use super::{
    Describe, Described, Named, Problem, SignedIn, Time,
    describe::{Back, actor},
};
use crate::{
    app::App,
    web::{local, render::Template, shell::Page},
};

#[derive(Serialize)]
struct Context {
    application: Described,
    secrets: Vec<Secret>,
}

#[derive(Serialize)]
struct Secret {
    hint: String,
    created: Time,
    created_by: Option<String>,
    last_used: Option<Time>,
    last_address: Option<String>,
}

pub(super) async fn show(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
) -> Result<Response, Problem> {
    let row = named.find(&app, &caller)?;
    let usage = app.state.usage(&[row.id]).await?.remove(&row.id);
    let describe = Describe::new(&app, &caller);
    let back = Back { usually: &caller.visit.path, deleted: &local::home(&app.settings) };
    let application = describe.one(&row, usage.as_ref().and_then(|usage| usage.last_used_at), back);
    let secrets = secrets(&app, &describe, &row, usage).await?;
    Page::new(Template::Application, row.name.as_str(), &Context { application, secrets })
        .show_to(&app, &caller)
}

/// Usage is known per application: of several secrets it cannot be said which one was used.
async fn secrets(
    app: &App,
    describe: &Describe<'_>,
    row: &Row,
    usage: Option<Usage>,
) -> Result<Vec<Secret>, Problem> {
    let usage = usage.filter(|_| row.secrets.len() == 1).unwrap_or_default();
    let address = match usage.last_address {
        Some(sealed) => opened(app, &sealed).await?,
        None => None,
    };
    let secret = |secret: &projections::applications::Secret| Secret {
        hint: secret.hint.clone(),
        created: describe.time(secret.created_at),
        created_by: Some(actor(app, secret.created_by)),
        last_used: usage.last_used_at.map(|at| describe.time(at)),
        last_address: address.clone(),
    };
    Ok(row.secrets.iter().map(secret).collect())
}

/// An address that was sealed with its owner's key; `None` once that is gone.
async fn opened(app: &App, sealed: &str) -> Result<Option<String>, Problem> {
    let Ok(mut document) = serde_json::from_str::<Value>(sealed) else {
        return Ok(None);
    };
    app.commands.log.vault().open(&mut document).await?;
    let personal = serde_json::from_value::<Personal>(document).ok();
    Ok(personal.and_then(|personal| personal.as_open().map(str::to_owned)))
}

#[cfg(test)]
pub(super) fn sample() -> impl Serialize {
    use super::samples::{text, time};
    let secret = Secret {
        hint: text(),
        created: time(),
        created_by: Some(text()),
        last_used: Some(time()),
        last_address: Some(text()),
    };
    Context { application: super::Described::sample(), secrets: vec![secret] }
}
