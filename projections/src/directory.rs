//! Who is who? Users, organizations and memberships.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Category, Event, OrganizationId, Personal, Timestamp, UserId, authority::Role,
    name::OrganizationName, organization, user,
};
use serde::{Deserialize, Serialize};
use store::{Log, LogError, Position, Recorded, StreamName};

use crate::{Identity, Projection, row_of};

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
    /// Whether there is a password to sign in with.
    #[serde(default)]
    pub has_password: bool,
    /// Until when the latest invitation can be accepted; `None` once a password was set or the invitation is void.
    #[serde(default)]
    pub invited_until: Option<Timestamp>,
    /// Sessions that began at an earlier revision are void: the password was set, the account was disabled, or its
    /// owner has signed out everywhere.
    #[serde(default)]
    pub sessions_void_before: u64,
    /// Tokens that were issued at an earlier revision are void: the account was disabled.
    #[serde(default)]
    pub tokens_void_before: u64,
    /// Of the last event; `None` in rows of version 1.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
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
    /// Members who do not count as administrators, because their account is disabled.
    #[serde(default)]
    pub suspended: BTreeSet<UserId>,
    /// The revision at which each member joined last: what they had before they left does not come back.
    #[serde(default)]
    pub since: BTreeMap<UserId, u64>,
    /// Tokens that were issued at an earlier revision are void: the organization was disabled.
    #[serde(default)]
    pub tokens_void_before: u64,
    pub created_at: Timestamp,
    /// Of the last event; `None` in rows of version 1.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    pub revision: u64,
}

impl Projection for Directory {
    const IDENTITY: Identity = Identity { name: "directory", version: 3 };
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
                | Event::EmailTemplate(_)
                | Event::Notification(_)
                | Event::NotificationPreference(_)
                | Event::NotificationRule(_)
                | Event::Observation(_)
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

/// The user as the log itself has them, whatever the views know: as of a position, or now.
pub async fn read_user(
    log: &Log,
    id: UserId,
    as_of: Option<Position>,
) -> Result<Option<User>, LogError> {
    let stream = StreamName::of::<user::User>(&id);
    Ok(match row_of::<Directory>(log, &stream, as_of).await? {
        Some(Row::User(user)) => Some(user),
        Some(Row::Organization(_)) | None => None,
    })
}

/// The same of an organization.
pub async fn read_organization(
    log: &Log,
    id: OrganizationId,
    as_of: Option<Position>,
) -> Result<Option<Organization>, LogError> {
    let stream = StreamName::of::<organization::Organization>(&id);
    Ok(match row_of::<Directory>(log, &stream, as_of).await? {
        Some(Row::Organization(organization)) => Some(organization),
        Some(Row::User(_)) | None => None,
    })
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
            has_password: false,
            invited_until: None,
            sessions_void_before: 0,
            tokens_void_before: 0,
            updated_at: Some(recorded.metadata.occurred_at),
            revision: recorded.revision,
        }));
    }
    let Row::User(mut user) = row? else {
        return None;
    };
    user.revision = recorded.revision;
    user.updated_at = Some(recorded.metadata.occurred_at);
    match event {
        user::Event::Renamed { user_name, display_name } => {
            user.user_name = user_name.clone();
            user.display_name = display_name.clone();
        }
        user::Event::EmailChanged { email } => {
            user.email = email.clone();
            user.invited_until = None;
        }
        user::Event::LocaleChanged { locale } => user.locale = locale.clone(),
        user::Event::PasswordSet { .. } => {
            user.has_password = true;
            user.invited_until = None;
            user.sessions_void_before = recorded.revision;
        }
        user::Event::Invited { until, .. } => user.invited_until = Some(*until),
        user::Event::SignedOutEverywhere {} => user.sessions_void_before = recorded.revision,
        user::Event::Disabled {} => {
            user.enabled = false;
            user.invited_until = None;
            user.sessions_void_before = recorded.revision;
            user.tokens_void_before = recorded.revision;
        }
        user::Event::Enabled {} => user.enabled = true,
        user::Event::Registered { .. } | user::Event::NameForfeited { .. } => {}
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
            suspended: BTreeSet::new(),
            since: BTreeMap::new(),
            tokens_void_before: 0,
            created_at: recorded.metadata.occurred_at,
            updated_at: Some(recorded.metadata.occurred_at),
            revision: recorded.revision,
        }));
    }
    let Row::Organization(mut organization) = row? else {
        return None;
    };
    organization.revision = recorded.revision;
    organization.updated_at = Some(recorded.metadata.occurred_at);
    match event {
        organization::Event::Renamed { name } => {
            organization.name = name.clone();
            organization.name_key = name.normalised();
        }
        organization::Event::GlobalAccessGranted {} => organization.global_access = true,
        organization::Event::GlobalAccessWithdrawn {} => organization.global_access = false,
        organization::Event::Disabled {} => {
            organization.enabled = false;
            organization.tokens_void_before = recorded.revision;
        }
        organization::Event::Enabled {} => organization.enabled = true,
        organization::Event::MemberJoined { user, role } => {
            organization.members.insert(*user, *role);
            organization.since.insert(*user, recorded.revision);
        }
        organization::Event::MemberRoleChanged { user, role } => {
            organization.members.insert(*user, *role);
        }
        organization::Event::MemberLeft { user } => {
            organization.members.remove(user);
            organization.suspended.remove(user);
            organization.since.remove(user);
        }
        organization::Event::MemberSuspended { user } => {
            organization.suspended.insert(*user);
        }
        organization::Event::MemberReinstated { user } => {
            organization.suspended.remove(user);
        }
        organization::Event::Registered { .. } | organization::Event::NameForfeited { .. } => {}
    }
    Some(Row::Organization(organization))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_of_version_1_still_parse() {
        let id = "0198c2f4-7d1e-7a3b-9c55-000000000001";
        let moment = "2026-11-23T09:14:05.123456Z";
        let user = json!({
            "kind": "user", "id": id, "user_name": {"$personal": "ada"},
            "display_name": {"$personal": "Ada"}, "email": {"$personal": "ada@acme.example"},
            "locale": "en", "enabled": true, "created_at": moment, "revision": 3,
        });
        let organization = json!({
            "kind": "organization", "id": id, "name": "Acme", "name_key": "acme", "enabled": true,
            "global_access": false, "members": {id: "administrator"}, "created_at": moment,
            "revision": 3,
        });
        for row in [user, organization] {
            serde_json::from_value::<Row>(row).expect("a row");
        }
    }
}
