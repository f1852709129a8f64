//! Writes that may be sent again.

use std::time::Duration;

use domain::Timestamp;
use projections::state::{Begun, KeptRequest};
use sqlx::{PgPool, Row};

use super::micros;
use crate::soon;

pub(super) async fn begin(
    pool: &PgPool,
    request: KeptRequest,
    stale: Duration,
    kept: Duration,
) -> Result<Begun, sqlx::Error> {
    loop {
        let query = sqlx::query(
            "INSERT INTO requests AS kept (key_hash, fingerprint, begun_at) VALUES ($1, $2, $3)
             ON CONFLICT (key_hash) DO UPDATE SET
                 fingerprint = excluded.fingerprint, begun_at = excluded.begun_at, answer = NULL
             WHERE kept.begun_at <= $5
                OR (kept.answer IS NULL AND kept.begun_at <= $4
                    AND kept.fingerprint = excluded.fingerprint)",
        )
        .bind(request.key_hash.as_slice())
        .bind(request.fingerprint.as_slice())
        .bind(request.at.as_micros())
        .bind(request.at.as_micros() - micros(stale))
        .bind(request.at.as_micros() - micros(kept));
        let begun = soon(query.execute(pool)).await?;
        if begun.rows_affected() > 0 {
            return Ok(Begun::Now);
        }
        let query = sqlx::query("SELECT fingerprint, answer FROM requests WHERE key_hash = $1")
            .bind(request.key_hash.as_slice());
        let row = soon(query.fetch_optional(pool)).await?;
        // It was abandoned in between: begin again.
        let Some(row) = row else { continue };
        if row.try_get::<&[u8], _>("fingerprint")? != request.fingerprint.as_slice() {
            return Ok(Begun::ByAnother);
        }
        let answer = row.try_get::<Option<Vec<u8>>, _>("answer")?;
        return Ok(answer.map_or(Begun::UnderWay, Begun::Answered));
    }
}

pub(super) async fn finish(
    pool: &PgPool,
    key_hash: [u8; 32],
    answer: Vec<u8>,
) -> Result<(), sqlx::Error> {
    let query =
        sqlx::query("UPDATE requests SET answer = $2 WHERE key_hash = $1 AND answer IS NULL")
            .bind(key_hash.as_slice())
            .bind(answer);
    soon(query.execute(pool)).await?;
    Ok(())
}

pub(super) async fn abandon(pool: &PgPool, key_hash: [u8; 32]) -> Result<(), sqlx::Error> {
    let query = sqlx::query("DELETE FROM requests WHERE key_hash = $1 AND answer IS NULL")
        .bind(key_hash.as_slice());
    soon(query.execute(pool)).await?;
    Ok(())
}

pub(super) async fn sweep(pool: &PgPool, before: Timestamp) -> Result<u64, sqlx::Error> {
    let query = sqlx::query("DELETE FROM requests WHERE begun_at < $1").bind(before.as_micros());
    let swept = soon(query.execute(pool)).await?;
    Ok(swept.rows_affected())
}
