//! The log in one SQLite file.
//!
//! One task writes (`writer`) and commits appends that wait together; SQLite lets one transaction write at a time, so
//! positions come in the order of commits and no reader ever sees a gap that fills later. A few read-only connections
//! answer questions (`reading`). Several processes may share the file: `watcher` notices what others commit.

mod inserting;
mod opening;
mod reading;
mod watcher;
mod writer;

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use sqlx::SqlitePool;
use store::{
    Appended, Batch, BoxError, Categories, Clock, Direction, EventStore, Expected, NewEvent,
    Position, RecordedEvent, StoreError, StreamName, Subscription,
    group_commit::{self, Appends, Statistics},
    subscription,
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use crate::{watcher::Growth, writer::Writer};

/// A handle on the log; clones share its connections, which end with the last of them or at [`SqliteStore::close`].
#[derive(Clone, Debug)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    appends: Appends,
    readers: SqlitePool,
    growth: Arc<Growth>,
    tasks: TaskTracker,
    closing: CancellationToken,
    _closes_when_dropped: DropGuard,
}

impl SqliteStore {
    /// Opens the log at `path`. What is missing of it is created: directories for nobody else (mode 0700), the file
    /// likewise (0600), and the schema.
    pub async fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let opened = opening::open(path).await?;
        let growth = Arc::<Growth>::default();
        let (tasks, closing) = (TaskTracker::new(), CancellationToken::new());
        let writer =
            Writer { options: opening::writer(path), connection: Some(opened.writer), clock };
        let grown = growth.clone();
        let (appends, committing) =
            group_commit::start(writer, move || grown.announce(), closing.clone());
        tasks.spawn(committing);
        let watching = watcher::watch(opened.watcher, opening::reader(path), growth.clone());
        tasks.spawn(closing.clone().run_until_cancelled_owned(watching));
        tasks.close();
        let inner = Inner {
            appends,
            readers: opened.readers,
            growth,
            tasks,
            _closes_when_dropped: closing.clone().drop_guard(),
            closing,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// How many migrations a log lacks, without changing anything.
    pub async fn missing_migrations(path: &Path) -> Result<usize, StoreError> {
        let missing = sqlite_database::missing_migrations(path, &opening::MIGRATIONS).await;
        missing.map_err(|error| StoreError::Engine(error.into()))
    }

    /// Writes what is waiting, then closes every connection. Whoever asks later is told [`StoreError::Unavailable`].
    pub async fn close(&self) {
        self.inner.closing.cancel();
        self.inner.tasks.wait().await;
        self.inner.readers.close().await;
    }

    /// What this handle and its clones wrote.
    pub fn statistics(&self) -> Statistics {
        self.inner.appends.statistics()
    }
}

#[async_trait]
impl EventStore for SqliteStore {
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
        reading::stream(&self.inner.readers, stream, from, direction, limit).await
    }

    async fn read_all(
        &self,
        after: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Batch, StoreError> {
        reading::all(&self.inner.readers, after, categories, limit).await
    }

    async fn read_back(
        &self,
        before: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        reading::back(&self.inner.readers, before, categories, limit).await
    }

    async fn event_at(&self, position: Position) -> Result<Option<RecordedEvent>, StoreError> {
        reading::event_at(&self.inner.readers, position).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        reading::head(&self.inner.readers).await
    }

    async fn count(&self, categories: &Categories) -> Result<u64, StoreError> {
        reading::count(&self.inner.readers, categories).await
    }

    fn subscribe(&self, after: Position, categories: Categories) -> Subscription {
        subscription::follow(Arc::new(self.clone()), after, categories)
    }

    async fn changed(&self, at_most: Duration) {
        tokio::time::timeout(at_most, self.inner.growth.wait()).await.ok();
    }
}

/// The event whose row id is `rowid`.
fn position(rowid: i64) -> Position {
    Position::new(0, rowid.unsigned_abs())
}

/// SQLite counts to 2⁶³ - 1, and nothing is stored behind that.
fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A refusal by SQLite or its file, when nothing was written.
fn failure(error: impl Into<Arc<sqlx::Error>>) -> StoreError {
    let error = error.into();
    let passing = match &*error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // BUSY, LOCKED, READONLY, IOERR, FULL and CANTOPEN speak of the surroundings; everything else is a mistake in
        // our own statements and rows.
        error => matches!(result_code(error), Some(5 | 6 | 8 | 10 | 13 | 14)),
    };
    let source: BoxError = Box::new(error);
    if passing { StoreError::Unavailable(source) } else { StoreError::Engine(source) }
}

/// The primary result code, <https://sqlite.org/rescode.html>.
fn result_code(error: &sqlx::Error) -> Option<u32> {
    let extended: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}
