//! The one task that writes: appends that wait together share a transaction and thus the wait for the disk.

use std::sync::{Arc, atomic::Ordering};

use sqlx::{
    ConnectOptions, Connection, Sqlite, SqliteConnection, Transaction, sqlite::SqliteConnectOptions,
};
use store::{Appended, Clock, Expected, NewEvent, StoreError, StreamName, Timestamp};
use tokio::sync::{
    mpsc::{Receiver, error::TryRecvError},
    oneshot,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Counters, clamped, failure, position, watcher::Growth};

/// Appends that may wait; further callers wait to be let in.
pub(crate) const QUEUE: usize = 256;
/// Appends in one transaction.
const APPENDS: usize = 256;
/// Bytes of data and metadata after which a transaction takes no more appends.
const BYTES: usize = 4 * 1024 * 1024;

type Outcome = Result<Appended, StoreError>;

/// An append that belongs to the writer now.
#[derive(Debug)]
pub(crate) struct Append {
    stream: StreamName,
    expected: Expected,
    events: Vec<NewEvent>,
    answer: oneshot::Sender<Outcome>,
}

#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) options: SqliteConnectOptions,
    /// `None` after a failure: a new connection knows of no half-done transaction.
    pub(crate) connection: Option<SqliteConnection>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) growth: Arc<Growth>,
    pub(crate) counters: Arc<Counters>,
}

/// Why a transaction did not answer its appends.
enum Failed {
    BeforeCommit(sqlx::Error),
    AtCommit(sqlx::Error),
}

impl Append {
    pub(crate) fn new(
        stream: StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> (Self, oneshot::Receiver<Outcome>) {
        let (answer, outcome) = oneshot::channel();
        (Self { stream, expected, events, answer }, outcome)
    }

    fn bytes(&self) -> usize {
        self.events.iter().map(|event| event.data.len() + event.metadata.len()).sum()
    }
}

impl Writer {
    /// Writes until nobody is left to append, or until `closing` and the queue is empty.
    pub(crate) async fn run(mut self, mut queue: Receiver<Append>, closing: CancellationToken) {
        loop {
            let first = tokio::select! {
                biased;
                () = closing.cancelled(), if !queue.is_closed() => {
                    queue.close();
                    continue;
                }
                first = queue.recv() => first,
            };
            let Some(first) = first else { break };
            self.commit(batch(first, &mut queue)).await;
        }
        if let Some(connection) = self.connection {
            connection.close().await.ok();
        }
    }

    async fn commit(&mut self, batch: Vec<Append>) {
        let outcomes = self.write(&batch).await;
        match outcomes {
            Ok(outcomes) => {
                self.count(&outcomes);
                for (append, outcome) in batch.into_iter().zip(outcomes) {
                    append.answer.send(outcome).ok();
                }
            }
            Err(failed) => {
                self.connection = None;
                let explain = failed.explanation();
                for append in batch {
                    append.answer.send(Err(explain())).ok();
                }
            }
        }
    }

    async fn write(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, Failed> {
        let now = self.clock.now();
        let connection = self.connected().await.map_err(Failed::BeforeCommit)?;
        let transaction = connection.begin_with("BEGIN IMMEDIATE").await;
        let mut transaction = transaction.map_err(Failed::BeforeCommit)?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for append in batch {
            let outcome = append.write(&mut transaction, now).await;
            outcomes.push(outcome.map_err(Failed::BeforeCommit)?);
        }
        transaction.commit().await.map_err(Failed::AtCommit)?;
        Ok(outcomes)
    }

    async fn connected(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(self.connection.insert(connection))
    }

    fn count(&self, outcomes: &[Outcome]) {
        let stored = outcomes.iter().flatten().filter(|appended| !appended.replayed);
        let events = stored.map(|new| new.last_revision - new.first_revision + 1).sum();
        if events == 0 {
            return;
        }
        self.growth.announce();
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        self.counters.events.fetch_add(events, Ordering::Relaxed);
        metrics::counter!("oathbook_commits_total").increment(1);
        metrics::counter!("oathbook_events_appended_total").increment(events);
    }
}

/// The first append and those that are waiting behind it.
fn batch(first: Append, queue: &mut Receiver<Append>) -> Vec<Append> {
    let mut bytes = first.bytes();
    let mut batch = vec![first];
    while batch.len() < APPENDS && bytes < BYTES {
        match queue.try_recv() {
            Ok(append) => {
                bytes += append.bytes();
                batch.push(append);
            }
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
        }
    }
    batch
}

impl Failed {
    /// What each of the appends is told.
    fn explanation(self) -> impl Fn() -> StoreError {
        let (error, outcome_unknown) = match self {
            Self::BeforeCommit(error) => (Arc::new(error), false),
            Self::AtCommit(error) => (Arc::new(error), true),
        };
        move || {
            if outcome_unknown {
                StoreError::OutcomeUnknown(Box::new(error.clone()))
            } else {
                failure(error.clone())
            }
        }
    }
}

impl Append {
    /// Writes this append or leaves the transaction as it was. An error is one of the whole transaction.
    async fn write(
        &self,
        transaction: &mut Transaction<'_, Sqlite>,
        now: Timestamp,
    ) -> Result<Outcome, sqlx::Error> {
        let written = match self.events.as_slice() {
            [event] => self.insert(transaction, event, self.first_revision(), now).await?,
            events => {
                let mut part = transaction.begin().await?;
                let written = self.insert_all(&mut part, events, now).await?;
                if written.is_some() {
                    part.commit().await?;
                } else {
                    part.rollback().await?;
                }
                written
            }
        };
        match written {
            Some(appended) => Ok(Ok(appended)),
            None => self.explain(transaction).await,
        }
    }

    async fn insert_all(
        &self,
        part: &mut SqliteConnection,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<Option<Appended>, sqlx::Error> {
        let mut last = None;
        for (index, event) in (0..).zip(events) {
            let revision = self.first_revision().saturating_add(index);
            last = self.insert(part, event, revision, now).await?;
            if last.is_none() {
                break;
            }
        }
        Ok(last)
    }

    /// One event at its place, or `None` if the stream ends elsewhere or the id is known.
    async fn insert(
        &self,
        connection: &mut SqliteConnection,
        event: &NewEvent,
        revision: u64,
        now: Timestamp,
    ) -> Result<Option<Appended>, sqlx::Error> {
        let inserted = sqlx::query(
            "INSERT INTO events
                 (stream, category, revision, id, tag, data, metadata, digest, recorded_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
             WHERE ?3 = (SELECT coalesce(max(revision) + 1, 0) FROM events WHERE stream = ?1)
               AND NOT EXISTS (SELECT 1 FROM events WHERE id = ?4)",
        )
        .bind(self.stream.as_str())
        .bind(self.stream.category())
        .bind(clamped(revision))
        .bind(event.id.as_uuid().as_bytes().as_slice())
        .bind(event.tag.as_str())
        .bind(&*event.data)
        .bind(&*event.metadata)
        .bind(event.digest.0.as_slice())
        .bind(now.as_micros())
        .execute(connection)
        .await?;
        let appended = Appended {
            first_revision: self.first_revision(),
            last_revision: revision,
            position: position(inserted.last_insert_rowid()),
            replayed: false,
        };
        Ok((inserted.rows_affected() == 1).then_some(appended))
    }

    /// Why nothing was inserted: the events are there already, or something else is.
    async fn explain(&self, connection: &mut SqliteConnection) -> Result<Outcome, sqlx::Error> {
        let there: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT position, id FROM events WHERE stream = ?1 AND revision >= ?2
             ORDER BY revision LIMIT ?3",
        )
        .bind(self.stream.as_str())
        .bind(clamped(self.first_revision()))
        .bind(clamped(self.events.len() as u64))
        .fetch_all(&mut *connection)
        .await?;
        let ids = self.events.iter().map(|event| event.id.as_uuid());
        match there.last() {
            Some((last, _)) if there.iter().map(|(_, id)| known(id)).eq(ids.map(Some)) => {
                Ok(Ok(Appended {
                    first_revision: self.first_revision(),
                    last_revision: self.first_revision() + self.events.len() as u64 - 1,
                    position: position(*last),
                    replayed: true,
                }))
            }
            Some(_) | None => {
                let actual: Option<i64> =
                    sqlx::query_scalar("SELECT max(revision) FROM events WHERE stream = ?1")
                        .bind(self.stream.as_str())
                        .fetch_one(connection)
                        .await?;
                let actual = actual.map(i64::unsigned_abs);
                Ok(Err(StoreError::Conflict { expected: self.expected, actual }))
            }
        }
    }

    const fn first_revision(&self) -> u64 {
        self.expected.next_revision()
    }
}

fn known(id: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(id).ok()
}
