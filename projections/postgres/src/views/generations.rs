//! Builds of projections: begun, made live, dropped, swept.

use domain::Timestamp;
use projections::{
    Checkpoint, Identity,
    views::{Generation, Live, ViewsError},
};
use sqlx::{PgPool, Row, postgres::PgRow};
use store::BoxError;

use super::{
    failure,
    lease::{Fence, fenced},
    tables::{self, Table},
};
use crate::{checkpoints, soon};

/// Rows deleted in one transaction.
const CHUNK: i64 = 2000;

pub(super) async fn live(pool: &PgPool, identity: Identity) -> Result<Option<Live>, ViewsError> {
    in_state(pool, identity, "live").await
}

pub(super) async fn former(pool: &PgPool, identity: Identity) -> Result<Option<Live>, ViewsError> {
    in_state(pool, identity, "former").await
}

async fn in_state(
    pool: &PgPool,
    identity: Identity,
    state: &str,
) -> Result<Option<Live>, ViewsError> {
    let query = sqlx::query(
        "SELECT number, version, log_id, position_major, position_minor, digest
         FROM generations WHERE projection = $1 AND state = $2 ORDER BY number DESC LIMIT 1",
    )
    .bind(identity.name)
    .bind(state);
    let row = soon(query.fetch_optional(pool)).await.map_err(failure)?;
    let read = |row: &PgRow| -> Result<Live, BoxError> {
        Ok(Live {
            generation: Generation { identity, number: row.try_get("number")? },
            version: row.try_get::<i32, _>("version")?.try_into()?,
            checkpoint: checkpoints::checkpoint(row)?,
        })
    };
    row.as_ref().map(read).transpose().map_err(failure)
}

pub(super) async fn begin(
    pool: &PgPool,
    fence: Fence,
    identity: Identity,
    checkpoint: Checkpoint,
    now: Timestamp,
) -> Result<Generation, ViewsError> {
    tables::table(identity.name)?;
    let (major, minor) = checkpoints::columns(checkpoint.position);
    let query = sqlx::query_scalar(concat!(
        fenced!(8),
        "INSERT INTO generations
             (projection, version, log_id, position_major, position_minor, digest, begun_at)
         SELECT $1, $2, $3, $4, $5, $6, $7 WHERE EXISTS (SELECT FROM fence)
         RETURNING number"
    ))
    .bind(identity.name)
    .bind(i32::try_from(identity.version).map_err(failure)?)
    .bind(checkpoint.log.to_string())
    .bind(major)
    .bind(minor)
    .bind(checkpoint.digest.0.as_slice())
    .bind(now.as_micros())
    .bind(fence.holder());
    let number = soon(query.fetch_optional(pool)).await.map_err(failure)?;
    Ok(Generation { identity, number: number.ok_or(ViewsError::Raced)? })
}

/// The live one becomes the former one. The rows of the others stay until they are swept, but nobody finds them any
/// more.
pub(super) async fn switch(
    pool: &PgPool,
    fence: Fence,
    generation: Generation,
) -> Result<(), ViewsError> {
    let switching = async {
        let mut transaction = pool.begin().await?;
        for statement in [
            // Others that switch wait here, so that two never leave two live.
            "SELECT $2::bigint FROM generations WHERE projection = $1 ORDER BY number FOR UPDATE",
            "UPDATE generations SET state = 'dropped'
             WHERE projection = $1 AND number <> $2 AND state <> 'live'
               AND EXISTS (SELECT FROM generations WHERE number = $2 AND state <> 'live')",
            "UPDATE generations SET state = 'former'
             WHERE projection = $1 AND number <> $2 AND state = 'live'",
        ] {
            let step =
                sqlx::query(statement).bind(generation.identity.name).bind(generation.number);
            step.execute(&mut *transaction).await?;
        }
        let live = sqlx::query(concat!(
            fenced!(3),
            "UPDATE generations SET state = 'live'
             WHERE projection = $1 AND number = $2 AND state <> 'dropped'
               AND EXISTS (SELECT FROM fence)"
        ))
        .bind(generation.identity.name)
        .bind(generation.number)
        .bind(fence.holder());
        let switched = live.execute(&mut *transaction).await?.rows_affected() > 0;
        if switched {
            transaction.commit().await?;
        }
        Ok(switched)
    };
    if soon(switching).await.map_err(failure)? { Ok(()) } else { Err(ViewsError::Raced) }
}

pub(super) async fn discard(
    pool: &PgPool,
    fence: Fence,
    generation: Generation,
) -> Result<(), ViewsError> {
    let query = sqlx::query(concat!(
        fenced!(3),
        "UPDATE generations SET state = 'dropped'
         WHERE projection = $1 AND number = $2 AND state = 'building'
           AND EXISTS (SELECT FROM fence)"
    ))
    .bind(generation.identity.name)
    .bind(generation.number)
    .bind(fence.holder());
    soon(query.execute(pool)).await.map_err(failure)?;
    Ok(())
}

pub(super) async fn checkpoint(
    pool: &PgPool,
    generation: Generation,
) -> Result<Option<Checkpoint>, ViewsError> {
    let query = sqlx::query(
        "SELECT log_id, position_major, position_minor, digest
         FROM generations WHERE number = $1 AND state <> 'dropped'",
    )
    .bind(generation.number);
    let row = soon(query.fetch_optional(pool)).await.map_err(failure)?;
    row.as_ref().map(checkpoints::checkpoint).transpose().map_err(failure)
}

/// Refuses a generation that was dropped. What was read of it *before* this question is complete if it is still there,
/// because it is marked as dropped before the first of its rows is swept.
pub(super) async fn ensure_kept(pool: &PgPool, generation: Generation) -> Result<(), ViewsError> {
    let query = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM generations WHERE number = $1 AND state <> 'dropped')",
    )
    .bind(generation.number);
    let kept: bool = soon(query.fetch_one(pool)).await.map_err(failure)?;
    if kept { Ok(()) } else { Err(ViewsError::Raced) }
}

pub(super) async fn sweep(pool: &PgPool) -> Result<u64, ViewsError> {
    let query =
        sqlx::query_as("SELECT number, projection FROM generations WHERE state = 'dropped'");
    let dropped: Vec<(i64, String)> = soon(query.fetch_all(pool)).await.map_err(failure)?;
    let mut rows = 0;
    for (number, projection) in dropped {
        let table = tables::table(&projection)?;
        rows += sweep_one(pool, number, table).await.map_err(failure)?;
    }
    Ok(rows)
}

async fn sweep_one(pool: &PgPool, number: i64, table: &Table) -> Result<u64, sqlx::Error> {
    let mut rows = 0;
    loop {
        let swept = soon(sqlx::query(table.sweep).bind(number).bind(CHUNK).execute(pool)).await?;
        rows += swept.rows_affected();
        if swept.rows_affected() < CHUNK.unsigned_abs() {
            break;
        }
    }
    soon(sqlx::query(table.forget).bind(number).execute(pool)).await?;
    Ok(rows)
}
