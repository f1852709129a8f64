//! Disabling and enabling an organization, and letting its roles reach all others; all but enabling is asked first.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use commands::{Permit, organizations::Change};
use domain::authority::Deed;
use projections::directory::Organization;

use super::{Named, Problem, SignedIn, address};
use crate::{
    app::App,
    web::{
        complaints::about_organization,
        confirm::{Confirmation, Form, stops},
        flash::Message,
        going_back::{return_to, written},
        submission::Submission,
    },
};

fn permit(caller: &SignedIn) -> Result<Permit, Problem> {
    Permit::for_deed(&caller.member, Deed::KeepOrganizations).map_err(|_| Problem::Denied)
}

fn question(app: &App, it: &Organization, change: Change, return_to: String) -> Confirmation {
    let (title, question, button, path) = match change {
        Change::Disable => (
            "Disable organization",
            "Are you sure you want to disable this organization?",
            "Disable",
            "/disable",
        ),
        Change::GrantGlobalAccess => (
            "Grant global access",
            "Should roles in this organization reach every other one?",
            "Grant",
            "/global-access",
        ),
        Change::WithdrawGlobalAccess => (
            "Withdraw global access",
            "Should roles in this organization reach this one only?",
            "Withdraw",
            "/local-access",
        ),
        Change::Enable => ("Enable", "Enable this organization?", "Enable", "/enable"),
    };
    let form = Form { action: address(app, it.id, path), return_to, error: None };
    let consequences = consequences(app, it, change);
    let subject = it.name.to_string();
    Confirmation { title, question, subject, consequences, button, danger: true, form }
}

fn consequences(app: &App, it: &Organization, change: Change) -> Vec<String> {
    let members = match it.members.len() {
        1 => "1 member".to_owned(),
        count => format!("{count} members"),
    };
    match change {
        Change::Disable => vec![
            match it.members.len() {
                0 => "Nobody belongs to it.".to_owned(),
                _ => format!("Its {members} can no longer work in it."),
            },
            stops(app.knowledge.active_applications_in(it.id)),
            "Nothing is deleted; enabling the organization undoes it.".to_owned(),
        ],
        Change::GrantGlobalAccess => vec![
            format!("Its {members} can then do everywhere what their roles let them do here."),
            "Its administrators look after all accounts and the whole installation.".to_owned(),
        ],
        Change::WithdrawGlobalAccess => vec![
            format!("Its {members} no longer see other organizations from here."),
            "When no organization with global access is left, only the command line can grant it again."
                .to_owned(),
        ],
        Change::Enable => vec![],
    }
}

fn ask(
    app: &App,
    caller: &SignedIn,
    named: &Named,
    query: Option<&str>,
    change: Change,
) -> Result<Response, Problem> {
    let organization = named.find(app, caller)?;
    permit(caller)?;
    let page = format!("/organizations/{}", organization.id);
    question(app, &organization, change, return_to(app, query, &page)).show(app, caller)
}

async fn turn(
    app: &App,
    named: &Named,
    submission: &Submission,
    change: Change,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = submission;
    let organization = named.find(app, caller)?;
    let permit = permit(caller)?;
    let message = match change {
        Change::Disable => Message::OrganizationDisabled,
        Change::Enable => Message::OrganizationEnabled,
        Change::GrantGlobalAccess | Change::WithdrawGlobalAccess => Message::Saved,
    };
    let scribe = app.scribe_for(submission);
    match scribe.change_organization(&permit, organization.id, change).await {
        Ok(done) => {
            let back = fields.return_to(&app.settings);
            Ok(written(app, done.position, message, &back).await)
        }
        Err(failure) => {
            about_organization(failure)?;
            Err(Problem::Contended)
        }
    }
}

pub(super) async fn ask_disable(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    ask(&app, &caller, &named, query.as_deref(), Change::Disable)
}

pub(super) async fn disable(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    turn(&app, &named, &submission, Change::Disable).await
}

pub(super) async fn enable(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    turn(&app, &named, &submission, Change::Enable).await
}

pub(super) async fn ask_grant(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    ask(&app, &caller, &named, query.as_deref(), Change::GrantGlobalAccess)
}

pub(super) async fn grant(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    turn(&app, &named, &submission, Change::GrantGlobalAccess).await
}

pub(super) async fn ask_withdraw(
    State(app): State<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    ask(&app, &caller, &named, query.as_deref(), Change::WithdrawGlobalAccess)
}

pub(super) async fn withdraw(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    turn(&app, &named, &submission, Change::WithdrawGlobalAccess).await
}
