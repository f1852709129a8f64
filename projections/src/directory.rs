//! Who is who? Users, organizations and memberships.

use std::collections::BTreeMap;

use domain::{
    Category, Event, OrganizationId, Personal, Timestamp, UserId, authority::Role,
    name::OrganizationName, organization, user,
};
use serde::{Deserialize, Serialize};
use store::Recorded;

use crate::{Identity, Projection};

/// Users and organizations.
#[derive(Debug)]
pub struct Directory;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Row {
    User(User),
    Organization(Organization),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub user_name: Personal,
    pub display_name: Personal,
    pub email: Personal,
    pub locale: user::Locale,
    pub enabled: bool,
    pub created_at: Timestamp,
    pub revision: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: OrganizationName,
    /// The name as it is compared, for sorting.
    pub name_key: String,
    pub enabled: bool,
    pub global_access: bool,
    pub members: BTreeMap<UserId, Role>,
    pub created_at: Timestamp,
    pub revision: u64,
}

impl Projection for Directory {
    const IDENTITY: Identity = Identity { name: "directory", version: 1 };
    const CATEGORIES: &'static [Category] = &[Category::Organization, Category::User];
    type Row = Row;

    fn evolve(row: Option<Row>, recorded: &Recorded) -> Option<Row> {
        match (&recorded.event, row) {
            (Event::User(event), row) => evolve_user(row, event, recorded),
            (Event::Organization(event), row) => evolve_organization(row, event, recorded),
            (
                Event::Application(_)
                | Event::Installation(_)
                | Event::NameClaim(_)
                | Event::Notification(_)
                | Event::SigningKey(_),
                row,
            ) => row,
        }
    }

    fn revision(row: &Row) -> u64 {
        match row {
            Row::User(user) => user.revision,
            Row::Organization(organization) => organization.revision,
        }
    }
}

fn evolve_user(row: Option<Row>, event: &user::Event, recorded: &Recorded) -> Option<Row> {
    if let user::Event::Registered { user_name, display_name, email, locale } = event {
        return Some(Row::User(User {
            id: recorded.stream.id().parse().ok()?,
            user_name: user_name.clone(),
            display_name: display_name.clone(),
            email: email.clone(),
            locale: locale.clone(),
            enabled: true,
            created_at: recorded.metadata.occurred_at,
            revision: recorded.revision,
        }));
    }
    let Row::User(mut user) = row? else {
        return None;
    };
    user.revision = recorded.revision;
    match event {
        user::Event::Disabled {} => user.enabled = false,
        user::Event::Enabled {} => user.enabled = true,
        user::Event::Registered { .. }
        | user::Event::PasswordSet { .. }
        | user::Event::NameForfeited { .. } => {}
    }
    Some(Row::User(user))
}

fn evolve_organization(
    row: Option<Row>,
    event: &organization::Event,
    recorded: &Recorded,
) -> Option<Row> {
    if let organization::Event::Registered { name } = event {
        return Some(Row::Organization(Organization {
            id: recorded.stream.id().parse().ok()?,
            name: name.clone(),
            name_key: name.normalised(),
            enabled: true,
            global_access: false,
            members: BTreeMap::new(),
            created_at: recorded.metadata.occurred_at,
            revision: recorded.revision,
        }));
    }
    let Row::Organization(mut organization) = row? else {
        return None;
    };
    organization.revision = recorded.revision;
    match event {
        organization::Event::GlobalAccessGranted {} => organization.global_access = true,
        organization::Event::GlobalAccessWithdrawn {} => organization.global_access = false,
        organization::Event::Disabled {} => organization.enabled = false,
        organization::Event::Enabled {} => organization.enabled = true,
        organization::Event::MemberJoined { user, role }
        | organization::Event::MemberRoleChanged { user, role } => {
            organization.members.insert(*user, *role);
        }
        organization::Event::MemberLeft { user } => {
            organization.members.remove(user);
        }
        organization::Event::Registered { .. } | organization::Event::NameForfeited { .. } => {}
    }
    Some(Row::Organization(organization))
}
