//! Views in one schema.

mod generations;
mod lease;
mod letters;
mod rebuilds;
mod rows;
mod tables;

use std::sync::Arc;

use async_trait::async_trait;
use domain::Timestamp;
use postgres_database::{Address, Database, may_pass};
use projections::{
    Checkpoint, Identity, Views,
    notifications::{self, listing},
    views::{
        Change, Comparison, Generation, Live, Parked, Progress, ProjectorLease, Rebuild,
        ViewsError, Work,
    },
};
use store::{BoxError, Clock, StreamName};
use tracing::warn;

use crate::VIEWS;

/// Connections that ask and write at the same time.
const CONNECTIONS: u32 = 6;

/// A handle on the views; clones share its connections and its place among those who want to project.
#[derive(Clone, Debug)]
pub struct PostgresViews {
    database: Database,
    clock: Arc<dyn Clock>,
    place: lease::Place,
}

impl PostgresViews {
    /// Opens the views of the installation; what is missing of their schema is created if the role may do that.
    pub async fn open(address: &Address, clock: Arc<dyn Clock>) -> Result<Self, ViewsError> {
        let database = Database::open(address, &VIEWS, CONNECTIONS).await.map_err(failure)?;
        Ok(Self { database, clock, place: lease::Place::default() })
    }

    /// Deletes the rows of dropped generations, a few at a time, so that others can write in between. Answers with how
    /// many there were. It happens by itself when one begins to project and after dropping; whoever calls it waits for it.
    pub async fn sweep(&self) -> Result<u64, ViewsError> {
        generations::sweep(self.database.pool()).await
    }

    /// Closes every connection. Whoever asks later is told an error.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

#[async_trait]
impl Views for PostgresViews {
    async fn live(&self, identity: Identity) -> Result<Option<Live>, ViewsError> {
        generations::live(self.database.pool(), identity).await
    }

    async fn former(&self, identity: Identity) -> Result<Option<Live>, ViewsError> {
        generations::former(self.database.pool(), identity).await
    }

    async fn begin(
        &self,
        identity: Identity,
        checkpoint: Checkpoint,
    ) -> Result<Generation, ViewsError> {
        let (pool, fence) = (self.database.pool(), self.place.fence());
        generations::begin(pool, fence, identity, checkpoint, self.clock.now()).await
    }

    async fn switch(&self, generation: Generation) -> Result<(), ViewsError> {
        generations::switch(self.database.pool(), self.place.fence(), generation).await?;
        self.sweep_later();
        Ok(())
    }

    async fn discard(&self, generation: Generation) -> Result<(), ViewsError> {
        generations::discard(self.database.pool(), self.place.fence(), generation).await?;
        self.sweep_later();
        Ok(())
    }

    async fn checkpoint(&self, generation: Generation) -> Result<Option<Checkpoint>, ViewsError> {
        generations::checkpoint(self.database.pool(), generation).await
    }

    async fn rows(
        &self,
        generation: Generation,
        keys: &[StreamName],
    ) -> Result<Vec<(StreamName, String)>, ViewsError> {
        rows::of(self.database.pool(), generation, keys).await
    }

    async fn page(
        &self,
        generation: Generation,
        after: Option<&StreamName>,
        limit: u32,
    ) -> Result<Vec<(StreamName, String)>, ViewsError> {
        rows::page(self.database.pool(), generation, after, limit).await
    }

    async fn compare(
        &self,
        old: Option<Generation>,
        new: Generation,
    ) -> Result<Comparison, ViewsError> {
        rows::compare(self.database.pool(), old, new).await
    }

    async fn commit(&self, generation: Generation, change: Change) -> Result<(), ViewsError> {
        rows::commit(self.database.pool(), self.place.fence(), generation, change).await
    }

    async fn parked(&self, generation: Generation) -> Result<Vec<Parked>, ViewsError> {
        rows::parked(self.database.pool(), generation).await
    }

    async fn projector_is_held(&self) -> Result<bool, ViewsError> {
        self.place.is_held(&self.database).await
    }

    fn sweep_later(&self) {
        let pool = self.database.pool().clone();
        tokio::spawn(async move {
            if let Err(error) = generations::sweep(&pool).await
                && !pool.is_closed()
            {
                let error: &(dyn std::error::Error + 'static) = &error;
                warn!(error, "Rows of dropped generations are left for the next sweep");
            }
        });
    }

    async fn claim_projector(&self) -> Result<Option<ProjectorLease>, ViewsError> {
        self.place.claim(&self.database).await
    }

    async fn request_rebuild(&self, projection: &str, work: Work) -> Result<i64, ViewsError> {
        rebuilds::request(self.database.pool(), projection, work, self.clock.now()).await
    }

    async fn begin_rebuild(&self, projection: &str, work: Work) -> Result<i64, ViewsError> {
        rebuilds::begin(self.database.pool(), projection, work, self.clock.now()).await
    }

    async fn requested_rebuilds(&self) -> Result<Vec<Rebuild>, ViewsError> {
        rebuilds::requested(self.database.pool()).await
    }

    async fn latest_rebuilds(&self) -> Result<Vec<Rebuild>, ViewsError> {
        rebuilds::latest(self.database.pool()).await
    }

    async fn rebuild(&self, id: i64) -> Result<Option<Rebuild>, ViewsError> {
        rebuilds::rebuild(self.database.pool(), id).await
    }

    async fn report_rebuild(&self, id: i64, progress: Progress) -> Result<(), ViewsError> {
        let now = self.clock.now();
        rebuilds::report(self.database.pool(), self.place.fence(), id, progress, now).await
    }

    async fn abandon_rebuilds(&self) -> Result<(), ViewsError> {
        rebuilds::abandon(self.database.pool(), self.place.fence(), self.clock.now()).await
    }

    async fn due_notifications(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<notifications::Row>, ViewsError> {
        letters::due(self.database.pool(), now, limit).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, ViewsError> {
        letters::next_due(self.database.pool()).await
    }

    async fn letters(&self, query: &listing::Query) -> Result<listing::Page, ViewsError> {
        letters::listed(self.database.pool(), query).await
    }

    async fn deliveries(&self) -> Result<Vec<(notifications::Delivery, u64)>, ViewsError> {
        letters::deliveries(self.database.pool()).await
    }
}

fn failure(error: impl Into<BoxError>) -> ViewsError {
    let error = error.into();
    if error.downcast_ref().is_some_and(may_pass) {
        ViewsError::Unavailable(error)
    } else {
        ViewsError::Engine(error)
    }
}
