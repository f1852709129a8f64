//! Questions to the log.

use bytes::Bytes;
use sqlx::{Row, SqlitePool, sqlite::SqliteRow};
use store::{
    Batch, BoxError, Categories, Digest, Direction, EventId, Position, RecordedEvent, StoreError,
    StreamName, Timestamp,
};
use uuid::Uuid;

use crate::{clamped, failure, position};

pub(crate) async fn stream(
    readers: &SqlitePool,
    stream: &StreamName,
    from: u64,
    direction: Direction,
    limit: usize,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let statement = match direction {
        Direction::Forwards => {
            "SELECT position, stream, revision, id, tag, data, metadata, digest, recorded_at
             FROM events WHERE stream = ?1 AND revision >= ?2 ORDER BY revision LIMIT +?3"
        }
        Direction::Backwards => {
            "SELECT position, stream, revision, id, tag, data, metadata, digest, recorded_at
             FROM events WHERE stream = ?1 AND revision <= ?2 ORDER BY revision DESC LIMIT +?3"
        }
    };
    let query = sqlx::query(statement)
        .bind(stream.as_str())
        .bind(clamped(from))
        .bind(clamped(limit as u64));
    recorded(query.fetch_all(readers).await)
}

/// Asks for the end of the log first and for nothing behind it afterwards. Positions come in the order of commits and
/// rows never change, so both answers together are the log as it was at the first.
pub(crate) async fn all(
    readers: &SqlitePool,
    after: Position,
    categories: &Categories,
    limit: usize,
) -> Result<Batch, StoreError> {
    let head = head(readers).await?;
    if head <= after {
        return Ok(Batch { events: Vec::new(), through: after, at_head: true });
    }
    let events = match categories {
        Categories::All => between(readers, after, head, limit).await?,
        Categories::Of(categories) => {
            of_categories_between(readers, after, head, categories, limit).await?
        }
    };
    let full = events.len() == limit;
    let through = if full { events.last().map_or(after, |event| event.position) } else { head };
    Ok(Batch { events, through, at_head: through >= head })
}

pub(crate) async fn back(
    readers: &SqlitePool,
    before: Position,
    categories: &Categories,
    limit: usize,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let query = match categories {
        Categories::All => sqlx::query(
            "SELECT position, stream, revision, id, tag, data, metadata, digest, recorded_at
             FROM events WHERE position < ?1 ORDER BY position DESC LIMIT +?2",
        ),
        Categories::Of(_) => sqlx::query(BACK_OF_CATEGORIES),
    };
    let query = query.bind(rowid(before)).bind(clamped(limit as u64));
    let query = match categories {
        Categories::All => query,
        Categories::Of(categories) => query.bind(json(categories)),
    };
    recorded(query.fetch_all(readers).await)
}

/// As [`of_categories_between`], from the other end.
const BACK_OF_CATEGORIES: &str = "
    WITH page AS (
        SELECT candidate.position
        FROM json_each(?3) AS wanted
        JOIN events AS candidate ON candidate.position IN (
            SELECT position FROM events
            WHERE category = wanted.value AND position < ?1
            ORDER BY position DESC LIMIT +?2
        )
        GROUP BY candidate.position ORDER BY candidate.position DESC LIMIT +?2
    )
    SELECT position, stream, revision, id, tag, data, metadata, digest, recorded_at
    FROM events WHERE position IN (SELECT position FROM page) ORDER BY position DESC";

pub(crate) async fn event_at(
    readers: &SqlitePool,
    position: Position,
) -> Result<Option<RecordedEvent>, StoreError> {
    let query = sqlx::query(
        "SELECT position, stream, revision, id, tag, data, metadata, digest, recorded_at
         FROM events WHERE position = ?1",
    )
    .bind(rowid(position));
    Ok(recorded(query.fetch_all(readers).await)?.pop())
}

pub(crate) async fn head(readers: &SqlitePool) -> Result<Position, StoreError> {
    let head = sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM events");
    head.fetch_one(readers).await.map(position).map_err(failure)
}

pub(crate) async fn count(
    readers: &SqlitePool,
    categories: &Categories,
) -> Result<u64, StoreError> {
    let count = match categories {
        Categories::All => sqlx::query_scalar("SELECT count(*) FROM events"),
        Categories::Of(categories) => sqlx::query_scalar(
            "SELECT count(*) FROM events WHERE category IN (SELECT value FROM json_each(?1))",
        )
        .bind(json(categories)),
    };
    count.fetch_one(readers).await.map(i64::unsigned_abs).map_err(failure)
}

async fn between(
    readers: &SqlitePool,
    after: Position,
    head: Position,
    limit: usize,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let query = sqlx::query(
        "SELECT position, stream, revision, id, tag, data, metadata, digest, recorded_at
         FROM events WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT +?3",
    )
    .bind(rowid(after))
    .bind(rowid(head))
    .bind(clamped(limit as u64));
    recorded(query.fetch_all(readers).await)
}

/// Takes a page of each category from the index and then the first page of those together, so that the cost depends
/// neither on how rare a category is nor on how common.
async fn of_categories_between(
    readers: &SqlitePool,
    after: Position,
    head: Position,
    categories: &[String],
    limit: usize,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let query = sqlx::query(
        "WITH page AS (
             SELECT candidate.position
             FROM json_each(?4) AS wanted
             JOIN events AS candidate ON candidate.position IN (
                 SELECT position FROM events
                 WHERE category = wanted.value AND position > ?1 AND position <= ?2
                 ORDER BY position LIMIT +?3
             )
             GROUP BY candidate.position ORDER BY candidate.position LIMIT +?3
         )
         SELECT position, stream, revision, id, tag, data, metadata, digest, recorded_at
         FROM events WHERE position IN (SELECT position FROM page) ORDER BY position",
    )
    .bind(rowid(after))
    .bind(rowid(head))
    .bind(clamped(limit as u64))
    .bind(json(categories));
    recorded(query.fetch_all(readers).await)
}

fn json(categories: &[String]) -> String {
    serde_json::Value::from(categories).to_string()
}

/// A position of another engine lies behind every row of this one.
fn rowid(position: Position) -> i64 {
    match position.parts() {
        (0, minor) => clamped(minor),
        (_, _) => i64::MAX,
    }
}

fn recorded(rows: Result<Vec<SqliteRow>, sqlx::Error>) -> Result<Vec<RecordedEvent>, StoreError> {
    let rows = rows.map_err(failure)?;
    rows.iter().map(decode).collect::<Result<_, _>>().map_err(StoreError::Engine)
}

/// A row of `position, stream, revision, id, tag, data, metadata, digest, recorded_at`.
fn decode(row: &SqliteRow) -> Result<RecordedEvent, BoxError> {
    Ok(RecordedEvent {
        position: position(row.try_get(0)?),
        stream: StreamName::parse(row.try_get(1)?)?,
        revision: row.try_get::<i64, _>(2)?.try_into()?,
        id: EventId::new(Uuid::from_slice(row.try_get(3)?)?),
        tag: row.try_get(4)?,
        data: Bytes::from(row.try_get::<Vec<u8>, _>(5)?),
        metadata: Bytes::from(row.try_get::<Vec<u8>, _>(6)?),
        digest: Digest(row.try_get::<&[u8], _>(7)?.try_into()?),
        recorded_at: Timestamp::from_micros(row.try_get(8)?),
    })
}
