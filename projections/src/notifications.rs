//! Which letters are due? Everything the notifier has to do, and has done.

pub mod history;
pub mod listing;

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
    /// When the next attempt may begin; `None` once nothing more is to be done.
    pub due: Option<Timestamp>,
    pub requested_at: Timestamp,
    /// From when on it may be attempted: it was requested for then, or wanted again.
    pub since: Timestamp,
    /// What the transport said last, or why there was nothing to hand over.
    pub answer: Option<String>,
    pub message_id: Option<String>,
    /// When the last thing happened to it.
    pub changed_at: Timestamp,
    pub revision: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Waiting,
    Attempted,
    Sent,
    Abandoned,
    Canceled,
}

impl Delivery {
    pub const ALL: [Self; 5] =
        [Self::Waiting, Self::Attempted, Self::Sent, Self::Abandoned, Self::Canceled];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Attempted => "attempted",
            Self::Sent => "sent",
            Self::Abandoned => "abandoned",
            Self::Canceled => "canceled",
        }
    }
}

impl Projection for Notifications {
    const IDENTITY: Identity = Identity { name: "notifications", version: 2 };
    const CATEGORIES: &'static [Category] = &[Category::Notification];
    type Row = Row;

    fn evolve(row: Option<Row>, recorded: &Recorded) -> Option<Row> {
        let Event::Notification(event) = &recorded.event else {
            return row;
        };
        match (row, event) {
            (None, notification::Event::Requested { request, not_before }) => {
                requested(recorded, request, *not_before)
            }
            (None, _) => None,
            (Some(row), event) => Some(row.after(event, recorded)),
        }
    }

    fn revision(row: &Row) -> u64 {
        row.revision
    }
}

fn requested(recorded: &Recorded, request: &Request, not_before: Option<Timestamp>) -> Option<Row> {
    let at = recorded.metadata.occurred_at;
    let since = not_before.unwrap_or(at);
    Some(Row {
        id: recorded.stream.id().parse().ok()?,
        request: request.clone(),
        state: Delivery::Waiting,
        attempts: 0,
        due: Some(since),
        requested_at: at,
        since,
        answer: None,
        message_id: None,
        changed_at: at,
        revision: recorded.revision,
    })
}

impl Row {
    fn after(mut self, event: &notification::Event, recorded: &Recorded) -> Self {
        let at = recorded.metadata.occurred_at;
        self.revision = recorded.revision;
        self.changed_at = at;
        (self.state, self.due) = match event {
            notification::Event::Requested { .. } => (self.state, self.due),
            notification::Event::Attempted { attempt, until, .. } => {
                self.attempts = *attempt;
                (Delivery::Attempted, Some(*until))
            }
            notification::Event::Failed { reason, next, .. } => {
                self.answer = Some(reason.clone());
                (Delivery::Waiting, Some(*next))
            }
            notification::Event::Sent { message_id, answer, .. } => {
                self.answer = Some(answer.clone());
                self.message_id = Some(message_id.clone());
                (Delivery::Sent, None)
            }
            notification::Event::Abandoned { reason, .. } => {
                self.answer = Some(reason.clone());
                (Delivery::Abandoned, None)
            }
            notification::Event::Canceled {} => (Delivery::Canceled, None),
            notification::Event::Resent {} => {
                self.since = at;
                (Delivery::Waiting, Some(at))
            }
        };
        self
    }
}
