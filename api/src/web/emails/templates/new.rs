//! A template of one's own, which begins as a copy of the shipped one.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::email_template::TemplateName;
use letters::{OCCASIONS, Occasion};
use serde::Serialize;

use super::{App, Choice, Operator, Problem, address, complaint, local, permit};
use crate::web::{
    flash::Message, form::Fields, going_back::written, render::Template, session::SignedIn,
    shell::Page, submission::Submission,
};

const TITLE: &str = "Add template";

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) form: Form,
}

#[derive(Serialize)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) return_to: String,
    pub(super) error: Option<String>,
    pub(super) name: String,
    pub(super) name_error: Option<String>,
    pub(super) occasions: Vec<Choice>,
    pub(super) occasion_error: Option<String>,
}

impl Form {
    fn of(app: &App, name: &str, occasion: &str) -> Self {
        let choice = |known: &&Occasion| Choice::among(known.name, known.title, occasion);
        Self {
            action: local::of(&app.settings, "/emails/templates/new"),
            return_to: local::of(&app.settings, "/emails/templates"),
            error: None,
            name: name.to_owned(),
            name_error: None,
            occasions: OCCASIONS.iter().map(choice).collect(),
            occasion_error: None,
        }
    }
}

fn show(app: &App, caller: &SignedIn, form: Form, status: StatusCode) -> Result<Response, Problem> {
    Page::new(Template::EmailsTemplateNew, TITLE, &Context { form })
        .with_status(status)
        .show_to(app, caller)
}

pub(super) async fn form(
    State(app): State<App>,
    Operator(caller): Operator,
) -> Result<Response, Problem> {
    show(&app, &caller, Form::of(&app, "", ""), StatusCode::OK)
}

pub(super) async fn create(
    State(app): State<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let permit = permit(caller)?;
    let mut form = Form::of(&app, fields.text("name"), fields.text("occasion"));
    let (name, occasion) = match read(fields) {
        Ok(entered) => entered,
        Err((name_error, occasion_error)) => {
            (form.name_error, form.occasion_error) = (name_error, occasion_error);
            return show(&app, caller, form, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let scribe = app.scribe_for(&submission);
    let words = letters::shipped_words(occasion);
    match scribe.create_template(&permit, name, occasion.name, words).await {
        Ok((id, position)) => {
            Ok(written(&app, position, Message::Saved, &address(&app, id, "")).await)
        }
        Err(failure) => {
            form.error = Some(complaint(failure)?.to_owned());
            show(&app, caller, form, StatusCode::CONFLICT)
        }
    }
}

type Wrong = (Option<String>, Option<String>);

fn read(fields: &Fields) -> Result<(TemplateName, &'static Occasion), Wrong> {
    let name = TemplateName::parse(fields.text("name")).map_err(|error| error.to_string());
    let occasion = letters::occasion(fields.text("occasion"));
    match (name, occasion) {
        (Ok(name), Some(occasion)) => Ok((name, occasion)),
        (name, occasion) => {
            let unknown = "This value is not valid: choose an occasion.".to_owned();
            Err((name.err(), occasion.is_none().then_some(unknown)))
        }
    }
}
