//! A question before something that has consequences.

use axum::{http::StatusCode, response::Response};
use serde::Serialize;

use super::{errors::Problem, render::Template, session::SignedIn, shell::Page};
use crate::app::App;

/// What is asked.
#[derive(Serialize)]
pub(super) struct Confirmation {
    pub(super) title: &'static str,
    pub(super) question: &'static str,
    /// The name of what it is about.
    pub(super) subject: String,
    pub(super) consequences: Vec<String>,
    pub(super) button: &'static str,
    pub(super) danger: bool,
    pub(super) form: Form,
}

#[derive(Serialize)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) return_to: String,
    pub(super) error: Option<String>,
}

impl Confirmation {
    pub(super) fn show(&self, app: &App, caller: &SignedIn) -> Result<Response, Problem> {
        let status = match self.form.error {
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        };
        Page::new(Template::Confirm, self.title, self).with_status(status).show_to(app, caller)
    }
}

/// How many applications stop getting tokens, in words.
pub(super) fn stops(active: usize) -> String {
    match active {
        0 => "No active application is affected.".to_owned(),
        1 => "1 active application stops getting tokens at once.".to_owned(),
        _ => format!("{active} active applications stop getting tokens at once."),
    }
}

#[cfg(test)]
pub(super) fn sample() -> serde_json::Value {
    let form = Form { action: String::new(), return_to: String::new(), error: None };
    let confirmation = Confirmation {
        title: "Title",
        question: "Question?",
        subject: String::new(),
        consequences: vec![stops(2)],
        button: "Disable",
        danger: true,
        form,
    };
    serde_json::to_value(confirmation).expect("JSON")
}
