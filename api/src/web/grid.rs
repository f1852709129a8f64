//! The grid of one's applications: filtered, sorted and cut into pages by the query of the address.

mod query;
mod view;

use domain::{
    UserId,
    authority::{Action, Belonging, Reach},
};
use projections::{
    directory,
    register::{Choice, Filter, Query, SortBy, Status},
};
use serde::Serialize;

pub(super) use self::query::Wanted;
use self::{
    query::Sort,
    view::{Filters, Pager, Sorts},
};
use super::{
    applications::{Describe, Described},
    local,
    session::SignedIn,
};
use crate::app::App;

/// The template's `grid`.
#[derive(Serialize)]
pub(super) struct Grid {
    rows: Vec<Described>,
    summary: String,
    filtered: bool,
    show_organization: bool,
    new_url: Option<String>,
    /// The page has waited for its reader's own writes.
    as_of: Option<String>,
    /// The page it is on.
    url: String,
    /// Whether they are the viewer's own.
    own: bool,
    filters: Filters,
    sort: Sorts,
    pager: Pager,
}

/// Whose applications are shown, and on which page.
pub(super) struct Owner {
    pub(super) id: UserId,
    pub(super) page: String,
}

impl Owner {
    /// The organizations in which the viewer may see them, the current one first.
    fn organizations(&self, app: &App, caller: &SignedIn) -> Vec<directory::Organization> {
        if self.id == caller.member.user {
            return caller.organizations(app);
        }
        let mut found = app.knowledge.organizations_of(self.id);
        found.retain(|it| {
            caller.may(Action::View, Belonging { organization: it.id, owner: self.id })
        });
        found
    }
}

impl Grid {
    pub(super) fn of(app: &App, caller: &SignedIn, owner: &Owner, mut wanted: Wanted) -> Self {
        let own = owner.id == caller.member.user;
        let offered = owner.organizations(app, caller);
        let show_organization = offered.len() > 1;
        let chosen = wanted.organization;
        wanted.organization = chosen.filter(|id| offered.iter().any(|it| it.id == *id));
        if !show_organization {
            wanted.organization = None;
            if wanted.sort.by == SortBy::Organization {
                wanted.sort = Sort::default();
            }
        }
        let theirs = Reach { organization: None, owner: Some(owner.id) };
        let within = Choice::AnyOf(offered.iter().map(|it| it.id).collect());
        let everything =
            Query { filters: vec![Filter::Organization(within)], ..Query::all(theirs, 0) };
        let mut page = app.knowledge.applications(&wanted.narrow(&everything));
        let pages = page.total.div_ceil(u64::from(wanted.size)).max(1);
        if wanted.page > pages {
            wanted.page = pages;
            page = app.knowledge.applications(&wanted.narrow(&everything));
        }
        let summary = if wanted.is_filtered() {
            let all = app.knowledge.applications(&everything).total;
            format!("{} of {}", page.total, count(all))
        } else {
            count(page.total)
        };
        let rows = Describe::new(app, caller).all(&page.rows, &caller.visit.path);
        let belonging =
            Belonging { organization: caller.organization.id, owner: caller.member.user };
        let new_url = (own && caller.may(Action::Create, belonging)).then(|| {
            let back = local::encoded(&caller.visit.path);
            local::of(&app.settings, &format!("/applications/new?return_to={back}"))
        });
        let me = owner.page.clone();
        Self {
            rows,
            summary,
            filtered: wanted.is_filtered(),
            show_organization,
            new_url,
            as_of: None,
            url: me.clone(),
            own,
            sort: Sorts::of(&wanted, &me),
            pager: Pager::of(&wanted, page.total, pages, &me),
            filters: Filters::of(&wanted, if show_organization { &offered } else { &[] }, &me),
        }
    }
}

fn count(number: u64) -> String {
    match number {
        0 => "No applications".to_owned(),
        1 => "1 application".to_owned(),
        _ => format!("{number} applications"),
    }
}

const fn label(status: Option<Status>) -> &'static str {
    match status {
        None => "All statuses",
        Some(Status::Active) => "Active",
        Some(Status::Inactive) => "Inactive",
        Some(Status::Deleted) => "Deleted",
    }
}

fn name_of(offered: &[directory::Organization], id: domain::OrganizationId) -> String {
    let found = offered.iter().find(|organization| organization.id == id);
    found.map_or_else(String::new, |organization| organization.name.to_string())
}

#[cfg(test)]
impl Grid {
    pub(super) fn sample() -> Self {
        let organization = directory::Organization {
            id: domain::OrganizationId::new(uuid::Uuid::nil()),
            name: domain::name::OrganizationName::parse("Acme").expect("a name"),
            name_key: String::new(),
            enabled: true,
            global_access: true,
            members: std::collections::BTreeMap::new(),
            suspended: std::collections::BTreeSet::new(),
            created_at: domain::Timestamp::from_micros(0),
            updated_at: None,
            revision: 0,
        };
        let wanted = Wanted::read("page=2");
        Self {
            rows: vec![super::applications::samples::described()],
            summary: count(2),
            filtered: wanted.is_filtered(),
            show_organization: true,
            new_url: None,
            as_of: None,
            url: String::new(),
            own: true,
            filters: Filters::of(&wanted, &[organization], "/me"),
            sort: Sorts::of(&wanted, "/me"),
            pager: Pager::of(&wanted, 70, 3, "/me"),
        }
    }
}
