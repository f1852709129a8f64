//! What can be asked of the register, and what it answers.

use std::sync::Arc;

use domain::{
    ApplicationId, OrganizationId, Scope, Timestamp, UserId, application::Grant, authority::Reach,
};
use serde::{Deserialize, Serialize};
use store::Position;

use super::Cursor;
use crate::applications::Row;

/// One page of what matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub reach: Reach,
    /// Combined with AND. Unless one of them is a [`Filter::Status`], deleted applications are left out.
    pub filters: Vec<Filter>,
    pub sort: Sort,
    pub from: From,
    /// At most [`Query::LIMIT`]; with zero the page has no rows and still says how many match.
    pub limit: u32,
}

impl Query {
    /// Rows on a page, whatever is asked for.
    pub const LIMIT: u32 = 1000;

    /// The first page of all that the reach covers, by name.
    pub const fn all(reach: Reach, limit: u32) -> Self {
        Self { reach, filters: vec![], sort: Sort::BY_NAME, from: From::Start, limit }
    }

    /// The row at which the page begins or ends, if it is a place in this sorting.
    pub(super) fn cursor(&self) -> Option<&Cursor> {
        let cursor = match &self.from {
            From::After(cursor) | From::Before(cursor) => Some(cursor),
            From::Start | From::Offset(_) => None,
        };
        cursor.filter(|cursor| cursor.sorted_by() == self.sort.by)
    }
}

/// What applications have in common.
///
/// Texts are compared case-folded. The exception are client ids: two of them may differ in case alone, so they are equal
/// only when they are the same, while a part of one is found in any case.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    Id(Choice<ApplicationId>),
    Name(Text),
    ClientId(Text),
    Organization(Choice<OrganizationId>),
    OrganizationName(Text),
    Owner(Choice<UserId>),
    /// Of the display name and the user name: one of them matches, or neither is what it must not be.
    OwnerName(Text),
    Status(Choice<Status>),
    /// Applications have any of the grants, or none of them.
    Grant(Choice<Grant>),
    /// Applications have any of the scopes, or none of them.
    Scope(Choice<Scope>),
    Created(Moments),
    Updated(Moments),
    LastUsed(Use),
    Description(Text),
    Contact(Text),
    Homepage(Text),
}

/// A text that is not there is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    Contains(String),
    DoesNotContain(String),
    Equals(String),
    DiffersFrom(String),
    StartsWith(String),
    DoesNotStartWith(String),
    EndsWith(String),
    DoesNotEndWith(String),
    AnyOf(Vec<String>),
    NoneOf(Vec<String>),
    Empty,
    NotEmpty,
}

/// Any of nothing is nothing; none of nothing is everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice<T> {
    AnyOf(Vec<T>),
    NoneOf(Vec<T>),
}

/// Half-open: the first moment belongs to it, the last one does not. A day is `Between` its midnight and the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moments {
    Between(Timestamp, Timestamp),
    NotBetween(Timestamp, Timestamp),
    Before(Timestamp),
    /// At the moment or later: what is not before it.
    After(Timestamp),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Never,
    Ever,
    /// Of those that were ever used.
    At(Moments),
    /// Never, or before.
    NotSince(Timestamp),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Active,
    Inactive,
    Deleted,
}

impl Status {
    pub const ALL: [Self; 3] = [Self::Active, Self::Inactive, Self::Deleted];

    pub const fn of(row: &Row) -> Self {
        match (&row.deleted, row.active) {
            (Some(_), _) => Self::Deleted,
            (None, true) => Self::Active,
            (None, false) => Self::Inactive,
        }
    }
}

/// The id decides between equals, so that pages never overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub by: SortBy,
    pub order: Order,
}

impl Sort {
    pub const BY_NAME: Self = Self { by: SortBy::Name, order: Order::Ascending };
}

/// Texts are sorted by code points of their folded forms, client ids and scopes as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortBy {
    Name,
    ClientId,
    /// By its name; an organization that is not known yet comes first.
    Organization,
    /// By display name, then user name; whoever was erased comes first.
    Owner,
    /// Active, inactive, deleted.
    Status,
    Grant,
    /// By the first 256 characters of all of them, sorted; applications without scopes come first.
    Scopes,
    Created,
    Updated,
    /// What was never used comes first, as if it had been used longest ago.
    LastUsed,
}

impl SortBy {
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::ClientId,
        Self::Organization,
        Self::Owner,
        Self::Status,
        Self::Grant,
        Self::Scopes,
        Self::Created,
        Self::Updated,
        Self::LastUsed,
    ];
}

/// Descending is ascending backwards, ids included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Ascending,
    Descending,
}

/// Where a page begins, or ends.
#[derive(Clone, Debug, PartialEq)]
pub enum From {
    Start,
    /// Behind the row, whether it is still there or not. A cursor of another sorting means the start.
    After(Cursor),
    /// The page that ends in front of the row.
    Before(Cursor),
    /// How many rows to skip.
    Offset(u64),
}

/// Some of the applications that match.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub rows: Vec<Entry>,
    /// How many match.
    pub total: u64,
    /// How many of them come before this page.
    pub before: u64,
    /// [`From::Before`] this is the page before, if there is one.
    pub previous: Option<Cursor>,
    /// [`From::After`] this is the page behind, if there is one.
    pub next: Option<Cursor>,
    pub as_of: Position,
}

/// An application as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub row: Arc<Row>,
    /// `None` once the person was erased.
    pub owner_name: Option<Arc<str>>,
    pub owner_user_name: Option<Arc<str>>,
    /// `None` while the organization is not known yet.
    pub organization_name: Option<Arc<str>>,
    pub last_used_at: Option<Timestamp>,
    /// An event of the application cannot be read: this is how it was before.
    pub parked: bool,
}

impl Entry {
    pub fn status(&self) -> Status {
        Status::of(&self.row)
    }
}
