//! People with accounts: listed, shown, invited, edited, disabled and enabled.

mod disable;
pub(super) mod edit;
mod invite;
mod list;
#[cfg(test)]
pub(super) mod samples;
mod show;

use axum::{
    Router,
    routing::{get, post},
};
use commands::Permit;
use domain::{UserId, authority::Deed};
use projections::{
    directory,
    knowledge::{Found, UserStatus},
};
use serde::Serialize;

use super::{errors::Problem, local, named, session::SignedIn, shell::open};
use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/users", get(list::show).post(invite::invite))
        .route("/users/invite", get(invite::form))
        .route("/users/{id}", get(show::show))
        .route("/users/{id}/edit", get(edit::form).post(edit::save))
        .route("/users/{id}/disable", get(disable::ask).post(disable::disable))
        .route("/users/{id}/enable", post(disable::enable))
        .route("/users/{id}/invite", post(invite::again))
}

/// The user that the address names.
type Named = named::Named<UserId>;

impl Named {
    /// The user, if this person may see them.
    fn find(&self, app: &App, caller: &SignedIn) -> Result<Found, Problem> {
        let known = caller.member.acquaintance();
        app.knowledge.person(self.0, known).ok_or(Problem::NotFound)
    }

    /// The user and the permit to change anything about the account. Whom one may not even see is not there.
    fn find_to_keep(&self, app: &App, caller: &SignedIn) -> Result<(Found, Permit), Problem> {
        let found = self.find(app, caller)?;
        let permit = Permit::for_deed(&caller.member, Deed::KeepAccounts);
        Ok((found, permit.map_err(|_| Problem::Denied)?))
    }
}

/// The address of a user's page, or of a form about them.
pub(super) fn address(app: &App, id: UserId, form: &str) -> String {
    local::of(&app.settings, &format!("/users/{id}{form}"))
}

/// The template's state of an account.
#[derive(Serialize)]
pub(super) struct State {
    label: &'static str,
    good: bool,
}

impl State {
    pub(super) fn of(user: &directory::User) -> Self {
        let status = UserStatus::of(user);
        Self { label: label(status), good: status == UserStatus::Enabled }
    }
}

const fn label(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Enabled => "Enabled",
        UserStatus::Invited => "Invited",
        UserStatus::Disabled => "Disabled",
    }
}

/// How people call the user.
fn called(user: &directory::User) -> String {
    open(&user.display_name)
}
