//! Ways to the sections of the back office, and between the pages of one.

use domain::authority::Deed;
use serde::Serialize;

use super::{local, session::SignedIn};
use crate::app::App;

/// One way, as navigation shows it.
#[derive(Debug, Serialize)]
pub(super) struct Link {
    label: &'static str,
    url: String,
    /// Whether one is there.
    current: bool,
}

impl Link {
    /// `section` is what the paths of its pages begin with, of which `page` is the first.
    pub(super) fn new(
        app: &App,
        caller: &SignedIn,
        label: &'static str,
        section: &str,
        page: &str,
    ) -> Self {
        let section = local::of(&app.settings, section);
        let path = caller.visit.path.split('?').next().unwrap_or_default();
        let rest = path.strip_prefix(section.as_str());
        let current = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        Self { label, url: local::of(&app.settings, page), current }
    }
}

/// The sections that somebody may go to.
pub(super) fn sections(app: &App, caller: &SignedIn) -> Vec<Link> {
    let current = caller.organization.id;
    let may = |deed| caller.member.may_do(deed);
    let all = [
        ("Applications", "/applications", "/applications", true),
        ("Users", "/users", "/users", may(Deed::ViewMembers(current))),
        ("Organizations", "/organizations", "/organizations", may(Deed::ViewOrganization(current))),
        ("Emails", "/emails", "/emails/rules", caller.member.operates()),
        ("System", "/system", "/system/views", caller.member.operates()),
    ];
    let open = all.into_iter().filter(|(.., open)| *open);
    open.map(|(label, section, page, _)| Link::new(app, caller, label, section, page)).collect()
}

#[cfg(test)]
pub(super) fn sample() -> Link {
    Link { label: "label", url: String::new(), current: true }
}
