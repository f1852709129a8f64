//! A letter to one person: asked for, attempted under a lease, sent or failed.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Aggregate, ApplicationId, Category, Decider, EventId, InvitationId, NotificationId, Timestamp,
    UserId,
};

/// How far a letter has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Notification {
    #[default]
    Absent,
    /// To be attempted, not before the given moment.
    Waiting {
        request: Request,
        attempts: u32,
        not_before: Option<Timestamp>,
    },
    /// One worker is at it until its lease ends.
    Attempted {
        request: Request,
        attempt: u32,
        worker: Uuid,
        until: Timestamp,
    },
    Sent {
        request: Request,
    },
    /// No further attempt would help.
    Abandoned {
        request: Request,
    },
}

/// What to tell whom, and because of which event. Addresses are looked up when the letter is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub event: EventId,
    pub recipient: UserId,
    pub occasion: Occasion,
}

/// What happened that a person is told about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Occasion {
    ApplicationCreated {
        application: ApplicationId,
        application_name: String,
    },
    /// The recipient may choose a password until then. The link is computed when the letter is written.
    UserInvited {
        invitation: InvitationId,
        until: Timestamp,
    },
}

/// How long a worker may take for one attempt before another one may try.
pub const LEASE: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub enum Command {
    Request(Request),
    /// Takes the lease at `at`, until `at` + [`LEASE`].
    Attempt {
        worker: Uuid,
        at: Timestamp,
    },
    /// The transport accepted the letter.
    Succeed {
        attempt: u32,
        message_id: String,
        answer: String,
    },
    /// The transport refused it or could not be reached; `jitter` is drawn by the caller and added to the back-off.
    Fail {
        attempt: u32,
        reason: String,
        at: Timestamp,
        jitter: Duration,
    },
    /// The letter can never be delivered, whatever time passes.
    Abandon {
        attempt: u32,
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "notification.requested.v1")]
    Requested(Request),
    #[serde(rename = "notification.attempted.v1")]
    Attempted { attempt: u32, worker: Uuid, until: Timestamp },
    #[serde(rename = "notification.sent.v1")]
    Sent { attempt: u32, message_id: String, answer: String },
    #[serde(rename = "notification.failed.v1")]
    Failed { attempt: u32, reason: String, next: Timestamp },
    #[serde(rename = "notification.abandoned.v1")]
    Abandoned { attempt: u32, reason: String },
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
    #[error("the attempt is not the current one")]
    Superseded,
}

/// 2 s after the first failure, doubling to 15 minutes.
pub fn back_off(attempt: u32) -> Duration {
    const FIRST: Duration = Duration::from_secs(2);
    const LONGEST: Duration = Duration::from_mins(15);
    FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(LONGEST)
}

impl Aggregate for Notification {
    const CATEGORY: Category = Category::Notification;
    type Id = NotificationId;
}

impl Notification {
    fn attempt(&self, worker: Uuid, at: Timestamp) -> Result<Vec<Event>, Error> {
        let attempt = match self {
            Self::Absent => return Err(Error::Absent),
            Self::Sent { .. } => return Err(Error::Sent),
            Self::Abandoned { .. } => return Err(Error::Abandoned),
            Self::Waiting { not_before: Some(due), .. } if at < *due => return Err(Error::NotDue),
            Self::Waiting { attempts, .. } => attempts + 1,
            Self::Attempted { until, .. } if at < *until => return Err(Error::Leased),
            Self::Attempted { attempt, .. } => attempt + 1,
        };
        Ok(vec![Event::Attempted { attempt, worker, until: at.plus(LEASE) }])
    }

    fn settle(&self, settled: u32, event: Event) -> Result<Vec<Event>, Error> {
        match self {
            Self::Attempted { attempt, .. } if *attempt == settled => Ok(vec![event]),
            Self::Attempted { .. } | Self::Waiting { .. } => Err(Error::Superseded),
            Self::Absent => Err(Error::Absent),
            Self::Sent { .. } => Err(Error::Sent),
            Self::Abandoned { .. } => Err(Error::Abandoned),
        }
    }
}

impl Decider for Notification {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Request(request) => match self {
                Self::Absent => Ok(vec![Event::Requested(request)]),
                Self::Waiting { .. }
                | Self::Attempted { .. }
                | Self::Sent { .. }
                | Self::Abandoned { .. } => Ok(vec![]),
            },
            Command::Attempt { worker, at } => self.attempt(worker, at),
            Command::Succeed { attempt, message_id, answer } => {
                self.settle(attempt, Event::Sent { attempt, message_id, answer })
            }
            Command::Fail { attempt, reason, at, jitter } => {
                let next = at.plus(back_off(attempt) + jitter);
                self.settle(attempt, Event::Failed { attempt, reason, next })
            }
            Command::Abandon { attempt, reason } => {
                self.settle(attempt, Event::Abandoned { attempt, reason })
            }
        }
    }

    fn evolve(self, event: Event) -> Self {
        match (self, event) {
            (Self::Absent, Event::Requested(request)) => {
                Self::Waiting { request, attempts: 0, not_before: None }
            }
            (
                Self::Waiting { request, .. } | Self::Attempted { request, .. },
                Event::Attempted { attempt, worker, until },
            ) => Self::Attempted { request, attempt, worker, until },
            (
                Self::Waiting { request, .. } | Self::Attempted { request, .. },
                Event::Failed { attempt, next, .. },
            ) => Self::Waiting { request, attempts: attempt, not_before: Some(next) },
            (
                Self::Waiting { request, .. } | Self::Attempted { request, .. },
                Event::Sent { .. },
            ) => Self::Sent { request },
            (
                Self::Waiting { request, .. } | Self::Attempted { request, .. },
                Event::Abandoned { .. },
            ) => Self::Abandoned { request },
            (
                unchanged @ (Self::Waiting { .. }
                | Self::Attempted { .. }
                | Self::Sent { .. }
                | Self::Abandoned { .. }),
                Event::Requested(_),
            )
            | (
                unchanged @ (Self::Absent | Self::Sent { .. } | Self::Abandoned { .. }),
                Event::Attempted { .. }
                | Event::Failed { .. }
                | Event::Sent { .. }
                | Event::Abandoned { .. },
            ) => unchanged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    const NOON: Timestamp = Timestamp::from_micros(43_200_000_000);

    fn request() -> Request {
        Request {
            event: EventId::new(Uuid::nil()),
            recipient: UserId::new(Uuid::nil()),
            occasion: Occasion::ApplicationCreated {
                application: ApplicationId::new(Uuid::nil()),
                application_name: "Sync".to_owned(),
            },
        }
    }

    fn requested() -> Event {
        Event::Requested(request())
    }

    fn attempted(attempt: u32) -> Event {
        Event::Attempted { attempt, worker: Uuid::nil(), until: NOON.plus(LEASE) }
    }

    fn failed(attempt: u32, next: Timestamp) -> Event {
        Event::Failed { attempt, reason: "451".to_owned(), next }
    }

    fn sent(attempt: u32) -> Event {
        Event::Sent { attempt, message_id: "m".to_owned(), answer: "250".to_owned() }
    }

    fn attempt_at(at: Timestamp) -> Command {
        Command::Attempt { worker: Uuid::nil(), at }
    }

    fn succeed(attempt: u32) -> Command {
        Command::Succeed { attempt, message_id: "m".to_owned(), answer: "250".to_owned() }
    }

    fn fail(attempt: u32) -> Command {
        let (reason, jitter) = ("451".to_owned(), Duration::ZERO);
        Command::Fail { attempt, reason, at: NOON, jitter }
    }

    #[test]
    fn a_letter_is_requested_once() {
        given::<Notification>([]).when(Command::Request(request())).then([requested()]);
        for history in [vec![], vec![attempted(1)], vec![attempted(1), sent(1)]] {
            given::<Notification>([vec![requested()], history].concat())
                .when(Command::Request(request()))
                .then([]);
        }
    }

    #[test]
    fn a_requested_letter_can_be_attempted() {
        given::<Notification>([requested()]).when(attempt_at(NOON)).then([attempted(1)]);
        given::<Notification>([]).when(attempt_at(NOON)).then_refused(Error::Absent);
    }

    #[test]
    fn while_one_worker_is_at_it_others_stay_away_until_its_lease_ends() {
        let history = [requested(), attempted(1)];
        given::<Notification>(history.clone()).when(attempt_at(NOON)).then_refused(Error::Leased);
        let later = NOON.plus(LEASE);
        given::<Notification>(history).when(attempt_at(later)).then([Event::Attempted {
            attempt: 2,
            worker: Uuid::nil(),
            until: later.plus(LEASE),
        }]);
    }

    #[test]
    fn a_failed_letter_is_due_again_after_the_back_off() {
        let next = NOON.plus(Duration::from_secs(2));
        given::<Notification>([requested(), attempted(1)]).when(fail(1)).then([failed(1, next)]);
        let history = [requested(), attempted(1), failed(1, next)];
        given::<Notification>(history.clone()).when(attempt_at(NOON)).then_refused(Error::NotDue);
        given::<Notification>(history).when(attempt_at(next)).then([Event::Attempted {
            attempt: 2,
            worker: Uuid::nil(),
            until: next.plus(LEASE),
        }]);
    }

    #[test]
    fn a_sent_letter_is_never_attempted_again() {
        let history = [requested(), attempted(1), sent(1)];
        given::<Notification>([requested(), attempted(1)]).when(succeed(1)).then([sent(1)]);
        given::<Notification>(history.clone()).when(attempt_at(NOON)).then_refused(Error::Sent);
        given::<Notification>(history.clone()).when(succeed(1)).then_refused(Error::Sent);
        given::<Notification>(history).when(fail(1)).then_refused(Error::Sent);
    }

    #[test]
    fn an_abandoned_letter_is_never_attempted_again() {
        let abandon = Command::Abandon { attempt: 1, reason: "550".to_owned() };
        let abandoned = Event::Abandoned { attempt: 1, reason: "550".to_owned() };
        given::<Notification>([requested(), attempted(1)])
            .when(abandon.clone())
            .then([abandoned.clone()]);
        let history = [requested(), attempted(1), abandoned];
        for command in [attempt_at(NOON), succeed(1), fail(1), abandon] {
            given::<Notification>(history.clone()).when(command).then_refused(Error::Abandoned);
        }
        given::<Notification>(history).when(Command::Request(request())).then([]);
    }

    #[test]
    fn only_the_current_attempt_settles_a_letter() {
        for settle in [succeed(1), fail(1)] {
            given::<Notification>([]).when(settle.clone()).then_refused(Error::Absent);
            given::<Notification>([requested()])
                .when(settle.clone())
                .then_refused(Error::Superseded);
            given::<Notification>([requested(), attempted(1), attempted(2)])
                .when(settle)
                .then_refused(Error::Superseded);
        }
    }

    #[test]
    fn an_occasion_is_written_under_its_name() {
        let invitation = InvitationId::new(Uuid::nil());
        let occasion = Occasion::UserInvited { invitation, until: NOON };
        let written = serde_json::json!({
            "name": "user_invited",
            "invitation": invitation,
            "until": "1970-01-01T12:00:00.000000Z",
        });
        assert_eq!(serde_json::to_value(&occasion).expect("JSON"), written);
        assert_eq!(serde_json::from_value::<Occasion>(written).expect("an occasion"), occasion);
    }

    #[test]
    fn back_off_doubles_from_two_seconds_to_fifteen_minutes() {
        assert_eq!([1, 2, 3].map(|attempt| back_off(attempt).as_secs()), [2, 4, 8]);
        assert_eq!(back_off(u32::MAX), Duration::from_mins(15));
    }
}
