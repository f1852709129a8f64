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
    /// Those of the rounds before this one.
    pub earlier: u32,
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
        Self {
            request,
            attempts: 0,
            earlier: 0,
            round: 0,
            progress: Progress::Waiting { not_before },
        }
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
                let next = at.plus(back_off(attempt.saturating_sub(self.earlier), chance));
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

    /// How it has come to an end, if it has.
    const fn end(&self) -> Option<Error> {
        match self.progress {
            Progress::Sent => Some(Error::Sent),
            Progress::Abandoned => Some(Error::Abandoned),
            Progress::Canceled => Some(Error::Canceled),
            Progress::Waiting { .. } | Progress::Attempted { .. } => None,
        }
    }

    fn attempt(&self, worker: Uuid, at: Timestamp) -> Result<Vec<Event>, Error> {
        if let Some(end) = self.end() {
            return Err(end);
        }
        match self.progress {
            Progress::Waiting { not_before: Some(due) } if at < due => Err(Error::NotDue),
            Progress::Attempted { until, .. } if at < until => Err(Error::Leased),
            _ => {
                let attempt = self.attempts + 1;
                Ok(vec![Event::Attempted { attempt, worker, until: at.plus(LEASE) }])
            }
        }
    }

    fn renew(&self, worker: Uuid, attempt: u32, at: Timestamp) -> Result<Vec<Event>, Error> {
        let later = at.plus(LEASE);
        let renewed = self.settle(attempt, Event::Attempted { attempt, worker, until: later })?;
        match self.progress {
            Progress::Attempted { worker: present, .. } if present != worker => {
                Err(Error::Superseded)
            }
            Progress::Attempted { until, .. } if later <= until => Ok(vec![]),
            _ => Ok(renewed),
        }
    }

    /// Only the current attempt says what became of it.
    fn settle(&self, settled: u32, event: Event) -> Result<Vec<Event>, Error> {
        match (self.end(), &self.progress) {
            (Some(end), _) => Err(end),
            (None, Progress::Attempted { .. }) if self.attempts == settled => Ok(vec![event]),
            (None, _) => Err(Error::Superseded),
        }
    }

    fn cancel(&self) -> Result<Vec<Event>, Error> {
        match (self.end(), &self.progress) {
            (Some(Error::Canceled), _) => Ok(vec![]),
            (Some(end), _) => Err(end),
            (None, Progress::Attempted { .. }) => Err(Error::Leased),
            (None, _) => Ok(vec![Event::Canceled {}]),
        }
    }

    fn resend(&self) -> Result<Vec<Event>, Error> {
        if self.end().is_some() { Ok(vec![Event::Resent {}]) } else { Err(Error::Underway) }
    }

    /// What has come to an end goes on only where it is begun anew.
    #[must_use]
    pub(super) fn evolve(mut self, event: Event) -> Self {
        self.progress = match event {
            Event::Resent {} => {
                self.round += 1;
                self.earlier = self.attempts;
                Progress::Waiting { not_before: None }
            }
            Event::Requested { .. } => return self,
            _ if self.end().is_some() => return self,
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
