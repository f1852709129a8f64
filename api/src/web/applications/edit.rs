//! Editing an application: its name, and whether it is active.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use commands::applications::Switch;
use domain::{authority::Action, name::ApplicationName};
use projections::applications::Row;
use serde::Serialize;

use super::{
    Named, Problem, SignedIn, Subject, address,
    complaint::{About, Complaint, complain},
    done,
    new::return_to,
};
use crate::{
    app::App,
    web::{flash::Message, form::Fields, render::Template, shell::Page, submission::Submission},
};

const TITLE: &str = "Edit OAuth Application";
const OVERTAKEN: &str =
    "Another change to this application came first. Look at it again, then repeat yours.";
const HALF_DONE: &str = "The name was saved, but not whether the application is active, because another change came in between. Look at it again, then repeat yours.";

#[derive(Serialize)]
struct Context {
    application: Subject,
    form: Form,
}

#[derive(Serialize)]
struct Form {
    action: String,
    return_to: String,
    /// Of the application as it is shown, so that nobody overwrites what they have not seen.
    revision: u64,
    error: Option<String>,
    name: String,
    name_error: Option<String>,
    active: bool,
}

impl Form {
    /// The application as it is.
    fn of(app: &App, row: &Row, return_to: String) -> Self {
        Self {
            action: address(app, row.id, "/edit"),
            return_to,
            revision: row.revision,
            error: None,
            name: row.name.to_string(),
            name_error: None,
            active: row.active,
        }
    }

    /// What was entered, with what is wrong about it.
    fn again(app: &App, row: &Row, fields: &Fields, complaints: Vec<Complaint>) -> Self {
        let mut form = Self {
            name: fields.text("name").to_owned(),
            active: fields.flag("active").unwrap_or(row.active),
            ..Self::of(app, row, fields.return_to(&app.settings))
        };
        for Complaint { about, text, .. } in complaints {
            match about {
                About::Name => form.name_error = Some(text),
                About::Organization | About::Reason | About::Form => form.error = Some(text),
            }
        }
        form
    }
}

pub(super) async fn form(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (row, _) = named.find_for(&app, &caller, Action::Change)?;
    let form = Form::of(&app, &row, return_to(&app, query.as_deref()));
    show(&app, &caller, &row, form, StatusCode::OK)
}

fn show(
    app: &App,
    caller: &SignedIn,
    row: &Row,
    form: Form,
    status: StatusCode,
) -> Result<Response, Problem> {
    let content = Context { application: Subject::of(app, row), form };
    Page::new(Template::ApplicationEdit, TITLE, &content).with_status(status).show_to(app, caller)
}

pub(super) async fn save(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let (row, permit) = named.find_for(&app, caller, Action::Change)?;
    let again = |complaints: Vec<Complaint>| {
        let status = complaints.first().map_or(StatusCode::CONFLICT, |it| it.status);
        show(&app, caller, &row, Form::again(&app, &row, fields, complaints), status)
    };
    let entered = match read(fields) {
        Ok(entered) => entered,
        Err(complaints) => return again(complaints),
    };
    if entered.revision.is_some_and(|revision| revision != row.revision) {
        let mut form = Form::of(&app, &row, fields.return_to(&app.settings));
        form.error = Some(OVERTAKEN.to_owned());
        return show(&app, caller, &row, form, StatusCode::CONFLICT);
    }
    let scribe = app.scribe_for(&submission);
    let renamed = match scribe.rename_application(&permit, row.id, entered.name).await {
        Ok(done) => done,
        Err(failure) => return again(vec![complain(failure)?]),
    };
    let switch = if entered.active { Switch::Activate } else { Switch::Deactivate };
    let scribe = app.scribe_for(&submission);
    let position = match scribe.switch_application(&permit, row.id, switch).await {
        Ok(done) => done.position.max(renamed.position),
        Err(failure) => {
            complain(failure)?;
            return again(vec![Complaint::conflict(HALF_DONE)]);
        }
    };
    Ok(done(&app, position, Message::Saved, &fields.return_to(&app.settings)).await)
}

struct Entered {
    name: ApplicationName,
    active: bool,
    /// A form that does not say what it was made from overwrites.
    revision: Option<u64>,
}

fn read(fields: &Fields) -> Result<Entered, Vec<Complaint>> {
    let name = ApplicationName::parse(fields.text("name"))
        .map_err(|error| Complaint::invalid(About::Name, error.to_string()));
    let active = fields
        .flag("active")
        .map_err(|error| Complaint::invalid(About::Form, format!("Active: {error}")));
    let revision = fields.filled("revision").map(str::parse).transpose().map_err(|_| {
        Complaint::invalid(
            About::Form,
            "The form does not say what it was made from. Load it again.",
        )
    });
    match (name, active, revision) {
        (Ok(name), Ok(active), Ok(revision)) => Ok(Entered { name, active, revision }),
        (name, active, revision) => {
            Err([name.err(), active.err(), revision.err()].into_iter().flatten().collect())
        }
    }
}

#[cfg(test)]
pub(super) fn sample() -> impl Serialize {
    use super::samples::{subject, text};
    let form = Form {
        action: text(),
        return_to: text(),
        revision: 4,
        error: None,
        name: text(),
        name_error: None,
        active: true,
    };
    Context { application: subject(), form }
}
