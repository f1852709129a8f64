//! The digests of a whole log: each event's covers its bytes and the digest before it in its stream.

use std::collections::HashMap;

use crate::{
    Categories, Digest, EventStore, Position, RecordedEvent, StoreError, StreamName,
    codec::digest::verifies,
};

/// Events read at once, and between two reports.
const PAGE: usize = 500;

/// How far the work has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub events: u64,
    pub of: u64,
}

/// A log whose digests are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    pub events: u64,
    pub streams: u64,
    /// Of the last event.
    pub position: Position,
    pub digest: Digest,
}

#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    #[error("the log cannot be read")]
    Reading(#[from] StoreError),
    #[error(
        "the digest of event {revision} of {stream} is not that of its bytes: the log was changed"
    )]
    Broken { stream: StreamName, revision: u64 },
}

/// Reads the whole log and recomputes every digest.
pub async fn verify(
    store: &dyn EventStore,
    report: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Verified, ChainError> {
    let of = store.count(&Categories::All).await?;
    let mut reader = Reader::of(store);
    let mut chains = Chains::default();
    let (mut events, mut digest) = (0, Digest::NONE);
    while let Some(event) = reader.next().await? {
        if !chains.hold(&event) {
            return Err(ChainError::Broken { stream: event.stream, revision: event.revision });
        }
        (events, digest) = (events + 1, event.digest);
        if events % PAGE as u64 == 0 {
            report(Progress { events, of });
        }
    }
    report(Progress { events, of });
    Ok(Verified { events, streams: chains.streams(), position: reader.after, digest })
}

/// The last digest of every stream.
#[derive(Debug, Default)]
pub(crate) struct Chains(HashMap<StreamName, Digest>);

impl Chains {
    /// Whether the event follows the one before it in its stream. Events come in the order of the log.
    pub(crate) fn hold(&mut self, event: &RecordedEvent) -> bool {
        let previous = self.0.insert(event.stream.clone(), event.digest).unwrap_or(Digest::NONE);
        verifies(event, previous)
    }

    pub(crate) fn streams(&self) -> u64 {
        self.0.len() as u64
    }
}

/// Reads a log from its beginning, event by event.
pub(crate) struct Reader<'a> {
    store: &'a dyn EventStore,
    page: std::vec::IntoIter<RecordedEvent>,
    pub(crate) after: Position,
    at_head: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn of(store: &'a dyn EventStore) -> Self {
        let page = Vec::new().into_iter();
        Self { store, page, after: Position::START, at_head: false }
    }

    pub(crate) async fn next(&mut self) -> Result<Option<RecordedEvent>, StoreError> {
        loop {
            if let Some(event) = self.page.next() {
                return Ok(Some(event));
            }
            if self.at_head {
                return Ok(None);
            }
            let batch = self.store.read_all(self.after, &Categories::All, PAGE).await?;
            (self.after, self.at_head) = (batch.through, batch.at_head);
            self.page = batch.events.into_iter();
        }
    }
}
