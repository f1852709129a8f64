//! The authorization server as programs see it: tokens, the keys that verify them, and metadata.

mod client;
mod cors;
mod error;
mod jwks;
mod metadata;
mod parameters;
mod scope;
mod token;
pub mod usage;

use axum::{Router, routing::get};

pub(crate) use self::jwks::trusted as trusted_keys;
pub use self::token::{Issued, NotIssued, issue_for};
use crate::app::App;

pub(crate) const TOKEN_PATH: &str = "/oauth2-token";
const JWKS_PATH: &str = "/.well-known/jwks.json";
const METADATA_PATH: &str = "/.well-known/oauth-authorization-server";
pub(crate) const RESOURCE_PATH: &str = "/.well-known/oauth-protected-resource";

pub(crate) fn router() -> Router<App> {
    let token =
        axum::routing::post(token::endpoint).options(cors::options).fallback(token::wrong_method);
    Router::new()
        .route(TOKEN_PATH, token)
        .route(JWKS_PATH, get(jwks::document))
        .route(METADATA_PATH, get(metadata::document))
        .route(&format!("{METADATA_PATH}/{{*path}}"), get(metadata::document_at))
        .route(RESOURCE_PATH, get(metadata::resource))
        .route(&format!("{RESOURCE_PATH}/{{*path}}"), get(metadata::resource_at))
}
