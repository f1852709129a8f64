//! A log that can be told to fail.

use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use store::{
    Appended, Batch, Categories, Direction, EventStore, Expected, MemoryStore, NewEvent, Position,
    RecordedEvent, StoreError, StreamName, Subscription,
};

#[derive(Debug)]
pub(crate) struct Fickle {
    store: MemoryStore,
    /// Which events it does not take, and how often not.
    refused: Mutex<(&'static str, u32)>,
}

impl Fickle {
    pub(crate) fn of(store: MemoryStore) -> Self {
        Self { store, refused: Mutex::new(("", 0)) }
    }

    /// The next so many appends of events with the tag find no log.
    pub(crate) fn refuse(&self, tag: &'static str, times: u32) {
        *self.refused.lock() = (tag, times);
    }

    fn refuses(&self, events: &[NewEvent]) -> bool {
        let (tag, times) = &mut *self.refused.lock();
        let is_refused = *times > 0 && events.iter().any(|event| event.tag == *tag);
        *times -= u32::from(is_refused);
        is_refused
    }
}

#[async_trait]
impl EventStore for Fickle {
    async fn append_checked(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        if self.refuses(&events) {
            return Err(StoreError::Unavailable("away on purpose".into()));
        }
        self.store.append_checked(stream, expected, events).await
    }

    async fn read(
        &self,
        stream: &StreamName,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.store.read(stream, from, direction, limit).await
    }

    async fn read_all(
        &self,
        after: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Batch, StoreError> {
        self.store.read_all(after, categories, limit).await
    }

    async fn read_back(
        &self,
        before: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.store.read_back(before, categories, limit).await
    }

    async fn event_at(&self, position: Position) -> Result<Option<RecordedEvent>, StoreError> {
        self.store.event_at(position).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }

    async fn count(&self, categories: &Categories) -> Result<u64, StoreError> {
        self.store.count(categories).await
    }

    fn subscribe(&self, after: Position, categories: Categories) -> Subscription {
        self.store.subscribe(after, categories)
    }

    async fn changed(&self, at_most: Duration) {
        self.store.changed(at_most).await;
    }
}
