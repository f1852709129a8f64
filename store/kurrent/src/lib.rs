//! The log in KurrentDB (or EventStoreDB from 20.6.1 on), through the crate `eventstore`.
//!
//! The streams of an installation begin with a word and a dot, so that a cluster can be shared: `oathbook.user-…`.
//! `client` survives dead connections and moved leaders, `follower` hears that something was appended. Its hints are
//! hints: reading is the truth, and always asks the leader.

mod address;
mod client;
mod events;
mod follower;
mod reading;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use eventstore::{AppendToStreamOptions, DeleteStreamOptions, StreamState};
use parking_lot::Mutex;
use store::{
    Appended, Batch, Categories, Direction, EventStore, Expected, NewEvent, Position,
    RecordedEvent, StoreError, StreamName, Subscription, growth::Growth, subscription,
};
use tokio_util::sync::{CancellationToken, DropGuard};

pub use crate::address::{Address, InvalidAddress};
use crate::client::{Managed, Risk};

/// How the words begin that mark the streams of a log made to try an engine: see [`discard_trial`].
pub const TRIAL: &str = "oathbooktrial";

/// A handle on the log; clones share its connection.
#[derive(Clone, Debug)]
pub struct KurrentStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Managed,
    growth: Arc<Growth>,
    seen: Arc<Seen>,
    closing: CancellationToken,
    _closes_when_dropped: DropGuard,
}

/// The last position of the installation that this handle knows of.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<Position>);

impl Seen {
    pub(crate) fn get(&self) -> Position {
        *self.0.lock()
    }

    /// Answers with what was known before.
    pub(crate) fn advance(&self, to: Position) -> Position {
        let mut seen = self.0.lock();
        let before = *seen;
        *seen = before.max(to);
        before
    }
}

impl KurrentStore {
    /// Opens the log; the server must answer once.
    pub async fn open(address: &Address) -> Result<Self, StoreError> {
        let closing = CancellationToken::new();
        let client = Managed::new(address.clone(), closing.clone());
        let (growth, seen) = (Arc::<Growth>::default(), Arc::<Seen>::default());
        reading::head(&client, &seen).await?;
        follower::start(address.clone(), growth.clone(), seen.clone(), closing.clone());
        let inner = Inner {
            client,
            growth,
            seen,
            _closes_when_dropped: closing.clone().drop_guard(),
            closing,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Ends the connections. Whoever asks later is told [`StoreError::Unavailable`].
    pub fn close(&self) {
        self.inner.closing.cancel();
        self.inner.client.end();
    }

    async fn position_of(
        &self,
        stream: &StreamName,
        revision: u64,
    ) -> Result<Position, StoreError> {
        let found = self.read(stream, revision, Direction::Forwards, 1).await?;
        let event = found.into_iter().find(|event| event.revision == revision);
        event.map(|event| event.position).ok_or_else(|| {
            StoreError::Engine(
                format!("event {revision} of {stream} was stored and is missing").into(),
            )
        })
    }
}

#[async_trait]
impl EventStore for KurrentStore {
    /// KurrentDB does not say whether it stored anything, so `replayed` is told from the position. It knows ids in
    /// their place only: an id that stands elsewhere is not noticed.
    async fn append_checked(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        let count = events.len() as u64;
        let name = self.inner.client.address().stream(stream);
        let proposed: Vec<_> = events.iter().map(events::proposed).collect();
        let known = self.inner.seen.get();
        let state = match expected {
            Expected::NoStream => StreamState::NoStream,
            // Revisions are signed on the server, and negative ones are wishes of another kind.
            Expected::Exact(revision) => {
                StreamState::StreamRevision(revision.min(i64::MAX.unsigned_abs()))
            }
        };
        let written = self
            .inner
            .client
            .call(Risk::Write(expected), |client, login, within| {
                let options = AppendToStreamOptions::default().stream_state(state).deadline(within);
                let options = login.into_iter().fold(options, AppendToStreamOptions::authenticated);
                let (name, proposed) = (name.clone(), proposed.clone());
                async move { client.append_to_stream(name, &options, proposed).await }
            })
            .await?;
        let last_revision = written.next_expected_version;
        let told = reading::position(written.position);
        // Of several events it is not documented which one's position is told.
        let unsure = told == Position::START || count > 1;
        let position = if unsure {
            // It is stored: whoever is told otherwise would not send it again.
            let found = self.position_of(stream, last_revision).await;
            found.map_err(|error| StoreError::OutcomeUnknown(error.into()))?
        } else {
            told
        };
        self.inner.seen.advance(position);
        self.inner.growth.announce();
        Ok(Appended {
            first_revision: (last_revision + 1).saturating_sub(count),
            last_revision,
            position,
            replayed: told == Position::START || position <= known,
        })
    }

    async fn read(
        &self,
        stream: &StreamName,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        reading::stream(&self.inner.client, stream, from, direction, limit).await
    }

    async fn read_all(
        &self,
        after: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Batch, StoreError> {
        reading::all(&self.inner.client, &self.inner.seen, after, categories, limit).await
    }

    async fn read_back(
        &self,
        before: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        reading::back(&self.inner.client, before, categories, limit).await
    }

    async fn event_at(&self, position: Position) -> Result<Option<RecordedEvent>, StoreError> {
        reading::event_at(&self.inner.client, position).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        reading::head(&self.inner.client, &self.inner.seen).await
    }

    async fn count(&self, categories: &Categories) -> Result<u64, StoreError> {
        let (mut count, mut after) = (0, Position::START);
        loop {
            let batch = self.read_all(after, categories, COUNTED).await?;
            count += batch.events.len() as u64;
            after = batch.through;
            if batch.at_head {
                return Ok(count);
            }
        }
    }

    fn subscribe(&self, after: Position, categories: Categories) -> Subscription {
        subscription::follow(Arc::new(self.clone()), after, categories)
    }

    async fn changed(&self, at_most: Duration) {
        tokio::time::timeout(at_most, self.inner.growth.wait()).await.ok();
    }
}

/// Events that are read at once to be counted.
const COUNTED: usize = 2000;

/// Hides the streams of a log that was made to try the engine, and of no other. The server frees their space when it is
/// scavenged.
pub async fn discard_trial(address: &Address) -> Result<(), StoreError> {
    if !address.prefix().starts_with(TRIAL) {
        return Err(StoreError::Invalid(format!("{} is no trial", address.prefix())));
    }
    let store = KurrentStore::open(address).await?;
    let (mut streams, mut after) = (std::collections::BTreeSet::new(), Position::START);
    loop {
        let batch = store.read_all(after, &Categories::All, COUNTED).await?;
        streams.extend(batch.events.into_iter().map(|event| event.stream));
        after = batch.through;
        if batch.at_head {
            break;
        }
    }
    for stream in streams {
        let name = address.stream(&stream);
        let delete =
            |client: eventstore::Client, login: Option<eventstore::Credentials>, within| {
                let options = DeleteStreamOptions::default().deadline(within);
                let options = login.into_iter().fold(options, DeleteStreamOptions::authenticated);
                let name = name.clone();
                async move { client.delete_stream(name, &options).await }
            };
        store.inner.client.call(Risk::Read, delete).await?;
    }
    store.close();
    Ok(())
}
