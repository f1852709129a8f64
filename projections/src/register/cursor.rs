//! A row as the place where a page ends.

use domain::{ApplicationId, OrganizationId, Timestamp, UserId, application::Grant};
use serde::{Deserialize, Serialize};

use super::{SortBy, Status};

/// The sort key and the id of a row. It stays a place between rows when that row changes or is gone.
///
/// It names owners and organizations by their ids, so that it holds nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub(super) key: Key,
    pub(super) id: ApplicationId,
}

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Key {
    Name(String),
    ClientId(String),
    Organization(OrganizationId),
    Owner(UserId),
    Status(Status),
    Grant(Vec<Grant>),
    Scopes(String),
    Created(Timestamp),
    Updated(Timestamp),
    LastUsed(Option<Timestamp>),
}

impl Cursor {
    /// The sorting in which it is a place.
    pub const fn sorted_by(&self) -> SortBy {
        match self.key {
            Key::Name(_) => SortBy::Name,
            Key::ClientId(_) => SortBy::ClientId,
            Key::Organization(_) => SortBy::Organization,
            Key::Owner(_) => SortBy::Owner,
            Key::Status(_) => SortBy::Status,
            Key::Grant(_) => SortBy::Grant,
            Key::Scopes(_) => SortBy::Scopes,
            Key::Created(_) => SortBy::Created,
            Key::Updated(_) => SortBy::Updated,
            Key::LastUsed(_) => SortBy::LastUsed,
        }
    }
}
