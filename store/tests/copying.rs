//! A log can be moved, in one go or in several.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use store::{
    Categories, Digest, EventId, EventStore, Expected, MemoryStore, NewEvent, Position,
    RecordedEvent, StreamName,
    chains::Progress,
    codec::digest::Covered,
    contract::StoppedClock,
    copying::{CopyError, copy, verify},
};
use uuid::Uuid;

fn empty() -> MemoryStore {
    MemoryStore::new(Arc::new(StoppedClock))
}

fn quiet(_: Progress) {}

/// Appends `count` chained events to the stream.
async fn grow(store: &MemoryStore, name: &str, count: u64) {
    let stream = StreamName::parse(name).unwrap();
    let last = store.read(&stream, u64::MAX, store::Direction::Backwards, 1).await.unwrap();
    let (mut previous, mut next) = (Digest::NONE, 0);
    if let Some(last) = last.first() {
        (previous, next) = (last.digest, last.revision + 1);
    }
    let expected = u64::checked_sub(next, 1).map_or(Expected::NoStream, Expected::Exact);
    let events = (next..next + count).map(|revision| {
        let id = EventId::new(Uuid::new_v5(
            &Uuid::NAMESPACE_OID,
            format!("{name} {revision}").as_bytes(),
        ));
        let (data, metadata) = (Bytes::from_static(b"{\"a\":1}"), Bytes::from_static(b"{}"));
        let tag = "sample.taken.v1";
        let covered = Covered {
            stream: &stream,
            revision,
            id,
            tag,
            data: &data,
            metadata: &metadata,
            previous,
        };
        previous = covered.digest();
        let (tag, digest) = (tag.to_owned(), previous);
        NewEvent { id, tag, data, metadata, digest, occurred_at: StoppedClock::NOW }
    });
    store.append(&stream, expected, events.collect()).await.unwrap();
}

async fn log() -> MemoryStore {
    let store = empty();
    for round in 0..40 {
        for name in ["sample-1", "other-1", "sample-2"] {
            grow(&store, name, 1 + round % 20).await;
        }
    }
    store
}

async fn all(store: &MemoryStore) -> Vec<RecordedEvent> {
    store.read_all(Position::START, &Categories::All, 10_000).await.unwrap().events
}

#[tokio::test]
async fn a_copy_is_the_original() {
    let (original, target) = (log().await, empty());
    let (seen, of) = (AtomicU64::new(0), AtomicU64::new(0));
    let report = |progress: Progress| {
        assert!(progress.events >= seen.swap(progress.events, Ordering::Relaxed));
        of.store(progress.of, Ordering::Relaxed);
    };
    let copied = copy(&original, &target, &report).await.unwrap();
    let count = all(&original).await.len() as u64;
    assert!(count > 1000);
    assert_eq!(copied, count);
    assert_eq!((seen.into_inner(), of.into_inner()), (count, count));
    let verified = verify(&original, &target, &quiet).await.unwrap();
    assert_eq!((verified.events, verified.streams), (count, 3));
    assert_eq!(verified.digest, all(&original).await.last().unwrap().digest);
    assert_eq!(all(&target).await, all(&original).await);
}

#[tokio::test]
async fn a_copy_that_was_interrupted_anywhere_goes_on() {
    let original = log().await;
    let events = all(&original).await;
    for cut in [1, 2, 3, 499, 500, 501, 700] {
        let target = empty();
        for event in &events[..cut] {
            let expected =
                event.revision.checked_sub(1).map_or(Expected::NoStream, Expected::Exact);
            let RecordedEvent { id, tag, data, metadata, digest, recorded_at, .. } = event.clone();
            let event_again =
                NewEvent { id, tag, data, metadata, digest, occurred_at: recorded_at };
            target.append(&event.stream, expected, vec![event_again]).await.unwrap();
        }
        let copied = copy(&original, &target, &quiet).await.unwrap();
        assert_eq!(copied, (events.len() - cut) as u64);
        verify(&original, &target, &quiet).await.unwrap();
    }
}

#[tokio::test]
async fn what_came_later_is_copied_by_the_next_run() {
    let (original, target) = (log().await, empty());
    copy(&original, &target, &quiet).await.unwrap();
    grow(&original, "sample-1", 3).await;
    assert!(matches!(verify(&original, &target, &quiet).await, Err(CopyError::Lengths)));
    assert_eq!(copy(&original, &target, &quiet).await.unwrap(), 3);
    verify(&original, &target, &quiet).await.unwrap();
}

#[tokio::test]
async fn a_target_with_other_events_is_left_alone() {
    let (original, target) = (log().await, empty());
    grow(&target, "stranger-1", 1).await;
    let error = copy(&original, &target, &quiet).await.unwrap_err();
    assert!(matches!(error, CopyError::Foreign { .. }), "{error:?}");
    assert_eq!(all(&target).await.len(), 1);
}

#[tokio::test]
async fn an_original_whose_bytes_were_changed_is_found_out() {
    let (original, target) = (empty(), empty());
    grow(&original, "sample-1", 2).await;
    let forged = NewEvent {
        id: EventId::new(Uuid::nil()),
        tag: "sample.taken.v1".to_owned(),
        data: Bytes::from_static(b"{\"a\":2}"),
        metadata: Bytes::from_static(b"{}"),
        digest: Digest([7; _]),
        occurred_at: StoppedClock::NOW,
    };
    let stream = StreamName::parse("sample-1").unwrap();
    original.append(&stream, Expected::Exact(1), vec![forged]).await.unwrap();
    copy(&original, &target, &quiet).await.unwrap();
    let error = verify(&original, &target, &quiet).await.unwrap_err();
    assert!(matches!(error, CopyError::Broken { revision: 2, .. }), "{error:?}");
}
