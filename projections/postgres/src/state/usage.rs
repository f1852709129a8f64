//! Counters of what secrets are used for.

use std::collections::HashMap;

use domain::{ApplicationId, Timestamp};
use projections::state::{Usage, UsageDelta, UsageKey};
use sqlx::{PgPool, Row};
use store::BoxError;

use crate::{clamped, soon, texts};

/// One statement, and so one transaction and one trip. Rows are locked in the order of their keys, and those of the two
/// tables always in the same order, so that nodes that flush at the same time wait for each other and never in a circle.
/// The address belongs to the moment: an older use that is told later changes neither.
const ADD: &str = "WITH used AS (
    INSERT INTO usage AS kept (application, secret, issued, last_used_at, last_address)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
        AS new (application, secret, issued, last_used_at, last_address)
    ORDER BY application, secret
    ON CONFLICT (application, secret) DO UPDATE SET
        issued = kept.issued + excluded.issued,
        last_address = CASE
            WHEN excluded.last_used_at >= coalesce(kept.last_used_at, excluded.last_used_at)
            THEN excluded.last_address ELSE kept.last_address END,
        last_used_at = greatest(kept.last_used_at, excluded.last_used_at)
)
INSERT INTO refusals AS kept (application, secret, reason, count)
SELECT * FROM unnest($6::text[], $7::text[], $8::text[], $9::bigint[])
    AS new (application, secret, reason, count)
ORDER BY application, secret, reason
ON CONFLICT (application, secret, reason) DO UPDATE SET count = kept.count + excluded.count";

/// One key may come several times; PostgreSQL takes each row once in a statement.
fn merged(deltas: &[(UsageKey, UsageDelta)]) -> HashMap<UsageKey, UsageDelta> {
    let mut merged: HashMap<UsageKey, UsageDelta> = HashMap::new();
    for (key, delta) in deltas {
        let sum = merged.entry(*key).or_default();
        sum.issued += delta.issued;
        for (reason, count) in &delta.refused {
            *sum.refused.entry(*reason).or_default() += count;
        }
        if delta.last_used_at >= sum.last_used_at {
            sum.last_used_at = delta.last_used_at;
            sum.last_address.clone_from(&delta.last_address);
        }
    }
    merged
}

pub(super) async fn add(
    pool: &PgPool,
    deltas: &[(UsageKey, UsageDelta)],
) -> Result<(), sqlx::Error> {
    let merged = merged(deltas);
    let used: Vec<_> = merged
        .iter()
        .filter(|(_, delta)| delta.issued > 0 || delta.last_used_at.is_some())
        .collect();
    let refused: Vec<_> = merged
        .iter()
        .flat_map(|(key, delta)| {
            delta.refused.iter().map(move |(reason, count)| (key, reason, *count))
        })
        .collect();
    let add = sqlx::query(ADD)
        .bind(texts(used.iter().map(|(key, _)| key.application)))
        .bind(texts(used.iter().map(|(key, _)| key.secret)))
        .bind(used.iter().map(|(_, delta)| clamped(delta.issued)).collect::<Vec<_>>())
        .bind(
            used.iter()
                .map(|(_, delta)| delta.last_used_at.map(Timestamp::as_micros))
                .collect::<Vec<_>>(),
        )
        .bind(used.iter().map(|(_, delta)| delta.last_address.clone()).collect::<Vec<_>>())
        .bind(texts(refused.iter().map(|(key, _, _)| key.application)))
        .bind(texts(refused.iter().map(|(key, _, _)| key.secret)))
        .bind(texts(refused.iter().map(|(_, reason, _)| reason.as_str())))
        .bind(refused.iter().map(|(_, _, count)| clamped(*count)).collect::<Vec<_>>());
    soon(add.execute(pool)).await?;
    Ok(())
}

/// Of each application: what was issued, the last use and its address, what was refused.
const OF: &str = "SELECT application, issued, last_used_at, last_address, refused
FROM (
    SELECT application, sum(issued)::bigint AS issued, max(last_used_at) AS last_used_at,
           (array_agg(last_address ORDER BY last_used_at DESC NULLS LAST))[1] AS last_address
    FROM usage WHERE application = ANY ($1) GROUP BY application
) AS used
FULL JOIN (
    SELECT application, sum(count)::bigint AS refused
    FROM refusals WHERE application = ANY ($1) GROUP BY application
) AS refused USING (application)";

pub(super) async fn of(
    pool: &PgPool,
    applications: &[ApplicationId],
) -> Result<HashMap<ApplicationId, Usage>, BoxError> {
    let query = sqlx::query(OF).bind(texts(applications));
    let found = soon(query.fetch_all(pool)).await?;
    let mut usage = HashMap::with_capacity(found.len());
    for row in found {
        let count = |column| {
            let count = row.try_get::<Option<i64>, _>(column)?;
            Ok::<_, sqlx::Error>(count.unwrap_or_default().unsigned_abs())
        };
        let of = Usage {
            issued: count("issued")?,
            refused: count("refused")?,
            last_used_at: row
                .try_get::<Option<i64>, _>("last_used_at")?
                .map(Timestamp::from_micros),
            last_address: row.try_get("last_address")?,
        };
        usage.insert(row.try_get::<&str, _>("application")?.parse()?, of);
    }
    Ok(usage)
}
