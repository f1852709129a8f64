//! The back office: pages for people, rendered here, that work without a script.
//!
//! A handler that changes anything takes a `submission::Submission`: a form that a signed-in person sent from a page
//! of ours. Nothing else yields a scribe, so a handler that forgets who is asking has nothing to write with.

mod account;
mod actions;
mod applications;
mod assets;
mod choice;
mod complaints;
mod confirm;
mod cookies;
mod csrf;
mod emails;
mod errors;
mod flash;
mod form;
mod going_back;
mod grid;
mod headers;
mod invitation;
mod local;
mod my_user;
mod named;
mod navigation;
mod networks;
mod organization;
mod organizations;
mod own_writes;
mod reference;
mod render;
mod roles;
mod session;
mod shell;
mod sign_in;
mod submission;
mod system;
mod throttle;
mod times;
mod users;
mod visit;

use std::sync::Arc;

use axum::{
    Extension, Router, middleware,
    routing::{get, post},
};
use tower_http::catch_panic::CatchPanicLayer;

use self::throttle::Throttle;
use crate::{app::App, gzip, http};

pub(crate) use self::my_user::home;

/// All pages, and the page for addresses that lead nowhere.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/", get(my_user::home))
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/organization", post(organization::switch))
        .route("/me", get(my_user::show))
        .route("/invitation/{token}", get(invitation::form).post(invitation::accept))
        .merge(account::router())
        .merge(applications::router())
        .merge(emails::router())
        .merge(grid::router())
        .merge(organizations::router())
        .route("/api/doc", get(reference::show))
        .merge(system::router())
        .merge(users::router())
        .route("/static/{name}", get(assets::file))
        .route("/favicon.ico", get(assets::favicon))
        .method_not_allowed_fallback(errors::wrong_method)
        .fallback(errors::not_found)
        .layer(Extension(Arc::new(Throttle::default())))
        .layer(CatchPanicLayer::custom(http::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), errors::dress))
        .layer(middleware::from_fn(headers::guard))
        .layer(middleware::from_fn(gzip::pages))
}
