//! `/api/doc`: the web API for those who write programs, and a place to try it.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{errors::Problem, local, render::Template, shell::Page, visit::Visit};
use crate::{app::App, gzip::Public, oauth::TOKEN_PATH, rest::Reference};

#[derive(Serialize)]
pub(super) struct Context {
    #[serde(flatten)]
    reference: &'static Reference,
    document_url: String,
    /// Where requests that are tried go, without a slash at the end.
    api_url: String,
    /// The same with the host, for other programs.
    api_address: String,
    token_url: String,
}

/// The same for everybody, signed in or not, so that it can be compressed for all.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    let context = context(&app);
    let page = Page::new(Template::Reference, "Web API", &context);
    let page = page.show_to_anybody(&app, &visit, String::new())?;
    Ok((Extension(Public), page).into_response())
}

fn context(app: &App) -> Context {
    let settings = &app.settings;
    let at = |path: &str| local::of(settings, path);
    Context {
        reference: Reference::get(),
        api_address: format!("{}{}", settings.issuer(), crate::rest::PATH),
        document_url: at("/api/openapi.json"),
        api_url: at(crate::rest::PATH),
        token_url: at(TOKEN_PATH),
    }
}

#[cfg(test)]
pub(super) fn sample() -> Context {
    let text = String::new;
    Context {
        reference: Reference::get(),
        api_address: text(),
        document_url: text(),
        api_url: text(),
        token_url: text(),
    }
}
