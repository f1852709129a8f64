//! HTTP in, domain words out. This crate never names an adapter and never writes to the log but through `commands`.

pub mod app;
mod bearer;
pub mod freshness;
mod gzip;
pub mod http;
mod masked;
pub mod oauth;
mod operations;
pub mod remote;
mod rest;
pub mod scopes;
mod sealed;
pub mod signing;
mod templates;
pub mod web;

use axum::{Router, middleware, routing::get};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use app::Surface;

pub use app::App;
/// How long answers to requests with an idempotency key are kept.
pub use rest::ANSWERS_KEPT;

/// Everything the node answers to.
///
/// Where `public_url` has a path, all routes are served below it and at the root: whether a proxy in front strips the
/// path or not, requests arrive. The server must be run with `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn router(app: App) -> Router {
    operations::describe();
    // What people and machines send in forms is short; the token endpoint bounds its bodies itself.
    let bounded = operations::router().layer(middleware::from_fn(http::bounded));
    let routes = match app.settings.surface {
        Surface::Operations => bounded,
        Surface::Everything => everything(&app, bounded),
    };
    let around = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(app.clone(), http::trace))
        .layer(CatchPanicLayer::custom(http::panicked))
        .layer(TimeoutLayer::with_status_code(
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            http::REQUEST_TIMEOUT,
        ));
    routes.layer(around).with_state(app)
}

fn everything(app: &App, operations: Router<App>) -> Router<App> {
    let routes = Router::new()
        .merge(operations)
        .merge(oauth::router())
        .merge(rest::router())
        .merge(web::router(app));
    match app.settings.path() {
        "" => routes,
        path => Router::new()
            .route(&format!("{path}/"), get(web::home))
            .nest(path, routes.clone())
            .merge(routes),
    }
}
