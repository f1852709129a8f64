//! Giving an application to another member of its organization.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use commands::{Failure, applications::Refusal};
use domain::authority::Action;
use projections::applications::Row;
use serde::Serialize;

use super::{
    Named, Problem, SignedIn, Subject, address,
    complaint::{About, Complaint, complain},
    describe,
    owners::{self, Candidates},
    used::Used,
    written,
};
use crate::{
    app::App,
    web::{
        flash::Message, form::Fields, going_back::return_to, local, render::Template, shell::Page,
        submission::Submission,
    },
};

const TITLE: &str = "Transfer OAuth Application";

#[derive(Serialize)]
struct Context {
    application: Subject,
    owner: String,
    used: Used,
    /// Nobody could have it.
    nobody: bool,
    form: Form,
}

#[derive(Serialize)]
struct Form {
    action: String,
    return_to: String,
    error: Option<String>,
    owners: Candidates,
    /// As it was entered, where there are too many to choose from.
    owner: String,
    owner_error: Option<String>,
    /// Where to give it another name, since the new owner has one of its name.
    rename_url: Option<String>,
}

impl Form {
    fn of(app: &App, caller: &SignedIn, row: &Row, return_to: String, owner: &str) -> Self {
        let organization = app.knowledge.organization(row.organization);
        let organizations: Vec<_> = organization.into_iter().collect();
        let (without, selected) = (Some(row.owner), owner.parse().ok());
        let owners =
            Candidates::of(app, caller, &organizations, Action::Transfer, without, selected);
        Self {
            action: address(app, row.id, "/transfer"),
            return_to,
            error: None,
            owners,
            owner: owner.to_owned(),
            owner_error: None,
            rename_url: None,
        }
    }
}

pub(super) async fn ask(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (row, _) = named.find_for(&app, &caller, Action::Transfer)?;
    let form = Form::of(&app, &caller, &row, return_to(&app, query.as_deref(), "/me"), "");
    show(&app, &caller, &row, form, StatusCode::OK).await
}

async fn show(
    app: &App,
    caller: &SignedIn,
    row: &Row,
    form: Form,
    status: StatusCode,
) -> Result<Response, Problem> {
    let content = Context {
        application: Subject::of(app, row),
        owner: describe::person(app, row.owner),
        used: Used::of(app, row.id).await?,
        nobody: form.owners.nobody(),
        form,
    };
    Page::new(Template::ApplicationTransfer, TITLE, &content)
        .with_status(status)
        .show_to(app, caller)
}

pub(super) async fn transfer(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let (row, permit) = named.find_for(&app, caller, Action::Transfer)?;
    let again = async |complaint: Complaint, rename_url| {
        let form = form_again(&app, caller, &row, fields, complaint.text, complaint.about);
        show(&app, caller, &row, Form { rename_url, ..form }, complaint.status).await
    };
    let owner = match owners::find(&app, row.organization, fields.text("owner")) {
        Ok(owner) => owner,
        Err(complaint) => return again(complaint, None).await,
    };
    match app.scribe_for(&submission).transfer_application(&permit, row.id, owner).await {
        Ok(transferred) => {
            let back = fields.return_to(&app.settings);
            Ok(written(&app, transferred.position, Message::Transferred, &back).await)
        }
        Err(Failure::Refused(Refusal::NameTaken)) => {
            let text = format!(
                "{} has an application of that name already. Rename this one first.",
                describe::person(&app, owner)
            );
            let here = address(&app, row.id, "/transfer");
            let rename = format!("/edit?return_to={}", local::encoded(&here));
            let rename = address(&app, row.id, &rename);
            again(Complaint::invalid(About::Owner, text), Some(rename)).await
        }
        Err(failure) => again(complain(failure)?, None).await,
    }
}

fn form_again(
    app: &App,
    caller: &SignedIn,
    row: &Row,
    fields: &Fields,
    text: String,
    about: About,
) -> Form {
    let return_to = fields.return_to(&app.settings);
    let mut form = Form::of(app, caller, row, return_to, fields.text("owner"));
    if about == About::Owner {
        form.owner_error = Some(text);
    } else {
        form.error = Some(text);
    }
    form
}

#[cfg(test)]
pub(super) fn sample() -> impl Serialize {
    use super::{
        samples::{subject, text},
        used,
    };
    let form = Form {
        action: text(),
        return_to: text(),
        error: None,
        owners: owners::sample(),
        owner: text(),
        owner_error: None,
        rename_url: Some(text()),
    };
    Context { application: subject(), owner: text(), used: used::sample(), nobody: false, form }
}
