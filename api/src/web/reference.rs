//! `/api/doc`: the web API for those who write programs, and a place to try it.

use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{
    errors::Problem, local, render::Template, session::SignedIn, shell::Page, visit::Visit,
};
use crate::{app::App, oauth::TOKEN_PATH, rest::Reference};

#[derive(Serialize)]
pub(super) struct Context {
    #[serde(flatten)]
    reference: Reference,
    document_url: String,
    /// Where requests that are tried go, without a slash at the end.
    api_url: String,
    token_url: String,
}

/// For everybody: it says no more than the product's documentation does.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    let context = context(&app);
    let page = Page::new(Template::Reference, "Web API", &context);
    match SignedIn::find(&app, visit.clone()).await {
        Ok(Some(caller)) => page.show_to(&app, &caller),
        // Where nobody can know who asks, the page is there all the same.
        Ok(None) | Err(_) => page.show_to_anybody(&app, &visit, String::new()),
    }
}

fn context(app: &App) -> Context {
    let settings = &app.settings;
    let at = |path: &str| local::of(settings, path);
    Context {
        reference: Reference::at(&format!("{}{}", settings.issuer(), crate::rest::PATH)),
        document_url: at("/api/openapi.json"),
        api_url: at(crate::rest::PATH),
        token_url: at(TOKEN_PATH),
    }
}

#[cfg(test)]
pub(super) fn sample() -> Context {
    let text = String::new;
    Context {
        reference: Reference::at("https://id.acme.example/api"),
        document_url: text(),
        api_url: text(),
        token_url: text(),
    }
}
