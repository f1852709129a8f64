//! Builds of projections: begun, made live, dropped, swept.

use domain::Timestamp;
use projections::{
    Checkpoint, Identity,
    views::{Generation, Live, Target, ViewsError},
};
use sqlx::{Row, Sqlite, SqlitePool, Transaction, sqlite::SqliteRow};
use store::BoxError;

use super::{failure, tables};
use crate::checkpoints;

/// Rows deleted while nobody else can write: some milliseconds.
const CHUNK: u32 = 200;

pub(super) async fn live(
    readers: &SqlitePool,
    identity: Identity,
) -> Result<Option<Live>, ViewsError> {
    in_state(readers, identity, "live").await
}

pub(super) async fn former(
    readers: &SqlitePool,
    identity: Identity,
) -> Result<Option<Live>, ViewsError> {
    in_state(readers, identity, "former").await
}

async fn in_state(
    readers: &SqlitePool,
    identity: Identity,
    state: &str,
) -> Result<Option<Live>, ViewsError> {
    let row = sqlx::query(
        "SELECT number, version, log_id, position_major, position_minor, digest
         FROM generations WHERE projection = ?1 AND state = ?2 ORDER BY number DESC LIMIT 1",
    )
    .bind(identity.name)
    .bind(state)
    .fetch_optional(readers)
    .await
    .map_err(failure)?;
    let read = |row: &SqliteRow| -> Result<Live, BoxError> {
        Ok(Live {
            generation: Generation { identity, number: row.try_get("number")? },
            version: row.try_get("version")?,
            checkpoint: checkpoints::checkpoint(row)?,
        })
    };
    row.as_ref().map(read).transpose().map_err(failure)
}

pub(super) async fn begin(
    writer: &SqlitePool,
    identity: Identity,
    checkpoint: Checkpoint,
    now: Timestamp,
) -> Result<Generation, ViewsError> {
    tables::table(identity.name)?;
    let (major, minor) = checkpoints::columns(checkpoint.position);
    let number = sqlx::query_scalar(
        "INSERT INTO generations
             (projection, version, log_id, position_major, position_minor, digest, begun_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         RETURNING number",
    )
    .bind(identity.name)
    .bind(identity.version)
    .bind(checkpoint.log.to_string())
    .bind(major)
    .bind(minor)
    .bind(checkpoint.digest.0.as_slice())
    .bind(now.as_micros())
    .fetch_one(writer)
    .await
    .map_err(failure)?;
    Ok(Generation { identity, number })
}

/// The live one becomes the former one. The rows of the others stay until they are swept, but nobody finds them any
/// more.
pub(super) async fn switch(writer: &SqlitePool, generation: Generation) -> Result<(), ViewsError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(failure)?;
    for statement in [
        "UPDATE generations SET state = 'dropped'
         WHERE projection = ?1 AND number <> ?2 AND state <> 'live'
           AND EXISTS (SELECT 1 FROM generations WHERE number = ?2 AND state <> 'live')",
        "UPDATE generations SET state = 'former'
         WHERE projection = ?1 AND number <> ?2 AND state = 'live'",
    ] {
        let step = sqlx::query(statement).bind(generation.identity.name).bind(generation.number);
        step.execute(&mut *transaction).await.map_err(failure)?;
    }
    let switched = sqlx::query(
        "UPDATE generations SET state = 'live'
         WHERE projection = ?1 AND number = ?2 AND state <> 'dropped'",
    )
    .bind(generation.identity.name)
    .bind(generation.number)
    .execute(&mut *transaction)
    .await
    .map_err(failure)?;
    if switched.rows_affected() == 0 {
        return Err(ViewsError::Raced);
    }
    transaction.commit().await.map_err(failure)
}

pub(super) async fn discard(writer: &SqlitePool, generation: Generation) -> Result<(), ViewsError> {
    sqlx::query(
        "UPDATE generations SET state = 'dropped'
         WHERE projection = ?1 AND number = ?2 AND state = 'building'",
    )
    .bind(generation.identity.name)
    .bind(generation.number)
    .execute(writer)
    .await
    .map_err(failure)?;
    Ok(())
}

pub(super) async fn checkpoint(
    readers: &SqlitePool,
    generation: Generation,
) -> Result<Option<Checkpoint>, ViewsError> {
    let row = sqlx::query(
        "SELECT log_id, position_major, position_minor, digest
         FROM generations WHERE number = ?1 AND state <> 'dropped'",
    )
    .bind(generation.number)
    .fetch_optional(readers)
    .await
    .map_err(failure)?;
    row.as_ref().map(checkpoints::checkpoint).transpose().map_err(failure)
}

/// Refuses a generation that was dropped. What was read of it *before* this question is complete if it is still there,
/// because it is marked as dropped before the first of its rows is swept.
pub(super) async fn ensure_kept(
    readers: &SqlitePool,
    generation: Generation,
) -> Result<(), ViewsError> {
    let kept: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM generations WHERE number = ?1 AND state <> 'dropped')",
    )
    .bind(generation.number)
    .fetch_one(readers)
    .await
    .map_err(failure)?;
    if kept { Ok(()) } else { Err(ViewsError::Raced) }
}

/// Moves the generation from the position `behind` to the checkpoint, or finds it elsewhere.
pub(super) async fn advance(
    transaction: &mut Transaction<'_, Sqlite>,
    generation: Generation,
    to: Target,
    behind: store::Position,
    checkpoint: Checkpoint,
) -> Result<(), ViewsError> {
    let (from_major, from_minor) = checkpoints::columns(behind);
    let (major, minor) = checkpoints::columns(checkpoint.position);
    let advanced = sqlx::query(
        "UPDATE generations
         SET log_id = ?4, position_major = ?5, position_minor = ?6, digest = ?7
         WHERE number = ?1 AND position_major = ?2 AND position_minor = ?3
           AND CASE ?8 WHEN TRUE THEN state = 'former' ELSE state IN ('building', 'live') END",
    )
    .bind(generation.number)
    .bind(from_major)
    .bind(from_minor)
    .bind(checkpoint.log.to_string())
    .bind(major)
    .bind(minor)
    .bind(checkpoint.digest.0.as_slice())
    .bind(to == Target::Former)
    .execute(&mut **transaction)
    .await
    .map_err(failure)?;
    if advanced.rows_affected() == 0 { Err(ViewsError::Raced) } else { Ok(()) }
}

pub(super) async fn sweep(writer: &SqlitePool) -> Result<u64, ViewsError> {
    let dropped: Vec<(i64, String)> =
        sqlx::query_as("SELECT number, projection FROM generations WHERE state = 'dropped'")
            .fetch_all(writer)
            .await
            .map_err(failure)?;
    let mut rows = 0;
    for (number, projection) in dropped {
        let table = tables::table(&projection)?;
        rows += sweep_one(writer, number, table.sweep).await.map_err(failure)?;
    }
    Ok(rows)
}

async fn sweep_one(
    writer: &SqlitePool,
    number: i64,
    statement: &'static str,
) -> Result<u64, sqlx::Error> {
    let mut rows = 0;
    loop {
        let swept = sqlx::query(statement).bind(number).bind(CHUNK).execute(writer).await?;
        rows += swept.rows_affected();
        if swept.rows_affected() < u64::from(CHUNK) {
            break;
        }
    }
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    for last in
        ["DELETE FROM parked WHERE generation = ?1", "DELETE FROM generations WHERE number = ?1"]
    {
        sqlx::query(last).bind(number).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(rows)
}
