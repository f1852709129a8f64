//! Memberships: begun, changed, ended.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use commands::Permit;
use domain::{
    UserId,
    authority::{Deed, Role},
    name::UserName,
};
use projections::directory::Organization;
use serde::Serialize;

use super::{Named, NamedMember, Problem, SignedIn, address};
use crate::{
    app::App,
    web::{
        complaints::{About, Complaint, about, about_organization, status_of},
        confirm::{self, Confirmation},
        flash::Message,
        going_back::{return_to, written},
        render::Template,
        roles,
        shell::{Page, open},
        submission::Submission,
    },
};

const ADD: &str = "Add member";
const CHANGE: &str = "Change role";

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) title: &'static str,
    pub(super) organization: String,
    pub(super) form: Form,
}

#[derive(Serialize)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) return_to: String,
    pub(super) error: Option<String>,
    /// Whose role is changed; `None` where somebody is added, by user name.
    pub(super) member: Option<String>,
    pub(super) user_name: String,
    pub(super) user_name_error: Option<String>,
    pub(super) roles: Vec<roles::Choice>,
    pub(super) role_error: Option<String>,
    pub(super) button: &'static str,
}

fn permit(
    caller: &SignedIn,
    organization: &Organization,
    from: Option<Role>,
    to: Option<Role>,
) -> Result<Permit, Problem> {
    let deed = Deed::Appoint { organization: organization.id, from, to };
    Permit::for_deed(&caller.member, deed).map_err(|_| Problem::Denied)
}

fn page(organization: &Organization) -> String {
    format!("/organizations/{}", organization.id)
}

impl Form {
    fn show(
        self,
        app: &App,
        caller: &SignedIn,
        organization: &Organization,
        status: StatusCode,
    ) -> Result<Response, Problem> {
        let title = if self.member.is_some() { CHANGE } else { ADD };
        let content = Context { title, organization: organization.name.to_string(), form: self };
        Page::new(Template::MemberForm, title, &content).with_status(status).show_to(app, caller)
    }
}

fn adding(
    app: &App,
    caller: &SignedIn,
    organization: &Organization,
    return_to: String,
    (user_name, role): (&str, Role),
    complaints: &[Complaint],
) -> Form {
    Form {
        action: address(app, organization.id, "/members"),
        return_to,
        error: about(complaints, About::Form),
        member: None,
        user_name: user_name.to_owned(),
        user_name_error: about(complaints, About::UserName),
        roles: roles::choices(caller.member.role, role),
        role_error: about(complaints, About::Role),
        button: "Add",
    }
}

pub(super) async fn blank(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let organization = named.find_with_members(&app, &caller)?;
    permit(&caller, &organization, None, Some(Role::Member))?;
    let back = return_to(&app, query.as_deref(), &page(&organization));
    let form = adding(&app, &caller, &organization, back, ("", Role::Member), &[]);
    form.show(&app, &caller, &organization, StatusCode::OK)
}

/// The role that was chosen; one above the own was never offered.
fn chosen(submission: &Submission) -> Result<Role, Complaint> {
    let role = roles::parse(submission.fields.text("role"));
    role.ok_or_else(|| Complaint::invalid(About::Role, "Choose one of the roles."))
}

pub(super) async fn add(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let organization = named.find_with_members(&app, caller)?;
    permit(caller, &organization, None, Some(Role::Member))?;
    let back = fields.return_to(&app.settings);
    let again = |complaint: Complaint| {
        let role = roles::parse(fields.text("role")).unwrap_or(Role::Member);
        let entered = (fields.text("user_name"), role);
        let complaints = [complaint];
        let form = adding(&app, caller, &organization, back.clone(), entered, &complaints);
        form.show(&app, caller, &organization, status_of(&complaints))
    };
    let role = match chosen(&submission) {
        Ok(role) => role,
        Err(complaint) => return again(complaint),
    };
    let permit = permit(caller, &organization, None, Some(role))?;
    let scribe = app.scribe_for(&submission);
    let user = match UserName::parse(fields.text("user_name")) {
        Ok(name) => scribe.find_user(&name).await?,
        Err(error) => return again(Complaint::invalid(About::UserName, error)),
    };
    let Some(user) = user else {
        return again(Complaint::invalid(
            About::UserName,
            "There is no user of this name. An administrator can invite new people.",
        ));
    };
    if organization.members.contains_key(&user) {
        return again(Complaint::invalid(About::UserName, "They are a member already."));
    }
    match scribe.admit(&permit, organization.id, user, role).await {
        Ok(done) => Ok(written(&app, done.position, Message::MemberAdded, &back).await),
        Err(failure) => again(about_organization(failure)?),
    }
}

struct Present {
    organization: Organization,
    user: UserId,
    called: String,
    role: Role,
}

impl NamedMember {
    fn find(&self, app: &App, caller: &SignedIn) -> Result<Present, Problem> {
        let organization = self.organization.find_with_members(app, caller)?;
        let role = organization.members.get(&self.user).copied().ok_or(Problem::NotFound)?;
        let user = app.knowledge.user(self.user).ok_or(Problem::NotFound)?;
        Ok(Present { organization, user: self.user, called: open(&user.display_name), role })
    }
}

impl Present {
    fn address(&self, app: &App, rest: &str) -> String {
        address(app, self.organization.id, &format!("/members/{}{rest}", self.user))
    }

    fn form(
        &self,
        app: &App,
        caller: &SignedIn,
        return_to: String,
        role: Role,
        complaints: &[Complaint],
    ) -> Form {
        Form {
            action: self.address(app, ""),
            return_to,
            error: about(complaints, About::Form),
            member: Some(self.called.clone()),
            user_name: String::new(),
            user_name_error: None,
            roles: roles::choices(caller.member.role, role),
            role_error: about(complaints, About::Role),
            button: "Save",
        }
    }

    fn question(&self, app: &App, return_to: String, error: Option<String>) -> Confirmation {
        let active = app.knowledge.active_applications_of_member(self.user, self.organization.id);
        Confirmation {
            title: "Remove member",
            question: "Are you sure you want to end this membership?",
            subject: format!("{} in {}", self.called, self.organization.name),
            consequences: vec![
                "They can no longer work in this organization.".to_owned(),
                confirm::stops(active),
                "Their account stays.".to_owned(),
            ],
            button: "Remove",
            danger: true,
            form: confirm::Form { action: self.address(app, "/remove"), return_to, error },
        }
    }
}

pub(super) async fn form(
    State(app): State<App>,
    caller: SignedIn,
    named: NamedMember,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let present = named.find(&app, &caller)?;
    permit(&caller, &present.organization, Some(present.role), Some(Role::Member))?;
    let back = return_to(&app, query.as_deref(), &page(&present.organization));
    let form = present.form(&app, &caller, back, present.role, &[]);
    form.show(&app, &caller, &present.organization, StatusCode::OK)
}

pub(super) async fn change(
    State(app): State<App>,
    named: NamedMember,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let present = named.find(&app, caller)?;
    let organization = &present.organization;
    permit(caller, organization, Some(present.role), Some(Role::Member))?;
    let back = fields.return_to(&app.settings);
    let again = |complaint: Complaint, role: Role| {
        let complaints = [complaint];
        let form = present.form(&app, caller, back.clone(), role, &complaints);
        form.show(&app, caller, organization, status_of(&complaints))
    };
    let role = match chosen(&submission) {
        Ok(role) => role,
        Err(complaint) => return again(complaint, present.role),
    };
    let permit = permit(caller, organization, Some(present.role), Some(role))?;
    let scribe = app.scribe_for(&submission);
    match scribe.admit(&permit, organization.id, present.user, role).await {
        Ok(done) => Ok(written(&app, done.position, Message::Saved, &back).await),
        Err(failure) => again(about_organization(failure)?, role),
    }
}

pub(super) async fn ask_remove(
    State(app): State<App>,
    caller: SignedIn,
    named: NamedMember,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let present = named.find(&app, &caller)?;
    permit(&caller, &present.organization, Some(present.role), None)?;
    let back = return_to(&app, query.as_deref(), &page(&present.organization));
    present.question(&app, back, None).show(&app, &caller)
}

pub(super) async fn remove(
    State(app): State<App>,
    named: NamedMember,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let present = named.find(&app, caller)?;
    let permit = permit(caller, &present.organization, Some(present.role), None)?;
    let back = fields.return_to(&app.settings);
    let scribe = app.scribe_for(&submission);
    match scribe.dismiss(&permit, present.organization.id, present.user).await {
        Ok(done) => Ok(written(&app, done.position, Message::MemberRemoved, &back).await),
        Err(failure) => {
            let complaint = about_organization(failure)?;
            present.question(&app, back, Some(complaint.text)).show(&app, caller)
        }
    }
}
