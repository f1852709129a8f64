//! Rebuilds that were asked for.

use domain::Timestamp;
use projections::views::{Progress, Rebuild, ViewsError};
use sqlx::{Row, SqlitePool, sqlite::SqliteRow};
use store::BoxError;

use super::failure;
use crate::clamped;

pub(super) async fn request(
    writer: &SqlitePool,
    projection: &str,
    now: Timestamp,
) -> Result<i64, ViewsError> {
    sqlx::query_scalar(
        "INSERT INTO rebuilds (projection, requested_at) VALUES (?1, ?2) RETURNING id",
    )
    .bind(projection)
    .bind(now.as_micros())
    .fetch_one(writer)
    .await
    .map_err(failure)
}

pub(super) async fn requested(readers: &SqlitePool) -> Result<Vec<Rebuild>, ViewsError> {
    let found = sqlx::query(
        "SELECT id, projection, state, done, total, differing, reason
         FROM rebuilds WHERE state = 'requested' ORDER BY id",
    )
    .fetch_all(readers)
    .await
    .map_err(failure)?;
    found.iter().map(read).collect::<Result<_, _>>().map_err(failure)
}

pub(super) async fn rebuild(readers: &SqlitePool, id: i64) -> Result<Option<Rebuild>, ViewsError> {
    let found = sqlx::query(
        "SELECT id, projection, state, done, total, differing, reason
         FROM rebuilds WHERE id = ?1",
    )
    .bind(id)
    .fetch_optional(readers)
    .await
    .map_err(failure)?;
    found.as_ref().map(read).transpose().map_err(failure)
}

pub(super) async fn report(
    writer: &SqlitePool,
    id: i64,
    progress: Progress,
) -> Result<(), ViewsError> {
    let (state, done, total, differing, reason) = match progress {
        Progress::Requested => ("requested", None, None, None, None),
        Progress::Running { events, of } => ("running", Some(events), Some(of), None, None),
        Progress::Done { rows, differing } => ("done", Some(rows), None, Some(differing), None),
        Progress::Failed { reason } => ("failed", None, None, None, Some(reason)),
    };
    sqlx::query(
        "UPDATE rebuilds SET state = ?2, done = ?3, total = ?4, differing = ?5, reason = ?6
         WHERE id = ?1",
    )
    .bind(id)
    .bind(state)
    .bind(done.map(clamped))
    .bind(total.map(clamped))
    .bind(differing.map(clamped))
    .bind(reason)
    .execute(writer)
    .await
    .map_err(failure)?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<Rebuild, BoxError> {
    let number = |column| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
    let progress = match row.try_get("state")? {
        "requested" => Progress::Requested,
        "running" => Progress::Running { events: number("done")?, of: number("total")? },
        "done" => Progress::Done { rows: number("done")?, differing: number("differing")? },
        "failed" => Progress::Failed { reason: row.try_get("reason")? },
        other => return Err(format!("no progress of a rebuild: {other}").into()),
    };
    Ok(Rebuild { id: row.try_get("id")?, projection: row.try_get("projection")?, progress })
}
