//! Inviting somebody new, and sending an invitation again.

use axum::{
    extract::{RawQuery, State as Extract},
    http::StatusCode,
    response::Response,
};
use commands::{Permit, users::NewUser};
use domain::{
    OrganizationId,
    authority::{Acquaintance, Deed, Role},
    name::UserName,
};
use projections::directory;
use serde::Serialize;

use super::{
    Named, Problem, SignedIn,
    edit::{Entered, read},
};
use crate::{
    app::App,
    web::{
        choice::Choice,
        complaints::{About, Complaint, about, about_user, status_of},
        flash::Message,
        form::Fields,
        going_back::{return_to, written},
        render::Template,
        roles,
        shell::Page,
        submission::Submission,
    },
};

const TITLE: &str = "Invite user";

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) form: Form,
}

#[derive(Serialize)]
pub(super) struct Form {
    pub(super) return_to: String,
    pub(super) error: Option<String>,
    pub(super) user_name: String,
    pub(super) user_name_error: Option<String>,
    pub(super) display_name: String,
    pub(super) display_name_error: Option<String>,
    pub(super) email: String,
    pub(super) email_error: Option<String>,
    pub(super) locale: String,
    pub(super) locale_error: Option<String>,
    /// Empty where there is nothing to choose.
    pub(super) organizations: Vec<Choice>,
    pub(super) organization_error: Option<String>,
    pub(super) roles: Vec<roles::Choice>,
    pub(super) role_error: Option<String>,
    /// How long the link works, in words.
    pub(super) lifetime: String,
}

pub(super) async fn form(
    Extract(app): Extract<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    permit(&caller, caller.organization.id, Role::Member)?;
    let back = return_to(&app, query.as_deref(), "/users");
    let form = blank(&app, &caller, back, caller.organization.id, Role::Member);
    show(&app, &caller, form, StatusCode::OK)
}

/// Who sees nobody is not told that there is anything here.
fn permit(caller: &SignedIn, organization: OrganizationId, role: Role) -> Result<Permit, Problem> {
    if caller.member.acquaintance() == Acquaintance::OnlyOneself {
        return Err(Problem::NotFound);
    }
    let deed = Deed::Invite { organization, role };
    Permit::for_deed(&caller.member, deed).map_err(|_| Problem::Denied)
}

fn offered(app: &App, caller: &SignedIn) -> Vec<directory::Organization> {
    if caller.member.global_access {
        app.knowledge.organizations().into_iter().filter(|it| it.enabled).collect()
    } else {
        vec![caller.organization.clone()]
    }
}

fn blank(
    app: &App,
    caller: &SignedIn,
    return_to: String,
    selected: OrganizationId,
    role: Role,
) -> Form {
    let offered = offered(app, caller);
    let choice = |it: &directory::Organization| {
        Choice::new(it.id.to_string(), it.name.to_string(), it.id == selected)
    };
    Form {
        return_to,
        error: None,
        user_name: String::new(),
        user_name_error: None,
        display_name: String::new(),
        display_name_error: None,
        email: String::new(),
        email_error: None,
        locale: "en".to_owned(),
        locale_error: None,
        organizations: if offered.len() > 1 {
            offered.iter().map(choice).collect()
        } else {
            vec![]
        },
        organization_error: None,
        roles: roles::choices(caller.member.role, role),
        role_error: None,
        lifetime: lifetime(app),
    }
}

/// Such as "7 days".
fn lifetime(app: &App) -> String {
    let minutes = app.settings.invitation_lifetime.as_secs() / 60;
    let (number, unit) = match minutes {
        0..120 => (minutes, "minute"),
        120..2_880 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn show(app: &App, caller: &SignedIn, form: Form, status: StatusCode) -> Result<Response, Problem> {
    Page::new(Template::UserInvite, TITLE, &Context { form })
        .with_status(status)
        .show_to(app, caller)
}

pub(super) async fn invite(
    Extract(app): Extract<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    permit(caller, caller.organization.id, Role::Member)?;
    let (new, organization, role) = match entered(&app, caller, fields) {
        Ok(entered) => entered,
        Err(complaints) => return show_again(&app, caller, fields, &complaints),
    };
    let permit = permit(caller, organization, role)?;
    let lifetime = app.settings.invitation_lifetime;
    let scribe = app.scribe_for(&submission);
    match scribe.invite_user(&permit, new, (organization, role), lifetime).await {
        Ok((_, position)) => {
            let back = fields.return_to(&app.settings);
            Ok(written(&app, position, Message::Invited, &back).await)
        }
        Err(failure) => show_again(&app, caller, fields, &[about_user(failure)?]),
    }
}

fn entered(
    app: &App,
    caller: &SignedIn,
    fields: &Fields,
) -> Result<(NewUser, OrganizationId, Role), Vec<Complaint>> {
    let user_name = UserName::parse(fields.text("user_name"))
        .map_err(|error| Complaint::invalid(About::UserName, error));
    let organization = match fields.filled("organization") {
        None => Ok(caller.organization.id),
        Some(text) => {
            let found = offered(app, caller).into_iter().find(|it| it.id.to_string() == text);
            let refusal = "Nobody can be invited there. Choose another organization.";
            found.map(|it| it.id).ok_or_else(|| Complaint::invalid(About::Organization, refusal))
        }
    };
    let role = roles::parse(fields.text("role"))
        .ok_or_else(|| Complaint::invalid(About::Role, "Choose one of the roles."));
    match (user_name, read(fields), organization, role) {
        (Ok(user_name), Ok(entered), Ok(organization), Ok(role)) => {
            let Entered { display_name, email, locale } = entered;
            Ok((NewUser { user_name, display_name, email, locale }, organization, role))
        }
        (user_name, entered, organization, role) => {
            let others = [user_name.err(), organization.err(), role.err()].into_iter().flatten();
            Err(others.chain(entered.err().unwrap_or_default()).collect())
        }
    }
}

fn show_again(
    app: &App,
    caller: &SignedIn,
    fields: &Fields,
    complaints: &[Complaint],
) -> Result<Response, Problem> {
    let back = fields.return_to(&app.settings);
    let selected = fields.text("organization").parse().unwrap_or(caller.organization.id);
    let role = roles::parse(fields.text("role")).unwrap_or(Role::Member);
    let entered = |name: &str| fields.text(name).to_owned();
    let blank = blank(app, caller, back, selected, role);
    let about_organization = about(complaints, About::Organization);
    // Where there is nothing to choose, there is no field to say it at.
    let (error, organization_error) = if blank.organizations.is_empty() {
        (about_organization.or_else(|| about(complaints, About::Form)), None)
    } else {
        (about(complaints, About::Form), about_organization)
    };
    let form = Form {
        error,
        user_name: entered("user_name"),
        user_name_error: about(complaints, About::UserName),
        display_name: entered("display_name"),
        display_name_error: about(complaints, About::DisplayName),
        email: entered("email"),
        email_error: about(complaints, About::Email),
        locale: entered("locale"),
        locale_error: about(complaints, About::Locale),
        organization_error,
        role_error: about(complaints, About::Role),
        ..blank
    };
    show(app, caller, form, status_of(complaints))
}

pub(super) async fn again(
    Extract(app): Extract<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let (found, permit) = named.find_to_keep(&app, caller)?;
    let lifetime = app.settings.invitation_lifetime;
    match app.scribe_for(&submission).invite_again(&permit, found.user.id, lifetime).await {
        Ok(done) => {
            let back = fields.return_to(&app.settings);
            Ok(written(&app, done.position, Message::Invited, &back).await)
        }
        Err(failure) => {
            about_user(failure)?;
            Err(Problem::Contended)
        }
    }
}
