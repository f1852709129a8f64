//! Writes that may be sent again.

use std::time::Duration;

use domain::Timestamp;
use projections::state::{Begun, KeptRequest, KeyInUse};
use sqlx::{Row, SqlitePool};

use super::micros;

pub(super) async fn begin(
    writer: &SqlitePool,
    request: KeptRequest,
    stale: Duration,
    kept: Duration,
) -> Result<Begun, sqlx::Error> {
    loop {
        let begun = sqlx::query(
            "INSERT INTO requests AS kept (key_hash, fingerprint, begun_at, used_since)
             VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (key_hash) DO UPDATE SET
                 fingerprint = excluded.fingerprint,
                 begun_at = excluded.begun_at,
                 used_since = CASE WHEN COALESCE(kept.used_since, kept.begun_at) <= ?5
                              THEN excluded.used_since ELSE kept.used_since END,
                 answer = NULL,
                 released = FALSE
             WHERE COALESCE(kept.used_since, kept.begun_at) <= ?5
                OR (kept.answer IS NULL
                    AND (kept.released
                         OR (kept.begun_at <= ?4 AND kept.fingerprint = excluded.fingerprint)))
             RETURNING used_since",
        )
        .bind(request.key_hash.as_slice())
        .bind(request.fingerprint.as_slice())
        .bind(request.at.as_micros())
        .bind(request.at.as_micros() - micros(stale))
        .bind(request.at.as_micros() - micros(kept))
        .fetch_optional(writer)
        .await?;
        if let Some(row) = begun {
            let since = row.try_get::<Option<i64>, _>("used_since")?.map(Timestamp::from_micros);
            return Ok(Begun::Now(KeyInUse { request, since }));
        }
        let row = sqlx::query("SELECT fingerprint, answer FROM requests WHERE key_hash = ?1")
            .bind(request.key_hash.as_slice())
            .fetch_optional(writer)
            .await?;
        // It was swept in between: begin again.
        let Some(row) = row else { continue };
        if row.try_get::<&[u8], _>("fingerprint")? != request.fingerprint.as_slice() {
            return Ok(Begun::ByAnother);
        }
        let answer = row.try_get::<Option<Vec<u8>>, _>("answer")?;
        return Ok(answer.map_or(Begun::UnderWay, Begun::Answered));
    }
}

pub(super) async fn finish(
    writer: &SqlitePool,
    key: KeyInUse,
    answer: Vec<u8>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE requests SET answer = ?4
         WHERE key_hash = ?1 AND fingerprint = ?2 AND used_since IS ?3 AND answer IS NULL",
    )
    .bind(key.request.key_hash.as_slice())
    .bind(key.request.fingerprint.as_slice())
    .bind(key.since.map(Timestamp::as_micros))
    .bind(answer)
    .execute(writer)
    .await?;
    Ok(())
}

/// Of requests that were begun again meanwhile only the last one releases the key.
pub(super) async fn release(writer: &SqlitePool, key: KeyInUse) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE requests SET released = TRUE
         WHERE key_hash = ?1 AND fingerprint = ?2 AND begun_at = ?3 AND answer IS NULL",
    )
    .bind(key.request.key_hash.as_slice())
    .bind(key.request.fingerprint.as_slice())
    .bind(key.request.at.as_micros())
    .execute(writer)
    .await?;
    Ok(())
}

pub(super) async fn sweep(writer: &SqlitePool, before: Timestamp) -> Result<u64, sqlx::Error> {
    let swept = sqlx::query("DELETE FROM requests WHERE COALESCE(used_since, begun_at) < ?1")
        .bind(before.as_micros())
        .execute(writer)
        .await?;
    Ok(swept.rows_affected())
}
