//! Questions to the log.

use std::time::Duration;

use bytes::Bytes;
use postgres_database::within;
use sqlx::{PgPool, Row, postgres::PgRow};
use store::{
    Batch, BoxError, Categories, Digest, Direction, EventId, Position, RecordedEvent, StoreError,
    StreamName, Timestamp,
};
use uuid::Uuid;

use crate::{clamped, failure, position};

/// How long a question may take.
const ANSWER: Duration = Duration::from_secs(4);
/// How long a question may take that looks at all events.
const SCAN: Duration = Duration::from_mins(1);

/// What [`decode`] reads, of events called `e`.
macro_rules! select {
    ($prefix:literal, $rest:literal) => {
        concat!(
            $prefix,
            " e.position, e.stream, e.revision, e.id, e.tag, e.data, e.metadata, e.digest,",
            " (extract(epoch FROM e.recorded_at) * 1000000)::bigint ",
            $rest
        )
    };
}

pub(crate) async fn stream(
    readers: &PgPool,
    stream: &StreamName,
    from: u64,
    direction: Direction,
    limit: usize,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let statement = match direction {
        Direction::Forwards => select!(
            "SELECT",
            "FROM events AS e WHERE e.stream = $1 AND e.revision >= $2
             ORDER BY e.revision LIMIT $3"
        ),
        Direction::Backwards => select!(
            "SELECT",
            "FROM events AS e WHERE e.stream = $1 AND e.revision <= $2
             ORDER BY e.revision DESC LIMIT $3"
        ),
    };
    let query = sqlx::query(statement)
        .bind(stream.as_str())
        .bind(clamped(from))
        .bind(clamped(limit as u64));
    recorded(within(ANSWER, query.fetch_all(readers)).await)
}

/// The end of the log and what lies before it, of one moment: a row with the end alone when nothing does.
const ALL: &str = select!(
    "SELECT head.position,",
    "FROM (SELECT coalesce(max(position), 0) AS position FROM events) AS head
     LEFT JOIN LATERAL (
         SELECT * FROM events WHERE position > $1 AND position <= head.position
         ORDER BY position LIMIT $2
     ) AS e ON true
     ORDER BY e.position"
);

/// Takes a page of each category from the index and then the first page of those together, so that the cost depends
/// neither on how rare a category is nor on how common.
const OF_CATEGORIES: &str = select!(
    "SELECT head.position,",
    "FROM (SELECT coalesce(max(position), 0) AS position FROM events) AS head
     LEFT JOIN LATERAL (
         SELECT candidate.position
         FROM (SELECT DISTINCT unnest($3::text[]) AS category) AS wanted
         CROSS JOIN LATERAL (
             SELECT position FROM events
             WHERE category = wanted.category AND position > $1 AND position <= head.position
             ORDER BY position LIMIT $2
         ) AS candidate
         ORDER BY candidate.position LIMIT $2
     ) AS page ON true
     LEFT JOIN events AS e ON e.position = page.position
     ORDER BY e.position"
);

pub(crate) async fn all(
    readers: &PgPool,
    after: Position,
    categories: &Categories,
    limit: usize,
) -> Result<Batch, StoreError> {
    let statement = match categories {
        Categories::All => sqlx::query(ALL),
        Categories::Of(_) => sqlx::query(OF_CATEGORIES),
    };
    let statement = statement.bind(number(after)).bind(clamped(limit as u64));
    let statement = match categories {
        Categories::All => statement,
        Categories::Of(categories) => statement.bind(categories),
    };
    let rows = within(ANSWER, statement.fetch_all(readers)).await.map_err(failure)?;
    batch(&rows, after, limit).map_err(StoreError::Engine)
}

/// From rows of a head and what [`decode`] reads.
fn batch(rows: &[PgRow], after: Position, limit: usize) -> Result<Batch, BoxError> {
    let head = rows.first().map_or(Ok(0), |row| row.try_get(0)).map(position)?;
    if head <= after {
        return Ok(Batch { events: Vec::new(), through: after, at_head: true });
    }
    let events = rows.iter().filter_map(|row| match row.try_get::<Option<i64>, _>(1) {
        Ok(None) => None,
        Ok(Some(_)) => Some(decode(row, 1)),
        Err(error) => Some(Err(error.into())),
    });
    let events = events.collect::<Result<Vec<_>, _>>()?;
    let full = events.len() == limit;
    let through = if full { events.last().map_or(after, |event| event.position) } else { head };
    Ok(Batch { events, through, at_head: through >= head })
}

const BACK: &str =
    select!("SELECT", "FROM events AS e WHERE e.position < $1 ORDER BY e.position DESC LIMIT $2");

/// As [`OF_CATEGORIES`], from the other end.
const BACK_OF_CATEGORIES: &str = select!(
    "SELECT",
    "FROM (
         SELECT candidate.position
         FROM (SELECT DISTINCT unnest($3::text[]) AS category) AS wanted
         CROSS JOIN LATERAL (
             SELECT position FROM events
             WHERE category = wanted.category AND position < $1
             ORDER BY position DESC LIMIT $2
         ) AS candidate
         ORDER BY candidate.position DESC LIMIT $2
     ) AS page
     JOIN events AS e ON e.position = page.position
     ORDER BY e.position DESC"
);

pub(crate) async fn back(
    readers: &PgPool,
    before: Position,
    categories: &Categories,
    limit: usize,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let statement = match categories {
        Categories::All => sqlx::query(BACK),
        Categories::Of(_) => sqlx::query(BACK_OF_CATEGORIES),
    };
    let statement = statement.bind(number(before)).bind(clamped(limit as u64));
    let statement = match categories {
        Categories::All => statement,
        Categories::Of(categories) => statement.bind(categories),
    };
    recorded(within(ANSWER, statement.fetch_all(readers)).await)
}

pub(crate) async fn event_at(
    readers: &PgPool,
    position: Position,
) -> Result<Option<RecordedEvent>, StoreError> {
    let query = sqlx::query(select!("SELECT", "FROM events AS e WHERE e.position = $1"))
        .bind(number(position));
    Ok(recorded(within(ANSWER, query.fetch_all(readers)).await)?.pop())
}

pub(crate) async fn head(readers: &PgPool) -> Result<Position, StoreError> {
    let head = sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM events");
    within(ANSWER, head.fetch_one(readers)).await.map(position).map_err(failure)
}

pub(crate) async fn count(readers: &PgPool, categories: &Categories) -> Result<u64, StoreError> {
    let count = match categories {
        Categories::All => sqlx::query_scalar("SELECT count(*) FROM events"),
        Categories::Of(categories) => {
            sqlx::query_scalar("SELECT count(*) FROM events WHERE category = ANY ($1)")
                .bind(categories)
        }
    };
    within(SCAN, count.fetch_one(readers)).await.map(i64::unsigned_abs).map_err(failure)
}

/// A position of another engine lies behind every row of this one.
fn number(position: Position) -> i64 {
    match position.parts() {
        (0, minor) => clamped(minor),
        (_, _) => i64::MAX,
    }
}

fn recorded(rows: Result<Vec<PgRow>, sqlx::Error>) -> Result<Vec<RecordedEvent>, StoreError> {
    let rows = rows.map_err(failure)?;
    rows.iter().map(|row| decode(row, 0)).collect::<Result<_, _>>().map_err(StoreError::Engine)
}

/// Nine columns from `first` on, as [`select`] names them.
fn decode(row: &PgRow, first: usize) -> Result<RecordedEvent, BoxError> {
    Ok(RecordedEvent {
        position: position(row.try_get(first)?),
        stream: StreamName::parse(row.try_get(first + 1)?)?,
        revision: row.try_get::<i64, _>(first + 2)?.try_into()?,
        id: EventId::new(row.try_get::<Uuid, _>(first + 3)?),
        tag: row.try_get(first + 4)?,
        data: Bytes::from(row.try_get::<Vec<u8>, _>(first + 5)?),
        metadata: Bytes::from(row.try_get::<Vec<u8>, _>(first + 6)?),
        digest: Digest(row.try_get::<&[u8], _>(first + 7)?.try_into()?),
        recorded_at: Timestamp::from_micros(row.try_get(first + 8)?),
    })
}
