//! Checkpoints as columns: the log's id as text, the position as two integers, the digest as bytes.

use domain::LogId;
use projections::Checkpoint;
use sqlx::{Row, sqlite::SqliteRow};
use store::{BoxError, Digest, Position};

/// A position's two counters as SQLite keeps them.
pub(crate) fn counters(position: Position) -> (i64, i64) {
    let (major, minor) = position.parts();
    (major.cast_signed(), minor.cast_signed())
}

pub(crate) fn position(row: &SqliteRow) -> Result<Position, sqlx::Error> {
    let major: i64 = row.try_get("position_major")?;
    let minor: i64 = row.try_get("position_minor")?;
    Ok(Position::new(major.cast_unsigned(), minor.cast_unsigned()))
}

pub(crate) fn checkpoint(row: &SqliteRow) -> Result<Checkpoint, BoxError> {
    let log: LogId = row.try_get::<&str, _>("log_id")?.parse()?;
    let digest: [u8; 32] = row.try_get::<&[u8], _>("digest")?.try_into()?;
    Ok(Checkpoint { log, position: position(row)?, digest: Digest(digest) })
}
