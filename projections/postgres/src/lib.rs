//! Views and state in PostgreSQL, a schema for each.
//!
//! Any number of processes use them. One of them projects at a time: a lease with an end says which (`views/lease`), and
//! whoever lost it cannot write any more. Every question is answered or refused within a time.

mod checkpoints;
mod state;
mod views;

use std::time::Duration;

use postgres_database::{Schema, within};
use sqlx::migrate::Migrator;

pub use state::PostgresState;
pub use views::PostgresViews;

static VIEWS_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres/views");
static STATE_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres/state");

/// The schema of an installation's views.
pub const VIEWS: Schema<'static> = Schema { name: "oathbook_views", migrations: &VIEWS_MIGRATIONS };
/// The schema of an installation's state.
pub const STATE: Schema<'static> = Schema { name: "oathbook_state", migrations: &STATE_MIGRATIONS };

/// How long a question may take.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a transaction may take that writes a batch of rows.
const BATCH: Duration = Duration::from_secs(20);

/// Answers within the time that questions have.
async fn soon<T>(question: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    within(ANSWER, question).await
}

/// PostgreSQL counts to 2⁶³ - 1, and nothing we count comes near.
fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Values as one parameter, for `= ANY ($1)`.
fn texts(values: impl IntoIterator<Item = impl ToString>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}
