//! Emails: who is told of what, in which words, and what became of it. For administrators of the installation; for
//! everybody else nothing is here.

pub(super) mod deliveries;
mod rules;
mod templates;

use axum::Router;
use commands::Permit;
use domain::authority::Deed;

use super::{errors::Problem, local, navigation::Link, session::SignedIn, system::Operator};
use crate::{app::App, masked::address as masked};

#[cfg(test)]
pub(super) use self::{
    deliveries::samples as of_deliveries, rules::samples, templates::samples as of_templates,
};

pub(super) fn router() -> Router<App> {
    rules::router().merge(templates::router()).merge(deliveries::router())
}

/// Who may not change anything here is not told that there is anything.
fn permit(caller: &SignedIn) -> Result<Permit, Problem> {
    Permit::for_deed(&caller.member, Deed::KeepNotifications).map_err(|_| Problem::NotFound)
}

/// What an occasion is called. One that this release does not know goes by its name.
pub(super) fn occasion(name: &str) -> &str {
    letters::occasion(name).map_or(name, |occasion| occasion.title)
}

/// The pages of the section.
fn tabs(app: &App, caller: &SignedIn) -> Vec<Link> {
    let pages = [
        ("Notification Rules", "/emails/rules"),
        ("Templates", "/emails/templates"),
        ("Deliveries", "/emails/deliveries"),
    ];
    pages.map(|(label, page)| Link::new(app, caller, label, page, page)).into()
}
