//! One attempt at a mail: lease its letters, write them, hand the mail over, record what came of it.

use std::panic::AssertUnwindSafe;

use commands::{Failure, Scribe};
use domain::{
    NotificationId, Timestamp,
    notification::{self, LEASE, Notification, Progress},
};
use futures::{
    FutureExt,
    future::{join_all, try_join_all},
};
use projections::notifications::Row;
use tracing::{info, warn};

use super::{
    DeliverError,
    parcel::{self, Parcel},
};
use crate::{
    Notifier, POLL,
    post::{Delivered, Mail, Outlook, PostError},
    writing::{Unwritable, Written},
};

/// A letter that this worker may attempt, until its lease ends.
struct Leased {
    id: NotificationId,
    delivery: notification::Delivery,
    /// From when on it may be attempted.
    since: Timestamp,
}

/// What is the same for all letters of a mail that fails, so that they stay together.
#[derive(Clone, Copy)]
struct Setback {
    at: Timestamp,
    /// As [`notification::back_off`] takes it.
    chance: u16,
}

impl Notifier {
    /// Answers with how many letters of the parcel were tried, from the first on.
    pub(super) async fn attempt(&self, parcel: &Parcel) -> Result<usize, DeliverError> {
        // The same for all, so that they are due together again if this is their last sign of life.
        let at = self.commands.clock.now();
        let Some((first, others)) = parcel.rows.split_first() else {
            return Ok(0);
        };
        // Whoever has the first letter is about to have the others.
        let Some(first) = self.lease(first, at).await? else {
            return Ok(1);
        };
        let others = try_join_all(others.iter().map(|row| self.lease(row, at))).await?;
        let leased = [Some(first)].into_iter().chain(others).flatten().collect();
        let (leased, letters) = self.write_all(leased).await?;
        if let Some(mail) = parcel::bundle(letters, &self.public_url)
            && self.still_hold(&leased, at).await
        {
            let outcome = self.hand_over(&leased, &mail).await;
            self.record_all(&leased, &outcome).await?;
        }
        Ok(parcel.rows.len())
    }

    async fn lease(&self, row: &Row, at: Timestamp) -> Result<Option<Leased>, DeliverError> {
        let scribe = self.commands.as_system(self.commands.mint());
        let lease = notification::Command::Attempt { worker: self.worker, at };
        match scribe.handle::<Notification>(&row.id, lease).await {
            Ok(_) => {}
            // Somebody else has it, or had it: the view is a little behind.
            Err(Failure::Refused(_) | Failure::Contended) => return Ok(None),
            Err(failure @ Failure::Log(_)) => return Err(DeliverError::Record(failure)),
        }
        let state = self.commands.log.history::<Notification>(&row.id).await?.state;
        let Notification::Requested(delivery) = state else {
            return Ok(None);
        };
        let mine = matches!(delivery.progress, Progress::Attempted { worker, .. } if worker == self.worker);
        Ok(mine.then_some(Leased { id: row.id, delivery, since: row.since }))
    }

    /// Writes what can be written, and records of the rest why not.
    async fn write_all(
        &self,
        leased: Vec<Leased>,
    ) -> Result<(Vec<Leased>, Vec<Written>), DeliverError> {
        let (mut writable, mut letters) = (Vec::new(), Vec::new());
        let setback = self.setback();
        for letter in leased {
            let notification::Delivery { request, round, attempts, .. } = &letter.delivery;
            let writing = self.write(letter.id, request, *round, letter.since);
            let written = AssertUnwindSafe(writing).catch_unwind().await;
            match written.unwrap_or(Err(Unwritable::Panicked)) {
                Ok(written) => {
                    letters.push(written);
                    writable.push(letter);
                }
                Err(Unwritable::Log(error)) if error.may_pass() => return Err(error.into()),
                Err(error) => {
                    warn!(notification.id = %letter.id, %error, "A letter cannot be written");
                    let (attempt, reason) = (*attempts, error.to_string());
                    let outcome = if error.may_be_mended() {
                        count("failed");
                        self.failure(&letter, reason, setback)
                    } else {
                        count("abandoned");
                        notification::Command::Abandon { attempt, reason }
                    };
                    self.record(&letter, outcome).await?;
                }
            }
        }
        Ok((writable, letters))
    }

    /// Whether nobody else may have taken the letters over: writing may have taken long, or this process was asleep.
    async fn still_hold(&self, leased: &[Leased], since: Timestamp) -> bool {
        self.commands.clock.now().since(since) < LEASE / 2 || self.renew(leased).await
    }

    /// Posts the mail, and keeps its leases as long as that takes.
    async fn hand_over(&self, leased: &[Leased], mail: &Mail) -> Result<Delivered, PostError> {
        let posting = self.post.deliver(mail);
        tokio::pin!(posting);
        loop {
            tokio::select! {
                outcome = &mut posting => return outcome,
                // A mail that is on its way cannot be called back, whoever has its leases.
                () = tokio::time::sleep(LEASE / 2) => { self.renew(leased).await; }
            }
        }
    }

    /// Whether all leases were renewed.
    async fn renew(&self, leased: &[Leased]) -> bool {
        let at = self.commands.clock.now();
        let renewed = leased.iter().map(async |letter| {
            let (worker, attempt) = (self.worker, letter.delivery.attempts);
            let renewal = notification::Command::Renew { worker, attempt, at };
            let scribe = self.commands.as_system(self.commands.mint());
            let renewed = scribe.handle::<Notification>(&letter.id, renewal).await;
            if let Err(error) = &renewed {
                warn!(notification.id = %letter.id, %error, "A lease was not renewed");
            }
            renewed.is_ok()
        });
        join_all(renewed).await.into_iter().all(|renewed| renewed)
    }

    /// All at once, so that they are written down together.
    async fn record_all(
        &self,
        leased: &[Leased],
        outcome: &Result<Delivered, PostError>,
    ) -> Result<(), DeliverError> {
        let setback = self.setback();
        let recorded = leased.iter().map(|letter| {
            let outcome = self.settle(letter, outcome, setback);
            self.record(letter, outcome)
        });
        join_all(recorded).await.into_iter().collect()
    }

    fn setback(&self) -> Setback {
        let mut random = [0; 2];
        self.commands.entropy.fill(&mut random);
        Setback { at: self.commands.clock.now(), chance: u16::from_le_bytes(random) % 1001 }
    }

    /// The command that records the outcome.
    fn settle(
        &self,
        letter: &Leased,
        outcome: &Result<Delivered, PostError>,
        setback: Setback,
    ) -> notification::Command {
        let attempt = letter.delivery.attempts;
        let error = match outcome {
            Ok(Delivered { message_id, by, answer }) => {
                info!(notification.id = %letter.id, transport = by, "Sent a letter");
                count("sent");
                let (message_id, answer) = (message_id.clone(), answer.clone());
                return notification::Command::Succeed { attempt, message_id, answer };
            }
            Err(error) => error,
        };
        warn!(notification.id = %letter.id, %error, "A letter was not delivered");
        let reason = error.to_string();
        match error.outlook {
            Outlook::Permanent => {
                count("abandoned");
                notification::Command::Abandon { attempt, reason }
            }
            // A letter that may have arrived is sent again: twice is better than never, and the Message-ID tells.
            Outlook::Unknown => {
                count("unknown");
                self.failure(letter, reason, setback)
            }
            Outlook::Transient => {
                count("failed");
                self.failure(letter, reason, setback)
            }
        }
    }

    fn failure(&self, letter: &Leased, reason: String, setback: Setback) -> notification::Command {
        let Setback { at, chance } = setback;
        let (attempt, give_up) = (letter.delivery.attempts, letter.since.plus(self.give_up));
        notification::Command::Fail { attempt, reason, at, chance, give_up }
    }

    /// Records what became of an attempt, however long the log is away: what is sent and not recorded is sent again. A
    /// lease that ran out meanwhile is somebody else's to record.
    async fn record(
        &self,
        letter: &Leased,
        outcome: notification::Command,
    ) -> Result<(), DeliverError> {
        let scribe: Scribe = self.commands.as_system(self.commands.mint());
        loop {
            match scribe.handle::<Notification>(&letter.id, outcome.clone()).await {
                Ok(_) => return Ok(()),
                Err(Failure::Refused(refusal)) => {
                    warn!(notification.id = %letter.id, %refusal, "The outcome of an attempt came too late");
                    return Ok(());
                }
                Err(Failure::Log(error)) if !error.may_pass() => {
                    return Err(DeliverError::Record(error.into()));
                }
                Err(error @ (Failure::Log(_) | Failure::Contended)) => {
                    warn!(notification.id = %letter.id, %error, "The outcome of an attempt is still to be recorded");
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("oathbook_mails_total", "outcome" => outcome).increment(1);
}
