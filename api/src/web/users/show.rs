//! A user's own page.

use axum::{
    extract::{RawQuery, State as Extract},
    response::Response,
};
use domain::authority::Deed;
use projections::{directory, knowledge::Found};
use serde::Serialize;

use super::{Named, Problem, SignedIn, State, address, called, list::Membership, local, open};
use crate::{
    app::App,
    web::{
        actions::Action,
        grid::{Frame, Grid, Wanted, shorter},
        render::Template,
        roles,
        shell::{Page, see_other},
        times::Time,
    },
};

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) person: Person,
    pub(super) memberships: Vec<Membership>,
    pub(super) actions: Vec<Action>,
    pub(super) grid: Grid,
}

#[derive(Serialize)]
pub(super) struct Person {
    pub(super) display_name: String,
    pub(super) user_name: String,
    pub(super) email: String,
    pub(super) locale: String,
    pub(super) state: State,
    pub(super) invited_until: Option<Time>,
    pub(super) invitation_expired: bool,
    pub(super) created: Time,
    pub(super) updated: Option<Time>,
}

pub(super) const NOT_YOURS: &str =
    "Only an administrator in an organization with global access may change accounts.";

pub(super) async fn show(
    Extract(app): Extract<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let Found { user, memberships } = match named.find(&app, &caller) {
        Err(Problem::NotFound) if named.0 == caller.member.user => {
            return Ok(see_other(&local::home(&app.settings), []));
        }
        found => found?,
    };
    let now = app.commands.clock.now();
    let title = called(&user);
    let asked = query.unwrap_or_default();
    let frame = Frame::of_person(&app, &caller, user.id, format!("/users/{}", user.id));
    let wanted = Wanted::read(&asked).tidied(&frame);
    if let Some(shorter) = shorter(&app, &frame, &asked, &wanted) {
        return Ok(shorter);
    }
    let grid = Grid::load(&app, &caller, &wanted, &frame);
    let membership = |it: &projections::knowledge::Membership| Membership {
        organization: it.name.clone(),
        role: roles::label(it.role),
    };
    let context = Context {
        actions: actions(&app, &caller, &user),
        memberships: memberships.iter().map(membership).collect(),
        person: Person {
            display_name: title.clone(),
            user_name: open(&user.user_name),
            email: open(&user.email),
            locale: user.locale.as_str().to_owned(),
            state: State::of(&user),
            invited_until: user.invited_until.map(|until| Time::of(until, now)),
            invitation_expired: user.invited_until.is_some_and(|until| until <= now),
            created: Time::of(user.created_at, now),
            updated: user.updated_at.map(|at| Time::of(at, now)),
        },
        grid,
    };
    Page::new(Template::User, &title, &context).show_to(&app, &caller)
}

fn actions(app: &App, caller: &SignedIn, user: &directory::User) -> Vec<Action> {
    let keeps = caller.member.may_do(Deed::KeepAccounts);
    let url = |form: &str| address(app, user.id, form);
    let mut actions = vec![Action::form("Edit", url("/edit"))];
    if user.enabled {
        let label =
            if user.has_password { "Send a password link" } else { "Send the invitation again" };
        actions.push(Action::at_once(label, url("/invite")));
        actions.push(Action::form("Disable", url("/disable")).dangerous());
    } else {
        actions.push(Action::at_once("Enable", url("/enable")));
    }
    actions.into_iter().map(|action| action.if_allowed(keeps, NOT_YOURS)).collect()
}
