//! Where announcing goes on. What happened before is not announced, unless somebody asks.

use std::sync::Arc;

use briefing::{Rules, readable};
use domain::{Category, Event, LogId, notification};
use projections::{Checkpoint, State, state::StateError};
use store::{
    Categories, Digest, EventStore, Log, LogError, Position, Recorded, RecordedEvent, limits,
};
use tracing::{info, warn};

use crate::{Notifier, writing::event_of};

/// The name under which the announcer keeps how far it came.
pub(crate) const LISTENER: &str = "announcer";

#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("the log cannot be read")]
    Log(#[from] LogError),
    #[error("the announcer's place in the log cannot be read or kept")]
    State(#[from] StateError),
    #[error("there is no event at {0}")]
    NoEvent(Position),
}

/// How far the announcer is, with the rules as they are there.
pub(super) struct Place {
    pub(super) checkpoint: Checkpoint,
    pub(super) rules: Arc<Rules>,
}

impl Notifier {
    /// Where the announcer left off, or another one came meanwhile.
    pub(super) async fn place(&self, kept: Option<Place>) -> Result<Place, PlaceError> {
        let log = &self.commands.log;
        let noted = self.state.listener(LISTENER).await?;
        if let Some(kept) = kept.filter(|kept| Some(kept.checkpoint) == noted) {
            return Ok(kept);
        }
        let checkpoint = match noted {
            Some(noted) => self.still_there(noted).await?,
            None => begin(log, self.log_id, &*self.state).await?,
        };
        let rules = Rules::at(log, checkpoint.position).await?;
        Ok(Place { checkpoint, rules: Arc::new(rules) })
    }

    /// The place, unless the log is another one by now. Of one that has gone back the letters in it say how far
    /// announcing had come: asking again for one of them changes nothing.
    async fn still_there(&self, noted: Checkpoint) -> Result<Checkpoint, PlaceError> {
        let (log, state) = (&self.commands.log, &*self.state);
        if noted.holds_in(self.log_id, &**log.store()).await.map_err(LogError::from)? {
            return Ok(noted);
        }
        if noted.log != self.log_id {
            return begin(log, self.log_id, state).await;
        }
        let last = last_announced(log).await?;
        warn!(position = %last, "The log has gone back: announcing goes on behind its last letters");
        go_on_behind(log, self.log_id, state, last).await
    }
}

/// Notes where announcing begins, unless that is known: at the beginning of a log that was just founded, and otherwise
/// behind what is in it, because a state that knows of no place is younger than the log.
pub async fn begin_announcing(log: &Log, id: LogId, state: &dyn State) -> Result<(), PlaceError> {
    // Looked at before the place: whoever founded the log noted one before there was a second event.
    let young = is_young(&**log.store()).await.map_err(LogError::from)?;
    match state.listener(LISTENER).await? {
        Some(_) => Ok(()),
        None if young => Ok(state.advance_listener(LISTENER, Checkpoint::start(id)).await?),
        None => begin(log, id, state).await.map(drop),
    }
}

/// Lets announcing go on behind the event at the position. Letters that were asked for before are not asked for again.
pub async fn announce_behind(
    log: &Log,
    id: LogId,
    state: &dyn State,
    position: Position,
) -> Result<(), PlaceError> {
    go_on_behind(log, id, state, position).await.map(drop)
}

/// Behind everything there is.
async fn begin(log: &Log, id: LogId, state: &dyn State) -> Result<Checkpoint, PlaceError> {
    let head = log.store().head().await.map_err(LogError::from)?;
    info!(position = %head, "Nothing is known of what was announced: announcing begins behind what is in the log");
    go_on_behind(log, id, state, head).await
}

async fn go_on_behind(
    log: &Log,
    id: LogId,
    state: &dyn State,
    position: Position,
) -> Result<Checkpoint, PlaceError> {
    let digest = if position == Position::START {
        Digest::NONE
    } else {
        let event = log.store().event_at(position).await.map_err(LogError::from)?;
        event.ok_or(PlaceError::NoEvent(position))?.digest
    };
    let checkpoint = Checkpoint { log: id, position, digest };
    state.advance_listener(LISTENER, checkpoint).await?;
    Ok(checkpoint)
}

/// Whether there is nothing but the founding.
async fn is_young(store: &dyn EventStore) -> Result<bool, store::StoreError> {
    let batch = store.read_all(Position::START, &Categories::of(Category::ALL), 2).await?;
    Ok(batch.events.len() < 2)
}

/// The position of an event that one of the last letters tells of, the earliest of them since several are asked for at once;
/// or the head of a log that tells of none.
async fn last_announced(log: &Log) -> Result<Position, LogError> {
    let categories = Categories::of(&[Category::Notification]);
    let mut before = Position::END;
    loop {
        let page = log.store().read_back(before, &categories, limits::EVENTS).await?;
        let mut announced = Vec::new();
        for event in &page {
            announced.extend(announced_by(log, event).await?);
            before = event.position;
        }
        if let Some(earliest) = announced.into_iter().min() {
            return Ok(earliest);
        }
        if page.len() < limits::EVENTS {
            return Ok(log.store().head().await?);
        }
    }
}

/// The position of what a letter was asked for about, if that is what the event says. A test may be about anything.
async fn announced_by(log: &Log, event: &RecordedEvent) -> Result<Option<Position>, LogError> {
    let Some(Recorded {
        event: Event::Notification(notification::Event::Requested { request, .. }),
        ..
    }) = readable(log, event).await?
    else {
        return Ok(None);
    };
    if request.test.is_some() {
        return Ok(None);
    }
    Ok(event_of(log, &request).await?.map(|event| event.position))
}
