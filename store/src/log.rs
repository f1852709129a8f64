//! The log in the domain's words: streams fold to aggregates, decisions become events.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Aggregate, Category, Event, EventId, tagged, untag};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Appended, Digest, Direction, EventStore, Expected, Metadata, NewEvent, Position, RecordedEvent,
    StoreError, StreamName, Vault, VaultError,
    codec::{
        digest::Covered,
        upcast::{UPCASTERS, upcast},
    },
    limits,
};

/// An engine and the codec in front of it.
#[derive(Clone, Debug)]
pub struct Log {
    store: Arc<dyn EventStore>,
    vault: Arc<Vault>,
}

/// One event, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    pub position: Position,
    pub stream: StreamName,
    pub revision: u64,
    pub id: EventId,
    pub event: Event,
    pub metadata: Metadata,
}

/// An aggregate as its stream tells it.
#[derive(Clone, Debug)]
pub struct History<A> {
    pub state: A,
    /// What an append must expect.
    pub expected: Expected,
    /// Of the last event read.
    pub position: Position,
    /// Where the hash chain ends.
    pub digest: Digest,
    ids: Vec<(EventId, Position)>,
}

/// What is written beside the events of one command.
#[derive(Clone, Debug)]
pub struct Stamp {
    pub metadata: Metadata,
}

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("event {revision} of stream {stream} cannot be read")]
    Unreadable {
        stream: StreamName,
        revision: u64,
        #[source]
        source: crate::port::BoxError,
    },
    #[error("an event cannot be written as JSON")]
    Unwritable(#[from] serde_json::Error),
}

impl LogError {
    /// Whether somebody else appended first.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict { .. }))
    }

    /// Whether what is in the log cannot be read by this release with this installation key. Asking again does not help.
    pub const fn is_unreadable(&self) -> bool {
        matches!(self, Self::Unreadable { .. } | Self::Vault(VaultError::Sealed))
    }

    /// Whether an engine cannot be reached now, or did not answer. Asking again later may help.
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_))
                | Self::Vault(VaultError::Unavailable(_))
        )
    }
}

impl<A> History<A> {
    /// Where this command's events stand in the stream, if they do.
    pub fn position_of(&self, stream: &StreamName, command: Uuid) -> Option<Position> {
        Some(self.last_of(stream, command)?.1)
    }

    /// The revision of the last of this command's events, if there are any.
    pub fn revision_of(&self, stream: &StreamName, command: Uuid) -> Option<u64> {
        Some(self.last_of(stream, command)?.0)
    }

    /// The revision of the first of this command's events, if there are any.
    pub fn first_revision_of(&self, stream: &StreamName, command: Uuid) -> Option<u64> {
        let first = event_id(command, stream, 0);
        // A history begins with the first event, and revisions leave nothing out.
        (0..).zip(&self.ids).find(|(_, (id, _))| *id == first).map(|(revision, _)| revision)
    }

    fn last_of(&self, stream: &StreamName, command: Uuid) -> Option<(u64, Position)> {
        let first = event_id(command, stream, 0);
        // A history begins with the first event, and revisions leave nothing out.
        let mut behind = (0..).zip(&self.ids).skip_while(|(_, (id, _))| *id != first).zip(0..);
        let mut last = None;
        while let Some(((revision, (id, position)), index)) = behind.next()
            && *id == event_id(command, stream, index)
        {
            last = Some((revision, *position));
        }
        last
    }
}

/// `UUIDv5`(command id, stream name ‖ 0x00 ‖ index): sending a command again gives the same ids.
pub fn event_id(command: Uuid, stream: &StreamName, index: usize) -> EventId {
    let name = [stream.as_str().as_bytes(), b"\0", index.to_string().as_bytes()].concat();
    EventId::new(Uuid::new_v5(&command, &name))
}

impl Log {
    pub fn new(store: Arc<dyn EventStore>, vault: Arc<Vault>) -> Self {
        Self { store, vault }
    }

    /// The engine, for those who read bytes.
    pub fn store(&self) -> &Arc<dyn EventStore> {
        &self.store
    }

    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// Reads a whole stream and folds it.
    pub async fn history<A: Aggregate>(&self, id: &A::Id) -> Result<History<A>, LogError> {
        self.as_of(id, u64::MAX).await
    }

    /// The stream as it was right behind the event with the revision, or is if it has not come so far.
    pub async fn as_of<A: Aggregate>(
        &self,
        id: &A::Id,
        revision: u64,
    ) -> Result<History<A>, LogError> {
        self.fold(id, |event| event.revision <= revision).await
    }

    /// The stream as it was when the log was as long as the position says.
    pub async fn through<A: Aggregate>(
        &self,
        id: &A::Id,
        position: Position,
    ) -> Result<History<A>, LogError> {
        self.fold(id, |event| event.position <= position).await
    }

    /// Folds the first events of a stream, those that are wanted.
    async fn fold<A: Aggregate>(
        &self,
        id: &A::Id,
        wanted: impl Fn(&RecordedEvent) -> bool + Send,
    ) -> Result<History<A>, LogError> {
        let stream = StreamName::of::<A>(id);
        let mut history = History {
            state: A::default(),
            expected: Expected::NoStream,
            position: Position::START,
            digest: Digest::NONE,
            ids: Vec::new(),
        };
        loop {
            let from = history.expected.next_revision();
            let page = self.store.read(&stream, from, Direction::Forwards, limits::EVENTS).await?;
            let full = page.len() == limits::EVENTS;
            for event in page {
                if !wanted(&event) {
                    return Ok(history);
                }
                history.expected = Expected::Exact(event.revision);
                history.position = event.position;
                history.digest = event.digest;
                history.ids.push((event.id, event.position));
                let data = self.data(&event).await?;
                let event = untag(&data.0, data.1).map_err(|source| unreadable(&event, source))?;
                history.state = history.state.evolve(event);
            }
            if !full {
                return Ok(history);
            }
        }
    }

    /// Writes events behind the history they were decided on. Only `commands::handle` calls this.
    pub async fn append<A: Aggregate>(
        &self,
        id: &A::Id,
        history: &History<A>,
        events: &[A::Event],
        stamp: &Stamp,
    ) -> Result<Appended, LogError> {
        let stream = StreamName::of::<A>(id);
        let mut previous = history.digest;
        let mut encoded = Vec::with_capacity(events.len());
        for (index, event) in events.iter().enumerate() {
            let revision = history.expected.next_revision() + index as u64;
            let event = self.encode(&stream, revision, index, event, stamp, previous).await?;
            previous = event.digest;
            encoded.push(event);
        }
        Ok(self.store.append(&stream, history.expected, encoded).await?)
    }

    /// Reads one event of any category, personal fields opened.
    pub async fn decode(&self, recorded: &RecordedEvent) -> Result<Recorded, LogError> {
        let category: Category =
            recorded.stream.category().parse().map_err(|source| unreadable(recorded, source))?;
        let (tag, data) = self.data(recorded).await?;
        let event =
            Event::decode(category, &tag, data).map_err(|source| unreadable(recorded, source))?;
        let mut metadata: Value = serde_json::from_slice(&recorded.metadata)
            .map_err(|source| unreadable(recorded, source))?;
        self.vault.open(&mut metadata).await?;
        // The error would quote what is personal and open by now.
        let metadata = serde_json::from_value(metadata)
            .map_err(|_| unreadable(recorded, "the metadata have another shape"))?;
        Ok(Recorded {
            position: recorded.position,
            stream: recorded.stream.clone(),
            revision: recorded.revision,
            id: recorded.id,
            event,
            metadata,
        })
    }

    /// The event's tag and data as of this release, personal fields opened.
    async fn data(&self, recorded: &RecordedEvent) -> Result<(String, Value), LogError> {
        let mut data: Value = serde_json::from_slice(&recorded.data)
            .map_err(|source| unreadable(recorded, source))?;
        self.vault.open(&mut data).await?;
        Ok(upcast(UPCASTERS, &recorded.tag, data))
    }

    async fn encode<E: serde::Serialize>(
        &self,
        stream: &StreamName,
        revision: u64,
        index: usize,
        event: &E,
        stamp: &Stamp,
        previous: Digest,
    ) -> Result<NewEvent, LogError> {
        let id = event_id(stamp.metadata.command, stream, index);
        let (tag, mut data) = tagged(event)?;
        let place = id.to_string();
        self.vault.seal(stream.person(), &place, &mut data).await?;
        let mut metadata = serde_json::to_value(&stamp.metadata)?;
        let person = stamp.metadata.actor.person();
        self.vault.seal(person, &format!("{place}#metadata"), &mut metadata).await?;
        let data = Bytes::from(serde_json::to_vec(&data)?);
        let metadata = Bytes::from(serde_json::to_vec(&metadata)?);
        let digest =
            Covered { stream, revision, id, tag: &tag, data: &data, metadata: &metadata, previous }
                .digest();
        let occurred_at = stamp.metadata.occurred_at;
        Ok(NewEvent { id, tag, data, metadata, digest, occurred_at })
    }
}

fn unreadable(event: &RecordedEvent, source: impl Into<crate::port::BoxError>) -> LogError {
    LogError::Unreadable {
        stream: event.stream.clone(),
        revision: event.revision,
        source: source.into(),
    }
}
