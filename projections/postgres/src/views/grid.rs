//! Questions to the live applications.
//!
//! The one place where SQL is put together at run time, and all of it from the constants below: a [`Query`]'s variants
//! choose among them, its values are parameters.

use domain::{ApplicationId, application::Application};
use projections::{
    applications::{Order, Page, Query, Row, SortBy, Status, key_of},
    views::ViewsError,
};
use sqlx::{AssertSqlSafe, PgPool};
use store::StreamName;

use super::failure;
use crate::{clamped, soon, texts};

/// Rows in one page, whatever is asked for.
const PAGE: u32 = 1000;

const LIVE: &str = "applications.generation = (SELECT number FROM generations
    WHERE projection = 'applications' AND state = 'live')
    AND applications.document ->> 'deleted' IS NULL";

// Parameters $1 to $3.
const BY_OWNER: &str = " AND applications.owner = $1";
const BY_ORGANIZATION: &str = " AND applications.organization = ANY ($2)";
const BY_NAME: &str = " AND strpos(applications.name_key, $3) > 0";

const fn by_status(status: Status) -> &'static str {
    match status {
        Status::All => "",
        Status::Active => " AND applications.active",
        Status::Inactive => " AND NOT applications.active",
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

/// One row for each on the page, with how many there are in all; a page without rows is one row with the number alone.
/// Parameters $1 to $3, limit $4, offset $5. Documents are fetched once the page is chosen, so that sorting carries keys
/// alone. The keys, which end in the ids, decide between equals.
fn statement(query: &Query) -> AssertSqlSafe<String> {
    let (sorted, direction) = (sorted_by(query.sort), direction(query.order));
    let condition = condition(query);
    AssertSqlSafe(format!(
        "SELECT every.total, page.document
         FROM (SELECT count(*) AS total FROM applications WHERE {condition}) AS every
         LEFT JOIN LATERAL (
             SELECT chosen.sorted, chosen.key, applications.document::text AS document
             FROM (
                 SELECT applications.generation, applications.key, {sorted} AS sorted
                 FROM applications WHERE {condition}
                 ORDER BY sorted {direction}, key {direction} LIMIT $4 OFFSET $5
             ) AS chosen
             JOIN applications USING (generation, key)
         ) AS page ON true
         ORDER BY page.sorted {direction}, page.key {direction}"
    ))
}

/// Page and total are of one moment, because they are of one statement.
pub(super) async fn page(pool: &PgPool, query: &Query) -> Result<Page, ViewsError> {
    let asked = sqlx::query_as(statement(query))
        .bind(query.owner.map(|owner| owner.to_string()))
        .bind(query.organizations.as_ref().map(texts))
        .bind(query.name.as_deref().map(key_of))
        .bind(i64::from(query.limit.min(PAGE)))
        .bind(clamped(query.offset));
    let found: Vec<(i64, Option<String>)> = soon(asked.fetch_all(pool)).await.map_err(failure)?;
    let total = found.first().map_or(0, |(total, _)| total.unsigned_abs());
    let rows = found.iter().filter_map(|(_, document)| document.as_deref());
    let rows = rows.map(serde_json::from_str).collect::<Result<_, _>>()?;
    Ok(Page { rows, total })
}

pub(super) async fn one(pool: &PgPool, id: ApplicationId) -> Result<Option<Row>, ViewsError> {
    let query = sqlx::query_scalar(
        "SELECT document::text FROM applications
         WHERE generation = (SELECT number FROM generations
                             WHERE projection = 'applications' AND state = 'live')
           AND key = $1",
    )
    .bind(StreamName::of::<Application>(&id).to_string());
    let row: Option<String> = soon(query.fetch_optional(pool)).await.map_err(failure)?;
    row.map(|row| Ok(serde_json::from_str(&row)?)).transpose()
}
