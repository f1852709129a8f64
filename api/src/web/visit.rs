//! What a request tells about who asks, from where, and for what.

use std::{convert::Infallible, net::IpAddr};

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use uuid::Uuid;

use super::cookies::Cookies;
use crate::{app::App, http::RequestId, remote};

/// Characters of a user agent that are kept.
const USER_AGENT: usize = 512;

/// One request, without its body.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    /// The local path with its query, as the browser shows it.
    pub(super) path: String,
    pub(super) cookies: Cookies,
    pub(super) id: Uuid,
    pub(super) address: Option<IpAddr>,
    pub(super) user_agent: Option<String>,
}

impl Visit {
    pub(super) fn of(app: &App, parts: &Parts) -> Self {
        let local = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let user_agent = parts.headers.get(header::USER_AGENT);
        Self {
            path: format!("{}{local}", app.settings.path()),
            cookies: Cookies::read(&app.settings, &parts.headers),
            id: parts.extensions.get().map_or_else(|| app.commands.mint(), |RequestId(id)| *id),
            address: remote::address_of(&parts.extensions),
            user_agent: user_agent
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .map(|text| text.chars().take(USER_AGENT).collect()),
        }
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(app, parts))
    }
}
