//! The live notifications that pass a filter.

use domain::{UserId, notification::Notification};
use projections::{
    notifications::listing::{Filter, From, Page, Place, Query, Readers, Trials},
    views::ViewsError,
};
use serde_json::Value;
use sqlx::{QueryBuilder, Sqlite, SqlitePool};
use store::StreamName;

use super::failure;
use crate::clamped;

pub(in crate::views) async fn listed(
    readers: &SqlitePool,
    query: &Query,
) -> Result<Page, ViewsError> {
    let mut found = select("row", &query.filter);
    let order = match query.from {
        From::Start | From::Offset(_) => "DESC",
        From::After(place) => beyond(&mut found, "<", place, "DESC"),
        From::Before(place) => beyond(&mut found, ">", place, "ASC"),
    };
    found.push(format_args!(" ORDER BY requested_at {order}, key {order} LIMIT +"));
    found.push_bind(query.reads());
    if let From::Offset(offset) = query.from {
        found.push(" OFFSET ").push_bind(clamped(offset));
    }
    let rows: Vec<String> = found.build_query_scalar().fetch_all(readers).await.map_err(failure)?;
    let rows = rows.iter().map(|row| serde_json::from_str(row)).collect::<Result<_, _>>()?;
    let mut counted = select("count(*)", &query.filter);
    let total: i64 = counted.build_query_scalar().fetch_one(readers).await.map_err(failure)?;
    Ok(query.page(rows, total.unsigned_abs()))
}

fn select(what: &str, filter: &Filter) -> QueryBuilder<Sqlite> {
    let Filter { states, occasions, readers, subject, trials } = filter;
    let mut select = QueryBuilder::new("SELECT ");
    select.push(what).push(
        " FROM notifications
         WHERE generation = (SELECT number FROM generations
                             WHERE projection = 'notifications' AND state = 'live')",
    );
    if let Some(states) = states {
        select.push(" AND state");
        one_of(&mut select, states.iter().map(|state| state.as_str().to_owned()));
    }
    if let Some(occasions) = occasions {
        select.push(" AND occasion");
        one_of(&mut select, occasions.iter().cloned());
    }
    match readers {
        Readers::Anybody => {}
        Readers::WithAccount => {
            select.push(" AND recipient IS NOT NULL");
        }
        Readers::One(user) => {
            select.push(" AND recipient = ").push_bind(user.to_string());
        }
        Readers::Among(users) => {
            select.push(" AND recipient IN (SELECT value FROM json_each(");
            let users: Value = users.iter().map(UserId::to_string).collect();
            select.push_bind(users.to_string());
            select.push("))");
        }
    }
    if let Some(subject) = subject {
        select.push(" AND subject = ").push_bind(subject.to_string());
    }
    match trials {
        Trials::Listed => {}
        Trials::LeftOut => {
            select.push(" AND row ->> '$.request.test' IS NULL");
        }
    }
    select
}

/// Goes on behind the name of a column.
fn one_of(select: &mut QueryBuilder<Sqlite>, values: impl Iterator<Item = String>) {
    select.push(" IN (");
    let mut listed = select.separated(", ");
    for value in values {
        listed.push_bind(value);
    }
    listed.push_unseparated(")");
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
