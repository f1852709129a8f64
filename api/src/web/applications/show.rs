//! An application's own page.

use std::collections::HashMap;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use domain::{Personal, SecretId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use projections::{applications::Row, state::Usage};
use serde::Serialize;
use serde_json::Value;

use super::{
    Named, Problem, SignedIn, Time,
    actions::Actions,
    deletion::Deletion,
    describe::{self, actor},
    timeline::{Extent, Timeline},
};
use crate::{
    app::App,
    web::{form::asked, local, render::Template, shell::Page},
};

/// What is written otherwise in the address of a `mailto:` URL (RFC 6068, section 2).
const ADDRESS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'@').remove(b'.').remove(b'-').remove(b'_');

#[derive(Serialize)]
struct Context {
    application: Properties,
    actions: Actions,
    deletion: Option<Deletion>,
    secrets: Vec<Secret>,
    activity: Timeline,
}

/// The template's `application`.
#[derive(Serialize)]
struct Properties {
    id: String,
    name: String,
    client_id: String,
    active: bool,
    /// When it was last switched, and by whom; `None` when it never was.
    since: Option<Time>,
    since_by: Option<String>,
    since_reason: Option<String>,
    organization: String,
    owner: String,
    /// `None` for whoever may not see the owner.
    owner_url: Option<String>,
    grant: String,
    scopes: Vec<String>,
    description: String,
    contact: String,
    /// With nothing in it that a mail program could take for more than the address.
    contact_url: String,
    homepage: String,
    created: Time,
    created_by: String,
    last_used: Option<Time>,
}

#[derive(Serialize)]
struct Secret {
    hint: String,
    created: Time,
    created_by: String,
    last_used: Option<Time>,
    last_address: Option<String>,
}

pub(super) async fn show(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let row = named.find(&app, &caller)?;
    let usage = app.state.usage(&[row.id]).await?.remove(&row.id);
    let all = asked(query.as_deref(), "activity").is_some_and(|extent| extent == "all");
    let extent = if all { Extent::All } else { Extent::Recent };
    let now = app.commands.clock.now();
    let content = Context {
        application: properties(&app, &caller, &row, usage.as_ref()),
        actions: Actions::of(&app, &caller, &row, now),
        deletion: Deletion::of(&app, &row, now),
        secrets: secrets(&app, &row).await?,
        activity: Timeline::of(&app, &caller, row.id, extent).await?,
    };
    Page::new(Template::Application, row.name.as_str(), &content).show_to(&app, &caller)
}

fn properties(app: &App, caller: &SignedIn, row: &Row, usage: Option<&Usage>) -> Properties {
    let now = app.commands.clock.now();
    let time = |moment| Time::of(moment, now);
    // One that is as it was created was never switched.
    let switched = row.deleted.is_none() && row.status_since != row.created_at;
    Properties {
        id: row.id.to_string(),
        name: row.name.to_string(),
        client_id: row.client_id.to_string(),
        active: row.active,
        since: switched.then(|| time(row.status_since)),
        since_by: switched.then(|| actor(app, row.status_by)),
        since_reason: row.status_reason.clone().filter(|_| switched),
        organization: describe::organization(app, row.organization),
        owner: describe::person(app, row.owner),
        owner_url: owner_url(app, caller, row),
        grant: describe::grants(row),
        scopes: row.scopes.iter().map(ToString::to_string).collect(),
        description: row.description.to_string(),
        contact: row.contact.to_string(),
        contact_url: format!("mailto:{}", utf8_percent_encode(row.contact.as_str(), ADDRESS)),
        homepage: row.homepage.to_string(),
        created: time(row.created_at),
        created_by: actor(app, row.created_by),
        last_used: usage.and_then(|usage| usage.last_used_at).map(time),
    }
}

fn owner_url(app: &App, caller: &SignedIn, row: &Row) -> Option<String> {
    if row.owner == caller.member.user {
        return Some(local::home(&app.settings));
    }
    let others = caller.member.reach().owner.is_none();
    others.then(|| local::of(&app.settings, &format!("/users/{}", row.owner)))
}

async fn secrets(app: &App, row: &Row) -> Result<Vec<Secret>, Problem> {
    let now = app.commands.clock.now();
    let mut usage: HashMap<SecretId, Usage> = app.state.usage_of_secrets(row.id).await?;
    let mut secrets = Vec::with_capacity(row.secrets.len());
    for secret in &row.secrets {
        let usage = usage.remove(&secret.id).unwrap_or_default();
        let last_address = match usage.last_address {
            Some(sealed) => opened(app, &sealed).await?,
            None => None,
        };
        secrets.push(Secret {
            hint: secret.hint.clone(),
            created: Time::of(secret.created_at, now),
            created_by: actor(app, secret.created_by),
            last_used: usage.last_used_at.map(|at| Time::of(at, now)),
            last_address,
        });
    }
    Ok(secrets)
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
    use super::{
        actions, deletion,
        samples::{text, time},
        timeline,
    };
    let secret = Secret {
        hint: text(),
        created: time(),
        created_by: text(),
        last_used: Some(time()),
        last_address: Some(text()),
    };
    let application = Properties {
        id: text(),
        name: text(),
        client_id: text(),
        active: false,
        since: Some(time()),
        since_by: Some(text()),
        since_reason: Some(text()),
        organization: text(),
        owner: text(),
        owner_url: Some(text()),
        grant: text(),
        scopes: vec![text()],
        description: text(),
        contact: text(),
        contact_url: text(),
        homepage: text(),
        created: time(),
        created_by: text(),
        last_used: Some(time()),
    };
    Context {
        application,
        actions: actions::sample(),
        deletion: Some(deletion::sample()),
        secrets: vec![secret],
        activity: timeline::sample(),
    }
}
