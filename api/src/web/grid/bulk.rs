//! The same done to many applications: first a page that says what will happen to which of them and what cannot be done,
//! then, of exactly those, one after the other. What is refused does not stop the rest.

mod action;
mod carrying_out;
mod planning;
#[cfg(test)]
pub(super) mod samples;
mod selection;

use axum::{Router, routing::post};

use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/applications/bulk", post(planning::preview))
        .route("/applications/bulk/confirm", post(carrying_out::carry_out))
}

/// Applications in one bulk action.
pub(super) const LIMIT: usize = 500;
