//! Forms are accepted from our own pages only: a token that other sites cannot know, and what the browser itself says.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use store::Purpose;
use subtle::ConstantTimeEq;
use url::Url;

use super::errors::Problem;
use crate::app::{App, Settings};

/// For whom a form was made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Audience<'a> {
    /// The SHA-256 of the session's id.
    Session(&'a [u8; 32]),
    /// The value of the browser's cookie, before there is a session.
    Browser(&'a str),
}

/// The token that a form for this audience carries.
pub(super) fn token(app: &App, audience: Audience<'_>) -> String {
    let parts: [&[u8]; 2] = match audience {
        Audience::Session(id_hash) => [b"session", id_hash],
        Audience::Browser(value) => [b"browser", value.as_bytes()],
    };
    URL_SAFE_NO_PAD.encode(app.commands.key.mac(Purpose::Forms, &parts))
}

/// Whether the form carries the token made for this audience.
pub(super) fn verify(app: &App, audience: Audience<'_>, given: &str) -> Result<(), Problem> {
    let expected = token(app, audience);
    if bool::from(expected.as_bytes().ct_eq(given.as_bytes())) {
        Ok(())
    } else {
        Err(Problem::ForeignForm)
    }
}

/// What the browser says about where the form was; one that says nothing is judged by the token alone.
pub(super) fn check_site(settings: &Settings, headers: &HeaderMap) -> Result<(), Problem> {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let same_site =
        !matches!(said("sec-fetch-site"), Some(site) if !matches!(site, "same-origin" | "none"));
    let same_origin = said(header::ORIGIN.as_str())
        .is_none_or(|origin| is_ours(settings, origin, said(header::HOST.as_str())));
    if same_site && same_origin { Ok(()) } else { Err(Problem::ForeignSite) }
}

/// An origin is ours by configuration, or by the host that the browser itself called: on the machine Oathbook runs on
/// people call it by several names.
fn is_ours(settings: &Settings, origin: &str, host: Option<&str>) -> bool {
    let Ok(origin) = Url::parse(origin) else {
        return false;
    };
    let called = host.and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    origin.origin() == settings.public_url.origin()
        || called.is_some_and(|called| called.origin() == origin.origin())
}
