//! Rows and parked streams of generations.

use projections::views::{Change, Comparison, Generation, Parked, ViewsError};
use sqlx::{Row, Sqlite, SqlitePool, Transaction, sqlite::SqliteRow};
use store::{BoxError, StreamName};

use super::{failure, generations, tables};
use crate::{checkpoints, clamped, json};

pub(super) async fn of(
    readers: &SqlitePool,
    generation: Generation,
    keys: &[StreamName],
) -> Result<Vec<(StreamName, String)>, ViewsError> {
    let found = sqlx::query(tables::table(generation.identity.name)?.rows)
        .bind(generation.number)
        .bind(json(keys))
        .fetch_all(readers)
        .await
        .map_err(failure)?;
    generations::ensure_kept(readers, generation).await?;
    found.iter().map(keyed).collect::<Result<_, _>>().map_err(failure)
}

pub(super) async fn page(
    readers: &SqlitePool,
    generation: Generation,
    after: Option<&StreamName>,
    limit: u32,
) -> Result<Vec<(StreamName, String)>, ViewsError> {
    let found = sqlx::query(tables::table(generation.identity.name)?.page)
        .bind(generation.number)
        .bind(after.map_or("", StreamName::as_str))
        .bind(limit)
        .fetch_all(readers)
        .await
        .map_err(failure)?;
    generations::ensure_kept(readers, generation).await?;
    found.iter().map(keyed).collect::<Result<_, _>>().map_err(failure)
}

pub(super) async fn compare(
    readers: &SqlitePool,
    old: Option<Generation>,
    new: Generation,
) -> Result<Comparison, ViewsError> {
    let table = tables::table(new.identity.name)?;
    let (rows, differing): (i64, i64) = if let Some(old) = old {
        let query = sqlx::query_as(table.compare).bind(old.number).bind(new.number);
        query.fetch_one(readers).await.map_err(failure)?
    } else {
        let query = sqlx::query_scalar(table.count).bind(new.number);
        let rows = query.fetch_one(readers).await.map_err(failure)?;
        (rows, rows)
    };
    for generation in old.into_iter().chain([new]) {
        generations::ensure_kept(readers, generation).await?;
    }
    Ok(Comparison { rows: rows.unsigned_abs(), differing: differing.unsigned_abs() })
}

pub(super) async fn commit(
    writer: &SqlitePool,
    generation: Generation,
    change: Change,
) -> Result<(), ViewsError> {
    let table = tables::table(generation.identity.name)?;
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(failure)?;
    let Change { to, behind, checkpoint, .. } = change;
    generations::advance(&mut transaction, generation, to, behind, checkpoint).await?;
    for (key, row) in change.rows {
        let query = match row {
            Some(row) => {
                sqlx::query(table.put).bind(generation.number).bind(key.to_string()).bind(row)
            }
            None => sqlx::query(table.delete).bind(generation.number).bind(key.to_string()),
        };
        query.execute(&mut *transaction).await.map_err(failure)?;
    }
    for parked in change.parked {
        park(&mut transaction, generation, parked).await.map_err(failure)?;
    }
    transaction.commit().await.map_err(failure)
}

/// A stream stops once; what else is said about it later does not matter any more.
async fn park(
    transaction: &mut Transaction<'_, Sqlite>,
    generation: Generation,
    parked: Parked,
) -> Result<(), sqlx::Error> {
    let (major, minor) = checkpoints::columns(parked.position);
    sqlx::query(
        "INSERT INTO parked (generation, stream, revision, position_major, position_minor, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (generation, stream) DO NOTHING",
    )
    .bind(generation.number)
    .bind(parked.stream.to_string())
    .bind(clamped(parked.revision))
    .bind(major)
    .bind(minor)
    .bind(parked.reason)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn parked(
    readers: &SqlitePool,
    generation: Generation,
) -> Result<Vec<Parked>, ViewsError> {
    let found = sqlx::query(
        "SELECT stream, revision, position_major, position_minor, reason
         FROM parked WHERE generation = ?1 ORDER BY stream",
    )
    .bind(generation.number)
    .fetch_all(readers)
    .await
    .map_err(failure)?;
    generations::ensure_kept(readers, generation).await?;
    let read = |row: &SqliteRow| -> Result<Parked, BoxError> {
        Ok(Parked {
            stream: StreamName::parse(row.try_get("stream")?)?,
            revision: row.try_get::<i64, _>("revision")?.unsigned_abs(),
            position: checkpoints::position(row)?,
            reason: row.try_get("reason")?,
        })
    };
    found.iter().map(read).collect::<Result<_, _>>().map_err(failure)
}

fn keyed(row: &SqliteRow) -> Result<(StreamName, String), BoxError> {
    Ok((StreamName::parse(row.try_get("key")?)?, row.try_get("row")?))
}
