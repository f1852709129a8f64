//! The organizations that somebody may see.

use axum::{extract::State, response::Response};
use domain::authority::Deed;
use projections::directory::Organization;
use serde::Serialize;

use super::{Problem, SignedIn, address, local};
use crate::{
    app::App,
    web::{actions::Action, render::Template, shell::Page, times::Time},
};

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) rows: Vec<Row>,
    pub(super) actions: Vec<Action>,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub(super) url: String,
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) global_access: bool,
    /// How many; `None` where that may not be seen.
    pub(super) members: Option<String>,
    pub(super) created: Time,
}

pub(super) const NOT_YOURS: &str =
    "Only an administrator in an organization with global access may do this.";

pub(super) async fn show(State(app): State<App>, caller: SignedIn) -> Result<Response, Problem> {
    let mut visible = app.knowledge.organizations();
    visible.retain(|it| caller.member.may_do(Deed::ViewOrganization(it.id)));
    let now = app.commands.clock.now();
    let row = |it: &Organization| Row {
        url: address(&app, it.id, ""),
        name: it.name.to_string(),
        enabled: it.enabled,
        global_access: it.global_access,
        members: caller
            .member
            .may_do(Deed::ViewMembers(it.id))
            .then(|| it.members.len().to_string()),
        created: Time::of(it.created_at, now),
    };
    let register = local::of(&app.settings, "/organizations/new");
    let keeps = caller.member.may_do(Deed::KeepOrganizations);
    let context = Context {
        rows: visible.iter().map(row).collect(),
        actions: vec![
            Action::form("Register organization", register).primary().if_allowed(keeps, NOT_YOURS),
        ],
    };
    Page::new(Template::Organizations, "Organizations", &context).show_to(&app, &caller)
}
