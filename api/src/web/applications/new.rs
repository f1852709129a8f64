//! Registering an application.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use commands::{Permit, applications::NewApplication};
use domain::{
    OrganizationId,
    application::Settings,
    authority::{Action, Belonging},
    name::ApplicationName,
};
use serde::Serialize;

use super::{
    Problem, SignedIn,
    complaint::{About, Complaint, complain},
    created,
};
use crate::{
    app::App,
    web::{form::Fields, local, render::Template, shell::Page, submission::Submission},
};

const TITLE: &str = "Create OAuth Application";

#[derive(Serialize)]
struct Context {
    form: Form,
}

#[derive(Serialize)]
struct Form {
    return_to: String,
    error: Option<String>,
    /// Empty where there is nothing to choose.
    organizations: Vec<Choice>,
    organization_error: Option<String>,
    name: String,
    name_error: Option<String>,
    active: bool,
}

#[derive(Serialize)]
struct Choice {
    id: String,
    name: String,
    selected: bool,
}

pub(super) async fn form(
    State(app): State<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    permit(&caller, caller.organization.id)?;
    let form = Form {
        return_to: return_to(&app, query.as_deref()),
        error: None,
        organizations: choices(&app, &caller, caller.organization.id),
        organization_error: None,
        name: String::new(),
        name_error: None,
        active: true,
    };
    show(&app, &caller, form, StatusCode::OK)
}

/// The parameter `return_to` of an address.
pub(in crate::web) fn return_to(app: &App, query: Option<&str>) -> String {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let path = pairs.find(|(name, _)| name == "return_to");
    path.and_then(|(_, path)| local::parse(&path)).unwrap_or_else(|| local::home(&app.settings))
}

fn show(app: &App, caller: &SignedIn, form: Form, status: StatusCode) -> Result<Response, Problem> {
    Page::new(Template::ApplicationNew, TITLE, &Context { form })
        .with_status(status)
        .show_to(app, caller)
}

/// One's own application in this organization.
fn belonging(caller: &SignedIn, organization: OrganizationId) -> Belonging {
    Belonging { organization, owner: caller.member.user }
}

fn permit(caller: &SignedIn, organization: OrganizationId) -> Result<Permit, Problem> {
    let belonging = belonging(caller, organization);
    Permit::for_application(&caller.member, Action::Create, belonging).map_err(|_| Problem::Denied)
}

fn choices(app: &App, caller: &SignedIn, selected: OrganizationId) -> Vec<Choice> {
    let offered = caller.organizations(app);
    let choice = |organization: &projections::directory::Organization| Choice {
        id: organization.id.to_string(),
        name: organization.name.to_string(),
        selected: organization.id == selected,
    };
    if offered.len() > 1 { offered.iter().map(choice).collect() } else { vec![] }
}

/// What was entered, as far as it can be meant.
struct Entered {
    organization: OrganizationId,
    name: ApplicationName,
    active: bool,
}

pub(super) async fn create(
    State(app): State<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    permit(caller, caller.organization.id)?;
    let entered = match read(&app, caller, fields) {
        Ok(entered) => entered,
        Err(complaints) => return show_again(&app, caller, fields, complaints),
    };
    let permit = permit(caller, entered.organization)?;
    let new = NewApplication {
        belonging: belonging(caller, entered.organization),
        name: entered.name.clone(),
        active: entered.active,
        settings: Settings::default(),
    };
    match app.scribe_for(&submission).create_application(&permit, new).await {
        Ok(created) => {
            let back = fields.return_to(&app.settings);
            created::show(&app, caller, &entered.name, entered.organization, &created, back).await
        }
        Err(failure) => show_again(&app, caller, fields, vec![complain(failure)?]),
    }
}

fn read(app: &App, caller: &SignedIn, fields: &Fields) -> Result<Entered, Vec<Complaint>> {
    let organization = chosen(app, caller, fields);
    let name = ApplicationName::parse(fields.text("name"))
        .map_err(|error| Complaint::invalid(About::Name, error.to_string()));
    let active = fields
        .flag("active")
        .map_err(|error| Complaint::invalid(About::Form, format!("Active: {error}")));
    match (organization, name, active) {
        (Ok(organization), Ok(name), Ok(active)) => Ok(Entered { organization, name, active }),
        (organization, name, active) => {
            Err([organization.err(), name.err(), active.err()].into_iter().flatten().collect())
        }
    }
}

/// The current organization, unless one of those offered was chosen.
fn chosen(app: &App, caller: &SignedIn, fields: &Fields) -> Result<OrganizationId, Complaint> {
    let Some(text) = fields.filled("organization") else {
        return Ok(caller.organization.id);
    };
    let offered = caller.organizations(app);
    let found = text.parse().ok().filter(|id| offered.iter().any(|it| it.id == *id));
    found.ok_or_else(|| {
        Complaint::invalid(
            About::Organization,
            "Applications cannot be created there. Choose another organization.",
        )
    })
}

fn show_again(
    app: &App,
    caller: &SignedIn,
    fields: &Fields,
    complaints: Vec<Complaint>,
) -> Result<Response, Problem> {
    let selected = fields.text("organization").parse().unwrap_or(caller.organization.id);
    let mut form = Form {
        return_to: fields.return_to(&app.settings),
        error: None,
        organizations: choices(app, caller, selected),
        organization_error: None,
        name: fields.text("name").to_owned(),
        name_error: None,
        active: fields.flag("active").unwrap_or(true),
    };
    let status = complaints.first().map_or(StatusCode::UNPROCESSABLE_ENTITY, |it| it.status);
    for Complaint { about, text, .. } in complaints {
        match about {
            About::Name => form.name_error = Some(text),
            About::Organization if !form.organizations.is_empty() => {
                form.organization_error = Some(text);
            }
            About::Organization | About::Reason | About::Form => form.error = Some(text),
        }
    }
    show(app, caller, form, status)
}

#[cfg(test)]
pub(super) fn sample() -> impl Serialize {
    use super::samples::text;
    let form = Form {
        return_to: text(),
        error: None,
        organizations: vec![Choice { id: text(), name: text(), selected: true }],
        organization_error: None,
        name: text(),
        name_error: None,
        active: true,
    };
    Context { form }
}
