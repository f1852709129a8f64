//! Rebuilds that were asked for.

use domain::Timestamp;
use projections::views::{Progress, Rebuild, ViewsError};
use sqlx::{PgPool, Row, postgres::PgRow};
use store::BoxError;

use super::{
    failure,
    lease::{Fence, fenced},
};
use crate::{clamped, soon};

pub(super) async fn request(
    pool: &PgPool,
    projection: &str,
    now: Timestamp,
) -> Result<i64, ViewsError> {
    let query = sqlx::query_scalar(
        "INSERT INTO rebuilds (projection, requested_at) VALUES ($1, $2) RETURNING id",
    )
    .bind(projection)
    .bind(now.as_micros());
    soon(query.fetch_one(pool)).await.map_err(failure)
}

pub(super) async fn requested(pool: &PgPool) -> Result<Vec<Rebuild>, ViewsError> {
    let query = sqlx::query(
        "SELECT id, projection, state, done, total, differing, reason
         FROM rebuilds WHERE state = 'requested' ORDER BY id",
    );
    let found = soon(query.fetch_all(pool)).await.map_err(failure)?;
    found.iter().map(read).collect::<Result<_, _>>().map_err(failure)
}

pub(super) async fn rebuild(pool: &PgPool, id: i64) -> Result<Option<Rebuild>, ViewsError> {
    let query = sqlx::query(
        "SELECT id, projection, state, done, total, differing, reason
         FROM rebuilds WHERE id = $1",
    )
    .bind(id);
    let found = soon(query.fetch_optional(pool)).await.map_err(failure)?;
    found.as_ref().map(read).transpose().map_err(failure)
}

pub(super) async fn report(
    pool: &PgPool,
    fence: Fence,
    id: i64,
    progress: Progress,
) -> Result<(), ViewsError> {
    let (state, done, total, differing, reason) = match progress {
        Progress::Requested => ("requested", None, None, None, None),
        Progress::Running { events, of } => ("running", Some(events), Some(of), None, None),
        Progress::Done { rows, differing } => ("done", Some(rows), None, Some(differing), None),
        Progress::Failed { reason } => ("failed", None, None, None, Some(reason)),
    };
    let query = sqlx::query(concat!(
        fenced!(7),
        "UPDATE rebuilds SET state = $2, done = $3, total = $4, differing = $5, reason = $6
         WHERE id = $1 AND EXISTS (SELECT FROM fence)"
    ))
    .bind(id)
    .bind(state)
    .bind(done.map(clamped))
    .bind(total.map(clamped))
    .bind(differing.map(clamped))
    .bind(reason)
    .bind(fence.holder());
    let reported = soon(query.execute(pool)).await.map_err(failure)?;
    if reported.rows_affected() == 0 { Err(ViewsError::Raced) } else { Ok(()) }
}

fn read(row: &PgRow) -> Result<Rebuild, BoxError> {
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
