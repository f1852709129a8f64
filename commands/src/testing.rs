//! A clock that stands still, a random source that counts and a store that stops before every step, so that tests
//! decide what happens when.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use async_trait::async_trait;
use domain::Timestamp;
use store::{
    Appended, Batch, Categories, Clock, Direction, Entropy, EventStore, Expected, InstallationKey,
    Log, MemoryPersonKeys, MemoryStore, NewEvent, Position, RecordedEvent, StoreError, StreamName,
    Subscription, Vault,
};

use crate::Commands;

/// Noon of some day, until a test moves it.
#[derive(Debug)]
pub(crate) struct Stopped(AtomicI64);

impl Default for Stopped {
    fn default() -> Self {
        Self(AtomicI64::new(1_795_000_000_000_000))
    }
}

impl Stopped {
    pub(crate) fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).expect("a short time");
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }

    fn since_boot(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// Bytes of a counter, mixed so that they look random and never repeat.
#[derive(Debug, Default)]
pub(crate) struct Scripted(AtomicU64);

impl Entropy for Scripted {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let count = self.0.fetch_add(1, Ordering::SeqCst);
            let mixed = (count + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
                ^ count.wrapping_mul(0xD6E8_FEB8_6659_FD93);
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// A memory store that stops before every step, so that a test decides who goes next.
#[derive(Debug)]
pub(crate) struct Stepwise(pub(crate) MemoryStore);

async fn step() {
    let mut stopped = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut stopped, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[async_trait]
impl EventStore for Stepwise {
    async fn append_checked(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        step().await;
        self.0.append_checked(stream, expected, events).await
    }

    async fn read(
        &self,
        stream: &StreamName,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        step().await;
        self.0.read(stream, from, direction, limit).await
    }

    async fn read_all(
        &self,
        after: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Batch, StoreError> {
        step().await;
        self.0.read_all(after, categories, limit).await
    }

    async fn read_back(
        &self,
        before: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.0.read_back(before, categories, limit).await
    }

    async fn event_at(&self, position: Position) -> Result<Option<RecordedEvent>, StoreError> {
        self.0.event_at(position).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.0.head().await
    }

    async fn count(&self, categories: &Categories) -> Result<u64, StoreError> {
        self.0.count(categories).await
    }

    fn subscribe(&self, after: Position, categories: Categories) -> Subscription {
        self.0.subscribe(after, categories)
    }

    async fn changed(&self, at_most: Duration) {
        self.0.changed(at_most).await;
    }
}

/// Drives a future to its end, step by step.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    loop {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return output;
        }
    }
}

pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Commands on an empty log that stops before every step.
pub(crate) fn stepwise() -> (Arc<Stopped>, Commands) {
    let clock = Arc::new(Stopped::default());
    let entropy = Arc::new(Scripted::default());
    let key = Arc::new(InstallationKey::new([3; 32]));
    let keys = Arc::new(MemoryPersonKeys::default());
    let vault = Arc::new(Vault::new(&key, keys, entropy.clone()));
    let store = Arc::new(Stepwise(MemoryStore::new(clock.clone())));
    let commands = Commands { log: Log::new(store, vault), key, clock: clock.clone(), entropy };
    (clock, commands)
}
