//! Questions to the live notifications.

mod listing;

use domain::Timestamp;
use projections::{
    notifications::{Delivery, Row},
    views::ViewsError,
};
use sqlx::SqlitePool;

pub(super) use self::listing::listed;
use super::failure;

pub(super) async fn due(
    readers: &SqlitePool,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Row>, ViewsError> {
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT row FROM notifications
         WHERE generation = (SELECT number FROM generations
                             WHERE projection = 'notifications' AND state = 'live')
           AND due <= ?1
         ORDER BY due, key LIMIT +?2",
    )
    .bind(now.to_string())
    .bind(limit)
    .fetch_all(readers)
    .await
    .map_err(failure)?;
    rows.iter().map(|row| Ok(serde_json::from_str(row)?)).collect()
}

pub(super) async fn next_due(readers: &SqlitePool) -> Result<Option<Timestamp>, ViewsError> {
    let due: Option<String> = sqlx::query_scalar(
        "SELECT due FROM notifications
         WHERE generation = (SELECT number FROM generations
                             WHERE projection = 'notifications' AND state = 'live')
           AND due IS NOT NULL
         ORDER BY due LIMIT 1",
    )
    .fetch_optional(readers)
    .await
    .map_err(failure)?;
    due.map(|due| due.parse().map_err(failure)).transpose()
}

pub(super) async fn deliveries(readers: &SqlitePool) -> Result<Vec<(Delivery, u64)>, ViewsError> {
    let counts: Vec<(String, i64)> = sqlx::query_as(
        "SELECT state, count(*) FROM notifications
         WHERE generation = (SELECT number FROM generations
                             WHERE projection = 'notifications' AND state = 'live')
         GROUP BY state",
    )
    .fetch_all(readers)
    .await
    .map_err(failure)?;
    let count = |delivery: Delivery| {
        let found = counts.iter().find(|(state, _)| state == delivery.as_str());
        found.map_or(0, |(_, count)| count.unsigned_abs())
    };
    Ok(Delivery::ALL.map(|delivery| (delivery, count(delivery))).to_vec())
}
