//! Appends that wait together share a commit, and thus the wait for the disk: for adapters whose engine lets one
//! transaction append at a time.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use tokio::{
    sync::{
        mpsc::{self, Receiver, Sender, error::TryRecvError},
        oneshot,
    },
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::{Appended, Expected, NewEvent, StoreError, StreamName};

/// Appends that may wait; further callers wait to be let in.
const QUEUE: usize = 256;
/// Appends in one transaction.
const APPENDS: usize = 256;
/// Bytes of data and metadata after which a transaction takes no more appends.
const BYTES: usize = 4 * 1024 * 1024;

/// What one append is told.
pub type Outcome = Result<Appended, StoreError>;

/// What each append of a failed transaction is told.
pub type Explanation = Box<dyn Fn() -> StoreError + Send>;

/// Commits batches, one after the other.
#[async_trait]
pub trait Commit: fmt::Debug + Send + 'static {
    /// Appends what can be appended in one transaction; answers in the order of the batch. Each append is stored whole
    /// or not at all, and one that is refused leaves the others alone. An explanation says why nothing was stored, or
    /// that nobody knows.
    async fn commit(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, Explanation>;

    /// Called after the last batch.
    async fn close(&mut self);
}

/// An append that belongs to whoever commits.
#[derive(Debug)]
pub struct Append {
    pub stream: StreamName,
    pub expected: Expected,
    pub events: Vec<NewEvent>,
    answer: oneshot::Sender<Outcome>,
}

/// Where appends are handed in.
#[derive(Clone, Debug)]
pub struct Appends {
    queue: Sender<Append>,
    counters: Arc<Counters>,
}

/// What was written through one [`Appends`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Durable transactions.
    pub commits: u64,
    /// Events in them.
    pub events: u64,
}

#[derive(Debug, Default)]
struct Counters {
    commits: AtomicU64,
    events: AtomicU64,
}

#[derive(Debug, thiserror::Error)]
#[error("the event store is closed")]
struct Closed;

/// Where appends are handed in, and the task that commits them: until nobody is left who appends, or until `closing`
/// and nothing waits any more. `announce` is called after every commit that stored something.
pub fn start(
    commit: impl Commit,
    announce: impl Fn() + Send + 'static,
    closing: CancellationToken,
) -> (Appends, impl Future<Output = ()> + Send + 'static) {
    let (queue, appends) = mpsc::channel(QUEUE);
    let counters = Arc::<Counters>::default();
    let committing = Committing { commit, announce, counters: counters.clone() };
    (Appends { queue, counters }, committing.run(appends, closing))
}

impl Appends {
    /// Once the append is handed over, it happens or fails whether or not the caller goes on waiting.
    pub async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Outcome {
        let began = Instant::now();
        let (answer, outcome) = oneshot::channel();
        let append = Append { stream: stream.clone(), expected, events, answer };
        let handed_over = self.queue.send(append).await;
        handed_over.map_err(|_| StoreError::Unavailable(Box::new(Closed)))?;
        let outcome =
            outcome.await.unwrap_or_else(|lost| Err(StoreError::OutcomeUnknown(Box::new(lost))));
        metrics::histogram!("oathbook_append_seconds").record(began.elapsed());
        outcome
    }

    pub fn statistics(&self) -> Statistics {
        Statistics {
            commits: self.counters.commits.load(Ordering::Relaxed),
            events: self.counters.events.load(Ordering::Relaxed),
        }
    }
}

impl Append {
    fn bytes(&self) -> usize {
        self.events.iter().map(|event| event.data.len() + event.metadata.len()).sum()
    }

    /// The answer when its last event stands at `position`.
    pub fn appended(&self, position: crate::Position, replayed: bool) -> Appended {
        let first_revision = self.expected.next_revision();
        Appended {
            first_revision,
            last_revision: first_revision + (self.events.len() as u64 - 1),
            position,
            replayed,
        }
    }
}

struct Committing<C, A> {
    commit: C,
    announce: A,
    counters: Arc<Counters>,
}

impl<C: Commit, A: Fn() + Send> Committing<C, A> {
    async fn run(mut self, mut queue: Receiver<Append>, closing: CancellationToken) {
        loop {
            let first = tokio::select! {
                biased;
                () = closing.cancelled(), if !queue.is_closed() => {
                    queue.close();
                    continue;
                }
                first = queue.recv() => first,
            };
            let Some(first) = first else { break };
            self.commit(batch(first, &mut queue)).await;
        }
        self.commit.close().await;
    }

    async fn commit(&mut self, batch: Vec<Append>) {
        match self.commit.commit(&batch).await {
            Ok(outcomes) => {
                self.count(&outcomes);
                for (append, outcome) in batch.into_iter().zip(outcomes) {
                    append.answer.send(outcome).ok();
                }
            }
            Err(explain) => {
                for append in batch {
                    append.answer.send(Err(explain())).ok();
                }
            }
        }
    }

    fn count(&self, outcomes: &[Outcome]) {
        let stored = outcomes.iter().flatten().filter(|appended| !appended.replayed);
        let events = stored.map(|one| one.last_revision - one.first_revision + 1).sum();
        if events == 0 {
            return;
        }
        (self.announce)();
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        self.counters.events.fetch_add(events, Ordering::Relaxed);
        metrics::counter!("oathbook_commits_total").increment(1);
        metrics::counter!("oathbook_events_appended_total").increment(events);
    }
}

/// The first append and those that are waiting behind it.
fn batch(first: Append, queue: &mut Receiver<Append>) -> Vec<Append> {
    let mut bytes = first.bytes();
    let mut batch = vec![first];
    while batch.len() < APPENDS && bytes < BYTES {
        match queue.try_recv() {
            Ok(append) => {
                bytes += append.bytes();
                batch.push(append);
            }
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
        }
    }
    batch
}
