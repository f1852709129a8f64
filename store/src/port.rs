//! The port: what every engine promises. The contract suite holds each adapter to it.

use std::{collections::HashSet, fmt, str::FromStr};

use async_trait::async_trait;
use bytes::Bytes;
use domain::{Category, EventId, Timestamp, UserId};
use futures::stream::BoxStream;

/// Bounds on what is appended, the same on every engine and checked before any of them is asked.
pub mod limits {
    /// Events in one append.
    pub const EVENTS: usize = 500;
    /// Bytes of one event's data.
    pub const DATA: usize = 256 * 1024;
    /// Bytes of one event's metadata.
    pub const METADATA: usize = 16 * 1024;
    /// Bytes of data and metadata in one append.
    pub const APPEND: usize = 900 * 1024;
    /// How far the writer's clock may be ahead of the engine's, where the engine has one to ask.
    pub const AHEAD: std::time::Duration = std::time::Duration::from_secs(5);
}

/// A place in the log. Opaque and ordered: compared and kept, never calculated with. Not dense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    major: u64,
    minor: u64,
}

impl Position {
    /// Before the first event.
    pub const START: Self = Self::new(0, 0);
    /// Behind every event.
    pub const END: Self = Self::new(u64::MAX, u64::MAX);

    /// For adapters: engines with one counter leave `major` zero.
    pub const fn new(major: u64, minor: u64) -> Self {
        Self { major, minor }
    }

    /// For adapters: the two counters.
    pub const fn parts(self) -> (u64, u64) {
        (self.major, self.minor)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a position: it has the form 0.42")]
pub struct InvalidPosition;

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten().ok_or(InvalidPosition)
        };
        let (major, minor) = text.split_once('.').ok_or(InvalidPosition)?;
        Ok(Self::new(number(major)?, number(minor)?))
    }
}

/// `category-id`, with a category of 1–64 of `A-Za-z0-9_` and an id of 1–128 of `A-Za-z0-9_-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamName(String);

impl StreamName {
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let well_formed = text.split_once('-').is_some_and(|(category, id)| {
            (1..=64).contains(&category.len())
                && (1..=128).contains(&id.len())
                && category.bytes().all(word)
                && id.bytes().all(|byte| word(byte) || byte == b'-')
        });
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(StoreError::Invalid("a stream's name has the form category-id".to_owned()))
        }
    }

    /// The stream of an aggregate; ids print in the stream names' alphabet.
    pub fn of<A: domain::Aggregate>(id: &A::Id) -> Self {
        Self(format!("{}-{id}", A::CATEGORY))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text before the first hyphen.
    pub fn category(&self) -> &str {
        self.0.split_once('-').map_or("", |(category, _)| category)
    }

    /// The person that events of this stream are about, whose key seals their personal fields. A rule has a key of its own
    /// for the addresses in it, under its own id.
    pub fn person(&self) -> Option<UserId> {
        let keyed = [Category::User, Category::NotificationRule];
        let keyed = keyed.iter().any(|category| category.as_str() == self.category());
        if keyed { self.id().parse().ok() } else { None }
    }

    /// The text behind the first hyphen.
    pub fn id(&self) -> &str {
        self.0.split_once('-').map_or("", |(_, id)| id)
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// What precedes revision 0.
    pub const NONE: Self = Self([0; 32]);
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// What an append expects of its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    NoStream,
    /// The revision of the stream's last event; the first event has revision 0.
    Exact(u64),
}

impl Expected {
    /// The revision the first appended event gets.
    pub const fn next_revision(self) -> u64 {
        match self {
            Self::NoStream => 0,
            Self::Exact(revision) => revision.saturating_add(1),
        }
    }
}

/// An event as it is handed to an engine: bytes to be kept exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    pub id: EventId,
    /// With version, such as `application.created.v1`.
    pub tag: String,
    pub data: Bytes,
    pub metadata: Bytes,
    pub digest: Digest,
    /// By the clock of whoever writes; the metadata says it, too.
    pub occurred_at: Timestamp,
}

/// An event as an engine gives it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    pub position: Position,
    pub stream: StreamName,
    pub revision: u64,
    pub id: EventId,
    pub tag: String,
    pub data: Bytes,
    pub metadata: Bytes,
    pub digest: Digest,
    /// By the engine's clock.
    pub recorded_at: Timestamp,
}

/// The outcome of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    pub first_revision: u64,
    pub last_revision: u64,
    /// Of the last event.
    pub position: Position,
    /// The same events were there already; nothing was stored.
    pub replayed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Forwards,
    Backwards,
}

/// A filter: events of these categories, or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Categories {
    All,
    Of(Vec<String>),
}

impl Categories {
    pub fn of(categories: &[Category]) -> Self {
        Self::Of(categories.iter().map(|category| category.as_str().to_owned()).collect())
    }

    pub fn contain(&self, category: &str) -> bool {
        match self {
            Self::All => true,
            Self::Of(categories) => categories.iter().any(|known| known == category),
        }
    }
}

/// Events in order, and how far the log was considered to find them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub events: Vec<RecordedEvent>,
    /// Where the next read goes on. Everything up to here is in `events` or was filtered out.
    pub through: Position,
    /// Whether `through` was the end of the log when it was read.
    pub at_head: bool,
}

/// What a subscription delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Event(Box<RecordedEvent>),
    /// Everything up to here was considered, and the filter left nothing to deliver.
    Checkpoint(Position),
    /// Everything that was there is delivered; what follows is live. Said once.
    CaughtUp(Position),
}

/// After an error the subscription ends; the caller subscribes again from its own checkpoint.
pub type Subscription = BoxStream<'static, Result<Message, StoreError>>;

/// An engine that keeps events.
#[async_trait]
pub trait EventStore: fmt::Debug + Send + Sync {
    /// Appends all events or none, at the expected revision.
    ///
    /// The same event ids at the same place are a replay: success, nothing stored, original positions. Any other
    /// difference from the expectation is a [`StoreError::Conflict`].
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        check(&events)?;
        self.append_checked(stream, expected, events).await
    }

    /// For adapters: appends events whose number and sizes were checked.
    async fn append_checked(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError>;

    /// Up to `limit` events from revision `from` on, in that direction, `from` included. A missing stream is empty.
    async fn read(
        &self,
        stream: &StreamName,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError>;

    /// Up to `limit` events of the categories behind `after`, in position order.
    async fn read_all(
        &self,
        after: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Batch, StoreError>;

    /// Up to `limit` events of the categories in front of `before`, the last one first; fewer than that only at the
    /// beginning of the log. For looking back: whoever follows the log reads it forwards.
    async fn read_back(
        &self,
        before: Position,
        categories: &Categories,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, StoreError>;

    /// The event at exactly this position, for those who keep checkpoints.
    async fn event_at(&self, position: Position) -> Result<Option<RecordedEvent>, StoreError>;

    /// The position of the last event; [`Position::START`] when there is none.
    async fn head(&self) -> Result<Position, StoreError>;

    /// How many events there are; may scan.
    async fn count(&self, categories: &Categories) -> Result<u64, StoreError>;

    /// Delivers events of the categories behind `after`, in order, at least once, without skipping any.
    fn subscribe(&self, after: Position, categories: Categories) -> Subscription;

    /// Waits until the log may have grown since this was first polled, or the time is up.
    ///
    /// A hint: reading is the truth. Own appends are noticed at once, those of other processes soon.
    async fn changed(&self, at_most: std::time::Duration);
}

fn check(events: &[NewEvent]) -> Result<(), StoreError> {
    let refuse = |rule: String| Err(StoreError::Invalid(rule));
    if events.is_empty() {
        return refuse("an append holds at least one event".to_owned());
    }
    if events.len() > limits::EVENTS {
        return refuse(format!("an append holds at most {} events", limits::EVENTS));
    }
    if events.iter().any(|event| event.data.len() > limits::DATA) {
        return refuse(format!("an event's data has at most {} bytes", limits::DATA));
    }
    if events.iter().any(|event| event.metadata.len() > limits::METADATA) {
        return refuse(format!("an event's metadata has at most {} bytes", limits::METADATA));
    }
    let ids: HashSet<EventId> = events.iter().map(|event| event.id).collect();
    if ids.len() < events.len() {
        return refuse("an append holds each event once".to_owned());
    }
    let total: usize = events.iter().map(|event| event.data.len() + event.metadata.len()).sum();
    if total > limits::APPEND {
        return refuse(format!("an append has at most {} bytes", limits::APPEND));
    }
    Ok(())
}

/// Why an engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the stream is at another revision: {expected:?} was expected, {actual:?} is there")]
    Conflict {
        expected: Expected,
        /// The revision of the last event, unless the stream is missing or the engine does not say.
        actual: Option<u64>,
    },
    #[error("refused before any engine was asked: {0}")]
    Invalid(String),
    /// The machine's clock is too far ahead of the engine's, see [`limits::AHEAD`].
    #[error("the clock of this machine is {0:?} ahead of the event store's: set it")]
    ClockAhead(std::time::Duration),
    #[error("the event store cannot be reached")]
    Unavailable(#[source] BoxError),
    /// The append may have happened. Sending the same events again is safe.
    #[error("the event store did not say whether the events were appended")]
    OutcomeUnknown(#[source] BoxError),
    #[error("the event store failed")]
    Engine(#[source] BoxError),
}

/// Whatever an engine's client reports.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_its_text_form() {
        let position = Position::new(3, 42);
        assert_eq!(position.to_string().parse(), Ok(position));
        for wrong in ["", "3", "3.", ".3", "3.+4", "a.b", "1.2.3", "-1.2"] {
            assert_eq!(wrong.parse::<Position>(), Err(InvalidPosition), "{wrong:?}");
        }
    }

    #[test]
    fn a_stream_name_has_a_category_and_an_id() {
        assert!(StreamName::parse("application-0192").is_ok());
        let long = format!("a-{}", "b".repeat(129));
        for wrong in ["", "a", "a-", "-b", "$a-b", "a b-c", "ä-b", "a-b\0", long.as_str()] {
            assert!(StreamName::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
