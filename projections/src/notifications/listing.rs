//! Letters that somebody looks for, the newest first, page by page.

use std::collections::BTreeSet;

use domain::{NotificationId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use store::StreamName;

use super::{Delivery, Row};

/// A part of the letters that pass the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub filter: Filter,
    pub from: From,
    pub limit: u32,
}

/// What letters must be like, all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// One of these.
    pub states: Option<BTreeSet<Delivery>>,
    /// One of these, by their names.
    pub occasions: Option<BTreeSet<String>>,
    pub readers: Readers,
    /// The stream of what they concern.
    pub subject: Option<StreamName>,
    pub trials: Trials,
}

/// To whom letters go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Readers {
    #[default]
    Anybody,
    WithAccount,
    One(UserId),
    Among(BTreeSet<UserId>),
}

/// Letters that only try the words of a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trials {
    #[default]
    Listed,
    LeftOut,
}

/// Where a page begins, or ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    #[default]
    Start,
    /// Behind so many letters.
    Offset(u64),
    After(Place),
    Before(Place),
}

/// A place between letters. It stays one when its letter goes on, or is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub requested_at: Timestamp,
    pub id: NotificationId,
}

impl Place {
    const fn of(row: &Row) -> Self {
        Self { requested_at: row.requested_at, id: row.id }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub rows: Vec<Row>,
    /// How many letters pass the filter.
    pub total: u64,
    /// What the page before this one ends at, if there is one.
    pub previous: Option<Place>,
    /// What the page behind this one begins after, if there is one.
    pub next: Option<Place>,
}

impl Query {
    /// How many rows tell a page, and whether there is more behind it.
    pub fn reads(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The page of the first [`Self::reads`] rows beyond the place, the nearest to it first.
    pub fn page(&self, mut rows: Vec<Row>, total: u64) -> Page {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        if matches!(self.from, From::Before(_)) {
            rows.reverse();
        }
        let (first, last) = (rows.first().map(Place::of), rows.last().map(Place::of));
        // Where no row is left, one gets back from where one came.
        let (previous, next) = match self.from {
            From::Start | From::Offset(0) => (None, last.filter(|_| more)),
            From::Offset(_) => (first, last.filter(|_| more)),
            From::After(place) => (first.or(Some(place)), last.filter(|_| more)),
            From::Before(place) => (first.filter(|_| more), last.or(Some(place))),
        };
        Page { rows, total, previous, next }
    }
}
