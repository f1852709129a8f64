//! The grid of applications. The only place where SQL is put together; every fragment is chosen by an enum.

use projections::{
    applications::{Order, Page, Query, SortBy, Status, key_of},
    views::ViewsError,
};
use sqlx::{AssertSqlSafe, Row, SqlitePool};

use crate::views::engine;

const FILTER: &str = "
    FROM applications a
    LEFT JOIN directory o
        ON o.key = 'organization-' || a.organization
        AND o.generation = (SELECT number FROM generations WHERE projection = 'directory' AND live = 1)
    WHERE a.generation = (SELECT number FROM generations WHERE projection = 'applications' AND live = 1)
        AND (?1 IS NULL OR a.owner = ?1)
        AND (?2 IS NULL OR a.organization IN (SELECT value FROM json_each(?2)))
        AND (?3 IS NULL OR instr(a.name_key, ?3) > 0)
        AND (?4 IS NULL OR a.active = ?4)";

/// Answers a query of the grid: one statement counts, one reads the page.
pub(crate) async fn page(readers: &SqlitePool, query: &Query) -> Result<Page, ViewsError> {
    let owner = query.owner.map(|owner| owner.to_string());
    let organizations = match &query.organizations {
        Some(organizations) => Some(serde_json::to_string(organizations)?),
        None => None,
    };
    let name = query.name.as_deref().map(key_of);
    let active = match query.status {
        Status::All => None,
        Status::Active => Some(true),
        Status::Inactive => Some(false),
    };
    let total: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) {FILTER}")))
        .bind(&owner)
        .bind(&organizations)
        .bind(&name)
        .bind(active)
        .fetch_one(readers)
        .await
        .map_err(engine)?;
    let select = format!("SELECT a.row {FILTER} ORDER BY {} LIMIT ?5 OFFSET ?6", order(query));
    let rows = sqlx::query(AssertSqlSafe(select))
        .bind(owner)
        .bind(organizations)
        .bind(name)
        .bind(active)
        .bind(i64::from(query.limit.min(1_000)))
        .bind(i64::try_from(query.offset).unwrap_or(i64::MAX))
        .fetch_all(readers)
        .await
        .map_err(engine)?;
    let rows = rows
        .iter()
        .map(|row| {
            let document: &str = row.try_get("row").map_err(engine)?;
            Ok(serde_json::from_str(document)?)
        })
        .collect::<Result<_, ViewsError>>()?;
    Ok(Page { rows, total: total.cast_unsigned() })
}

/// Equals are put in the order of their names, then of their ids, so that pages never overlap.
fn order(query: &Query) -> String {
    let direction = match query.order {
        Order::Ascending => "ASC",
        Order::Descending => "DESC",
    };
    let column = match query.sort {
        SortBy::Name => "a.name_key",
        SortBy::Organization => "o.name_key",
        SortBy::ClientId => "a.client_id",
        SortBy::Active => "a.active",
        SortBy::Created => "a.created_at",
    };
    format!("{column} {direction}, a.name_key, a.id")
}
