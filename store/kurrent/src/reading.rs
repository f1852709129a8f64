//! Reads, each in one call, always from the leader.

use eventstore::{Error, ReadAllOptions, ReadStreamOptions, StreamPosition, SubscriptionFilter};
use store::{Batch, Categories, Direction, Position, RecordedEvent, StoreError, StreamName};

use crate::{
    Seen,
    address::Address,
    client::{Managed, Risk},
    events,
};

pub(crate) const fn position(position: eventstore::Position) -> Position {
    Position::new(position.commit, position.prepare)
}

const fn theirs(position: Position) -> eventstore::Position {
    let (commit, prepare) = position.parts();
    eventstore::Position { commit, prepare }
}

/// What of everything is ours, or of these categories. `None` chooses nothing, which the server cannot be told.
pub(crate) fn filter(address: &Address, categories: &Categories) -> Option<SubscriptionFilter> {
    let filter = SubscriptionFilter::on_stream_name();
    let prefix = address.prefix();
    match categories {
        Categories::All => Some(filter.add_prefix(format!("{prefix}."))),
        Categories::Of(categories) if categories.is_empty() => None,
        Categories::Of(categories) => {
            Some(categories.iter().fold(filter, |filter, category| {
                filter.add_prefix(format!("{prefix}.{category}-"))
            }))
        }
    }
}

pub(crate) async fn stream(
    client: &Managed,
    stream: &StreamName,
    from: u64,
    direction: Direction,
    limit: usize,
) -> Result<Vec<RecordedEvent>, StoreError> {
    // Revisions are signed on the server.
    let beyond = i64::try_from(from).is_err();
    if limit == 0 || (beyond && direction == Direction::Forwards) {
        return Ok(Vec::new());
    }
    let at = if beyond { StreamPosition::End } else { StreamPosition::Position(from) };
    let name = client.address().stream(stream);
    let found = client.call(Risk::Read, |client, login, within| {
        let options = ReadStreamOptions::default().position(at).max_count(limit).deadline(within);
        let options = match direction {
            Direction::Forwards => options.forwards(),
            Direction::Backwards => options.backwards(),
        };
        let options = login.into_iter().fold(options, ReadStreamOptions::authenticated);
        let name = name.clone();
        async move {
            match client.read_stream(name, &options).await {
                Ok(events) => collect(events).await,
                Err(error) => Err(error),
            }
            .or_else(|error| match error {
                Error::ResourceNotFound => Ok(Vec::new()),
                error => Err(error),
            })
        }
    });
    recorded(client, found.await?)
}

/// What the server itself writes into our streams: that one was closed for ever.
pub(crate) fn is_of_the_system(event: &eventstore::RecordedEvent) -> bool {
    event.event_type.starts_with('$')
}

async fn collect(
    mut events: eventstore::ReadStream,
) -> Result<Vec<eventstore::RecordedEvent>, Error> {
    let mut found = Vec::new();
    while let Some(event) = events.next().await? {
        // There is one unless a link points at nothing, and links are not followed.
        found.extend(event.event);
    }
    Ok(found)
}

fn recorded(
    client: &Managed,
    found: Vec<eventstore::RecordedEvent>,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let ours = found.into_iter().filter(|event| !is_of_the_system(event));
    let events = ours.map(|event| events::recorded(event, client.address()));
    events.collect::<Result<_, _>>().map_err(StoreError::Engine)
}

/// Up to so many of everything, from this position on, which is included.
async fn everything(
    client: &Managed,
    from: StreamPosition<eventstore::Position>,
    direction: Direction,
    filter: &SubscriptionFilter,
    limit: usize,
) -> Result<Vec<eventstore::RecordedEvent>, StoreError> {
    client
        .call(Risk::Read, |client, login, within| {
            let options =
                ReadAllOptions::default().position(from).max_count(limit).deadline(within);
            let options = match direction {
                Direction::Forwards => options.forwards(),
                Direction::Backwards => options.backwards(),
            };
            let options = options.filter(filter.clone());
            let options = login.into_iter().fold(options, ReadAllOptions::authenticated);
            async move { collect(client.read_all(&options).await?).await }
        })
        .await
}

/// More than the server ever writes into our streams at once.
const LAST: usize = 8;

/// The position of our last event.
pub(crate) async fn head(client: &Managed, seen: &Seen) -> Result<Position, StoreError> {
    let Some(ours) = filter(client.address(), &Categories::All) else { return Ok(Position::START) };
    let last = everything(client, StreamPosition::End, Direction::Backwards, &ours, LAST).await?;
    let last = last.iter().find(|event| !is_of_the_system(event));
    let head = last.map_or(Position::START, |event| position(event.position));
    seen.advance(head);
    Ok(head)
}

/// The filter leaves no trace of what it considered. Whatever was known to be there before the server was asked was
/// considered, though, when it has nothing more to tell.
pub(crate) async fn all(
    client: &Managed,
    seen: &Seen,
    after: Position,
    categories: &Categories,
    limit: usize,
) -> Result<Batch, StoreError> {
    let known = seen.get().max(after);
    if limit == 0 {
        return Ok(Batch { events: Vec::new(), through: after, at_head: false });
    }
    let nothing = |through| Batch { events: Vec::new(), through, at_head: true };
    let Some(filter) = filter(client.address(), categories) else { return Ok(nothing(known)) };
    let from = if after == Position::START {
        StreamPosition::Start
    } else {
        StreamPosition::Position(theirs(after))
    };
    let found = match everything(client, from, Direction::Forwards, &filter, limit + 1).await {
        Ok(found) => found,
        Err(error) if is_no_position(&error) => {
            return if after >= head(client, seen).await? {
                Ok(nothing(after))
            } else {
                Err(error)
            };
        }
        Err(error) => return Err(error),
    };
    let at_head = found.len() <= limit;
    let behind = found.into_iter().filter(|event| position(event.position) > after);
    let page: Vec<_> = behind.take(limit).collect();
    let last = page.last().map_or(after, |event| position(event.position));
    seen.advance(last);
    let through = if at_head { known.max(last) } else { last };
    Ok(Batch { events: recorded(client, page)?, through, at_head })
}

/// Whether a read backwards includes where it begins is left to the server, so one more is asked for.
pub(crate) async fn back(
    client: &Managed,
    before: Position,
    categories: &Categories,
    limit: usize,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let Some(filter) = filter(client.address(), categories) else { return Ok(Vec::new()) };
    if limit == 0 || before == Position::START {
        return Ok(Vec::new());
    }
    let from = if before == Position::END {
        StreamPosition::End
    } else {
        StreamPosition::Position(theirs(before))
    };
    let found = everything(client, from, Direction::Backwards, &filter, limit + 1).await?;
    let in_front = found.into_iter().filter(|event| position(event.position) < before);
    recorded(client, in_front.take(limit).collect())
}

pub(crate) async fn event_at(
    client: &Managed,
    at: Position,
) -> Result<Option<RecordedEvent>, StoreError> {
    let Some(ours) = filter(client.address(), &Categories::All) else { return Ok(None) };
    let from = StreamPosition::Position(theirs(at));
    match everything(client, from, Direction::Forwards, &ours, 1).await {
        Ok(mut found) => {
            found.retain(|event| position(event.position) == at);
            Ok(recorded(client, found)?.pop())
        }
        Err(error) if is_no_position(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the server says that nothing begins there.
fn is_no_position(error: &StoreError) -> bool {
    let StoreError::Engine(source) = error else { return false };
    source.downcast_ref::<std::sync::Arc<Error>>().is_some_and(|error| {
        matches!(&**error, Error::Grpc { code, .. } if format!("{code:?}") == "InvalidArgument")
    })
}
