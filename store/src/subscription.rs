//! A subscription for engines that can be read in order: read to the end, wait for a hint, read again.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures::{StreamExt, stream};

use crate::{Categories, EventStore, Message, Position, RecordedEvent, StoreError, Subscription};

/// Events read at once, which bounds the memory of a slow consumer.
const PAGE: usize = 500;
/// How long to trust that no hint means no event.
const POLL: Duration = Duration::from_millis(250);

struct Follower {
    store: Arc<dyn EventStore>,
    categories: Categories,
    through: Position,
    waiting: VecDeque<RecordedEvent>,
    /// The end of the page whose events are waiting, when it goes beyond the last of them.
    checkpoint: Option<Position>,
    at_head: bool,
    caught_up: bool,
    failed: bool,
}

/// Follows the store from behind `after`. Nothing runs between polls, so dropping the stream frees everything.
pub fn follow(store: Arc<dyn EventStore>, after: Position, categories: Categories) -> Subscription {
    let follower = Follower {
        store,
        categories,
        through: after,
        waiting: VecDeque::new(),
        checkpoint: None,
        at_head: false,
        caught_up: false,
        failed: false,
    };
    stream::unfold(follower, |mut follower| async {
        let message = follower.next().await?;
        Some((message, follower))
    })
    .boxed()
}

impl Follower {
    async fn next(&mut self) -> Option<Result<Message, StoreError>> {
        loop {
            if self.failed {
                return None;
            }
            if let Some(event) = self.waiting.pop_front() {
                return Some(Ok(Message::Event(Box::new(event))));
            }
            if let Some(position) = self.checkpoint.take() {
                return Some(Ok(Message::Checkpoint(position)));
            }
            if self.at_head {
                if !self.caught_up {
                    self.caught_up = true;
                    return Some(Ok(Message::CaughtUp(self.through)));
                }
                self.wait_for_growth().await;
            }
            if let Err(error) = self.read().await {
                self.failed = true;
                return Some(Err(error));
            }
        }
    }

    /// Asks for the hint first and reads once before trusting it, so that no growth falls in between.
    async fn wait_for_growth(&mut self) {
        let store = self.store.clone();
        let hint = store.changed(POLL);
        tokio::pin!(hint);
        let given = futures::future::poll_immediate(&mut hint).await.is_some();
        if !given && self.store.head().await.is_ok_and(|head| head <= self.through) {
            hint.await;
        }
    }

    async fn read(&mut self) -> Result<(), StoreError> {
        let batch = self.store.read_all(self.through, &self.categories, PAGE).await?;
        let last = batch.events.last().map_or(self.through, |event| event.position);
        self.checkpoint = (batch.through > last).then_some(batch.through);
        self.through = batch.through;
        self.at_head = batch.at_head;
        self.waiting = batch.events.into();
        Ok(())
    }
}

/// Does the work, then waits until the store may have grown since the work began, or the time is up.
///
/// For those who read to the end again and again: growth during the work is not missed.
pub async fn work_then_wait<W: Future>(
    store: &dyn EventStore,
    at_most: Duration,
    work: W,
) -> W::Output {
    let hint = store.changed(at_most);
    tokio::pin!(hint);
    let grown = futures::future::poll_immediate(&mut hint).await.is_some();
    let outcome = work.await;
    if !grown {
        hint.await;
    }
    outcome
}
