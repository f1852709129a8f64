//! Checkpoints as columns.

use projections::Checkpoint;
use sqlx::{Row, postgres::PgRow};
use store::{BoxError, Digest, Position};

/// The two counters of a position. Bit for bit, since engines may count beyond what PostgreSQL can.
pub(crate) fn columns(position: Position) -> (i64, i64) {
    let (major, minor) = position.parts();
    (major.cast_signed(), minor.cast_signed())
}

/// The reverse of [`columns`].
pub(crate) fn position(row: &PgRow) -> Result<Position, BoxError> {
    let major: i64 = row.try_get("position_major")?;
    let minor: i64 = row.try_get("position_minor")?;
    Ok(Position::new(major.cast_unsigned(), minor.cast_unsigned()))
}

/// From the columns `log_id`, `position_major`, `position_minor`, `digest`.
pub(crate) fn checkpoint(row: &PgRow) -> Result<Checkpoint, BoxError> {
    Ok(Checkpoint {
        log: row.try_get::<&str, _>("log_id")?.parse()?,
        position: position(row)?,
        digest: Digest(row.try_get::<&[u8], _>("digest")?.try_into()?),
    })
}
