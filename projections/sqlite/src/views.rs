//! Views in one SQLite file.

mod generations;
mod lease;
mod letters;
mod rebuilds;
mod rows;
mod tables;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use domain::Timestamp;
use projections::{
    Checkpoint, Identity, Views,
    notifications::{self, listing},
    views::{
        Change, Comparison, Generation, Live, Parked, Progress, ProjectorLease, Rebuild,
        ViewsError, Work,
    },
};
use sqlx::{migrate::Migrator, sqlite::SqliteSynchronous};
use store::{BoxError, Clock, StreamName};
use tracing::warn;

use crate::opening::Database;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite/views");

/// A handle on the views; clones share its connections and its place among those who want to project.
#[derive(Clone, Debug)]
pub struct SqliteViews {
    database: Database,
    clock: Arc<dyn Clock>,
    place: lease::Place,
}

impl SqliteViews {
    /// Opens the views at `path`, with everything that is missing created. A crash of the machine may cost the last
    /// commits, whole ones; the log has them.
    pub async fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, ViewsError> {
        let database = Database::open(path, &MIGRATIONS, SqliteSynchronous::Normal).await;
        let database = database.map_err(ViewsError::Engine)?;
        Ok(Self { database, clock, place: lease::Place::beside(path) })
    }

    /// Views that are forgotten with the handle.
    pub async fn memory(clock: Arc<dyn Clock>) -> Result<Self, ViewsError> {
        let database = Database::memory(&MIGRATIONS).await.map_err(ViewsError::Engine)?;
        Ok(Self { database, clock, place: lease::Place::in_memory() })
    }

    /// Deletes the rows of dropped generations, a few at a time, so that others can write in between. Answers with how
    /// many there were. It happens by itself when one begins to project and after dropping; whoever calls it waits for it.
    pub async fn sweep(&self) -> Result<u64, ViewsError> {
        generations::sweep(&self.database.writer).await
    }

    /// How many migrations views lack, without changing anything.
    pub async fn missing_migrations(path: &Path) -> Result<usize, ViewsError> {
        sqlite_database::missing_migrations(path, &MIGRATIONS).await.map_err(failure)
    }

    /// Closes every connection. Whoever asks later is told an error.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

#[async_trait]
impl Views for SqliteViews {
    async fn live(&self, identity: Identity) -> Result<Option<Live>, ViewsError> {
        generations::live(&self.database.readers, identity).await
    }

    async fn former(&self, identity: Identity) -> Result<Option<Live>, ViewsError> {
        generations::former(&self.database.readers, identity).await
    }

    async fn begin(
        &self,
        identity: Identity,
        checkpoint: Checkpoint,
    ) -> Result<Generation, ViewsError> {
        generations::begin(&self.database.writer, identity, checkpoint, self.clock.now()).await
    }

    async fn switch(&self, generation: Generation) -> Result<(), ViewsError> {
        generations::switch(&self.database.writer, generation).await?;
        self.sweep_later();
        Ok(())
    }

    async fn discard(&self, generation: Generation) -> Result<(), ViewsError> {
        generations::discard(&self.database.writer, generation).await?;
        self.sweep_later();
        Ok(())
    }

    async fn checkpoint(&self, generation: Generation) -> Result<Option<Checkpoint>, ViewsError> {
        generations::checkpoint(&self.database.readers, generation).await
    }

    async fn rows(
        &self,
        generation: Generation,
        keys: &[StreamName],
    ) -> Result<Vec<(StreamName, String)>, ViewsError> {
        rows::of(&self.database.readers, generation, keys).await
    }

    async fn page(
        &self,
        generation: Generation,
        after: Option<&StreamName>,
        limit: u32,
    ) -> Result<Vec<(StreamName, String)>, ViewsError> {
        rows::page(&self.database.readers, generation, after, limit).await
    }

    async fn compare(
        &self,
        old: Option<Generation>,
        new: Generation,
    ) -> Result<Comparison, ViewsError> {
        rows::compare(&self.database.readers, old, new).await
    }

    async fn commit(&self, generation: Generation, change: Change) -> Result<(), ViewsError> {
        rows::commit(&self.database.writer, generation, change).await
    }

    async fn parked(&self, generation: Generation) -> Result<Vec<Parked>, ViewsError> {
        rows::parked(&self.database.readers, generation).await
    }

    async fn projector_is_held(&self) -> Result<bool, ViewsError> {
        self.place.is_held()
    }

    fn sweep_later(&self) {
        let writer = self.database.writer.clone();
        tokio::spawn(async move {
            if let Err(error) = generations::sweep(&writer).await
                && !writer.is_closed()
            {
                let error: &(dyn std::error::Error + 'static) = &error;
                warn!(error, "Rows of dropped generations are left for the next sweep");
            }
        });
    }

    async fn claim_projector(&self) -> Result<Option<ProjectorLease>, ViewsError> {
        self.place.claim()
    }

    async fn request_rebuild(&self, projection: &str, work: Work) -> Result<i64, ViewsError> {
        rebuilds::request(&self.database.writer, projection, work, self.clock.now()).await
    }

    async fn begin_rebuild(&self, projection: &str, work: Work) -> Result<i64, ViewsError> {
        rebuilds::begin(&self.database.writer, projection, work, self.clock.now()).await
    }

    async fn requested_rebuilds(&self) -> Result<Vec<Rebuild>, ViewsError> {
        rebuilds::requested(&self.database.readers).await
    }

    async fn latest_rebuilds(&self) -> Result<Vec<Rebuild>, ViewsError> {
        rebuilds::latest(&self.database.readers).await
    }

    async fn rebuild(&self, id: i64) -> Result<Option<Rebuild>, ViewsError> {
        rebuilds::rebuild(&self.database.readers, id).await
    }

    async fn report_rebuild(&self, id: i64, progress: Progress) -> Result<(), ViewsError> {
        let now = self.clock.now();
        rebuilds::report(&self.database.writer, id, progress, now).await
    }

    async fn abandon_rebuilds(&self) -> Result<(), ViewsError> {
        rebuilds::abandon(&self.database.writer, self.clock.now()).await
    }

    async fn due_notifications(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<notifications::Row>, ViewsError> {
        letters::due(&self.database.readers, now, limit).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, ViewsError> {
        letters::next_due(&self.database.readers).await
    }

    async fn letters(&self, query: &listing::Query) -> Result<listing::Page, ViewsError> {
        letters::listed(&self.database.readers, query).await
    }

    async fn deliveries(&self) -> Result<Vec<(notifications::Delivery, u64)>, ViewsError> {
        letters::deliveries(&self.database.readers).await
    }
}

fn failure(error: impl Into<BoxError>) -> ViewsError {
    ViewsError::Engine(error.into())
}
