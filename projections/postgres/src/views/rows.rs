//! Rows and parked streams of generations.

use std::time::Duration;

use postgres_database::within;
use projections::views::{Change, Comparison, Generation, Parked, Target, ViewsError};
use sqlx::{PgPool, Row, postgres::PgRow};
use store::{BoxError, StreamName};

use super::{failure, generations, lease::Fence, tables};
use crate::{BATCH, checkpoints, clamped, soon, texts};

pub(super) async fn of(
    pool: &PgPool,
    generation: Generation,
    keys: &[StreamName],
) -> Result<Vec<(StreamName, String)>, ViewsError> {
    let query = sqlx::query(tables::table(generation.identity.name)?.rows)
        .bind(generation.number)
        .bind(texts(keys));
    let found = soon(query.fetch_all(pool)).await.map_err(failure)?;
    generations::ensure_kept(pool, generation).await?;
    found.iter().map(keyed).collect::<Result<_, _>>().map_err(failure)
}

pub(super) async fn page(
    pool: &PgPool,
    generation: Generation,
    after: Option<&StreamName>,
    limit: u32,
) -> Result<Vec<(StreamName, String)>, ViewsError> {
    let query = sqlx::query(tables::table(generation.identity.name)?.page)
        .bind(generation.number)
        .bind(after.map_or("", StreamName::as_str))
        .bind(i64::from(limit));
    let found = soon(query.fetch_all(pool)).await.map_err(failure)?;
    generations::ensure_kept(pool, generation).await?;
    found.iter().map(keyed).collect::<Result<_, _>>().map_err(failure)
}

/// How long it may take to compare all rows of two generations.
const COMPARING: Duration = Duration::from_secs(55);

pub(super) async fn compare(
    pool: &PgPool,
    old: Option<Generation>,
    new: Generation,
) -> Result<Comparison, ViewsError> {
    let table = tables::table(new.identity.name)?;
    let (rows, differing): (i64, i64) = if let Some(old) = old {
        let query = sqlx::query_as(table.compare).bind(old.number).bind(new.number);
        within(COMPARING, query.fetch_one(pool)).await.map_err(failure)?
    } else {
        let query = sqlx::query_scalar(table.count).bind(new.number);
        let rows = within(COMPARING, query.fetch_one(pool)).await.map_err(failure)?;
        (rows, rows)
    };
    for generation in old.into_iter().chain([new]) {
        generations::ensure_kept(pool, generation).await?;
    }
    Ok(Comparison { rows: rows.unsigned_abs(), differing: differing.unsigned_abs() })
}

/// One statement, and so one transaction and one trip: it moves the generation from the position `behind` to the
/// checkpoint and writes the rest only if it could, so that a generation that is elsewhere by now, or a lease that was
/// lost, leaves everything as it is. A stream stops once; what else is said about it later does not matter any more.
pub(super) async fn commit(
    pool: &PgPool,
    fence: Fence,
    generation: Generation,
    change: Change,
) -> Result<(), ViewsError> {
    let table = tables::table(generation.identity.name)?;
    let Change { to, behind, checkpoint, rows, parked } = change;
    let (from_major, from_minor) = checkpoints::columns(behind);
    let (major, minor) = checkpoints::columns(checkpoint.position);
    let (mut keys, mut documents, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for (key, row) in rows {
        match row {
            Some(document) => {
                keys.push(key.to_string());
                documents.push(document);
            }
            None => gone.push(key.to_string()),
        }
    }
    let positions = parked.iter().map(|parked| checkpoints::columns(parked.position));
    let (majors, minors): (Vec<_>, Vec<_>) = positions.unzip();
    let revisions: Vec<_> = parked.iter().map(|parked| clamped(parked.revision)).collect();
    let query = sqlx::query_scalar(table.commit)
        .bind(generation.number)
        .bind(from_major)
        .bind(from_minor)
        .bind(checkpoint.log.to_string())
        .bind(major)
        .bind(minor)
        .bind(checkpoint.digest.0.as_slice())
        .bind(keys)
        .bind(documents)
        .bind(gone)
        .bind(texts(parked.iter().map(|parked| &parked.stream)))
        .bind(revisions)
        .bind(majors)
        .bind(minors)
        .bind(fence.holder())
        .bind(texts(parked.iter().map(|parked| &parked.reason)))
        .bind(to == Target::Former);
    let advanced: i64 = within(BATCH, query.fetch_one(pool)).await.map_err(failure)?;
    if advanced == 0 { Err(ViewsError::Raced) } else { Ok(()) }
}

pub(super) async fn parked(
    pool: &PgPool,
    generation: Generation,
) -> Result<Vec<Parked>, ViewsError> {
    let query = sqlx::query(
        "SELECT stream, revision, position_major, position_minor, reason
         FROM parked WHERE generation = $1 ORDER BY stream",
    )
    .bind(generation.number);
    let found = soon(query.fetch_all(pool)).await.map_err(failure)?;
    generations::ensure_kept(pool, generation).await?;
    let read = |row: &PgRow| -> Result<Parked, BoxError> {
        Ok(Parked {
            stream: StreamName::parse(row.try_get("stream")?)?,
            revision: row.try_get::<i64, _>("revision")?.unsigned_abs(),
            position: checkpoints::position(row)?,
            reason: row.try_get("reason")?,
        })
    };
    found.iter().map(read).collect::<Result<_, _>>().map_err(failure)
}

fn keyed(row: &PgRow) -> Result<(StreamName, String), BoxError> {
    Ok((StreamName::parse(row.try_get("key")?)?, row.try_get("document")?))
}
