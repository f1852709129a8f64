//! `GET /.well-known/oauth-authorization-server`: what the server offers and where (RFC 8414).

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{JWKS_PATH, TOKEN_PATH};
use crate::app::App;

/// RFC 8414, section 2. `response_types_supported` is required there, and empty: there is no authorization endpoint.
#[derive(Serialize)]
struct Document<'a> {
    issuer: &'a str,
    token_endpoint: String,
    jwks_uri: String,
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 2],
}

/// The form for an issuer without a path. Answered whatever the issuer, for proxies that strip its path.
pub(super) async fn document(State(app): State<App>) -> Response {
    let issuer = app.settings.issuer();
    let document = Document {
        issuer,
        token_endpoint: format!("{issuer}{TOKEN_PATH}"),
        jwks_uri: format!("{issuer}{JWKS_PATH}"),
        response_types_supported: [],
        grant_types_supported: ["client_credentials"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    };
    match serde_json::to_vec(&document) {
        Ok(body) => (
            [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
            ],
            body,
        )
            .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The form of RFC 8414, section 3.1: the issuer's path behind the well-known one.
pub(super) async fn document_at(State(app): State<App>, Path(path): Path<String>) -> Response {
    let ours = app.settings.path().trim_start_matches('/');
    if !ours.is_empty() && path == ours {
        return document(State(app)).await;
    }
    (StatusCode::NOT_FOUND, "The OAuth server not found.").into_response()
}
