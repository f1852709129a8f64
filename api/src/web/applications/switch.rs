//! Deactivating, which asks once, and activating, which does not.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use commands::applications::Switch;
use domain::{Reason, authority::Action};
use projections::applications::Row;
use serde::Serialize;

use super::{
    Named, Problem, SignedIn, Subject, address,
    complaint::{About, Complaint, complain},
    used::Used,
    written,
};
use crate::{
    app::App,
    web::{
        flash::Message, form::Fields, going_back::return_to, render::Template, shell::Page,
        submission::Submission,
    },
};

const TITLE: &str = "Deactivate Confirmation";

#[derive(Serialize)]
struct Context {
    application: Subject,
    used: Used,
    form: Form,
}

#[derive(Serialize)]
struct Form {
    action: String,
    return_to: String,
    error: Option<String>,
    reason: String,
    reason_error: Option<String>,
}

pub(super) async fn ask(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (row, _) = named.find_for(&app, &caller, Action::Change)?;
    let form = Form {
        action: address(&app, row.id, "/deactivate"),
        return_to: return_to(&app, query.as_deref(), "/me"),
        error: None,
        reason: String::new(),
        reason_error: None,
    };
    show(&app, &caller, &row, form, StatusCode::OK).await
}

async fn show(
    app: &App,
    caller: &SignedIn,
    row: &Row,
    form: Form,
    status: StatusCode,
) -> Result<Response, Problem> {
    let application = Subject::of(app, row);
    let used = Used::of(app, row.id).await?;
    Page::new(Template::ApplicationDeactivate, TITLE, &Context { application, used, form })
        .with_status(status)
        .show_to(app, caller)
}

pub(super) async fn deactivate(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let (row, permit) = named.find_for(&app, caller, Action::Change)?;
    let reason = match Reason::parse(fields.text("reason")) {
        Ok(reason) => reason,
        Err(error) => {
            let complaint = Complaint::invalid(About::Reason, error.to_string());
            return show_again(&app, caller, &row, fields, complaint).await;
        }
    };
    let scribe = app.scribe_for(&submission).because(reason);
    match scribe.switch_application(&permit, row.id, Switch::Deactivate).await {
        Ok(switched) => {
            let back = fields.return_to(&app.settings);
            Ok(written(&app, switched.position, Message::Deactivated, &back).await)
        }
        Err(failure) => show_again(&app, caller, &row, fields, complain(failure)?).await,
    }
}

async fn show_again(
    app: &App,
    caller: &SignedIn,
    row: &Row,
    fields: &Fields,
    Complaint { about, text, status }: Complaint,
) -> Result<Response, Problem> {
    let (error, reason_error) = match about {
        About::Reason => (None, Some(text)),
        About::Name
        | About::Organization
        | About::Owner
        | About::Description
        | About::Contact
        | About::Homepage
        | About::Form => (Some(text), None),
    };
    let form = Form {
        action: address(app, row.id, "/deactivate"),
        return_to: fields.return_to(&app.settings),
        error,
        reason: fields.text("reason").to_owned(),
        reason_error,
    };
    show(app, caller, row, form, status).await
}

pub(super) async fn activate(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let (row, permit) = named.find_for(&app, caller, Action::Change)?;
    let scribe = app.scribe_for(&submission);
    match scribe.switch_application(&permit, row.id, Switch::Activate).await {
        Ok(switched) => {
            let back = fields.return_to(&app.settings);
            Ok(written(&app, switched.position, Message::Activated, &back).await)
        }
        Err(failure) => {
            complain(failure)?;
            Err(Problem::Contended)
        }
    }
}

#[cfg(test)]
pub(super) fn sample() -> impl Serialize {
    use super::samples::{subject, text};
    use super::used;
    let form =
        Form { action: text(), return_to: text(), error: None, reason: text(), reason_error: None };
    Context { application: subject(), used: used::sample(), form }
}
