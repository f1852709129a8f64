//! A log in memory, at which a request can be made to die.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::Category;
use parking_lot::Mutex;
use store::{
    Appended, Batch, Categories, Direction, EventStore, Expected, MemoryStore, NewEvent, Position,
    RecordedEvent, StoreError, StreamName, Subscription,
};
use tokio::sync::Notify;

#[derive(Debug)]
pub(crate) struct Ledger {
    store: MemoryStore,
    fate: Arc<Fate>,
}

/// Whoever appends next to a stream of the fatal category has written it and never hears of it. Of the closed category
/// nothing is written.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    pub(crate) fatal: Mutex<Option<Category>>,
    pub(crate) died: Notify,
    pub(crate) closed: Mutex<Option<Category>>,
}

impl Ledger {
    pub(crate) fn new(store: MemoryStore, fate: Arc<Fate>) -> Self {
        Self { store, fate }
    }
}

impl Fate {
    fn refuses(&self, stream: &StreamName) -> bool {
        self.closed.lock().is_some_and(|category| category.as_str() == stream.category())
    }

    fn kills(&self, stream: &StreamName) -> bool {
        let mut fatal = self.fatal.lock();
        let kills = fatal.is_some_and(|category| category.as_str() == stream.category());
        if kills {
            *fatal = None;
        }
        kills
    }
}

#[async_trait]
impl EventStore for Ledger {
    async fn append_checked(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        if self.fate.refuses(stream) {
            return Err(StoreError::Unavailable("closed on purpose".into()));
        }
        let appended = self.store.append_checked(stream, expected, events).await?;
        if self.fate.kills(stream) {
            self.fate.died.notify_one();
            std::future::pending::<()>().await;
        }
        Ok(appended)
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
