//! Work on projections that was asked for or begun.

use domain::Timestamp;
use projections::views::{Progress, Rebuild, ViewsError, Work};
use sqlx::{PgPool, Row, postgres::PgRow};
use store::BoxError;

use super::{
    failure,
    lease::{Fence, fenced},
};
use crate::{clamped, soon};

/// What [`read`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, projection, work, state, done, total, differing, reason, requested_at,
                    began_at, ended_at
             FROM rebuilds ",
            $rest
        )
    };
}

/// Asking twice for what is waiting or under way is asking once.
pub(super) async fn request(
    pool: &PgPool,
    projection: &str,
    work: Work,
    now: Timestamp,
) -> Result<i64, ViewsError> {
    let query = sqlx::query_scalar(
        "SELECT id FROM rebuilds
         WHERE projection = $1 AND work = $2 AND state IN ('requested', 'running')
         ORDER BY id DESC LIMIT 1",
    )
    .bind(projection)
    .bind(work.to_string());
    if let Some(id) = soon(query.fetch_optional(pool)).await.map_err(failure)? {
        return Ok(id);
    }
    let query = sqlx::query_scalar(
        "INSERT INTO rebuilds (projection, work, requested_at) VALUES ($1, $2, $3) RETURNING id",
    )
    .bind(projection)
    .bind(work.to_string())
    .bind(now.as_micros());
    soon(query.fetch_one(pool)).await.map_err(failure)
}

pub(super) async fn begin(
    pool: &PgPool,
    projection: &str,
    work: Work,
    now: Timestamp,
) -> Result<i64, ViewsError> {
    let query = sqlx::query_scalar(
        "INSERT INTO rebuilds (projection, work, state, done, total, requested_at, began_at)
         VALUES ($1, $2, 'running', 0, 0, $3, $3) RETURNING id",
    )
    .bind(projection)
    .bind(work.to_string())
    .bind(now.as_micros());
    soon(query.fetch_one(pool)).await.map_err(failure)
}

pub(super) async fn requested(pool: &PgPool) -> Result<Vec<Rebuild>, ViewsError> {
    let query = sqlx::query(select!("WHERE state = 'requested' ORDER BY id"));
    all(soon(query.fetch_all(pool)).await)
}

pub(super) async fn latest(pool: &PgPool) -> Result<Vec<Rebuild>, ViewsError> {
    let query = sqlx::query(select!(
        "WHERE id IN (SELECT max(id) FROM rebuilds GROUP BY projection) ORDER BY projection"
    ));
    all(soon(query.fetch_all(pool)).await)
}

pub(super) async fn rebuild(pool: &PgPool, id: i64) -> Result<Option<Rebuild>, ViewsError> {
    let query = sqlx::query(select!("WHERE id = $1")).bind(id);
    let found = soon(query.fetch_optional(pool)).await.map_err(failure)?;
    found.as_ref().map(read).transpose().map_err(failure)
}

pub(super) async fn report(
    pool: &PgPool,
    fence: Fence,
    id: i64,
    progress: Progress,
    now: Timestamp,
) -> Result<(), ViewsError> {
    let (state, done, total, differing, reason) = match progress {
        Progress::Requested => ("requested", None, None, None, None),
        Progress::Running { events, of } => ("running", Some(events), Some(of), None, None),
        Progress::Done { rows, differing } => ("done", Some(rows), None, Some(differing), None),
        Progress::Failed { reason } => ("failed", None, None, None, Some(reason)),
    };
    let query = sqlx::query(concat!(
        fenced!(7),
        "UPDATE rebuilds
         SET state = $2, done = $3, total = $4, differing = $5, reason = $6,
             began_at = coalesce(began_at, $8),
             ended_at = CASE WHEN $2 IN ('done', 'failed') THEN $8 END
         WHERE id = $1 AND EXISTS (SELECT FROM fence)"
    ))
    .bind(id)
    .bind(state)
    .bind(done.map(clamped))
    .bind(total.map(clamped))
    .bind(differing.map(clamped))
    .bind(reason)
    .bind(fence.holder())
    .bind(now.as_micros());
    let reported = soon(query.execute(pool)).await.map_err(failure)?;
    if reported.rows_affected() == 0 { Err(ViewsError::Raced) } else { Ok(()) }
}

pub(super) async fn abandon(pool: &PgPool, fence: Fence, now: Timestamp) -> Result<(), ViewsError> {
    let query = sqlx::query(concat!(
        fenced!(1),
        ", failed AS (
             UPDATE rebuilds SET state = 'failed', reason = 'the process ended', ended_at = $2
             WHERE state = 'running' AND EXISTS (SELECT FROM fence)
         )
         UPDATE generations SET state = 'dropped' WHERE state = 'building' AND version <= (
             SELECT live.version FROM generations AS live
             WHERE live.projection = generations.projection AND live.state = 'live'
         ) AND EXISTS (SELECT FROM fence)"
    ))
    .bind(fence.holder())
    .bind(now.as_micros());
    soon(query.execute(pool)).await.map_err(failure)?;
    Ok(())
}

fn all(rows: Result<Vec<PgRow>, sqlx::Error>) -> Result<Vec<Rebuild>, ViewsError> {
    rows.map_err(failure)?.iter().map(read).collect::<Result<_, _>>().map_err(failure)
}

fn read(row: &PgRow) -> Result<Rebuild, BoxError> {
    let number = |column| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
    let moment = |column| {
        row.try_get::<Option<i64>, _>(column).map(|micros| micros.map(Timestamp::from_micros))
    };
    let progress = match row.try_get("state")? {
        "requested" => Progress::Requested,
        "running" => Progress::Running { events: number("done")?, of: number("total")? },
        "done" => Progress::Done { rows: number("done")?, differing: number("differing")? },
        "failed" => Progress::Failed { reason: row.try_get("reason")? },
        other => return Err(format!("no progress of a rebuild: {other}").into()),
    };
    Ok(Rebuild {
        id: row.try_get("id")?,
        projection: row.try_get("projection")?,
        work: row.try_get::<&str, _>("work")?.parse()?,
        progress,
        requested_at: Timestamp::from_micros(row.try_get("requested_at")?),
        began_at: moment("began_at")?,
        ended_at: moment("ended_at")?,
    })
}
