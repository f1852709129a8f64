//! Everybody and every organization, for lists that are answered from one moment.

use std::{collections::BTreeMap, sync::Arc};

use domain::{OrganizationId, UserId};
use store::Position;

use crate::directory::{Organization, Row, User};

/// The rows of the directory as of one position, each shared with what else a node knows.
#[derive(Debug)]
pub struct Roster {
    users: BTreeMap<UserId, Arc<Row>>,
    organizations: BTreeMap<OrganizationId, Arc<Row>>,
    as_of: Position,
}

impl Roster {
    pub(crate) fn of<'a>(rows: impl IntoIterator<Item = &'a Arc<Row>>, as_of: Position) -> Self {
        let mut roster = Self { users: BTreeMap::new(), organizations: BTreeMap::new(), as_of };
        roster.update(rows, as_of);
        roster
    }

    /// Takes over the rows that changed up to the position.
    pub(crate) fn update<'a>(
        &mut self,
        rows: impl IntoIterator<Item = &'a Arc<Row>>,
        as_of: Position,
    ) {
        for row in rows {
            match &**row {
                Row::User(user) => self.users.insert(user.id, row.clone()),
                Row::Organization(it) => self.organizations.insert(it.id, row.clone()),
            };
        }
        self.as_of = as_of;
    }

    /// As of which position it is.
    pub const fn as_of(&self) -> Position {
        self.as_of
    }

    /// Every user, by id.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values().filter_map(|row| user(row))
    }

    /// Every organization, by id.
    pub fn organizations(&self) -> impl Iterator<Item = &Organization> {
        self.organizations.values().filter_map(|row| organization(row))
    }

    pub fn user(&self, id: UserId) -> Option<&User> {
        user(self.users.get(&id)?)
    }

    pub fn organization(&self, id: OrganizationId) -> Option<&Organization> {
        organization(self.organizations.get(&id)?)
    }
}

fn user(row: &Row) -> Option<&User> {
    match row {
        Row::User(user) => Some(user),
        Row::Organization(_) => None,
    }
}

fn organization(row: &Row) -> Option<&Organization> {
    match row {
        Row::Organization(organization) => Some(organization),
        Row::User(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::{Personal, Timestamp, user::Locale};
    use uuid::Uuid;

    use super::*;

    fn row(name: &str) -> Arc<Row> {
        Arc::new(Row::User(User {
            id: UserId::new(Uuid::nil()),
            user_name: Personal::new(name),
            display_name: Personal::new(name),
            email: Personal::new("a@b"),
            locale: Locale::parse("en").expect("a locale"),
            enabled: true,
            created_at: Timestamp::from_micros(0),
            has_password: false,
            invited_until: None,
            sessions_void_before: 0,
            tokens_void_before: 0,
            updated_at: None,
            revision: 0,
        }))
    }

    #[test]
    fn a_row_is_shared_and_replaced_and_the_position_goes_with_it() {
        let (first, second) = (row("ada"), row("countess"));
        let mut roster = Roster::of([&first], Position::new(0, 1));
        assert_eq!(Arc::strong_count(&first), 2);
        roster.update([&second], Position::new(0, 2));
        let found = roster.user(UserId::new(Uuid::nil())).expect("a user");
        assert_eq!(found.user_name.as_open(), Some("countess"));
        assert_eq!((roster.users().count(), roster.as_of()), (1, Position::new(0, 2)));
        assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (1, 2));
    }
}
