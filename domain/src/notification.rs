//! A letter to one recipient: asked for, attempted under a lease, sent, failed, given up or called off.

mod delivery;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::delivery::{Delivery, Progress};
use crate::{
    Aggregate, Category, Decider, EmailTemplateId, EventId, NotificationId, NotificationRuleId,
    Timestamp, UserId, user::Locale,
};

/// How far a letter has come.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one at a time is folded, and then it is large")]
pub enum Notification {
    #[default]
    Absent,
    Requested(Delivery),
}

/// What to tell whom, and because of which event. Addresses are looked up when the letter is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// By its name, such as `application_created`.
    pub occasion: String,
    pub event: EventId,
    /// Where the event stands: `category-id`.
    pub stream: String,
    /// What is not asked for by a rule, such as an invitation, has the id of the shipped rule about its occasion.
    pub rule: NotificationRuleId,
    pub template: EmailTemplateId,
    pub recipient: Recipient,
    /// The stream of what it concerns, where the event stands elsewhere, as what was noticed of an application does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Goes into the recipient's mail of the day.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub daily: bool,
    /// Somebody tries the template's words in this locale. The letter says so, and tells of the occasion's sample where
    /// the event is not in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Locale>,
}

impl Request {
    /// The stream of what the letter concerns: `category-id`.
    pub fn subject(&self) -> &str {
        self.about.as_deref().unwrap_or(&self.stream)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    User(UserId),
    /// The id of a plain address in the rule.
    Address(Uuid),
}

impl Recipient {
    pub const fn as_uuid(self) -> Uuid {
        match self {
            Self::User(id) => id.as_uuid(),
            Self::Address(id) => id,
        }
    }

    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Address(_) => None,
        }
    }
}

/// How long a worker may take for one attempt, unless it renews, before another one may try.
pub const LEASE: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub enum Command {
    /// Asks for the letter, to be attempted at `not_before` or later.
    Request { request: Request, not_before: Option<Timestamp> },
    /// Takes the lease at `at`, until `at` + [`LEASE`].
    Attempt { worker: Uuid, at: Timestamp },
    /// The worker is still at its attempt, and has until `at` + [`LEASE`].
    Renew { worker: Uuid, attempt: u32, at: Timestamp },
    /// The transport accepted the letter.
    Succeed { attempt: u32, message_id: String, answer: String },
    /// The transport refused it for now or could not be reached. `chance` from 0 to 1000, drawn by the caller, spreads
    /// the next attempt; what would be attempted after `give_up` is abandoned.
    Fail { attempt: u32, reason: String, at: Timestamp, chance: u16, give_up: Timestamp },
    /// The letter can never be delivered, whatever time passes.
    Abandon { attempt: u32, reason: String },
    /// Calls off a letter that has not left.
    Cancel,
    /// Begins anew with a letter that was sent, abandoned or called off; it will be another message.
    Resend,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "notification.requested.v2")]
    Requested {
        #[serde(flatten)]
        request: Request,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<Timestamp>,
    },
    /// The same attempt again is a longer lease.
    #[serde(rename = "notification.attempted.v1")]
    Attempted { attempt: u32, worker: Uuid, until: Timestamp },
    #[serde(rename = "notification.sent.v1")]
    Sent { attempt: u32, message_id: String, answer: String },
    #[serde(rename = "notification.failed.v1")]
    Failed { attempt: u32, reason: String, next: Timestamp },
    #[serde(rename = "notification.abandoned.v1")]
    Abandoned { attempt: u32, reason: String },
    #[serde(rename = "notification.canceled.v1")]
    Canceled {},
    #[serde(rename = "notification.resent.v1")]
    Resent {},
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the notification was not requested")]
    Absent,
    #[error("the next attempt is not due yet")]
    NotDue,
    #[error("another worker is at it")]
    Leased,
    #[error("the notification was sent")]
    Sent,
    #[error("the notification was abandoned")]
    Abandoned,
    #[error("the notification was called off")]
    Canceled,
    #[error("the attempt is not the current one")]
    Superseded,
    #[error("the notification has not come to an end yet")]
    Underway,
}

/// 2 to 5 s after the first failure, doubling to 6 to 15 minutes; `chance` of 1000 chooses within.
pub fn back_off(failures: u32, chance: u16) -> Duration {
    const FIRST: Duration = Duration::from_secs(2);
    const LAST: Duration = Duration::from_mins(6);
    let shortest = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LAST);
    let spread = shortest * 3 / 2;
    shortest + spread * u32::from(chance.min(1000)) / 1000
}

impl Aggregate for Notification {
    const CATEGORY: Category = Category::Notification;
    type Id = NotificationId;
}

impl Decider for Notification {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match (self, command) {
            (Self::Absent, Command::Request { request, not_before }) => {
                Ok(vec![Event::Requested { request, not_before }])
            }
            (Self::Requested(_), Command::Request { .. }) => Ok(vec![]),
            (Self::Absent, _) => Err(Error::Absent),
            (Self::Requested(delivery), command) => delivery.decide(command),
        }
    }

    fn evolve(self, event: Event) -> Self {
        match (self, event) {
            (Self::Absent, Event::Requested { request, not_before }) => {
                Self::Requested(Delivery::new(request, not_before))
            }
            (Self::Absent, _) => Self::Absent,
            (Self::Requested(delivery), event) => Self::Requested(delivery.evolve(event)),
        }
    }
}
