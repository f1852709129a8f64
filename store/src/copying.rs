//! A log moved to another engine, byte for byte: same streams, revisions, ids, digests and order. What the engine adds
//! (positions, recorded times) is the engine's.
//!
//! The copy is always a beginning of the original. So whoever was interrupted goes on where the copy ends, and whoever
//! wants to know whether both are the same reads them side by side.

use crate::{
    Appended, Categories, Digest, Direction, EventStore, Expected, NewEvent, Position,
    RecordedEvent, StoreError, StreamName,
    chains::{Chains, Progress, Reader},
    limits,
};

/// Events read at once.
const PAGE: usize = 500;

/// Two logs that were read side by side and are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    pub events: u64,
    pub streams: u64,
    /// Of the last event in the original and in the copy.
    pub original: Position,
    pub copy: Position,
    /// Of the last event in both.
    pub digest: Digest,
}

#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("the original cannot be read")]
    Reading(#[source] StoreError),
    #[error("the copy cannot be read or written")]
    Writing(#[source] StoreError),
    #[error(
        "the target is no copy of the original: it holds event {revision} of {stream}, which the original does not have there; choose an empty target"
    )]
    Foreign { stream: StreamName, revision: u64 },
    #[error(
        "both logs are no longer the same from event {revision} of {stream} on: do nodes still write to one of them?"
    )]
    Different { stream: StreamName, revision: u64 },
    #[error("one log ends before the other: do nodes still write to one of them?")]
    Lengths,
    #[error(
        "the digest of event {revision} of {stream} is not that of its bytes: the original was changed"
    )]
    Broken { stream: StreamName, revision: u64 },
}

/// Appends to the copy what it lacks, and says how many events that were.
pub async fn copy(
    original: &dyn EventStore,
    copy: &dyn EventStore,
    report: &(dyn Fn(Progress) + Send + Sync),
) -> Result<u64, CopyError> {
    let of = original.count(&Categories::All).await.map_err(CopyError::Reading)?;
    let there = copy.count(&Categories::All).await.map_err(CopyError::Writing)?;
    let mut after = end_of_copy(original, copy).await?;
    let mut events = there;
    loop {
        report(Progress { events, of: of.max(events) });
        let read = original.read_all(after, &Categories::All, PAGE).await;
        let batch = read.map_err(CopyError::Reading)?;
        after = batch.through;
        events += batch.events.len() as u64;
        for run in runs(batch.events) {
            append(copy, run).await?;
        }
        if batch.at_head {
            report(Progress { events, of: of.max(events) });
            return Ok(events - there);
        }
    }
}

/// Where in the original the last event of the copy stands.
async fn end_of_copy(
    original: &dyn EventStore,
    copy: &dyn EventStore,
) -> Result<Position, CopyError> {
    let head = copy.head().await.map_err(CopyError::Writing)?;
    let Some(last) = copy.event_at(head).await.map_err(CopyError::Writing)? else {
        return Ok(Position::START);
    };
    let found = original.read(&last.stream, last.revision, Direction::Forwards, 1).await;
    let found = found.map_err(CopyError::Reading)?;
    found
        .first()
        .filter(|event| (event.id, event.digest) == (last.id, last.digest))
        .map(|event| event.position)
        .ok_or(CopyError::Foreign { stream: last.stream, revision: last.revision })
}

/// Neighbours of one stream, as many as go into one append.
fn runs(events: Vec<RecordedEvent>) -> Vec<Vec<RecordedEvent>> {
    let size = |event: &RecordedEvent| event.data.len() + event.metadata.len();
    let mut runs: Vec<Vec<RecordedEvent>> = Vec::new();
    for event in events {
        match runs.last_mut() {
            Some(run)
                if run.last().is_some_and(|last| last.stream == event.stream)
                    && run.len() < limits::EVENTS
                    && run.iter().map(size).sum::<usize>() + size(&event) <= limits::APPEND =>
            {
                run.push(event);
            }
            _ => runs.push(vec![event]),
        }
    }
    runs
}

async fn append(copy: &dyn EventStore, run: Vec<RecordedEvent>) -> Result<Appended, CopyError> {
    let Some(RecordedEvent { stream, revision, .. }) = run.first().cloned() else {
        return Err(CopyError::Lengths);
    };
    let expected = revision.checked_sub(1).map_or(Expected::NoStream, Expected::Exact);
    let events = run.into_iter().map(verbatim).collect();
    match copy.append(&stream, expected, events).await {
        Ok(appended) => Ok(appended),
        Err(StoreError::Conflict { .. }) => Err(CopyError::Foreign { stream, revision }),
        Err(error) => Err(CopyError::Writing(error)),
    }
}

/// The same bytes. An engine that has a clock compares it with the moment the original was recorded.
fn verbatim(event: RecordedEvent) -> NewEvent {
    let RecordedEvent { id, tag, data, metadata, digest, recorded_at, .. } = event;
    NewEvent { id, tag, data, metadata, digest, occurred_at: recorded_at }
}

/// Reads both logs side by side and recomputes every digest.
pub async fn verify(
    original: &dyn EventStore,
    copy: &dyn EventStore,
    report: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Verified, CopyError> {
    let of = original.count(&Categories::All).await.map_err(CopyError::Reading)?;
    let (mut here, mut there) = (Reader::of(original), Reader::of(copy));
    let mut chains = Chains::default();
    let (mut events, mut digest) = (0, Digest::NONE);
    loop {
        let event = here.next().await.map_err(CopyError::Reading)?;
        let copied = there.next().await.map_err(CopyError::Writing)?;
        match (event, copied) {
            (Some(event), Some(copied)) => {
                compare(&event, &copied, &mut chains)?;
                (events, digest) = (events + 1, event.digest);
                if events % PAGE as u64 == 0 {
                    report(Progress { events, of });
                }
            }
            (None, None) => {
                report(Progress { events, of });
                let streams = chains.streams();
                let (original, copy) = (here.after, there.after);
                return Ok(Verified { events, streams, original, copy, digest });
            }
            (Some(_), None) | (None, Some(_)) => return Err(CopyError::Lengths),
        }
    }
}

fn compare(
    event: &RecordedEvent,
    copied: &RecordedEvent,
    chains: &mut Chains,
) -> Result<(), CopyError> {
    let (stream, revision) = (event.stream.clone(), event.revision);
    let same = RecordedEvent {
        position: event.position,
        recorded_at: event.recorded_at,
        ..copied.clone()
    } == *event;
    if !same {
        return Err(CopyError::Different { stream, revision });
    }
    if !chains.hold(event) {
        return Err(CopyError::Broken { stream, revision });
    }
    Ok(())
}
