//! The names that a person may see: of organizations and people within their reach. Others stay nameless, also when an
//! address has their ids.

use std::collections::BTreeMap;

use domain::{OrganizationId, UserId};
use projections::register::Choice;

use super::{
    Frame,
    filter::{Filters, values},
};
use crate::{
    app::App,
    web::{session::SignedIn, shell::open},
};

/// Organizations, and people, that are offered to choose from.
const OFFERED: usize = 50;

#[derive(Debug, Default)]
pub(super) struct Names {
    /// By name; empty where applications are of one organization anyway.
    pub(super) organizations: Vec<(OrganizationId, String)>,
    /// By name; empty for those who see their own applications only.
    pub(super) people: Vec<(UserId, String)>,
    /// Of those that filters name beside them.
    others: BTreeMap<UserId, String>,
}

impl Names {
    pub(super) fn load(app: &App, caller: &SignedIn, frame: &Frame, filters: &Filters) -> Self {
        let reach = caller.member.reach();
        let organizations = match &frame.within {
            _ if !frame.several_organizations => vec![],
            Some(within) => within.clone(),
            None => organizations(app, filters),
        };
        let (people, others) = match reach.owner {
            Some(own) => (vec![], BTreeMap::from([(own, open(&caller.user.display_name))])),
            None => people(app, caller, filters),
        };
        Self { organizations, people, others }
    }

    pub(super) fn organization(&self, id: OrganizationId) -> String {
        let found = self.organizations.iter().find(|(it, _)| *it == id);
        found.map_or_else(|| "an organization you do not see".to_owned(), |(_, name)| name.clone())
    }

    pub(super) fn person(&self, id: UserId) -> String {
        let offered = self.people.iter().find(|(it, _)| *it == id).map(|(_, name)| name);
        let found = offered.or_else(|| self.others.get(&id)).cloned();
        found.unwrap_or_else(|| "a person you do not see".to_owned())
    }
}

fn organizations(app: &App, filters: &Filters) -> Vec<(OrganizationId, String)> {
    let wanted = filters.organization.as_ref().map_or(&[][..], values);
    let mut all = app.knowledge.organization_names();
    let mut index = 0;
    all.retain(|(id, _)| {
        index += 1;
        index <= OFFERED || wanted.contains(id)
    });
    all.into_iter().map(|(id, name)| (id, name.to_string())).collect()
}

/// Those of the organization one works in, and whoever else is wanted and within reach.
fn people(
    app: &App,
    caller: &SignedIn,
    filters: &Filters,
) -> (Vec<(UserId, String)>, BTreeMap<UserId, String>) {
    let named = |id: UserId| app.knowledge.user(id).map(|user| (id, open(&user.display_name)));
    let members = &caller.organization.members;
    let mut people: Vec<_> = members.keys().copied().filter_map(named).collect();
    people.sort_by_cached_key(|(id, name)| (domain::name::folded(name), *id));
    let wanted = match &filters.owner {
        Some(Choice::AnyOf(wanted) | Choice::NoneOf(wanted)) => wanted.as_slice(),
        None => &[],
    };
    let within_reach =
        |id: &&UserId| caller.member.reach().organization.is_none() || members.contains_key(id);
    let others = wanted.iter().filter(within_reach).copied().filter_map(named).collect();
    let mut index = 0;
    people.retain(|(id, _)| {
        index += 1;
        index <= OFFERED || wanted.contains(id)
    });
    (people, others)
}

#[cfg(test)]
impl Names {
    pub(super) fn sample() -> Self {
        let organization = |id| (OrganizationId::new(uuid::Uuid::from_u128(id)), "Acme".to_owned());
        let person = (UserId::new(uuid::Uuid::nil()), "Ada".to_owned());
        Self {
            organizations: vec![organization(1), organization(2)],
            people: vec![person],
            others: BTreeMap::new(),
        }
    }
}
