//! Bringing a deleted application back, under another name where its own was taken.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use domain::{authority::Action, name::ApplicationName};
use projections::applications::Row;
use serde::Serialize;

use super::{
    Named, Problem, SignedIn, Subject, address,
    complaint::{About, Complaint, complain},
    deletion::{Deletion, why_not_restored},
    describe, written,
};
use crate::{
    app::App,
    web::{
        flash::Message, form::Fields, going_back::return_to, render::Template, shell::Page,
        submission::Submission,
    },
};

const TITLE: &str = "Restore OAuth Application";
const TAKEN: &str = "The application with the given name already exists. Choose another name.";

#[derive(Serialize)]
struct Context {
    application: Subject,
    owner: String,
    deletion: Option<Deletion>,
    form: Form,
}

#[derive(Serialize)]
struct Form {
    action: String,
    return_to: String,
    error: Option<String>,
    name: String,
    name_error: Option<String>,
}

impl Form {
    fn of(app: &App, row: &Row, return_to: String) -> Self {
        Self {
            action: address(app, row.id, "/restore"),
            return_to,
            error: None,
            name: row.name.to_string(),
            name_error: None,
        }
    }
}

pub(super) async fn ask(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (row, _) = named.find_for(&app, &caller, Action::Restore)?;
    let mut form = Form::of(&app, &row, return_to(&app, query.as_deref(), "/me"));
    form.error = why_not_restored(&app, &caller, &row, app.commands.clock.now());
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
        deletion: Deletion::of(app, row, app.commands.clock.now()),
        form,
    };
    Page::new(Template::ApplicationRestore, TITLE, &content)
        .with_status(status)
        .show_to(app, caller)
}

pub(super) async fn restore(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let (row, permit) = named.find_for(&app, caller, Action::Restore)?;
    let name = match ApplicationName::parse(fields.text("name")) {
        Ok(name) => name,
        Err(error) => {
            let complaint = Complaint::invalid(About::Name, error.to_string());
            return show_again(&app, caller, &row, fields, complaint);
        }
    };
    let (scribe, within) = (app.scribe_for(&submission), app.settings.restorable_for);
    match scribe.restore_application(&permit, row.id, name, within).await {
        Ok(restored) => {
            let back = fields.return_to(&app.settings);
            Ok(written(&app, restored.position, Message::Restored, &back).await)
        }
        Err(failure) => show_again(&app, caller, &row, fields, complain(failure)?),
    }
}

fn show_again(
    app: &App,
    caller: &SignedIn,
    row: &Row,
    fields: &Fields,
    Complaint { about, text, status }: Complaint,
) -> Result<Response, Problem> {
    let mut form = Form {
        name: fields.text("name").to_owned(),
        ..Form::of(app, row, fields.return_to(&app.settings))
    };
    if about == About::Name {
        let taken = text == commands::applications::Refusal::NameTaken.to_string();
        form.name_error = Some(if taken { TAKEN.to_owned() } else { text });
    } else {
        form.error = Some(text);
    }
    show(app, caller, row, form, status)
}

#[cfg(test)]
pub(super) fn sample() -> impl Serialize {
    use super::{
        deletion,
        samples::{subject, text},
    };
    let form =
        Form { action: text(), return_to: text(), error: None, name: text(), name_error: None };
    let deletion = Some(deletion::sample());
    Context { application: subject(), owner: text(), deletion, form }
}
