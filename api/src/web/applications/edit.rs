//! Editing an application: its name, what is said about it, and whether it is active.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use commands::applications;
use domain::{application, authority::Action};
use projections::applications::Row;
use serde::Serialize;
use store::Expected;

use super::{
    Named, Problem, SignedIn, Subject, address,
    complaint::{Complaint, OVERTAKEN, complain},
    describe,
    inputs::{self, Entered, Inputs},
    written,
};
use crate::{
    app::App,
    web::{
        flash::Message,
        form::{Fields, Seen},
        going_back::return_to,
        local,
        render::Template,
        shell::Page,
        submission::Submission,
    },
};

const TITLE: &str = "Edit OAuth Application";

#[derive(Serialize)]
struct Context {
    application: Subject,
    owner: String,
    grant: String,
    form: Form,
}

#[derive(Serialize)]
struct Form {
    action: String,
    return_to: String,
    /// Of the application as it is shown, so that nobody overwrites what they have not seen.
    revision: u64,
    error: Option<String>,
    #[serde(flatten)]
    inputs: Inputs,
}

impl Form {
    /// The application as it is.
    fn of(app: &App, row: &Row, return_to: String) -> Self {
        Self {
            action: address(app, row.id, "/edit"),
            return_to,
            revision: Expected::Exact(row.revision).next_revision(),
            error: None,
            inputs: Inputs::of(app, row),
        }
    }

    /// What was entered, with what is wrong about it.
    fn again(app: &App, row: &Row, fields: &Fields, complaints: Vec<Complaint>) -> Self {
        let form = Self::of(app, row, fields.return_to(&app.settings));
        let inputs = form.inputs.again(app, fields, &row.scopes);
        let mut form = Self { inputs, ..form };
        for complaint in complaints {
            if let Some(complaint) = form.inputs.complain(complaint) {
                form.error = Some(complaint.text);
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
    let form = Form::of(&app, &row, return_to(&app, query.as_deref(), "/me"));
    show(&app, &caller, &row, form, StatusCode::OK)
}

fn show(
    app: &App,
    caller: &SignedIn,
    row: &Row,
    form: Form,
    status: StatusCode,
) -> Result<Response, Problem> {
    let content = Context {
        application: Subject::of(app, row),
        owner: describe::person(app, row.owner),
        grant: describe::grants(row),
        form,
    };
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
    let entered = match inputs::read(&app, fields, &row.scopes) {
        Ok(entered) => entered,
        Err(complaints) => return again(complaints),
    };
    if fields.seen(Expected::Exact(row.revision)) == Seen::Overtaken {
        let mut form = Form::of(&app, &row, fields.return_to(&app.settings));
        form.error = Some(OVERTAKEN.to_owned());
        return show(&app, caller, &row, form, StatusCode::CONFLICT);
    }
    let Entered { name, active, settings } = entered;
    let seen = applications::Seen::Revision(row.revision);
    let (name, active) = (Some(name), Some(active));
    let edit = application::Edit { name, settings, active, owner: None };
    match app.scribe_for(&submission).edit_application(&[permit], row.id, edit, seen).await {
        Ok(edited) => {
            let back = fields.return_to(&app.settings);
            // Saved in between: the form is shown again, and leads back to the same place.
            let back = match fields.given("stay") {
                Some(_) => {
                    let query = format!("/edit?return_to={}", local::encoded(&back));
                    address(&app, row.id, &query)
                }
                None => back,
            };
            Ok(written(&app, edited.position, Message::Saved, &back).await)
        }
        Err(failure) => again(vec![complain(failure)?]),
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
        inputs: inputs::sample(),
    };
    Context { application: subject(), owner: text(), grant: text(), form }
}
