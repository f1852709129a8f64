//! From which networks people signed in.

use domain::{Timestamp, UserId};
use projections::state::{NETWORKS, SignedInFrom};
use sqlx::SqlitePool;

pub(super) async fn look_up(
    readers: &SqlitePool,
    user: UserId,
    network: [u8; 32],
) -> Result<SignedInFrom, sqlx::Error> {
    let (all, this): (i64, i64) = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE network = ?2) FROM networks WHERE person = ?1",
    )
    .bind(user.to_string())
    .bind(network.as_slice())
    .fetch_one(readers)
    .await?;
    Ok(SignedInFrom::counted(all, this))
}

pub(super) async fn keep(
    writer: &SqlitePool,
    user: UserId,
    network: [u8; 32],
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query(
        "INSERT INTO networks AS kept (person, network, seen_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (person, network) DO UPDATE SET seen_at = max(kept.seen_at, excluded.seen_at)",
    )
    .bind(user.to_string())
    .bind(network.as_slice())
    .bind(at.as_micros())
    .execute(&mut *transaction)
    .await?;
    // The one that is kept now stays, whatever the clock says.
    sqlx::query(
        "DELETE FROM networks WHERE person = ?1 AND network NOT IN (
             SELECT network FROM networks WHERE person = ?1
             ORDER BY network = ?2 DESC, seen_at DESC, network LIMIT +?3)",
    )
    .bind(user.to_string())
    .bind(network.as_slice())
    .bind(i64::from(NETWORKS))
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}
