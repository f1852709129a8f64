//! What an address names.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};

use super::errors::Problem;
use crate::app::App;

/// The thing whose id stands in the address as `{id}`. What is not an id names nothing.
pub(super) struct Named<I>(pub(super) I);

impl<I: FromStr> FromRequestParts<App> for Named<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let params = params.map_err(|_| Problem::NotFound)?;
        let id = params.iter().find(|(name, _)| *name == "id").map(|(_, value)| value);
        id.and_then(|id| id.parse().ok()).map(Self).ok_or(Problem::NotFound)
    }
}
