//! What each secret of an application was used for.

use std::collections::HashMap;

use domain::{ApplicationId, SecretId, Timestamp};
use projections::state::Usage;
use sqlx::{PgPool, Row};
use store::BoxError;

use crate::soon;

pub(super) async fn of(
    pool: &PgPool,
    application: ApplicationId,
) -> Result<HashMap<SecretId, Usage>, BoxError> {
    let query = sqlx::query(
        "SELECT secret, issued, last_used_at, last_address FROM usage WHERE application = $1",
    )
    .bind(application.to_string());
    let rows = soon(query.fetch_all(pool)).await?;
    let mut usage = HashMap::with_capacity(rows.len());
    for row in rows {
        let last_used_at = row.try_get::<Option<i64>, _>("last_used_at")?;
        let of = Usage {
            issued: row.try_get::<i64, _>("issued")?.unsigned_abs(),
            refused: 0,
            last_used_at: last_used_at.map(Timestamp::from_micros),
            last_address: row.try_get("last_address")?,
        };
        usage.insert(row.try_get::<&str, _>("secret")?.parse()?, of);
    }
    Ok(usage)
}
