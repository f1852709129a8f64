//! The port of views: disposable rows, and the checkpoint they belong to, in one transaction.

use std::{any::Any, fmt, time::Duration};

use async_trait::async_trait;
use domain::{ApplicationId, Timestamp};
use store::{BoxError, Position, StreamName};
use tokio_util::sync::CancellationToken;

use crate::{
    Checkpoint, Identity,
    applications::{self, Query},
    notifications,
};

/// One build of one projection. Rows of different generations live beside each other; one is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Generation {
    pub identity: Identity,
    pub number: i64,
}

/// The generation that answers questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    pub generation: Generation,
    /// The version that the rows were built by, which may be another than the one asked for.
    pub version: u32,
    pub checkpoint: Checkpoint,
}

/// What one batch of events does to a generation.
#[derive(Clone, Debug)]
pub struct Change {
    /// The position the batch was read behind. If the generation is elsewhere by now, nothing is written.
    pub behind: Position,
    pub checkpoint: Checkpoint,
    /// Rows as JSON documents, by key; `None` deletes.
    pub rows: Vec<(StreamName, Option<String>)>,
    pub parked: Vec<Parked>,
}

/// A stream that stopped at an event which cannot be applied. The others go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    pub stream: StreamName,
    pub revision: u64,
    pub position: Position,
    pub reason: String,
}

/// A rebuild that somebody asked for, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuild {
    pub id: i64,
    pub projection: String,
    pub progress: Progress,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Requested,
    Running { events: u64, of: u64 },
    Done { rows: u64, differing: u64 },
    Failed { reason: String },
}

/// Held by the one process that projects. Dropping it lets another one begin.
pub struct ProjectorLease {
    _held: Box<dyn Any + Send + Sync>,
    lost: CancellationToken,
}

impl ProjectorLease {
    /// For adapters: what is dropped with the lease, and what is cancelled if it is lost before.
    pub fn new(held: impl Any + Send + Sync, lost: CancellationToken) -> Self {
        Self { _held: Box::new(held), lost }
    }

    /// Ends when another process may have begun to project: whoever was paused or cut off does not hold the lease any
    /// more, and what it writes is refused.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }
}

impl fmt::Debug for ProjectorLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProjectorLease")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ViewsError {
    /// The generation has another checkpoint than the one the change was made for, or is not there any more.
    #[error("somebody else projected first")]
    Raced,
    #[error("the views cannot be reached")]
    Unavailable(#[source] BoxError),
    #[error("the views failed")]
    Engine(#[source] BoxError),
    #[error("a row cannot be read")]
    Row(#[from] serde_json::Error),
}

/// Rows, checkpoints and questions.
#[async_trait]
pub trait Views: fmt::Debug + Send + Sync {
    /// The live generation of a projection, whatever its version.
    async fn live(&self, identity: Identity) -> Result<Option<Live>, ViewsError>;

    /// Begins an empty generation at this checkpoint. It answers no questions until [`Views::switch`].
    async fn begin(
        &self,
        identity: Identity,
        checkpoint: Checkpoint,
    ) -> Result<Generation, ViewsError>;

    /// Makes the generation the live one and drops all others of its projection, at once.
    async fn switch(&self, generation: Generation) -> Result<(), ViewsError>;

    /// Drops a generation that did not become live.
    async fn discard(&self, generation: Generation) -> Result<(), ViewsError>;

    /// Where the generation stands.
    async fn checkpoint(&self, generation: Generation) -> Result<Option<Checkpoint>, ViewsError>;

    /// The rows under these keys, as JSON.
    async fn rows(
        &self,
        generation: Generation,
        keys: &[StreamName],
    ) -> Result<Vec<(StreamName, String)>, ViewsError>;

    /// Up to `limit` rows in the order of their keys, behind the given one.
    async fn page(
        &self,
        generation: Generation,
        after: Option<&StreamName>,
        limit: u32,
    ) -> Result<Vec<(StreamName, String)>, ViewsError>;

    /// Writes rows, parked streams and checkpoint in one transaction, or nothing.
    async fn commit(&self, generation: Generation, change: Change) -> Result<(), ViewsError>;

    /// The streams that stopped, all or those among the given ones.
    async fn parked(&self, generation: Generation) -> Result<Vec<Parked>, ViewsError>;

    /// Becomes the process that projects, unless there is one. Does not wait.
    async fn claim_projector(&self) -> Result<Option<ProjectorLease>, ViewsError>;

    /// Asks whoever projects to rebuild a projection.
    async fn request_rebuild(&self, projection: &str) -> Result<i64, ViewsError>;

    /// Rebuilds that were asked for and not begun, oldest first.
    async fn requested_rebuilds(&self) -> Result<Vec<Rebuild>, ViewsError>;

    async fn rebuild(&self, id: i64) -> Result<Option<Rebuild>, ViewsError>;

    async fn report_rebuild(&self, id: i64, progress: Progress) -> Result<(), ViewsError>;

    /// The grid.
    async fn applications(&self, query: &Query) -> Result<applications::Page, ViewsError>;

    /// One living application.
    async fn application(&self, id: ApplicationId)
    -> Result<Option<applications::Row>, ViewsError>;

    /// Letters whose next attempt may begin, the longest waiting first.
    async fn due_notifications(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<notifications::Row>, ViewsError>;

    /// When the next letter becomes due, if any waits.
    async fn next_due(&self) -> Result<Option<Timestamp>, ViewsError>;

    /// How many letters are in each state.
    async fn deliveries(&self) -> Result<Vec<(notifications::Delivery, u64)>, ViewsError>;
}

/// How long a page waits for its own writes to become visible.
pub const READ_YOUR_WRITES: Duration = Duration::from_secs(2);
