//! Counters of what secrets are used for.

use std::collections::HashMap;

use domain::{ApplicationId, Timestamp};
use projections::state::{Day, DayUsage, LastUses, Refusal, Usage, UsageDelta, UsageKey, UsesMark};
use sqlx::{Row, SqliteConnection, SqlitePool};
use store::BoxError;

use crate::{clamped, json};

pub(super) async fn add(
    writer: &SqlitePool,
    deltas: &[(UsageKey, UsageDelta)],
) -> Result<(), sqlx::Error> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    // Nobody else writes until this ends, so that the number is of this transaction alone.
    let changed: i64 = sqlx::query_scalar("SELECT coalesce(max(changed), 0) + 1 FROM usage")
        .fetch_one(&mut *transaction)
        .await?;
    for (key, delta) in deltas {
        if delta.issued > 0 || delta.last_used_at.is_some() {
            add_use(&mut transaction, *key, delta, changed).await?;
        }
        for (reason, count) in &delta.refused {
            add_refusals(&mut transaction, *key, *reason, *count).await?;
        }
        for (day, usage) in &delta.days {
            add_day(&mut transaction, key.application, *day, *usage).await?;
        }
    }
    transaction.commit().await
}

/// The address belongs to the moment: an older use that is told later changes neither.
async fn add_use(
    connection: &mut SqliteConnection,
    key: UsageKey,
    delta: &UsageDelta,
    changed: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO usage AS kept (application, secret, issued, last_used_at, last_address, changed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (application, secret) DO UPDATE SET
             issued = kept.issued + excluded.issued,
             last_address = CASE
                 WHEN excluded.last_used_at >= coalesce(kept.last_used_at, excluded.last_used_at)
                 THEN excluded.last_address ELSE kept.last_address END,
             last_used_at = max(
                 coalesce(kept.last_used_at, excluded.last_used_at),
                 coalesce(excluded.last_used_at, kept.last_used_at)),
             changed = excluded.changed",
    )
    .bind(key.application.to_string())
    .bind(key.secret.to_string())
    .bind(clamped(delta.issued))
    .bind(delta.last_used_at.map(Timestamp::as_micros))
    .bind(delta.last_address.as_deref())
    .bind(changed)
    .execute(connection)
    .await?;
    Ok(())
}

async fn add_refusals(
    connection: &mut SqliteConnection,
    key: UsageKey,
    reason: Refusal,
    count: u64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO refusals AS kept (application, secret, reason, count)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (application, secret, reason) DO UPDATE SET count = kept.count + excluded.count",
    )
    .bind(key.application.to_string())
    .bind(key.secret.to_string())
    .bind(reason.as_str())
    .bind(clamped(count))
    .execute(connection)
    .await?;
    Ok(())
}

async fn add_day(
    connection: &mut SqliteConnection,
    application: ApplicationId,
    day: Day,
    usage: DayUsage,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO usage_days AS kept (application, day, issued, refused)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (application, day) DO UPDATE SET
             issued = kept.issued + excluded.issued,
             refused = kept.refused + excluded.refused",
    )
    .bind(application.to_string())
    .bind(day.0)
    .bind(clamped(usage.issued))
    .bind(clamped(usage.refused))
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn on(
    readers: &SqlitePool,
    application: ApplicationId,
    day: Day,
) -> Result<DayUsage, sqlx::Error> {
    let found: Option<(i64, i64)> = sqlx::query_as(
        "SELECT issued, refused FROM usage_days WHERE application = ?1 AND day = ?2",
    )
    .bind(application.to_string())
    .bind(day.0)
    .fetch_optional(readers)
    .await?;
    let (issued, refused) = found.unwrap_or_default();
    Ok(DayUsage { issued: issued.unsigned_abs(), refused: refused.unsigned_abs() })
}

pub(super) async fn sweep(writer: &SqlitePool, before: Day) -> Result<u64, sqlx::Error> {
    let sweep = sqlx::query("DELETE FROM usage_days WHERE day < ?1").bind(before.0);
    Ok(sweep.execute(writer).await?.rows_affected())
}

pub(super) async fn last(
    readers: &SqlitePool,
    behind: Option<UsesMark>,
) -> Result<LastUses, BoxError> {
    let mut snapshot = readers.begin().await?;
    let through: i64 = sqlx::query_scalar("SELECT coalesce(max(changed), 0) FROM usage")
        .fetch_one(&mut *snapshot)
        .await?;
    let found: Vec<(String, i64)> = sqlx::query_as(
        "SELECT application, max(last_used_at) FROM usage
         WHERE changed > ?1 AND last_used_at IS NOT NULL GROUP BY application",
    )
    .bind(behind.map_or(-1, UsesMark::get))
    .fetch_all(&mut *snapshot)
    .await?;
    snapshot.commit().await?;
    let read = |(application, at): &(String, i64)| {
        Ok::<_, BoxError>((application.parse()?, Timestamp::from_micros(*at)))
    };
    let uses = found.iter().map(read).collect::<Result<_, _>>()?;
    Ok(LastUses { uses, through: UsesMark::new(through) })
}

pub(super) async fn of(
    readers: &SqlitePool,
    applications: &[ApplicationId],
) -> Result<HashMap<ApplicationId, Usage>, BoxError> {
    let ids = json(applications);
    let mut snapshot = readers.begin().await?;
    let used = sqlx::query(
        // With max() as the only aggregate of its kind, SQLite takes the address from the row that holds the maximum:
        // https://sqlite.org/lang_select.html#bareagg
        "SELECT application, sum(issued) AS issued, max(last_used_at) AS last_used_at, last_address
         FROM usage WHERE application IN (SELECT value FROM json_each(?1)) GROUP BY application",
    )
    .bind(&ids)
    .fetch_all(&mut *snapshot)
    .await?;
    let refused = sqlx::query(
        "SELECT application, sum(count) AS refused
         FROM refusals WHERE application IN (SELECT value FROM json_each(?1)) GROUP BY application",
    )
    .bind(&ids)
    .fetch_all(&mut *snapshot)
    .await?;
    snapshot.commit().await?;

    let mut usage: HashMap<ApplicationId, Usage> = HashMap::new();
    for row in used {
        let of = usage.entry(row.try_get::<&str, _>("application")?.parse()?).or_default();
        of.issued = row.try_get::<i64, _>("issued")?.unsigned_abs();
        of.last_used_at =
            row.try_get::<Option<i64>, _>("last_used_at")?.map(Timestamp::from_micros);
        of.last_address = row.try_get("last_address")?;
    }
    for row in refused {
        let of = usage.entry(row.try_get::<&str, _>("application")?.parse()?).or_default();
        of.refused = row.try_get::<i64, _>("refused")?.unsigned_abs();
    }
    Ok(usage)
}
