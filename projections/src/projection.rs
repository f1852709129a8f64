//! A projection: a fold of each stream into at most one row.

use std::fmt::Debug;

use domain::{Category, LogId};
use serde::{Serialize, de::DeserializeOwned};
use store::{Digest, Direction, Log, LogError, Position, Recorded, StreamName};

/// One question's read model. Raising the version builds it anew beside the live one.
pub trait Projection: Debug + Send + Sync + 'static {
    const IDENTITY: Identity;
    /// The streams it folds; every stream becomes one row at most, under the stream's name.
    const CATEGORIES: &'static [Category];
    type Row: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync;

    /// Applies one event to the row of its stream; `None` is no row.
    fn evolve(row: Option<Self::Row>, event: &Recorded) -> Option<Self::Row>;

    /// The revision of the last event applied, by which a repeated event is recognised.
    fn revision(row: &Self::Row) -> u64;
}

/// Events read at once.
const PAGE: usize = 200;

/// The row of one stream as the log itself has it, whatever the views know: as of a position, or now.
pub async fn row_of<P: Projection>(
    log: &Log,
    stream: &StreamName,
    as_of: Option<Position>,
) -> Result<Option<P::Row>, LogError> {
    let (mut row, mut next) = (None, 0);
    loop {
        let page = log.store().read(stream, next, Direction::Forwards, PAGE).await?;
        for event in &page {
            if as_of.is_some_and(|as_of| as_of < event.position) {
                return Ok(row);
            }
            row = P::evolve(row, &log.decode(event).await?);
            next = event.revision + 1;
        }
        if page.len() < PAGE {
            return Ok(row);
        }
    }
}

/// The name and version under which a projection's rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    pub name: &'static str,
    pub version: u32,
}

/// How far a listener has come, in which log. Unless all three match the log, it is another log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub log: LogId,
    pub position: Position,
    /// Of the event at the position; [`Digest::NONE`] before the first.
    pub digest: Digest,
}

impl Checkpoint {
    /// Before the first event of the log.
    pub const fn start(log: LogId) -> Self {
        Self { log, position: Position::START, digest: Digest::NONE }
    }

    /// Whether the log still is the one this checkpoint was taken in.
    pub async fn holds_in(
        &self,
        log: LogId,
        store: &dyn store::EventStore,
    ) -> Result<bool, store::StoreError> {
        if self.log != log {
            return Ok(false);
        }
        if self.position == Position::START {
            return Ok(true);
        }
        let event = store.event_at(self.position).await?;
        Ok(event.is_some_and(|event| event.digest == self.digest))
    }
}
