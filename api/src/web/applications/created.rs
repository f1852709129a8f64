//! The one page that shows a client secret.

use axum::{http::header, response::Response};
use commands::applications::Created;
use domain::{
    authority::{Action, Belonging},
    name::ApplicationName,
};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::{Problem, SignedIn, Subject, address, describe};
use crate::{
    app::App,
    oauth::{self, NotIssued, TOKEN_PATH},
    signing::UNAVAILABLE,
    web::{flash::SOON, own_writes, render::Template, shell::Page},
};

const TITLE: &str = "OAuth application has been created.";
const UNKNOWN_YET: &str = "A temporary access token could not be issued at the moment. The credentials are valid all the same.";

#[derive(Serialize)]
struct Context<'a> {
    application: Subject,
    client_secret: &'a str,
    curl: String,
    access_token: Option<&'a str>,
    token_minutes: Option<u64>,
    /// Why there is no token.
    keys_warning: Option<String>,
    close_url: String,
    show_url: String,
    /// `None` for somebody who may create and not change.
    edit_url: Option<String>,
}

/// Rendered in answer to the form, so that no address leads here a second time.
pub(super) async fn show(
    app: &App,
    caller: &SignedIn,
    name: &ApplicationName,
    belonging: Belonging,
    created: &Created,
    close_url: String,
) -> Result<Response, Problem> {
    let settled = app.settled(created.position).await;
    let issued = oauth::issue_for(app, created, caller.visit.address).await;
    let remark = match &issued {
        Err(NotIssued::NoKey) => Some(UNAVAILABLE),
        // One that was created inactive gets none, as was wished.
        Ok(_) | Err(NotIssued::NotAllowed) => (!settled).then_some(SOON),
        Err(NotIssued::Unavailable) => Some(UNKNOWN_YET),
    };
    let issued = issued.ok();
    let content = Context {
        application: Subject {
            name: name.to_string(),
            client_id: created.client_id.to_string(),
            organization: describe::organization(app, belonging.organization),
        },
        client_secret: created.secret.expose(),
        curl: curl(app, created),
        access_token: issued.as_ref().map(|issued| issued.token.expose_secret()),
        token_minutes: issued.as_ref().map(|issued| issued.expires_in.as_secs().div_ceil(60)),
        keys_warning: remark.map(str::to_owned),
        close_url,
        show_url: address(app, created.id, ""),
        edit_url: caller.may(Action::Change, belonging).then(|| address(app, created.id, "/edit")),
    };
    let mut response =
        Page::new(Template::ApplicationCreated, TITLE, &content).show_to(app, caller)?;
    if let Some(cookie) = own_writes::remember(app, created.position, settled) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A command that works as it is. Only an address with an odd character needs quotes.
fn curl(app: &App, created: &Created) -> String {
    let endpoint = format!("{}{TOKEN_PATH}", app.settings.issuer());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-_%".contains(&byte);
    let endpoint = if endpoint.bytes().all(plain) {
        endpoint
    } else {
        format!("'{}'", endpoint.replace('\'', "%27"))
    };
    format!(
        "curl {endpoint} -d grant_type=client_credentials -d client_id={} -d client_secret={}",
        created.client_id,
        created.secret.expose()
    )
}

#[cfg(test)]
pub(super) fn sample() -> impl Serialize {
    use super::samples::{subject, text};
    Context {
        application: subject(),
        client_secret: "secret",
        curl: text(),
        access_token: Some("token"),
        token_minutes: Some(60),
        keys_warning: None,
        close_url: text(),
        show_url: text(),
        edit_url: Some(text()),
    }
}
