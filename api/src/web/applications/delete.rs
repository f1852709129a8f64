//! Deleting an application, after its name was typed.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use domain::{authority::Action, name::ApplicationName};
use projections::applications::Row;
use serde::Serialize;

use super::{
    Named, Problem, SignedIn, Subject, Time, address,
    complaint::{About, Complaint, complain},
    deletion::until,
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

const TITLE: &str = "Delete Confirmation";
const OTHER_NAME: &str = "This is not the name of the application.";

#[derive(Serialize)]
struct Context {
    application: Subject,
    used: Used,
    /// `None` when it cannot be restored at all.
    restorable_until: Option<Time>,
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

pub(super) async fn ask(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (row, _) = named.find_for(&app, &caller, Action::Delete)?;
    let form = Form {
        action: address(&app, row.id, "/delete"),
        return_to: return_to(&app, query.as_deref(), "/me"),
        error: None,
        name: String::new(),
        name_error: None,
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
    let now = app.commands.clock.now();
    let content = Context {
        application: Subject::of(app, row),
        used: Used::of(app, row.id).await?,
        restorable_until: until(app, now).map(|until| Time::of(until, now)),
        form,
    };
    Page::new(Template::ApplicationDelete, TITLE, &content).with_status(status).show_to(app, caller)
}

pub(super) async fn delete(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let (row, permit) = named.find_for(&app, caller, Action::Delete)?;
    if ApplicationName::parse(fields.text("name")).ok().as_ref() != Some(&row.name) {
        let complaint = Complaint::invalid(About::Name, OTHER_NAME);
        return show_again(&app, caller, &row, fields, complaint).await;
    }
    match app.scribe_for(&submission).delete_application(&permit, row.id).await {
        Ok(deleted) => {
            let back = fields.return_to(&app.settings);
            Ok(written(&app, deleted.position, Message::Deleted, &back).await)
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
    let (error, name_error) =
        if about == About::Name { (None, Some(text)) } else { (Some(text), None) };
    let form = Form {
        action: address(app, row.id, "/delete"),
        return_to: fields.return_to(&app.settings),
        error,
        name: fields.text("name").to_owned(),
        name_error,
    };
    show(app, caller, row, form, status).await
}

#[cfg(test)]
pub(super) fn sample() -> impl Serialize {
    use super::{
        samples::{subject, text, time},
        used,
    };
    let form =
        Form { action: text(), return_to: text(), error: None, name: text(), name_error: None };
    let restorable_until = Some(time());
    Context { application: subject(), used: used::sample(), restorable_until, form }
}
