//! `GET /.well-known/oauth-authorization-server`: what the server offers and where (RFC 8414); and
//! `GET /.well-known/oauth-protected-resource`: what the web API, which takes its tokens, wants of clients (RFC 9728).

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::Scope;
use serde::Serialize;

use super::{JWKS_PATH, TOKEN_PATH};
use crate::{app::App, rest, scopes::Own};

/// RFC 8414, section 2. `response_types_supported` is required there, and empty: there is no authorization endpoint.
#[derive(Serialize)]
struct Document<'a> {
    issuer: &'a str,
    token_endpoint: String,
    jwks_uri: String,
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 2],
    scopes_supported: Vec<&'a Scope>,
}

/// RFC 9728, section 2. The resource is named by the audience its tokens must have: the issuer.
#[derive(Serialize)]
struct Protected<'a> {
    resource: &'a str,
    resource_name: &'static str,
    resource_documentation: String,
    authorization_servers: [&'a str; 1],
    bearer_methods_supported: [&'static str; 1],
    scopes_supported: [&'static str; Own::ALL.len()],
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
        scopes_supported: app.settings.scopes.iter().map(|(scope, _)| scope).collect(),
    };
    publish(&document)
}

/// The web API's. Answered whatever the issuer, as above.
pub(super) async fn resource(State(app): State<App>) -> Response {
    let issuer = app.settings.issuer();
    publish(&Protected {
        resource: issuer,
        resource_name: "Oathbook",
        resource_documentation: format!("{issuer}{}/doc", rest::PATH),
        authorization_servers: [issuer],
        bearer_methods_supported: ["header"],
        scopes_supported: Own::ALL.map(Own::as_str),
    })
}

fn publish(document: &impl Serialize) -> Response {
    match serde_json::to_vec(document) {
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
    if is_ours(&app, &path) {
        return document(State(app)).await;
    }
    (StatusCode::NOT_FOUND, "The OAuth server not found.").into_response()
}

/// The form of RFC 9728, section 3.1: the resource's path behind the well-known one.
pub(super) async fn resource_at(State(app): State<App>, Path(path): Path<String>) -> Response {
    if is_ours(&app, &path) {
        return resource(State(app)).await;
    }
    (StatusCode::NOT_FOUND, "The resource not found.").into_response()
}

fn is_ours(app: &App, path: &str) -> bool {
    let ours = app.settings.path().trim_start_matches('/');
    !ours.is_empty() && path == ours
}
