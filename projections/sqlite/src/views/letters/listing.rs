//! The live notifications that pass a filter.

use domain::notification::Notification;
use projections::{
    notifications::listing::{Filter, From, Page, Place, Query},
    views::ViewsError,
};
use sqlx::{QueryBuilder, Sqlite, SqlitePool};
use store::StreamName;

use super::failure;

pub(in crate::views) async fn listed(
    readers: &SqlitePool,
    query: &Query,
) -> Result<Page, ViewsError> {
    let mut found = select("row", &query.filter);
    let order = match query.from {
        From::Start => "DESC",
        From::After(place) => beyond(&mut found, "<", place, "DESC"),
        From::Before(place) => beyond(&mut found, ">", place, "ASC"),
    };
    found.push(format_args!(" ORDER BY requested_at {order}, key {order} LIMIT "));
    found.push_bind(query.reads());
    let rows: Vec<String> = found.build_query_scalar().fetch_all(readers).await.map_err(failure)?;
    let rows = rows.iter().map(|row| serde_json::from_str(row)).collect::<Result<_, _>>()?;
    let mut counted = select("count(*)", &query.filter);
    let total: i64 = counted.build_query_scalar().fetch_one(readers).await.map_err(failure)?;
    Ok(query.page(rows, total.unsigned_abs()))
}

fn select(what: &str, filter: &Filter) -> QueryBuilder<Sqlite> {
    let Filter { states, occasion, recipient, subject } = filter;
    let mut select = QueryBuilder::new("SELECT ");
    select.push(what).push(
        " FROM notifications
         WHERE generation = (SELECT number FROM generations
                             WHERE projection = 'notifications' AND state = 'live')",
    );
    if !states.is_empty() {
        select.push(" AND state IN (");
        let mut listed = select.separated(", ");
        for state in states {
            listed.push_bind(state.as_str());
        }
        listed.push_unseparated(")");
    }
    if let Some(occasion) = occasion {
        select.push(" AND occasion = ").push_bind(occasion.clone());
    }
    if let Some(recipient) = recipient {
        select.push(" AND recipient = ").push_bind(recipient.to_string());
    }
    if let Some(subject) = subject {
        select.push(" AND subject = ").push_bind(subject.to_string());
    }
    select
}

/// Only what is on one side of the place; answers with the order that begins there.
fn beyond(
    select: &mut QueryBuilder<Sqlite>,
    side: &'static str,
    place: Place,
    order: &'static str,
) -> &'static str {
    select.push(" AND (requested_at, key) ").push(side).push(" (");
    select.push_bind(place.requested_at.to_string()).push(", ");
    select.push_bind(StreamName::of::<Notification>(&place.id).to_string()).push(")");
    order
}
