//! The way of a letter, once it was asked for.

use uuid::Uuid;

use super::{Command, Error, Event, LEASE, Request, back_off};
use crate::Timestamp;

/// A letter that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    pub request: Request,
    /// Attempts so far, over all rounds.
    pub attempts: u32,
    /// How often it was sent again on demand. Each round is a message of its own.
    pub round: u32,
    pub progress: Progress,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// To be attempted, not before the given moment.
    Waiting {
        not_before: Option<Timestamp>,
    },
    /// One worker is at it until its lease ends.
    Attempted {
        worker: Uuid,
        until: Timestamp,
    },
    Sent,
    /// No further attempt would help.
    Abandoned,
    Canceled,
}

impl Delivery {
    pub(super) const fn new(request: Request, not_before: Option<Timestamp>) -> Self {
        Self { request, attempts: 0, round: 0, progress: Progress::Waiting { not_before } }
    }

    pub(super) fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Request { .. } => Ok(vec![]),
            Command::Attempt { worker, at } => self.attempt(worker, at),
            Command::Renew { worker, attempt, at } => self.renew(worker, attempt, at),
            Command::Succeed { attempt, message_id, answer } => {
                self.settle(attempt, Event::Sent { attempt, message_id, answer })
            }
            Command::Fail { attempt, reason, at, chance, give_up } => {
                let next = at.plus(back_off(attempt, chance));
                let outcome = if next > give_up {
                    Event::Abandoned { attempt, reason }
                } else {
                    Event::Failed { attempt, reason, next }
                };
                self.settle(attempt, outcome)
            }
            Command::Abandon { attempt, reason } => {
                self.settle(attempt, Event::Abandoned { attempt, reason })
            }
            Command::Cancel => self.cancel(),
            Command::Resend => self.resend(),
        }
    }

    fn attempt(&self, worker: Uuid, at: Timestamp) -> Result<Vec<Event>, Error> {
        match self.progress {
            Progress::Sent => Err(Error::Sent),
            Progress::Abandoned => Err(Error::Abandoned),
            Progress::Canceled => Err(Error::Canceled),
            Progress::Waiting { not_before: Some(due) } if at < due => Err(Error::NotDue),
            Progress::Attempted { until, .. } if at < until => Err(Error::Leased),
            Progress::Waiting { .. } | Progress::Attempted { .. } => {
                let attempt = self.attempts + 1;
                Ok(vec![Event::Attempted { attempt, worker, until: at.plus(LEASE) }])
            }
        }
    }

    fn renew(&self, worker: Uuid, attempt: u32, at: Timestamp) -> Result<Vec<Event>, Error> {
        match self.progress {
            Progress::Attempted { worker: present, until } if present == worker => {
                let later = at.plus(LEASE);
                let renewed = Event::Attempted { attempt, worker, until: later };
                let renewed = self.settle(attempt, renewed)?;
                Ok(if until < later { renewed } else { vec![] })
            }
            Progress::Attempted { .. } | Progress::Waiting { .. } => Err(Error::Superseded),
            Progress::Sent => Err(Error::Sent),
            Progress::Abandoned => Err(Error::Abandoned),
            Progress::Canceled => Err(Error::Canceled),
        }
    }

    /// Only the current attempt says what became of it.
    fn settle(&self, settled: u32, event: Event) -> Result<Vec<Event>, Error> {
        match self.progress {
            Progress::Attempted { .. } if self.attempts == settled => Ok(vec![event]),
            Progress::Attempted { .. } | Progress::Waiting { .. } => Err(Error::Superseded),
            Progress::Sent => Err(Error::Sent),
            Progress::Abandoned => Err(Error::Abandoned),
            Progress::Canceled => Err(Error::Canceled),
        }
    }

    fn cancel(&self) -> Result<Vec<Event>, Error> {
        match self.progress {
            Progress::Waiting { .. } => Ok(vec![Event::Canceled {}]),
            Progress::Canceled => Ok(vec![]),
            Progress::Attempted { .. } => Err(Error::Leased),
            Progress::Sent => Err(Error::Sent),
            Progress::Abandoned => Err(Error::Abandoned),
        }
    }

    fn resend(&self) -> Result<Vec<Event>, Error> {
        match self.progress {
            Progress::Sent | Progress::Abandoned | Progress::Canceled => Ok(vec![Event::Resent {}]),
            Progress::Waiting { .. } | Progress::Attempted { .. } => Err(Error::Underway),
        }
    }

    const fn has_ended(&self) -> bool {
        matches!(self.progress, Progress::Sent | Progress::Abandoned | Progress::Canceled)
    }

    /// What has come to an end goes on only where it is begun anew.
    #[must_use]
    pub(super) fn evolve(mut self, event: Event) -> Self {
        self.progress = match event {
            Event::Resent {} => {
                self.round += 1;
                Progress::Waiting { not_before: None }
            }
            _ if self.has_ended() => return self,
            Event::Requested { .. } => return self,
            Event::Attempted { attempt, worker, until } => {
                self.attempts = attempt;
                Progress::Attempted { worker, until }
            }
            Event::Failed { attempt, next, .. } => {
                self.attempts = attempt;
                Progress::Waiting { not_before: Some(next) }
            }
            Event::Sent { .. } => Progress::Sent,
            Event::Abandoned { .. } => Progress::Abandoned,
            Event::Canceled {} => Progress::Canceled,
        };
        self
    }
}
