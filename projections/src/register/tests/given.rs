//! Applications, people and organizations that the tests share.

use std::{collections::HashSet, time::Duration};

use domain::{
    ApplicationId, ClientId, OrganizationId, Personal, Scope, Timestamp, UserId,
    application::{Application, Contact, Description, Grant, Homepage},
    authority::Reach,
    name::{ApplicationName, OrganizationName},
    user::Locale,
};
use store::{Actor, Position, StreamName};
use uuid::Uuid;

use crate::{
    applications::{Deletion, Row, key_of},
    directory,
    mirror::Rows,
    register::{Filter, Page, Query, Register, Sort},
};

pub(super) fn user(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

pub(super) fn organization(number: u128) -> OrganizationId {
    OrganizationId::new(Uuid::from_u128(number))
}

pub(super) fn application(number: u128) -> ApplicationId {
    ApplicationId::new(Uuid::from_u128(number))
}

pub(super) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(1_795_456_800_000_100).plus(Duration::from_secs(seconds))
}

pub(super) fn scope(text: &str) -> Scope {
    Scope::parse(text).expect("a scope")
}

/// An active application of user 1 in organization 1, named "Sync".
pub(super) fn row(number: u128) -> Row {
    let by = Actor::Operator;
    Row {
        id: application(number),
        client_id: ClientId::parse(&format!("{number:032}")).expect("a client id"),
        name: ApplicationName::parse("Sync").expect("a name"),
        name_key: "sync".to_owned(),
        organization: organization(1),
        owner: user(1),
        active: true,
        status_since: at(0),
        status_by: by,
        status_reason: None,
        grants: vec![Grant::ClientCredentials],
        scopes: vec![],
        secrets: vec![],
        created_at: at(0),
        created_by: by,
        description: Description::default(),
        contact: Contact::default(),
        homepage: Homepage::default(),
        updated_at: at(0),
        deleted: None,
        revision: 1,
    }
}

pub(super) fn named(number: u128, name: &str) -> Row {
    let name = ApplicationName::parse(name).expect("a name");
    Row { name_key: key_of(name.as_str()), name, ..row(number) }
}

pub(super) fn inactive(row: Row) -> Row {
    Row { active: false, ..row }
}

pub(super) fn deleted(row: Row) -> Row {
    let deletion = Deletion { at: at(1), by: Actor::Operator, reason: None };
    Row { active: false, deleted: Some(deletion), ..row }
}

/// A register with these applications.
pub(super) fn register(rows: impl IntoIterator<Item = Row>) -> Register {
    let mut register = Register::default();
    rows.into_iter().for_each(|row| put(&mut register, row));
    register
}

/// Adds the application, or replaces what it was.
pub(super) fn put(register: &mut Register, row: Row) {
    let key = StreamName::of::<Application>(&row.id);
    register.take(&key);
    register.put(key, row);
}

pub(super) fn remove(register: &mut Register, number: u128) {
    register.take(&StreamName::of::<Application>(&application(number)));
}

pub(super) fn know_person(register: &mut Register, number: u128, display: &str, name: &str) {
    register.know(&directory::Row::User(directory::User {
        id: user(number),
        user_name: Personal::new(name),
        display_name: Personal::new(display),
        email: Personal::ERASED,
        locale: Locale::parse("en").expect("a locale"),
        enabled: true,
        created_at: at(0),
        has_password: true,
        invited_until: None,
        sessions_void_before: 0,
        tokens_void_before: 0,
        updated_at: None,
        revision: 0,
    }));
}

pub(super) fn know_organization(register: &mut Register, number: u128, name: &str) {
    let name = OrganizationName::parse(name).expect("a name");
    register.know(&directory::Row::Organization(directory::Organization {
        id: organization(number),
        name_key: name.normalised(),
        name,
        enabled: true,
        global_access: false,
        members: [].into(),
        suspended: [].into(),
        since: [].into(),
        tokens_void_before: 0,
        created_at: at(0),
        updated_at: None,
        revision: 0,
    }));
}

/// Everything that is not deleted, by name.
pub(super) fn all() -> Query {
    Query::all(Reach::EVERYTHING, Query::LIMIT)
}

pub(super) fn page(register: &Register, query: &Query) -> Page {
    register.page(query, &HashSet::new(), Position::START)
}

pub(super) fn numbers(page: &Page) -> Vec<u128> {
    page.rows.iter().map(|entry| entry.row.id.as_uuid().as_u128()).collect()
}

/// The numbers of the applications that pass, in the order of their names.
pub(super) fn passing(register: &Register, filters: impl Into<Vec<Filter>>) -> Vec<u128> {
    numbers(&page(register, &Query { filters: filters.into(), ..all() }))
}

pub(super) fn sorted(register: &Register, sort: Sort) -> Vec<u128> {
    numbers(&page(register, &Query { sort, ..all() }))
}
