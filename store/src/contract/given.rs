//! Streams, events and questions that the cases share.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::StreamExt;
use uuid::Uuid;

use crate::{
    Appended, Categories, Digest, Direction, EventId, EventStore, Expected, Message, NewEvent,
    Position, RecordedEvent, StoreError, StreamName, Subscription, codec::digest::Covered,
    contract::StoppedClock, limits,
};

/// How long a case waits for what must happen.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) fn stream(name: &str) -> StreamName {
    StreamName::parse(name).expect("a stream's name")
}

/// Events with ids of their own, unless `label` was used before.
pub(super) fn events(label: &str, count: usize) -> Vec<NewEvent> {
    (0..count).map(|index| event(&format!("{label} {index}"))).collect()
}

pub(super) fn event(label: &str) -> NewEvent {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, label.as_bytes());
    let digest = [id.into_bytes(), id.into_bytes()].concat();
    NewEvent {
        id: EventId::new(id),
        tag: "sample.taken.v1".to_owned(),
        data: Bytes::from(format!("{{\"label\":\"{label}\"}}")),
        metadata: Bytes::from_static(b"{}"),
        digest: Digest(digest.try_into().expect("two ids are 32 bytes")),
        occurred_at: StoppedClock::NOW,
    }
}

/// The event with other data.
pub(super) fn with_data(event: NewEvent, data: impl Into<Bytes>) -> NewEvent {
    NewEvent { data: data.into(), ..event }
}

pub(super) fn with_metadata(event: NewEvent, metadata: impl Into<Bytes>) -> NewEvent {
    NewEvent { metadata: metadata.into(), ..event }
}

/// Gives events the digests that make them the beginning of the stream's hash chain.
pub(super) fn chained(stream: &StreamName, events: Vec<NewEvent>) -> Vec<NewEvent> {
    let mut previous = Digest::NONE;
    let chain = (0..).zip(events).map(|(revision, event)| {
        previous = Covered {
            stream,
            revision,
            id: event.id,
            tag: &event.tag,
            data: &event.data,
            metadata: &event.metadata,
            previous,
        }
        .digest();
        NewEvent { digest: previous, ..event }
    });
    chain.collect()
}

/// Appends what must be accepted, at the beginning of a stream.
pub(super) async fn begin(
    store: &Arc<dyn EventStore>,
    stream: &StreamName,
    events: Vec<NewEvent>,
) -> Appended {
    append(store, stream, Expected::NoStream, events).await
}

/// Appends what must be accepted.
pub(super) async fn append(
    store: &Arc<dyn EventStore>,
    stream: &StreamName,
    expected: Expected,
    events: Vec<NewEvent>,
) -> Appended {
    store.append(stream, expected, events).await.expect("the append is accepted")
}

/// Appends events one by one.
pub(super) async fn append_each(
    store: &Arc<dyn EventStore>,
    stream: &StreamName,
    events: Vec<NewEvent>,
) {
    let mut expected = Expected::NoStream;
    for event in events {
        expected =
            Expected::Exact(append(store, stream, expected, vec![event]).await.last_revision);
    }
}

/// Asserts that the append conflicts with a stream whose last revision is `actual`.
pub(super) fn assert_conflict(outcome: Result<Appended, StoreError>, actual: Option<u64>) {
    match outcome {
        Err(StoreError::Conflict { actual: there, .. }) => assert_eq!(there, actual),
        other => panic!("not a conflict: {other:?}"),
    }
}

pub(super) fn assert_invalid(outcome: &Result<Appended, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Invalid(_))), "not refused: {outcome:?}");
}

/// The whole stream.
pub(super) async fn stored(store: &Arc<dyn EventStore>, stream: &StreamName) -> Vec<RecordedEvent> {
    let read = store.read(stream, 0, Direction::Forwards, 10_000).await;
    read.expect("the stream is readable")
}

/// The whole log, or what of it is of these categories, read in pages.
pub(super) async fn log(
    store: &Arc<dyn EventStore>,
    categories: &Categories,
    page: usize,
) -> Vec<RecordedEvent> {
    let (mut events, mut after) = (Vec::new(), Position::START);
    loop {
        let batch = store.read_all(after, categories, page).await.expect("the log is readable");
        events.extend(batch.events);
        after = batch.through;
        if batch.at_head {
            return events;
        }
    }
}

pub(super) async fn whole_log(store: &Arc<dyn EventStore>) -> Vec<RecordedEvent> {
    log(store, &Categories::All, limits::EVENTS).await
}

pub(super) fn categories(names: &[&str]) -> Categories {
    Categories::Of(names.iter().map(|&name| name.to_owned()).collect())
}

pub(super) fn ids(events: &[RecordedEvent]) -> Vec<EventId> {
    events.iter().map(|event| event.id).collect()
}

pub(super) fn new_ids(events: &[NewEvent]) -> Vec<EventId> {
    events.iter().map(|event| event.id).collect()
}

pub(super) fn revisions(events: &[RecordedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.revision).collect()
}

/// Waits for what must happen.
pub(super) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("it happens soon")
}

/// The next message, which must come and be no error.
pub(super) async fn next(subscription: &mut Subscription) -> Message {
    let message = soon(subscription.next()).await.expect("the subscription goes on");
    message.expect("the subscription works")
}

/// The next `count` events, whatever comes between them.
pub(super) async fn next_events(
    subscription: &mut Subscription,
    count: usize,
) -> Vec<RecordedEvent> {
    let mut events = Vec::with_capacity(count);
    while events.len() < count {
        match next(subscription).await {
            Message::Event(event) => events.push(*event),
            Message::Checkpoint(_) | Message::CaughtUp(_) => {}
        }
    }
    events
}
