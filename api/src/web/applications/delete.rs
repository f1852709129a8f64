//! Deleting an application, after asking once.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use domain::authority::Action;
use projections::applications::Row;
use serde::Serialize;

use super::{
    Named, Problem, SignedIn, Subject, Time, address, complaint::complain, done, new::return_to,
    tokens_until,
};
use crate::{
    app::App,
    web::{flash::Message, local, render::Template, shell::Page, submission::Submission},
};

const TITLE: &str = "Delete Confirmation";

#[derive(Serialize)]
struct Context {
    application: Subject,
    tokens_until: Option<Time>,
    form: Form,
}

#[derive(Serialize)]
struct Form {
    action: String,
    return_to: String,
    error: Option<String>,
}

pub(super) async fn ask(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (row, _) = named.find_for(&app, &caller, Action::Delete)?;
    let action = address(&app, row.id, "/delete");
    let form = Form { action, return_to: return_to(&app, query.as_deref()), error: None };
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
    let tokens_until = tokens_until(app, row.id).await?;
    Page::new(Template::ApplicationDelete, TITLE, &Context { application, tokens_until, form })
        .with_status(status)
        .show_to(app, caller)
}

pub(super) async fn delete(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let (row, permit) = named.find_for(&app, caller, Action::Delete)?;
    let return_to = fields.return_to(&app.settings);
    match app.scribe_for(&submission).delete_application(&permit, row.id).await {
        Ok(deleted) => {
            // Its own page is gone.
            let gone = return_to.starts_with(&address(&app, row.id, ""));
            let back = if gone { local::home(&app.settings) } else { return_to };
            Ok(done(&app, deleted.position, Message::Deleted, &back).await)
        }
        Err(failure) => {
            let complaint = complain(failure)?;
            let action = address(&app, row.id, "/delete");
            let form = Form { action, return_to, error: Some(complaint.text) };
            show(&app, caller, &row, form, complaint.status).await
        }
    }
}

#[cfg(test)]
pub(super) fn sample() -> impl Serialize {
    use super::samples::{subject, text, time};
    let form = Form { action: text(), return_to: text(), error: None };
    Context { application: subject(), tokens_until: Some(time()), form }
}
