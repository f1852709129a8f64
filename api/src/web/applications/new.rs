//! Registering an application.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use commands::{Permit, applications::NewApplication};
use domain::{
    OrganizationId, UserId,
    application::Settings,
    authority::{Action, Belonging},
};
use serde::Serialize;

use super::{
    Problem, SignedIn,
    complaint::{About, Complaint, complain},
    created,
    inputs::{self, Entered, Inputs},
    owners::{self, Candidates},
};
use crate::{
    app::App,
    web::{
        form::{Fields, asked},
        going_back::return_to,
        local,
        render::Template,
        shell::Page,
        submission::Submission,
    },
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
    owners: Candidates,
    /// As it was entered, where there are too many to choose from.
    owner: String,
    owner_error: Option<String>,
    #[serde(flatten)]
    inputs: Inputs,
}

#[derive(Serialize)]
struct Choice {
    id: String,
    name: String,
    selected: bool,
}

impl Form {
    fn blank(app: &App, caller: &SignedIn, selected: OrganizationId, owner: UserId) -> Self {
        let offered = caller.organizations(app);
        let choice = |organization: &projections::directory::Organization| Choice {
            id: organization.id.to_string(),
            name: organization.name.to_string(),
            selected: organization.id == selected,
        };
        let several = offered.len() > 1;
        Self {
            return_to: local::home(&app.settings),
            error: None,
            organizations: if several { offered.iter().map(choice).collect() } else { vec![] },
            organization_error: None,
            owners: Candidates::of(app, caller, &offered, Action::Create, None, Some(owner)),
            owner: app
                .knowledge
                .user(owner)
                .map_or_else(String::new, |user| crate::web::shell::open(&user.user_name)),
            owner_error: None,
            inputs: Inputs::blank(app),
        }
    }
}

pub(super) async fn form(
    State(app): State<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    permit(&caller, own(&caller, caller.organization.id))?;
    let owner = asked(query.as_deref(), "owner").and_then(|id| id.parse().ok());
    let owner = owner.unwrap_or(caller.member.user);
    let form = Form {
        return_to: return_to(&app, query.as_deref(), "/me"),
        ..Form::blank(&app, &caller, caller.organization.id, owner)
    };
    show(&app, &caller, form, StatusCode::OK)
}

fn show(app: &App, caller: &SignedIn, form: Form, status: StatusCode) -> Result<Response, Problem> {
    Page::new(Template::ApplicationNew, TITLE, &Context { form })
        .with_status(status)
        .show_to(app, caller)
}

/// One's own application in this organization.
fn own(caller: &SignedIn, organization: OrganizationId) -> Belonging {
    Belonging { organization, owner: caller.member.user }
}

fn permit(caller: &SignedIn, belonging: Belonging) -> Result<Permit, Problem> {
    Permit::for_application(&caller.member, Action::Create, belonging).map_err(|_| Problem::Denied)
}

pub(super) async fn create(
    State(app): State<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    permit(caller, own(caller, caller.organization.id))?;
    let (belonging, entered) = match read(&app, caller, fields) {
        Ok(entered) => entered,
        Err(complaints) => return show_again(&app, caller, fields, complaints),
    };
    let Entered { name, active, settings: said } = entered;
    let permit = permit(caller, belonging)?;
    let mut settings = Settings::default();
    settings.apply(said);
    let new = NewApplication { belonging, name: name.clone(), active, settings };
    match app.scribe_for(&submission).create_application(&permit, new).await {
        Ok(created) => {
            let back = fields.return_to(&app.settings);
            created::show(&app, caller, &name, belonging, &created, back).await
        }
        Err(failure) => show_again(&app, caller, fields, vec![complain(failure)?]),
    }
}

fn read(
    app: &App,
    caller: &SignedIn,
    fields: &Fields,
) -> Result<(Belonging, Entered), Vec<Complaint>> {
    let belonging = chosen(app, caller, fields).and_then(|organization| {
        let owner = chosen_owner(app, caller, organization, fields)?;
        Ok(Belonging { organization, owner })
    });
    match (belonging, inputs::read(app, fields, &[])) {
        (Ok(belonging), Ok(entered)) => Ok((belonging, entered)),
        (belonging, entered) => {
            Err(belonging.err().into_iter().chain(entered.err().into_iter().flatten()).collect())
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

/// The person themself, unless another member was chosen by somebody who may create applications for others.
fn chosen_owner(
    app: &App,
    caller: &SignedIn,
    organization: OrganizationId,
    fields: &Fields,
) -> Result<UserId, Complaint> {
    let Some(text) = fields.filled("owner") else {
        return Ok(caller.member.user);
    };
    let owner = owners::find(app, organization, text)?;
    if !caller.may(Action::Create, Belonging { organization, owner }) {
        let text = "You can create applications in your own name only.";
        return Err(Complaint::invalid(About::Owner, text));
    }
    Ok(owner)
}

fn show_again(
    app: &App,
    caller: &SignedIn,
    fields: &Fields,
    complaints: Vec<Complaint>,
) -> Result<Response, Problem> {
    let selected = fields.text("organization").parse().unwrap_or(caller.organization.id);
    let owner = fields.text("owner").parse().unwrap_or(caller.member.user);
    let form = Form::blank(app, caller, selected, owner);
    let mut form = Form {
        return_to: fields.return_to(&app.settings),
        inputs: Inputs::blank(app).again(app, fields, &[]),
        owner: fields.given("owner").map_or(form.owner, str::to_owned),
        ..form
    };
    let status = complaints.first().map_or(StatusCode::UNPROCESSABLE_ENTITY, |it| it.status);
    for complaint in complaints {
        let Some(Complaint { about, text, .. }) = form.inputs.complain(complaint) else {
            continue;
        };
        let has_owners = form.owners.entered || !form.owners.list.is_empty();
        match about {
            About::Organization if !form.organizations.is_empty() => {
                form.organization_error = Some(text);
            }
            About::Owner if has_owners => form.owner_error = Some(text),
            About::Organization
            | About::Owner
            | About::Name
            | About::Description
            | About::Contact
            | About::Homepage
            | About::Reason
            | About::Form => form.error = Some(text),
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
        owners: owners::sample(),
        owner: text(),
        owner_error: None,
        inputs: inputs::sample(),
    };
    Context { form }
}
