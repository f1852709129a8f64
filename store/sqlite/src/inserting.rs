//! Appends as statements. A trip to the thread that `SQLite` runs on costs as much as an insert, so many go together.

use std::{collections::HashSet, sync::LazyLock};

use futures::TryStreamExt;
use sqlx::{Either, Executor, SqliteConnection};
use store::{
    EventId, NewEvent, StoreError, Timestamp,
    group_commit::{Append, Outcome},
};
use uuid::Uuid;

use crate::{clamped, position};

/// Inserts one event. The first of an append is inserted if the stream ends before it and none of the append's ids is
/// known, and each other one if the statement before inserted something: so an append is stored whole or not at all,
/// and one that is not leaves its neighbours in the transaction alone.
const INSERT: &str = "INSERT INTO events
    (stream, category, revision, id, tag, data, metadata, digest, recorded_at)
SELECT stream, category, revision, id, tag, data, metadata, digest, recorded_at
FROM (SELECT ? AS stream, ? AS category, ? AS revision, ? AS id, ? AS tag, ? AS data,
    ? AS metadata, ? AS digest, ? AS recorded_at, ? AS follows, ? AS companions) AS new
WHERE CASE WHEN follows THEN changes() = 1 ELSE
    revision = (SELECT coalesce(max(e.revision) + 1, 0) FROM events AS e WHERE e.stream = new.stream)
    AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.id = new.id)
    AND (companions IS NULL OR NOT EXISTS (
        SELECT 1 FROM json_each(companions) AS c JOIN events AS e ON e.id = unhex(c.value)))
END;
";

/// [`INSERT`] once, twice, four times …, to be prepared once each.
static INSERTS: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..7).map(|power| INSERT.repeat(1 << power)).collect());

struct Row<'a> {
    /// Index in the batch.
    append: usize,
    stream: &'a str,
    category: &'a str,
    revision: u64,
    event: &'a NewEvent,
    follows: bool,
    /// The ids of the append's other events in hexadecimal, as a JSON array, beside the first of several.
    companions: Option<String>,
}

/// Inserts what can be inserted, and tells of each append at which row its last event stands now, if it does.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    batch: &[Append],
    now: Timestamp,
) -> Result<Vec<Option<i64>>, sqlx::Error> {
    let rows: Vec<Row<'_>> = batch.iter().enumerate().flat_map(rows).collect();
    let mut inserted = vec![None; batch.len()];
    let mut left = rows.as_slice();
    while !left.is_empty() {
        let power = (left.len().ilog2() as usize).min(INSERTS.len() - 1);
        let (chunk, rest) = left.split_at(1 << power);
        left = rest;
        let mut statement = sqlx::query(INSERTS[power].as_str());
        for row in chunk {
            statement = statement
                .bind(row.stream)
                .bind(row.category)
                .bind(clamped(row.revision))
                .bind(row.event.id.as_uuid().as_bytes().as_slice())
                .bind(row.event.tag.as_str())
                .bind(&*row.event.data)
                .bind(&*row.event.metadata)
                .bind(row.event.digest.0.as_slice())
                .bind(now.as_micros())
                .bind(row.follows)
                .bind(row.companions.as_deref());
        }
        let mut done = connection.fetch_many(statement);
        let mut chunk = chunk.iter();
        while let Some(Either::Left(result)) = done.try_next().await? {
            if let Some(row) = chunk.next() {
                let stored = result.rows_affected() == 1;
                inserted[row.append] = stored.then(|| result.last_insert_rowid());
            }
        }
    }
    Ok(inserted)
}

/// What to answer to each append.
pub(crate) async fn outcomes(
    connection: &mut SqliteConnection,
    batch: &[Append],
    inserted: Vec<Option<i64>>,
) -> Result<Vec<Outcome>, sqlx::Error> {
    let mut outcomes = Vec::with_capacity(batch.len());
    for (append, last) in batch.iter().zip(inserted) {
        outcomes.push(match last {
            Some(last) => Ok(append.appended(position(last), false)),
            None => explain(connection, append).await?,
        });
    }
    Ok(outcomes)
}

fn rows((append, of): (usize, &Append)) -> impl Iterator<Item = Row<'_>> {
    // Two events of one id cannot both be stored, so none of the append is.
    let ids: HashSet<EventId> = of.events.iter().map(|event| event.id).collect();
    let events = if ids.len() == of.events.len() { of.events.as_slice() } else { &[] };
    (0..).zip(events).map(move |(index, event)| Row {
        append,
        stream: of.stream.as_str(),
        category: of.stream.category(),
        revision: of.expected.next_revision().saturating_add(index),
        event,
        follows: index > 0,
        companions: (index == 0 && events.len() > 1).then(|| hexadecimal(&events[1..])),
    })
}

fn hexadecimal(events: &[NewEvent]) -> String {
    let ids = events.iter().map(|event| event.id.as_uuid().simple().to_string());
    ids.collect::<serde_json::Value>().to_string()
}

/// Why nothing was inserted: the events are there already, or something else is.
async fn explain(
    connection: &mut SqliteConnection,
    append: &Append,
) -> Result<Outcome, sqlx::Error> {
    let there: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT position, id FROM events WHERE stream = ?1 AND revision >= ?2
         ORDER BY revision LIMIT +?3",
    )
    .bind(append.stream.as_str())
    .bind(clamped(append.expected.next_revision()))
    .bind(clamped(append.events.len() as u64))
    .fetch_all(&mut *connection)
    .await?;
    let ids_there = there.iter().map(|(_, id)| Uuid::from_slice(id).ok());
    let ids = append.events.iter().map(|event| Some(event.id.as_uuid()));
    if let Some((last, _)) = there.last()
        && ids_there.eq(ids)
    {
        return Ok(Ok(append.appended(position(*last), true)));
    }
    let actual: Option<i64> =
        sqlx::query_scalar("SELECT max(revision) FROM events WHERE stream = ?1")
            .bind(append.stream.as_str())
            .fetch_one(connection)
            .await?;
    let actual = actual.map(i64::unsigned_abs);
    Ok(Err(StoreError::Conflict { expected: append.expected, actual }))
}
