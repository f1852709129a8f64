//! Views in one SQLite file. Disposable, so a commit may be lost with the power: the checkpoint is lost with it.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use domain::{ApplicationId, Timestamp};
use projections::{
    Checkpoint, Identity, Views,
    applications::{Page, Query, Row as ApplicationRow},
    notifications::{Delivery, Row as NotificationRow},
    views::{Change, Generation, Live, Parked, Progress, ProjectorLease, Rebuild, ViewsError},
};
use sqlx::{
    Row,
    migrate::Migrator,
    sqlite::{SqliteRow, SqliteSynchronous},
};
use store::{BoxError, Clock, StreamName};

use crate::{
    checkpoint::{checkpoint, counters, position},
    grid,
    opening::Connections,
    tables::{Table, table},
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite/views");

/// Rows of former generations deleted at once, so that the write lock is never held for long.
const SWEEP: i64 = 1_000;

/// A handle on the views; clones share its connections.
#[derive(Clone, Debug)]
pub struct SqliteViews {
    connections: Connections,
    lock: Lock,
}

/// Who projects: one process per file, or one holder per memory.
#[derive(Clone, Debug)]
enum Lock {
    File(PathBuf),
    Memory(Arc<AtomicBool>),
}

/// Wraps what the engine reports.
pub(crate) fn engine(error: impl Into<BoxError>) -> ViewsError {
    ViewsError::Engine(error.into())
}

fn table_of(generation: Generation) -> Result<&'static Table, ViewsError> {
    let name = generation.identity.name;
    table(name).ok_or_else(|| engine(format!("there is no table for the projection {name}")))
}

impl SqliteViews {
    /// Opens the views at `path`. What is missing is created: directories (mode 0700), the file (0600), the schema.
    pub async fn open(path: &Path, _: Arc<dyn Clock>) -> Result<Self, ViewsError> {
        let opened = Connections::open(path, SqliteSynchronous::Normal, &MIGRATIONS).await;
        let mut lock = path.as_os_str().to_owned();
        lock.push(".projector");
        Ok(Self { connections: opened.map_err(ViewsError::Engine)?, lock: Lock::File(lock.into()) })
    }

    /// Views that are gone with the process.
    pub async fn open_in_memory(_: Arc<dyn Clock>) -> Result<Self, ViewsError> {
        let opened = Connections::in_memory(&MIGRATIONS).await;
        let lock = Lock::Memory(Arc::default());
        Ok(Self { connections: opened.map_err(ViewsError::Engine)?, lock })
    }

    /// Deletes what belongs to no generation any more, a little at a time.
    async fn sweep(&self, generation: Generation) -> Result<(), ViewsError> {
        let table = table_of(generation)?;
        loop {
            let swept = sqlx::query(table.sweep)
                .bind(SWEEP)
                .execute(&self.connections.writer)
                .await
                .map_err(engine)?;
            if swept.rows_affected() < SWEEP.cast_unsigned() {
                break;
            }
        }
        sqlx::query("DELETE FROM parked WHERE generation NOT IN (SELECT number FROM generations)")
            .execute(&self.connections.writer)
            .await
            .map_err(engine)?;
        Ok(())
    }
}

fn keyed(row: &SqliteRow) -> Result<(StreamName, String), ViewsError> {
    let key: &str = row.try_get("key").map_err(engine)?;
    let key = StreamName::parse(key).map_err(engine)?;
    Ok((key, row.try_get("row").map_err(engine)?))
}

fn rebuild(row: &SqliteRow) -> Result<Rebuild, sqlx::Error> {
    let count = |name| row.try_get::<i64, _>(name).map(i64::cast_unsigned);
    let (first, second) = (count("first")?, count("second")?);
    let progress = match row.try_get::<&str, _>("phase")? {
        "running" => Progress::Running { events: first, of: second },
        "done" => Progress::Done { rows: first, differing: second },
        "failed" => Progress::Failed { reason: row.try_get("reason")? },
        _ => Progress::Requested,
    };
    Ok(Rebuild { id: row.try_get("id")?, projection: row.try_get("projection")?, progress })
}

#[async_trait]
impl Views for SqliteViews {
    async fn live(&self, identity: Identity) -> Result<Option<Live>, ViewsError> {
        let row = sqlx::query("SELECT * FROM generations WHERE projection = ? AND live = 1")
            .bind(identity.name)
            .fetch_optional(&self.connections.readers)
            .await
            .map_err(engine)?;
        let Some(row) = row else {
            return Ok(None);
        };
        Ok(Some(Live {
            generation: Generation { identity, number: row.try_get("number").map_err(engine)? },
            version: row.try_get("version").map_err(engine)?,
            checkpoint: checkpoint(&row).map_err(ViewsError::Engine)?,
        }))
    }

    async fn begin(
        &self,
        identity: Identity,
        checkpoint: Checkpoint,
    ) -> Result<Generation, ViewsError> {
        let (major, minor) = counters(checkpoint.position);
        let number = sqlx::query_scalar(
            "INSERT INTO generations (projection, version, log_id, position_major, position_minor, digest)
             VALUES (?, ?, ?, ?, ?, ?) RETURNING number",
        )
        .bind(identity.name)
        .bind(identity.version)
        .bind(checkpoint.log.to_string())
        .bind(major)
        .bind(minor)
        .bind(&checkpoint.digest.0[..])
        .fetch_one(&self.connections.writer)
        .await
        .map_err(engine)?;
        Ok(Generation { identity, number })
    }

    async fn switch(&self, generation: Generation) -> Result<(), ViewsError> {
        let writer = &self.connections.writer;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(engine)?;
        sqlx::query("DELETE FROM generations WHERE projection = ? AND number <> ?")
            .bind(generation.identity.name)
            .bind(generation.number)
            .execute(&mut *transaction)
            .await
            .map_err(engine)?;
        let switched = sqlx::query("UPDATE generations SET live = 1 WHERE number = ?")
            .bind(generation.number)
            .execute(&mut *transaction)
            .await
            .map_err(engine)?;
        if switched.rows_affected() == 0 {
            return Err(ViewsError::Raced);
        }
        transaction.commit().await.map_err(engine)?;
        self.sweep(generation).await
    }

    async fn discard(&self, generation: Generation) -> Result<(), ViewsError> {
        sqlx::query("DELETE FROM generations WHERE number = ? AND live = 0")
            .bind(generation.number)
            .execute(&self.connections.writer)
            .await
            .map_err(engine)?;
        self.sweep(generation).await
    }

    async fn checkpoint(&self, generation: Generation) -> Result<Option<Checkpoint>, ViewsError> {
        let row = sqlx::query("SELECT * FROM generations WHERE number = ?")
            .bind(generation.number)
            .fetch_optional(&self.connections.readers)
            .await
            .map_err(engine)?;
        row.map(|row| checkpoint(&row).map_err(ViewsError::Engine)).transpose()
    }

    async fn rows(
        &self,
        generation: Generation,
        keys: &[StreamName],
    ) -> Result<Vec<(StreamName, String)>, ViewsError> {
        let keys: Vec<_> = keys.iter().map(StreamName::as_str).collect();
        let rows = sqlx::query(table_of(generation)?.some)
            .bind(generation.number)
            .bind(serde_json::to_string(&keys)?)
            .fetch_all(&self.connections.readers)
            .await
            .map_err(engine)?;
        rows.iter().map(keyed).collect()
    }

    async fn page(
        &self,
        generation: Generation,
        after: Option<&StreamName>,
        limit: u32,
    ) -> Result<Vec<(StreamName, String)>, ViewsError> {
        let rows = sqlx::query(table_of(generation)?.page)
            .bind(generation.number)
            .bind(after.map_or("", StreamName::as_str))
            .bind(limit)
            .fetch_all(&self.connections.readers)
            .await
            .map_err(engine)?;
        rows.iter().map(keyed).collect()
    }

    async fn commit(&self, generation: Generation, change: Change) -> Result<(), ViewsError> {
        let table = table_of(generation)?;
        let writer = &self.connections.writer;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(engine)?;
        let (major, minor) = counters(change.checkpoint.position);
        let (behind_major, behind_minor) = counters(change.behind);
        let moved = sqlx::query(
            "UPDATE generations SET log_id = ?, position_major = ?, position_minor = ?, digest = ?
             WHERE number = ? AND position_major = ? AND position_minor = ?",
        )
        .bind(change.checkpoint.log.to_string())
        .bind(major)
        .bind(minor)
        .bind(&change.checkpoint.digest.0[..])
        .bind(generation.number)
        .bind(behind_major)
        .bind(behind_minor)
        .execute(&mut *transaction)
        .await
        .map_err(engine)?;
        if moved.rows_affected() == 0 {
            return Err(ViewsError::Raced);
        }
        let mut put = Vec::new();
        let mut delete = Vec::new();
        for (key, row) in &change.rows {
            match row {
                Some(row) => put.push([key.as_str(), row]),
                None => delete.push(key.as_str()),
            }
        }
        if !put.is_empty() {
            sqlx::query(table.put)
                .bind(generation.number)
                .bind(serde_json::to_string(&put)?)
                .execute(&mut *transaction)
                .await
                .map_err(engine)?;
        }
        if !delete.is_empty() {
            sqlx::query(table.delete)
                .bind(generation.number)
                .bind(serde_json::to_string(&delete)?)
                .execute(&mut *transaction)
                .await
                .map_err(engine)?;
        }
        for parked in &change.parked {
            let (major, minor) = counters(parked.position);
            sqlx::query("INSERT OR IGNORE INTO parked VALUES (?, ?, ?, ?, ?, ?)")
                .bind(generation.number)
                .bind(parked.stream.as_str())
                .bind(parked.revision.cast_signed())
                .bind(major)
                .bind(minor)
                .bind(&parked.reason)
                .execute(&mut *transaction)
                .await
                .map_err(engine)?;
        }
        transaction.commit().await.map_err(engine)
    }

    async fn parked(&self, generation: Generation) -> Result<Vec<Parked>, ViewsError> {
        let rows = sqlx::query("SELECT * FROM parked WHERE generation = ? ORDER BY stream")
            .bind(generation.number)
            .fetch_all(&self.connections.readers)
            .await
            .map_err(engine)?;
        rows.iter()
            .map(|row| {
                let revision: i64 = row.try_get("revision").map_err(engine)?;
                Ok(Parked {
                    stream: StreamName::parse(row.try_get("stream").map_err(engine)?)
                        .map_err(engine)?,
                    revision: revision.cast_unsigned(),
                    position: position(row).map_err(engine)?,
                    reason: row.try_get("reason").map_err(engine)?,
                })
            })
            .collect()
    }

    async fn claim_projector(&self) -> Result<Option<ProjectorLease>, ViewsError> {
        match &self.lock {
            Lock::File(path) => {
                let file = File::options()
                    .create(true)
                    .truncate(false)
                    .write(true)
                    .open(path)
                    .map_err(engine)?;
                match file.try_lock() {
                    Ok(()) => Ok(Some(ProjectorLease(Box::new(file)))),
                    Err(TryLockError::WouldBlock) => Ok(None),
                    Err(TryLockError::Error(error)) => Err(engine(error)),
                }
            }
            Lock::Memory(held) => {
                let free = !held.swap(true, Ordering::AcqRel);
                Ok(free.then(|| ProjectorLease(Box::new(Freed(held.clone())))))
            }
        }
    }

    async fn request_rebuild(&self, projection: &str) -> Result<i64, ViewsError> {
        sqlx::query_scalar("INSERT INTO rebuilds (projection) VALUES (?) RETURNING id")
            .bind(projection)
            .fetch_one(&self.connections.writer)
            .await
            .map_err(engine)
    }

    async fn requested_rebuilds(&self) -> Result<Vec<Rebuild>, ViewsError> {
        let rows = sqlx::query("SELECT * FROM rebuilds WHERE phase = 'requested' ORDER BY id")
            .fetch_all(&self.connections.readers)
            .await
            .map_err(engine)?;
        rows.iter().map(|row| rebuild(row).map_err(engine)).collect()
    }

    async fn rebuild(&self, id: i64) -> Result<Option<Rebuild>, ViewsError> {
        let row = sqlx::query("SELECT * FROM rebuilds WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.connections.readers)
            .await
            .map_err(engine)?;
        row.map(|row| rebuild(&row).map_err(engine)).transpose()
    }

    async fn report_rebuild(&self, id: i64, progress: Progress) -> Result<(), ViewsError> {
        let (phase, first, second, reason) = match progress {
            Progress::Requested => ("requested", 0, 0, String::new()),
            Progress::Running { events, of } => ("running", events, of, String::new()),
            Progress::Done { rows, differing } => ("done", rows, differing, String::new()),
            Progress::Failed { reason } => ("failed", 0, 0, reason),
        };
        sqlx::query(
            "UPDATE rebuilds SET phase = ?, first = ?, second = ?, reason = ? WHERE id = ?",
        )
        .bind(phase)
        .bind(first.cast_signed())
        .bind(second.cast_signed())
        .bind(reason)
        .bind(id)
        .execute(&self.connections.writer)
        .await
        .map_err(engine)?;
        Ok(())
    }

    async fn applications(&self, query: &Query) -> Result<Page, ViewsError> {
        grid::page(&self.connections.readers, query).await
    }

    async fn application(&self, id: ApplicationId) -> Result<Option<ApplicationRow>, ViewsError> {
        let document: Option<String> = sqlx::query_scalar(
            "SELECT row FROM applications
             WHERE generation = (SELECT number FROM generations WHERE projection = 'applications' AND live = 1)
                 AND key = 'application-' || ?",
        )
        .bind(id.to_string())
        .fetch_optional(&self.connections.readers)
        .await
        .map_err(engine)?;
        Ok(document.map(|document| serde_json::from_str(&document)).transpose()?)
    }

    async fn due_notifications(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<NotificationRow>, ViewsError> {
        let documents: Vec<String> = sqlx::query_scalar(
            "SELECT row FROM notifications
             WHERE generation = (SELECT number FROM generations WHERE projection = 'notifications' AND live = 1)
                 AND due <= ? ORDER BY due LIMIT ?",
        )
        .bind(now.to_string())
        .bind(limit)
        .fetch_all(&self.connections.readers)
        .await
        .map_err(engine)?;
        Ok(documents.iter().map(|it| serde_json::from_str(it)).collect::<Result<_, _>>()?)
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, ViewsError> {
        let due: Option<String> = sqlx::query_scalar(
            "SELECT min(due) FROM notifications
             WHERE generation = (SELECT number FROM generations WHERE projection = 'notifications' AND live = 1)
                 AND due IS NOT NULL",
        )
        .fetch_one(&self.connections.readers)
        .await
        .map_err(engine)?;
        due.map(|due| due.parse().map_err(|error: domain::InvalidTimestamp| engine(error)))
            .transpose()
    }

    async fn deliveries(&self) -> Result<Vec<(Delivery, u64)>, ViewsError> {
        let counts: Vec<(String, i64)> = sqlx::query_as(
            "SELECT state, count(*) FROM notifications
             WHERE generation = (SELECT number FROM generations WHERE projection = 'notifications' AND live = 1)
             GROUP BY state",
        )
        .fetch_all(&self.connections.readers)
        .await
        .map_err(engine)?;
        let count = |delivery: Delivery| {
            let found = counts.iter().find(|(state, _)| state == delivery.as_str());
            found.map_or(0, |(_, count)| count.cast_unsigned())
        };
        Ok(Delivery::ALL.into_iter().map(|delivery| (delivery, count(delivery))).collect())
    }
}

/// Frees the lock of views in memory when dropped.
struct Freed(Arc<AtomicBool>);

impl Drop for Freed {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
