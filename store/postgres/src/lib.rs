//! The log in PostgreSQL.
//!
//! Every process has one connection that writes (`writer`) and commits appends that wait together, through one function
//! that takes a lock before it reads: so processes append one after the other, positions come in the order of commits,
//! and no reader ever sees a gap that fills later. A pool answers questions (`reading`). `listener` hears what others
//! commit; its notifications are hints, reading is the truth.

mod listener;
mod reading;
mod writer;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use postgres_database::{Address, Database, OpenError, Schema, may_pass};
use sqlx::migrate::Migrator;
use store::{
    Appended, Batch, BoxError, Categories, Direction, EventStore, Expected, NewEvent, Position,
    RecordedEvent, StoreError, StreamName, Subscription,
    group_commit::{self, Appends, Statistics},
    growth::Growth,
    subscription,
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use crate::writer::Writer;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres/log");

/// The schema of an installation's log.
pub const SCHEMA: Schema<'static> = Schema { name: "oathbook_log", migrations: &MIGRATIONS };

/// How the schemas begin that are made to try an engine and thrown away: see [`discard_trial`].
pub const TRIAL: &str = "oathbook_trial_";

/// Connections that read at the same time.
const READERS: u32 = 4;

/// A handle on the log; clones share its connections, which end with the last of them or at [`PostgresStore::close`].
#[derive(Clone, Debug)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    appends: Appends,
    database: Database,
    growth: Arc<Growth>,
    tasks: TaskTracker,
    closing: CancellationToken,
    _closes_when_dropped: DropGuard,
}

impl PostgresStore {
    /// Opens the log of the installation; what is missing of its schema is created if the role may do that.
    pub async fn open(address: &Address) -> Result<Self, StoreError> {
        Self::open_in(address, SCHEMA.name).await
    }

    /// Opens a log in a schema of this name, which must be a plain lower-case word.
    pub async fn open_in(address: &Address, schema: &str) -> Result<Self, StoreError> {
        let schema = Schema { name: schema, ..SCHEMA };
        let database = Database::open(address, &schema, READERS).await.map_err(cannot_open)?;
        let growth = Arc::<Growth>::default();
        let (tasks, closing) = (TaskTracker::new(), CancellationToken::new());
        let writer = Writer { database: database.clone(), connection: None };
        let grown = growth.clone();
        let (appends, committing) =
            group_commit::start(writer, move || grown.announce(), closing.clone());
        tasks.spawn(committing);
        let listening = listener::listen(database.clone(), schema.name.to_owned(), growth.clone());
        tasks.spawn(closing.clone().run_until_cancelled_owned(listening));
        tasks.close();
        let inner = Inner {
            appends,
            database,
            growth,
            tasks,
            _closes_when_dropped: closing.clone().drop_guard(),
            closing,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Writes what is waiting, then closes every connection. Whoever asks later is told [`StoreError::Unavailable`].
    pub async fn close(&self) {
        self.inner.closing.cancel();
        self.inner.tasks.wait().await;
        self.inner.database.close().await;
    }

    /// What this handle and its clones wrote.
    pub fn statistics(&self) -> Statistics {
        self.inner.appends.statistics()
    }
}

#[async_trait]
impl EventStore for PostgresStore {
    async fn append_checked(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        self.inner.appends.append(stream, expected, events).await
    }

    async fn read(
        &self,
        stream: &StreamName,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        reading::stream(self.inner.database.pool(), stream, from, direction, limit).await
    }

    async fn read_all(
        &self,
        after: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Batch, StoreError> {
        reading::all(self.inner.database.pool(), after, categories, limit).await
    }

    async fn read_back(
        &self,
        before: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        reading::back(self.inner.database.pool(), before, categories, limit).await
    }

    async fn event_at(&self, position: Position) -> Result<Option<RecordedEvent>, StoreError> {
        reading::event_at(self.inner.database.pool(), position).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        reading::head(self.inner.database.pool()).await
    }

    async fn count(&self, categories: &Categories) -> Result<u64, StoreError> {
        reading::count(self.inner.database.pool(), categories).await
    }

    fn subscribe(&self, after: Position, categories: Categories) -> Subscription {
        subscription::follow(Arc::new(self.clone()), after, categories)
    }

    async fn changed(&self, at_most: Duration) {
        tokio::time::timeout(at_most, self.inner.growth.wait()).await.ok();
    }
}

/// Throws away a log that was made to try the engine, and no other.
pub async fn discard_trial(address: &Address, schema: &str) -> Result<(), StoreError> {
    if !schema.starts_with(TRIAL)
        || !schema.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    {
        return Err(StoreError::Invalid(format!("{schema} is no trial")));
    }
    postgres_database::drop_schema(address, schema).await.map_err(cannot_open)
}

/// The event in the row with this number.
fn position(number: i64) -> Position {
    Position::new(0, number.unsigned_abs())
}

/// PostgreSQL counts to 2⁶³ - 1, and nothing is stored behind that.
fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn cannot_open(error: OpenError) -> StoreError {
    match error {
        OpenError::Migration { .. } => StoreError::Engine(Box::new(error)),
        other => StoreError::Unavailable(Box::new(other)),
    }
}

/// A refusal by PostgreSQL or the way to it, when nothing was written.
fn failure(error: impl Into<Arc<sqlx::Error>>) -> StoreError {
    let error = error.into();
    let passing = may_pass(&error);
    let source: BoxError = Box::new(error);
    if passing { StoreError::Unavailable(source) } else { StoreError::Engine(source) }
}
