//! Delivers letters that are due: lease, write, hand over, record.

mod parcel;

use commands::{Failure, Scribe};
use domain::{
    NotificationId, Timestamp,
    notification::{self, LEASE, Notification, Progress},
};
use futures::StreamExt;
use projections::{notifications::Row, views::ViewsError};
use store::{LogError, subscription::work_then_wait};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use self::parcel::{Handled, Parcel, parcels};
use crate::{
    Notifier, POLL, REST, pause,
    post::{Delivered, Mail, Outlook, PostError},
    writing::{Unwritable, Written},
};

/// Mails under way at once.
const AT_ONCE: usize = 32;
/// Letters looked up at once.
const BATCH: u32 = 256;

#[derive(Debug, thiserror::Error)]
enum DeliverError {
    #[error("the log cannot be read or written")]
    Log(#[from] LogError),
    #[error("the letters that are due cannot be read")]
    Views(#[from] ViewsError),
    #[error("the outcome of an attempt cannot be recorded")]
    Record(#[source] Failure<notification::Error>),
    #[error("an attempt ended before its time")]
    Attempt(#[from] tokio::task::JoinError),
}

/// A letter that this worker may attempt, until its lease ends.
struct Leased {
    id: NotificationId,
    delivery: notification::Delivery,
    /// What fails after it is given up.
    give_up: Timestamp,
}

impl Notifier {
    /// Delivers what is due, a few at once, until cancelled.
    pub(crate) async fn deliver(&self, cancelled: &CancellationToken) {
        let store = self.commands.log.store().clone();
        let mut handled = Handled::default();
        while !cancelled.is_cancelled() {
            let round = self.deliver_due(&mut handled, cancelled);
            let outcome = work_then_wait(&*store, POLL, round).await;
            if let Err(error) = outcome {
                warn!(error = &error as &dyn std::error::Error, "The deliverer rests");
                pause(REST, cancelled).await;
            }
        }
    }

    async fn deliver_due(
        &self,
        handled: &mut Handled,
        cancelled: &CancellationToken,
    ) -> Result<(), DeliverError> {
        let now = self.commands.clock.now();
        let due = handled.without(self.views.due_notifications(now, BATCH).await?);
        let mut attempts = futures::stream::iter(parcels(due))
            .take_while(|_| std::future::ready(!cancelled.is_cancelled()))
            .map(|parcel| {
                // Writing letters is work for all cores.
                let this = self.clone();
                tokio::spawn(async move { (this.attempt(&parcel).await, parcel) })
            })
            .buffer_unordered(AT_ONCE);
        let mut failure = Ok(());
        while let Some(attempted) = attempts.next().await {
            match attempted {
                Ok((Ok(()), parcel)) => handled.note(&parcel),
                Ok((Err(error), _)) => failure = failure.and(Err(error)),
                Err(error) => failure = failure.and(Err(error.into())),
            }
        }
        failure
    }

    /// One attempt at what no other worker is at and still is due.
    async fn attempt(&self, parcel: &Parcel) -> Result<(), DeliverError> {
        let mut leased = Vec::new();
        for row in &parcel.rows {
            leased.extend(self.lease(row).await?);
        }
        let (leased, letters) = self.write_all(leased).await?;
        let Some(mail) = parcel::bundle(letters, &self.public_url) else {
            return Ok(());
        };
        let outcome = self.hand_over(&leased, &mail).await;
        for letter in &leased {
            self.record(letter, self.settle(letter, &outcome)).await?;
        }
        Ok(())
    }

    async fn lease(&self, row: &Row) -> Result<Option<Leased>, DeliverError> {
        let scribe = self.commands.as_system(self.commands.mint());
        let at = self.commands.clock.now();
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
        let give_up = row.since.plus(self.give_up);
        Ok(mine.then_some(Leased { id: row.id, delivery, give_up }))
    }

    /// Writes what can be written, and abandons the rest.
    async fn write_all(
        &self,
        leased: Vec<Leased>,
    ) -> Result<(Vec<Leased>, Vec<Written>), DeliverError> {
        let (mut writable, mut letters) = (Vec::new(), Vec::new());
        for letter in leased {
            let notification::Delivery { request, round, attempts, .. } = &letter.delivery;
            match self.write(letter.id, request, *round).await {
                Ok(written) => {
                    letters.push(written);
                    writable.push(letter);
                }
                Err(Unwritable::Log(error)) => return Err(error.into()),
                Err(error) => {
                    warn!(notification.id = %letter.id, %error, "Abandoned a letter");
                    count("abandoned");
                    let (attempt, reason) = (*attempts, error.to_string());
                    self.record(&letter, notification::Command::Abandon { attempt, reason })
                        .await?;
                }
            }
        }
        Ok((writable, letters))
    }

    /// Posts the mail, and keeps its leases as long as that takes.
    async fn hand_over(&self, leased: &[Leased], mail: &Mail) -> Result<Delivered, PostError> {
        let posting = self.post.deliver(mail);
        tokio::pin!(posting);
        loop {
            tokio::select! {
                outcome = &mut posting => return outcome,
                () = tokio::time::sleep(LEASE / 2) => self.renew(leased).await,
            }
        }
    }

    async fn renew(&self, leased: &[Leased]) {
        for letter in leased {
            let (worker, attempt) = (self.worker, letter.delivery.attempts);
            let at = self.commands.clock.now();
            let renewal = notification::Command::Renew { worker, attempt, at };
            let scribe = self.commands.as_system(self.commands.mint());
            if let Err(error) = scribe.handle::<Notification>(&letter.id, renewal).await {
                warn!(notification.id = %letter.id, %error, "A lease was not renewed");
            }
        }
    }

    /// The command that records the outcome.
    fn settle(
        &self,
        letter: &Leased,
        outcome: &Result<Delivered, PostError>,
    ) -> notification::Command {
        let attempt = letter.delivery.attempts;
        match outcome {
            Ok(Delivered { message_id, by, answer }) => {
                info!(notification.id = %letter.id, transport = by, "Sent a letter");
                count("sent");
                let (message_id, answer) = (message_id.clone(), answer.clone());
                notification::Command::Succeed { attempt, message_id, answer }
            }
            Err(error) => {
                warn!(notification.id = %letter.id, %error, "A letter was not delivered");
                self.failure(letter, error)
            }
        }
    }

    fn failure(&self, letter: &Leased, error: &PostError) -> notification::Command {
        let (attempt, reason) = (letter.delivery.attempts, error.to_string());
        match error.outlook {
            Outlook::Permanent => {
                count("abandoned");
                notification::Command::Abandon { attempt, reason }
            }
            // A letter that may have arrived is sent again: twice is better than never, and the Message-ID tells.
            Outlook::Transient | Outlook::Unknown => {
                count(if error.outlook == Outlook::Unknown { "unknown" } else { "failed" });
                let mut random = [0; 2];
                self.commands.entropy.fill(&mut random);
                notification::Command::Fail {
                    attempt,
                    reason,
                    at: self.commands.clock.now(),
                    chance: u16::from_le_bytes(random) % 1001,
                    give_up: letter.give_up,
                }
            }
        }
    }

    /// Records what became of an attempt. A lease that ran out meanwhile is somebody else's to record.
    async fn record(
        &self,
        letter: &Leased,
        outcome: notification::Command,
    ) -> Result<(), DeliverError> {
        let scribe: Scribe = self.commands.as_system(self.commands.mint());
        match scribe.handle::<Notification>(&letter.id, outcome).await {
            Ok(_) => Ok(()),
            Err(Failure::Refused(refusal)) => {
                warn!(notification.id = %letter.id, %refusal, "The outcome of an attempt came too late");
                Ok(())
            }
            Err(failure) => Err(DeliverError::Record(failure)),
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("oathbook_mails_total", "outcome" => outcome).increment(1);
}
