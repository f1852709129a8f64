//! Questions to the live notifications.

mod listing;

use domain::Timestamp;
use projections::{
    notifications::{Delivery, Row},
    views::ViewsError,
};
use sqlx::PgPool;

pub(super) use self::listing::listed;
use super::failure;
use crate::soon;

pub(super) async fn due(pool: &PgPool, now: Timestamp, limit: u32) -> Result<Vec<Row>, ViewsError> {
    let query = sqlx::query_scalar(
        "SELECT document::text FROM notifications
         WHERE generation = (SELECT number FROM generations
                             WHERE projection = 'notifications' AND state = 'live')
           AND due <= $1
         ORDER BY due, key LIMIT $2",
    )
    .bind(now.to_string())
    .bind(i64::from(limit));
    let rows: Vec<String> = soon(query.fetch_all(pool)).await.map_err(failure)?;
    rows.iter().map(|row| Ok(serde_json::from_str(row)?)).collect()
}

pub(super) async fn next_due(pool: &PgPool) -> Result<Option<Timestamp>, ViewsError> {
    let query = sqlx::query_scalar(
        "SELECT due FROM notifications
         WHERE generation = (SELECT number FROM generations
                             WHERE projection = 'notifications' AND state = 'live')
           AND due IS NOT NULL
         ORDER BY due LIMIT 1",
    );
    let due: Option<String> = soon(query.fetch_optional(pool)).await.map_err(failure)?;
    due.map(|due| due.parse().map_err(failure)).transpose()
}

pub(super) async fn deliveries(pool: &PgPool) -> Result<Vec<(Delivery, u64)>, ViewsError> {
    let query = sqlx::query_as(
        "SELECT state, count(*) FROM notifications
         WHERE generation = (SELECT number FROM generations
                             WHERE projection = 'notifications' AND state = 'live')
         GROUP BY state",
    );
    let counts: Vec<(String, i64)> = soon(query.fetch_all(pool)).await.map_err(failure)?;
    let count = |delivery: Delivery| {
        let found = counts.iter().find(|(state, _)| state == delivery.as_str());
        found.map_or(0, |(_, count)| count.unsigned_abs())
    };
    Ok(Delivery::ALL.map(|delivery| (delivery, count(delivery))).to_vec())
}
