//! Which letters are due? Everything the notifier has to do, and has done.

use domain::{
    Category, Event, NotificationId, Timestamp,
    notification::{self, Request},
};
use serde::{Deserialize, Serialize};
use store::Recorded;

use crate::{Identity, Projection};

/// Letters and how far they have come.
#[derive(Debug)]
pub struct Notifications;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub id: NotificationId,
    pub request: Request,
    pub state: Delivery,
    pub attempts: u32,
    /// When the next attempt may begin; `None` once sent or abandoned.
    pub due: Option<Timestamp>,
    pub requested_at: Timestamp,
    pub revision: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Waiting,
    Attempted,
    Sent,
    Abandoned,
}

impl Delivery {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Attempted, Self::Sent, Self::Abandoned];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Attempted => "attempted",
            Self::Sent => "sent",
            Self::Abandoned => "abandoned",
        }
    }
}

impl Projection for Notifications {
    const IDENTITY: Identity = Identity { name: "notifications", version: 1 };
    const CATEGORIES: &'static [Category] = &[Category::Notification];
    type Row = Row;

    fn evolve(row: Option<Row>, recorded: &Recorded) -> Option<Row> {
        let Event::Notification(event) = &recorded.event else {
            return row;
        };
        if let notification::Event::Requested(request) = event {
            return Some(Row {
                id: recorded.stream.id().parse().ok()?,
                request: request.clone(),
                state: Delivery::Waiting,
                attempts: 0,
                due: Some(recorded.metadata.occurred_at),
                requested_at: recorded.metadata.occurred_at,
                revision: recorded.revision,
            });
        }
        let mut row = row?;
        row.revision = recorded.revision;
        (row.state, row.due) = match event {
            notification::Event::Attempted { attempt, until, .. } => {
                row.attempts = *attempt;
                (Delivery::Attempted, Some(*until))
            }
            notification::Event::Failed { next, .. } => (Delivery::Waiting, Some(*next)),
            notification::Event::Sent { .. } => (Delivery::Sent, None),
            notification::Event::Abandoned { .. } => (Delivery::Abandoned, None),
            notification::Event::Requested(_) => (row.state, row.due),
        };
        Some(row)
    }

    fn revision(row: &Row) -> u64 {
        row.revision
    }
}
