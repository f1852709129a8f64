//! Registering an organization, and giving it another name: one field each.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use commands::Permit;
use domain::{OrganizationId, authority::Deed, name::OrganizationName, organization};
use serde::Serialize;

use super::{Named, Problem, SignedIn, address, local};
use crate::{
    app::App,
    web::{
        complaints::{About, Complaint, about, about_organization, status_of},
        flash::Message,
        going_back::{return_to, written},
        render::Template,
        shell::Page,
        submission::Submission,
    },
};

const REGISTER: &str = "Register organization";
const RENAME: &str = "Rename organization";

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) title: &'static str,
    pub(super) form: Form,
}

#[derive(Serialize)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) return_to: String,
    pub(super) error: Option<String>,
    pub(super) name: String,
    pub(super) name_error: Option<String>,
}

impl Form {
    fn of(action: String, return_to: String, name: &str, complaints: &[Complaint]) -> Self {
        Self {
            action,
            return_to,
            error: about(complaints, About::Form),
            name: name.to_owned(),
            name_error: about(complaints, About::OrganizationName),
        }
    }

    fn show(
        self,
        app: &App,
        caller: &SignedIn,
        title: &'static str,
        status: StatusCode,
    ) -> Result<Response, Problem> {
        Page::new(Template::OrganizationForm, title, &Context { title, form: self })
            .with_status(status)
            .show_to(app, caller)
    }
}

fn name_in(submission: &Submission) -> Result<OrganizationName, Complaint> {
    OrganizationName::parse(submission.fields.text("name"))
        .map_err(|error| Complaint::invalid(About::OrganizationName, error))
}

fn permit_to_register(caller: &SignedIn) -> Result<Permit, Problem> {
    Permit::for_deed(&caller.member, Deed::KeepOrganizations).map_err(|_| Problem::Denied)
}

pub(super) async fn blank(
    State(app): State<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    permit_to_register(&caller)?;
    let back = return_to(&app, query.as_deref(), "/organizations");
    let action = local::of(&app.settings, "/organizations");
    Form::of(action, back, "", &[]).show(&app, &caller, REGISTER, StatusCode::OK)
}

pub(super) async fn register(
    State(app): State<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let permit = permit_to_register(caller)?;
    let complaint = match name_in(&submission) {
        Ok(name) => match app.scribe_for(&submission).register_organization(&permit, name).await {
            Ok((id, position)) => {
                let page = address(&app, id, "");
                return Ok(written(&app, position, Message::Saved, &page).await);
            }
            Err(failure) => about_organization(failure)?,
        },
        Err(complaint) => complaint,
    };
    let action = local::of(&app.settings, "/organizations");
    let complaints = [complaint];
    Form::of(action, fields.return_to(&app.settings), fields.text("name"), &complaints).show(
        &app,
        caller,
        REGISTER,
        status_of(&complaints),
    )
}

fn permit_to_rename(caller: &SignedIn, id: OrganizationId) -> Result<Permit, Problem> {
    Permit::for_deed(&caller.member, Deed::RenameOrganization(id)).map_err(|_| Problem::Denied)
}

pub(super) async fn form(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let organization = named.find(&app, &caller)?;
    permit_to_rename(&caller, organization.id)?;
    let page = format!("/organizations/{}", organization.id);
    let back = return_to(&app, query.as_deref(), &page);
    let action = address(&app, organization.id, "/edit");
    Form::of(action, back, organization.name.as_str(), &[]).show(
        &app,
        &caller,
        RENAME,
        StatusCode::OK,
    )
}

pub(super) async fn rename(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let id = named.find(&app, caller)?.id;
    let permit = permit_to_rename(caller, id)?;
    let back = fields.return_to(&app.settings);
    let complaint = match name_in(&submission) {
        Ok(name) => {
            let edit = organization::Edit { name: Some(name), ..organization::Edit::default() };
            match app.scribe_for(&submission).edit_organization(&[permit], id, edit).await {
                Ok(done) => {
                    return Ok(written(&app, done.position, Message::Saved, &back).await);
                }
                Err(failure) => about_organization(failure)?,
            }
        }
        Err(complaint) => complaint,
    };
    let complaints = [complaint];
    Form::of(address(&app, id, "/edit"), back, fields.text("name"), &complaints).show(
        &app,
        caller,
        RENAME,
        status_of(&complaints),
    )
}
