//! Who is there? Lists of people, filtered, sorted and cut into pages.

use std::collections::{HashMap, HashSet};

use domain::{
    OrganizationId, Personal, Timestamp, UserId,
    authority::{Acquaintance, Role},
    name::folded,
};

use super::{Facts, Knowledge};
use crate::{credentials, directory, register::Order};

/// What a list of people is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct People {
    /// Whom the one who asks may see.
    pub known: Acquaintance,
    /// Part of the user name, the display name or the e-mail, whatever its case; empty for all.
    pub text: String,
    pub organization: Option<OrganizationId>,
    pub role: Option<Role>,
    pub status: Option<UserStatus>,
    pub sort: SortPeople,
    pub order: Order,
    pub offset: u64,
    pub limit: u32,
}

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserStatus {
    Enabled,
    /// Enabled, and has not chosen a password yet.
    Invited,
    Disabled,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortPeople {
    #[default]
    Name,
    UserName,
    Email,
    Created,
}

/// A part of those who were asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct PeoplePage {
    pub found: Vec<Found>,
    pub total: u64,
}

/// Somebody, and where they belong, as far as the one who asks may know.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub user: directory::User,
    /// By name.
    pub memberships: Vec<Membership>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub organization: OrganizationId,
    pub name: String,
    pub role: Role,
}

impl UserStatus {
    pub fn of(user: &directory::User) -> Self {
        match user {
            directory::User { enabled: false, .. } => Self::Disabled,
            directory::User { has_password: false, invited_until: Some(_), .. } => Self::Invited,
            directory::User { .. } => Self::Enabled,
        }
    }
}

impl Knowledge {
    pub fn people(&self, query: &People) -> PeoplePage {
        let facts = self.facts.read();
        let mut all = facts.matching(query);
        all.sort_by_cached_key(|user| (query.sort.key(user), user.id));
        if query.order == Order::Descending {
            all.reverse();
        }
        let total = all.len() as u64;
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let page: Vec<_> = all.into_iter().skip(offset).take(query.limit as usize).collect();
        PeoplePage { found: facts.found(page, query.known), total }
    }

    /// How many of the user's applications are active, wherever.
    pub fn active_applications_of(&self, owner: UserId) -> usize {
        self.count_active(|client| client.owner == owner)
    }

    /// How many applications in the organization are active.
    pub fn active_applications_in(&self, organization: OrganizationId) -> usize {
        self.count_active(|client| client.organization == organization)
    }

    pub fn active_applications_of_member(
        &self,
        owner: UserId,
        organization: OrganizationId,
    ) -> usize {
        self.count_active(|client| client.owner == owner && client.organization == organization)
    }

    fn count_active(&self, counts: impl Fn(&credentials::Row) -> bool) -> usize {
        let facts = self.facts.read();
        facts.credentials.rows.values().filter(|client| client.active && counts(client)).count()
    }

    /// Somebody, if they may be seen.
    pub fn person(&self, id: UserId, known: Acquaintance) -> Option<Found> {
        let facts = self.facts.read();
        let user = facts.user(id).filter(|user| facts.knows(known, user.id))?;
        facts.found(vec![user], known).pop()
    }
}

impl Facts {
    fn matching(&self, query: &People) -> Vec<&directory::User> {
        let needle = folded(query.text.trim());
        let members = self.members(query);
        let fits = |user: &&directory::User| {
            members.as_ref().is_none_or(|members| members.contains(&user.id))
                && query.status.is_none_or(|status| status == UserStatus::of(user))
                && (needle.is_empty()
                    || [&user.display_name, &user.user_name, &user.email]
                        .iter()
                        .any(|field| key(field).contains(&needle)))
        };
        let users = self.directory.rows.values().filter_map(|row| match &**row {
            directory::Row::User(user) => Some(user),
            directory::Row::Organization(_) => None,
        });
        users.filter(fits).collect()
    }

    /// Those who belong where the question says; `None` when it does not matter.
    fn members(&self, query: &People) -> Option<HashSet<UserId>> {
        let within = match query.known {
            Acquaintance::OnlyOneself => return Some(HashSet::new()),
            Acquaintance::Organization(id) => Some(id),
            Acquaintance::Everybody => None,
        };
        if within.is_none() && query.organization.is_none() && query.role.is_none() {
            return None;
        }
        let asked = |id: OrganizationId| {
            within.is_none_or(|within| within == id)
                && query.organization.is_none_or(|wanted| wanted == id)
        };
        let organizations = self.organizations().filter(|organization| asked(organization.id));
        let members = organizations.flat_map(|organization| &organization.members);
        let fitting = members.filter(|(_, role)| query.role.is_none_or(|wanted| wanted == **role));
        Some(fitting.map(|(id, _)| *id).collect())
    }

    fn knows(&self, known: Acquaintance, user: UserId) -> bool {
        match known {
            Acquaintance::OnlyOneself => false,
            Acquaintance::Organization(id) => {
                self.organization(id).is_some_and(|it| it.members.contains_key(&user))
            }
            Acquaintance::Everybody => true,
        }
    }

    fn found(&self, users: Vec<&directory::User>, known: Acquaintance) -> Vec<Found> {
        let mut memberships: HashMap<UserId, Vec<(&str, Membership)>> =
            users.iter().map(|user| (user.id, vec![])).collect();
        for organization in self.organizations() {
            let visible = match known {
                Acquaintance::OnlyOneself => false,
                Acquaintance::Organization(id) => id == organization.id,
                Acquaintance::Everybody => true,
            };
            if !visible {
                continue;
            }
            for (user, of) in &mut memberships {
                if let Some(role) = organization.members.get(user) {
                    let membership = Membership {
                        organization: organization.id,
                        name: organization.name.to_string(),
                        role: *role,
                    };
                    of.push((&organization.name_key, membership));
                }
            }
        }
        let mut of = |user: UserId| {
            let mut of = memberships.remove(&user).unwrap_or_default();
            of.sort_by_key(|(name, _)| *name);
            of.into_iter().map(|(_, membership)| membership).collect()
        };
        users
            .into_iter()
            .map(|user| Found { user: user.clone(), memberships: of(user.id) })
            .collect()
    }
}

impl SortPeople {
    fn key(self, user: &directory::User) -> (String, Option<Timestamp>) {
        match self {
            Self::Name => (key(&user.display_name), None),
            Self::UserName => (key(&user.user_name), None),
            Self::Email => (key(&user.email), None),
            Self::Created => (String::new(), Some(user.created_at)),
        }
    }
}

/// How a personal value is compared: whatever its case, and erased ones before all others.
fn key(value: &Personal) -> String {
    value.as_open().map(folded).unwrap_or_default()
}
