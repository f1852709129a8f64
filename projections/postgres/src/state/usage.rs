//! Counters of what secrets are used for.

use std::collections::{BTreeMap, HashMap};

use domain::{ApplicationId, Timestamp};
use projections::state::{Day, DayUsage, LastUses, Usage, UsageDelta, UsageKey, UsesMark};
use sqlx::{PgPool, Row};
use store::BoxError;

use crate::{clamped, soon, texts};

/// One statement, and so one transaction and one trip. Rows are locked in the order of their keys, and those of the
/// tables always in the same order, so that nodes that flush at the same time wait for each other and never in a circle.
/// The address belongs to the moment: an older use that is told later changes neither.
const ADD: &str = "WITH used AS (
    INSERT INTO usage AS kept (application, secret, issued, last_used_at, last_address, changed)
    SELECT *, pg_current_xact_id()::text::bigint
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
        AS new (application, secret, issued, last_used_at, last_address)
    ORDER BY application, secret
    ON CONFLICT (application, secret) DO UPDATE SET
        issued = kept.issued + excluded.issued,
        last_address = CASE
            WHEN excluded.last_used_at >= coalesce(kept.last_used_at, excluded.last_used_at)
            THEN excluded.last_address ELSE kept.last_address END,
        last_used_at = greatest(kept.last_used_at, excluded.last_used_at),
        changed = excluded.changed
), days AS (
    INSERT INTO usage_days AS kept (application, day, issued, refused)
    SELECT * FROM unnest($10::text[], $11::bigint[], $12::bigint[], $13::bigint[])
        AS new (application, day, issued, refused)
    ORDER BY application, day
    ON CONFLICT (application, day) DO UPDATE SET
        issued = kept.issued + excluded.issued,
        refused = kept.refused + excluded.refused
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

/// Secrets of one application count together.
fn by_day(deltas: &[(UsageKey, UsageDelta)]) -> BTreeMap<(ApplicationId, Day), DayUsage> {
    let mut days: BTreeMap<_, DayUsage> = BTreeMap::new();
    for (key, delta) in deltas {
        for (day, usage) in &delta.days {
            let sum = days.entry((key.application, *day)).or_default();
            sum.issued += usage.issued;
            sum.refused += usage.refused;
        }
    }
    days
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
    let days = by_day(deltas);
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
        .bind(refused.iter().map(|(_, _, count)| clamped(*count)).collect::<Vec<_>>())
        .bind(texts(days.keys().map(|(application, _)| application)))
        .bind(days.keys().map(|(_, day)| day.0).collect::<Vec<_>>())
        .bind(days.values().map(|usage| clamped(usage.issued)).collect::<Vec<_>>())
        .bind(days.values().map(|usage| clamped(usage.refused)).collect::<Vec<_>>());
    soon(add.execute(pool)).await?;
    Ok(())
}

pub(super) async fn on(
    pool: &PgPool,
    application: ApplicationId,
    day: Day,
) -> Result<DayUsage, sqlx::Error> {
    let query = sqlx::query_as(
        "SELECT issued, refused FROM usage_days WHERE application = $1 AND day = $2",
    )
    .bind(application.to_string())
    .bind(day.0);
    let found: Option<(i64, i64)> = soon(query.fetch_optional(pool)).await?;
    let (issued, refused) = found.unwrap_or_default();
    Ok(DayUsage { issued: issued.unsigned_abs(), refused: refused.unsigned_abs() })
}

pub(super) async fn sweep(pool: &PgPool, before: Day) -> Result<u64, sqlx::Error> {
    let sweep = sqlx::query("DELETE FROM usage_days WHERE day < $1").bind(before.0);
    Ok(soon(sweep.execute(pool)).await?.rows_affected())
}

/// One row for each use, with the mark; without uses one row with the mark alone.
///
/// Whatever a transaction below the snapshot's xmin has written is seen by the snapshot, so that nothing is left out by
/// asking from there on the next time, however long a transaction takes to commit. Numbers beyond the snapshot's xmax
/// are of another server, from which a dump was restored: behind a mark they tell nothing.
const LAST: &str = "SELECT mark.through, last.application, last.used_at
FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS through,
             pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS beyond) AS mark
LEFT JOIN LATERAL (
    SELECT application, max(last_used_at) AS used_at FROM usage
    WHERE last_used_at IS NOT NULL
      AND changed >= $1 AND ($1 < 0 OR changed < mark.beyond)
    GROUP BY application
) AS last ON true";

pub(super) async fn last(pool: &PgPool, behind: Option<UsesMark>) -> Result<LastUses, BoxError> {
    let query = sqlx::query_as(LAST).bind(behind.map_or(-1, UsesMark::get));
    let found: Vec<(i64, Option<String>, Option<i64>)> = soon(query.fetch_all(pool)).await?;
    let through = found.first().map_or(0, |(through, _, _)| *through);
    let mut uses = Vec::with_capacity(found.len());
    for (_, application, at) in found {
        if let (Some(application), Some(at)) = (application, at) {
            uses.push((application.parse()?, Timestamp::from_micros(at)));
        }
    }
    Ok(LastUses { uses, through: UsesMark::new(through) })
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
