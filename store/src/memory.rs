//! An engine without a disk, for tests and for `memory:` in a configuration that wants to forget.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use domain::UserId;
use parking_lot::RwLock;
use tokio::sync::watch;

use crate::{
    Appended, Batch, Categories, Clock, Direction, EventStore, Expected, NewEvent, PersonKeys,
    Position, RecordedEvent, StoreError, StreamName, Subscription, VaultError, WrappedKey,
    subscription,
};

/// Clones share the same log.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    log: Arc<RwLock<Vec<RecordedEvent>>>,
    growth: watch::Sender<()>,
}

impl MemoryStore {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, log: Arc::default(), growth: watch::Sender::new(()) }
    }
}

/// The position of the event at this index.
const fn position(index: usize) -> Position {
    Position::new(0, index as u64 + 1)
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn append_checked(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        let mut log = self.log.write();
        let present: Vec<&RecordedEvent> =
            log.iter().filter(|event| event.stream == *stream).collect();
        let first_revision = expected.next_revision();
        let next = present.len() as u64;
        let conflict = StoreError::Conflict { expected, actual: next.checked_sub(1) };
        if first_revision != next {
            let start = usize::try_from(first_revision).unwrap_or(usize::MAX);
            let there = present.get(start..).unwrap_or_default();
            let replayed = there.len() >= events.len()
                && there.iter().zip(&events).all(|(there, event)| there.id == event.id);
            return if replayed {
                let last = there[events.len() - 1];
                Ok(Appended {
                    first_revision,
                    last_revision: last.revision,
                    position: last.position,
                    replayed,
                })
            } else {
                Err(conflict)
            };
        }
        let mut known: HashSet<_> = log.iter().map(|there| there.id).collect();
        if !events.iter().all(|event| known.insert(event.id)) {
            return Err(conflict);
        }
        let recorded_at = self.clock.now();
        for (revision, event) in (first_revision..).zip(events) {
            let NewEvent { id, tag, data, metadata, digest, occurred_at: _ } = event;
            let (position, stream) = (position(log.len()), stream.clone());
            log.push(RecordedEvent {
                position,
                stream,
                revision,
                id,
                tag,
                data,
                metadata,
                digest,
                recorded_at,
            });
        }
        let position = position(log.len() - 1);
        let last_revision = log[log.len() - 1].revision;
        drop(log);
        self.growth.send_replace(());
        Ok(Appended { first_revision, last_revision, position, replayed: false })
    }

    async fn read(
        &self,
        stream: &StreamName,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let log = self.log.read();
        let events = log.iter().filter(|event| event.stream == *stream);
        Ok(match direction {
            Direction::Forwards => {
                events.filter(|event| event.revision >= from).take(limit).cloned().collect()
            }
            Direction::Backwards => {
                events.rev().filter(|event| event.revision <= from).take(limit).cloned().collect()
            }
        })
    }

    async fn read_all(
        &self,
        after: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Batch, StoreError> {
        let log = self.log.read();
        let head = log.last().map_or(Position::START, |event| event.position);
        let events: Vec<_> = log
            .iter()
            .filter(|event| event.position > after && categories.contain(event.stream.category()))
            .take(limit)
            .cloned()
            .collect();
        let full = events.len() == limit;
        let through = if full {
            events.last().map_or(after, |event| event.position)
        } else {
            head.max(after)
        };
        Ok(Batch { events, through, at_head: through >= head })
    }

    async fn read_back(
        &self,
        before: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let log = self.log.read();
        let earlier = log.iter().rev().filter(|event| event.position < before);
        let chosen = earlier.filter(|event| categories.contain(event.stream.category()));
        Ok(chosen.take(limit).cloned().collect())
    }

    async fn event_at(&self, position: Position) -> Result<Option<RecordedEvent>, StoreError> {
        Ok(self.log.read().iter().find(|event| event.position == position).cloned())
    }

    async fn head(&self) -> Result<Position, StoreError> {
        Ok(self.log.read().last().map_or(Position::START, |event| event.position))
    }

    async fn count(&self, categories: &Categories) -> Result<u64, StoreError> {
        let log = self.log.read();
        Ok(log.iter().filter(|event| categories.contain(event.stream.category())).count() as u64)
    }

    fn subscribe(&self, after: Position, categories: Categories) -> Subscription {
        subscription::follow(Arc::new(self.clone()), after, categories)
    }

    async fn changed(&self, at_most: Duration) {
        let mut growth = self.growth.subscribe();
        tokio::time::timeout(at_most, growth.changed()).await.ok();
    }
}

/// Person keys that are gone when the process ends.
#[derive(Debug, Default)]
pub struct MemoryPersonKeys(RwLock<HashMap<UserId, WrappedKey>>);

#[async_trait]
impl PersonKeys for MemoryPersonKeys {
    async fn find(&self, person: UserId) -> Result<Option<WrappedKey>, VaultError> {
        Ok(self.0.read().get(&person).cloned())
    }

    async fn keep(&self, person: UserId, key: WrappedKey) -> Result<WrappedKey, VaultError> {
        Ok(self.0.write().entry(person).or_insert(key).clone())
    }
}
