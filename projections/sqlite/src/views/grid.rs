//! Questions to the live applications.
//!
//! The one place where SQL is put together at run time, and all of it from the constants below: a [`Query`]'s variants
//! choose among them, its values are parameters.

use domain::{ApplicationId, application::Application};
use projections::{
    applications::{Order, Page, Query, Row, SortBy, Status, key_of},
    views::ViewsError,
};
use sqlx::{AssertSqlSafe, SqlitePool};
use store::StreamName;

use super::failure;
use crate::{clamped, json};

/// Rows in one page, whatever is asked for.
const PAGE: u32 = 1000;

const LIVE: &str = "applications.generation = (SELECT number FROM generations
    WHERE projection = 'applications' AND state = 'live')
    AND applications.row ->> '$.deleted' IS NULL";

// Parameters ?1 to ?3.
const BY_OWNER: &str = " AND applications.owner = ?1";
const BY_ORGANIZATION: &str = " AND applications.organization IN (SELECT value FROM json_each(?2))";
const BY_NAME: &str = " AND instr(applications.name_key, ?3) > 0";

const fn by_status(status: Status) -> &'static str {
    match status {
        Status::All => "",
        Status::Active => " AND applications.active = 1",
        Status::Inactive => " AND applications.active = 0",
    }
}

const fn sorted_by(sort: SortBy) -> &'static str {
    match sort {
        SortBy::Name => "applications.name_key",
        // An organization that the directory does not know (yet) comes first.
        SortBy::Organization => {
            "coalesce((SELECT directory.name_key FROM directory
                WHERE directory.key = 'organization-' || applications.organization
                  AND directory.generation = (SELECT number FROM generations
                      WHERE projection = 'directory' AND state = 'live')), '')"
        }
        SortBy::ClientId => "applications.client_id",
        SortBy::Active => "applications.active",
        SortBy::Created => "applications.created_at",
    }
}

const fn direction(order: Order) -> &'static str {
    match order {
        Order::Ascending => "ASC",
        Order::Descending => "DESC",
    }
}

/// What follows WHERE.
fn condition(query: &Query) -> String {
    [
        LIVE,
        if query.owner.is_some() { BY_OWNER } else { "" },
        if query.organizations.is_some() { BY_ORGANIZATION } else { "" },
        if query.name.is_some() { BY_NAME } else { "" },
        by_status(query.status),
    ]
    .concat()
}

/// How many rows there are; parameters ?1 to ?3.
fn count(query: &Query) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("SELECT count(*) FROM applications WHERE {}", condition(query)))
}

/// The page; parameters ?1 to ?3, limit ?4, offset ?5. Documents are fetched once the page is chosen, so that sorting
/// carries keys alone. The keys, which end in the ids, decide between equals.
fn choose(query: &Query) -> AssertSqlSafe<String> {
    let (sorted, direction) = (sorted_by(query.sort), direction(query.order));
    AssertSqlSafe(format!(
        "SELECT applications.row FROM (
             SELECT applications.rowid AS place, {sorted} AS sorted, applications.key AS key
             FROM applications WHERE {}
             ORDER BY sorted {direction}, key {direction} LIMIT ?4 OFFSET ?5
         ) AS chosen
         JOIN applications ON applications.rowid = chosen.place
         ORDER BY chosen.sorted {direction}, chosen.key {direction}",
        condition(query)
    ))
}

/// Page and total are of one moment.
pub(super) async fn page(readers: &SqlitePool, query: &Query) -> Result<Page, ViewsError> {
    let owner = query.owner.map(|owner| owner.to_string());
    let organizations = query.organizations.as_ref().map(json);
    let name = query.name.as_deref().map(key_of);

    let mut snapshot = readers.begin().await.map_err(failure)?;
    let total: i64 = sqlx::query_scalar(count(query))
        .bind(&owner)
        .bind(&organizations)
        .bind(&name)
        .fetch_one(&mut *snapshot)
        .await
        .map_err(failure)?;
    let rows: Vec<String> = sqlx::query_scalar(choose(query))
        .bind(&owner)
        .bind(&organizations)
        .bind(&name)
        .bind(query.limit.min(PAGE))
        .bind(clamped(query.offset))
        .fetch_all(&mut *snapshot)
        .await
        .map_err(failure)?;
    snapshot.commit().await.map_err(failure)?;

    let rows = rows.iter().map(|row| serde_json::from_str(row)).collect::<Result<_, _>>()?;
    Ok(Page { rows, total: total.unsigned_abs() })
}

pub(super) async fn one(
    readers: &SqlitePool,
    id: ApplicationId,
) -> Result<Option<Row>, ViewsError> {
    let row: Option<String> = sqlx::query_scalar(
        "SELECT row FROM applications
         WHERE generation = (SELECT number FROM generations
                             WHERE projection = 'applications' AND state = 'live')
           AND key = ?1",
    )
    .bind(StreamName::of::<Application>(&id).to_string())
    .fetch_optional(readers)
    .await
    .map_err(failure)?;
    row.map(|row| Ok(serde_json::from_str(&row)?)).transpose()
}
