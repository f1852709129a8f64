//! The one task that writes: appends that wait together share a transaction and thus the wait for the disk.

use std::sync::{Arc, atomic::Ordering};

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use store::{Appended, Clock, Expected, NewEvent, StoreError, StreamName, Timestamp};
use tokio::sync::{
    mpsc::{Receiver, error::TryRecvError},
    oneshot,
};
use tokio_util::sync::CancellationToken;

use crate::{Counters, failure, inserting, result_code, watcher::Growth};

/// Appends that may wait; further callers wait to be let in.
pub(crate) const QUEUE: usize = 256;
/// Appends in one transaction.
const APPENDS: usize = 256;
/// Bytes of data and metadata after which a transaction takes no more appends.
const BYTES: usize = 4 * 1024 * 1024;

pub(crate) type Outcome = Result<Appended, StoreError>;

/// An append that belongs to the writer now.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) stream: StreamName,
    pub(crate) expected: Expected,
    pub(crate) events: Vec<NewEvent>,
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
        if let Some(mut connection) = self.connection {
            // The connections that read cannot do this, and one of them may be the last to close: a copy of the file
            // must be complete without the write-ahead log beside it.
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await.ok();
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
        match batch {
            [append] if append.events.len() == 1 => alone(connection, batch, now).await,
            _ => together(connection, batch, now).await,
        }
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

/// One event needs no transaction around its statement, which saves it two trips to `SQLite`'s thread.
async fn alone(
    connection: &mut SqliteConnection,
    batch: &[Append],
    now: Timestamp,
) -> Result<Vec<Outcome>, Failed> {
    let inserted = inserting::insert(connection, batch, now).await.map_err(Failed::of_statement)?;
    inserting::outcomes(connection, batch, inserted).await.map_err(Failed::BeforeCommit)
}

async fn together(
    connection: &mut SqliteConnection,
    batch: &[Append],
    now: Timestamp,
) -> Result<Vec<Outcome>, Failed> {
    let transaction = connection.begin_with("BEGIN IMMEDIATE").await;
    let mut transaction = transaction.map_err(Failed::BeforeCommit)?;
    let inserted = inserting::insert(&mut transaction, batch, now).await;
    let inserted = inserted.map_err(Failed::BeforeCommit)?;
    let outcomes = inserting::outcomes(&mut transaction, batch, inserted).await;
    let outcomes = outcomes.map_err(Failed::BeforeCommit)?;
    transaction.commit().await.map_err(Failed::AtCommit)?;
    Ok(outcomes)
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
    /// A statement that is its own transaction. BUSY, LOCKED, READONLY, CANTOPEN and CONSTRAINT come before anything
    /// is written.
    fn of_statement(error: sqlx::Error) -> Self {
        if matches!(result_code(&error), Some(5 | 6 | 8 | 14 | 19)) {
            Self::BeforeCommit(error)
        } else {
            Self::AtCommit(error)
        }
    }

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
