//! The web API for programs: JSON:API 1.1 below `/api`, with bearer tokens of ours.
//!
//! One table of operations, `operations`, is what both the router and the `OpenAPI` document are made from. A handler takes
//! a `call::Call`, which only exists where the caller's token has the scope that its type names.

mod applications;
mod body;
mod call;
mod directory;
mod document;
mod error;
mod front;
mod idempotency;
mod limits;
mod listing;
mod media;
mod memberships;
mod notifications;
mod occasions;
mod openapi;
mod operation;
mod organizations;
mod query;
mod reference;
mod refusals;
mod reply;
mod rules;
mod schema;
mod sight;
mod templates;
mod users;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension, Router,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, any, get},
};

use self::{
    error::{Error, Errors, Kind},
    front::Front,
    operation::Operation,
};
use crate::app::App;

pub(crate) use self::reference::Reference;

pub use self::idempotency::KEPT as ANSWERS_KEPT;

/// Where the web API is.
pub(crate) const PATH: &str = "/api";

/// Everything the web API does.
fn operations() -> Vec<Operation> {
    [
        applications::operations(),
        memberships::operations(),
        notifications::operations(),
        organizations::operations(),
        rules::operations(),
        templates::operations(),
        users::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(crate) fn router() -> Router<App> {
    let front = Arc::new(Front::default());
    let mut paths: BTreeMap<&'static str, Vec<Arc<Operation>>> = BTreeMap::new();
    for operation in operations() {
        paths.entry(operation.path).or_default().push(Arc::new(operation));
    }
    let mut router = Router::new()
        .route("/openapi.json", get(openapi::document))
        .layer(Extension(Arc::<openapi::Document>::default()));
    for (path, operations) in paths {
        router = router.route(path, methods(&front, operations));
    }
    // The bare path is not below itself.
    let bare = format!("{PATH}/");
    Router::new()
        .nest(PATH, router.fallback(not_found))
        .route(PATH, any(not_found))
        .route(&bare, any(not_found))
}

/// All that can be done at one path.
fn methods(front: &Arc<Front>, operations: Vec<Arc<Operation>>) -> MethodRouter<App> {
    let allow = allow(&operations);
    let (options, wrong) = (allow.clone(), allow);
    let mut methods = MethodRouter::new()
        .options(async move || (StatusCode::OK, [(header::ALLOW, options.clone())]))
        .fallback(async move || wrong_method(wrong.clone()));
    for operation in operations {
        let (front, filter) = (front.clone(), filter(&operation.method));
        methods = methods.on(filter, async move |app, path, request| {
            front.serve(app, &operation, path, request).await
        });
    }
    methods
}

fn filter(method: &Method) -> MethodFilter {
    match *method {
        Method::POST => MethodFilter::POST,
        Method::PATCH => MethodFilter::PATCH,
        Method::DELETE => MethodFilter::DELETE,
        // `HEAD` comes with it.
        _ => MethodFilter::GET,
    }
}

fn allow(operations: &[Arc<Operation>]) -> HeaderValue {
    let mut names: Vec<&str> = operations.iter().map(|it| it.method.as_str()).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.push("OPTIONS");
    names.sort_unstable();
    HeaderValue::from_str(&names.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

fn wrong_method(allow: HeaderValue) -> Response {
    let error = Error::new(Kind::WrongMethod, "This method is not offered here.");
    Errors::from(error.with(header::ALLOW, allow)).into_response()
}

async fn not_found() -> Errors {
    Error::new(Kind::NotFound, "There is nothing at this address.").into()
}
