//! The one connection that appends.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use postgres_database::{Database, within};
use sqlx::{Connection, PgConnection, Row, postgres::PgRow};
use store::{
    StoreError,
    group_commit::{Append, Commit, Explanation, Outcome},
    limits,
};

use crate::{clamped, failure, position};

/// How long a commit may take before its connection is given up.
const COMMIT: Duration = Duration::from_secs(4);

const APPEND: &str = "SELECT stored, last_position, last_revision, ahead
FROM append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) database: Database,
    /// `None` at first and after a failure.
    pub(crate) connection: Option<PgConnection>,
}

/// Appends as the function takes them.
#[derive(Default)]
struct Columns<'a> {
    streams: Vec<&'a str>,
    next_revisions: Vec<i64>,
    lengths: Vec<i32>,
    occurred: Vec<i64>,
    ids: Vec<uuid::Uuid>,
    tags: Vec<&'a str>,
    datas: Vec<&'a [u8]>,
    metadatas: Vec<&'a [u8]>,
    digests: Vec<&'a [u8]>,
}

#[async_trait]
impl Commit for Writer {
    async fn commit(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, Explanation> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.database.connect().await.map_err(|error| told(error, failure))?,
        };
        // The function is a transaction of its own: when its answer is lost, nobody knows.
        let rows = within(COMMIT, append(&mut connection, batch)).await;
        let rows = rows.map_err(|error| told(error, of_commit))?;
        self.connection = Some(connection);
        Ok(batch.iter().zip(&rows).map(|(append, row)| outcome(append, row)).collect())
    }

    async fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close().await.ok();
        }
    }
}

async fn append(
    connection: &mut PgConnection,
    batch: &[Append],
) -> Result<Vec<PgRow>, sqlx::Error> {
    let columns = Columns::of(batch);
    sqlx::query(APPEND)
        .bind(columns.streams)
        .bind(columns.next_revisions)
        .bind(columns.lengths)
        .bind(columns.occurred)
        .bind(columns.ids)
        .bind(columns.tags)
        .bind(columns.datas)
        .bind(columns.metadatas)
        .bind(columns.digests)
        .bind(i64::try_from(limits::AHEAD.as_micros()).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await
}

impl<'a> Columns<'a> {
    fn of(batch: &'a [Append]) -> Self {
        let mut columns = Self::default();
        for append in batch {
            columns.streams.push(append.stream.as_str());
            columns.next_revisions.push(clamped(append.expected.next_revision()));
            columns.lengths.push(i32::try_from(append.events.len()).unwrap_or(i32::MAX));
            let occurred = append.events.iter().map(|event| event.occurred_at.as_micros()).max();
            columns.occurred.push(occurred.unwrap_or_default());
            for event in &append.events {
                columns.ids.push(event.id.as_uuid());
                columns.tags.push(&event.tag);
                columns.datas.push(&event.data);
                columns.metadatas.push(&event.metadata);
                columns.digests.push(&event.digest.0);
            }
        }
        columns
    }
}

fn outcome(append: &Append, row: &PgRow) -> Outcome {
    read_outcome(append, row).unwrap_or_else(|error| Err(StoreError::OutcomeUnknown(error.into())))
}

/// From a row of `stored, last_position, last_revision, ahead`.
fn read_outcome(append: &Append, row: &PgRow) -> Result<Outcome, sqlx::Error> {
    let stored: bool = row.try_get(0)?;
    let last_position: Option<i64> = row.try_get(1)?;
    let last_revision: Option<i64> = row.try_get(2)?;
    let ahead: Option<i64> = row.try_get(3)?;
    Ok(match (last_position, ahead) {
        (Some(last), _) => Ok(append.appended(position(last), !stored)),
        (None, Some(micros)) => {
            Err(StoreError::ClockAhead(Duration::from_micros(micros.unsigned_abs())))
        }
        (None, None) => Err(StoreError::Conflict {
            expected: append.expected,
            actual: last_revision.map(i64::unsigned_abs),
        }),
    })
}

fn told(error: sqlx::Error, to: fn(Arc<sqlx::Error>) -> StoreError) -> Explanation {
    let error = Arc::new(error);
    Box::new(move || to(error.clone()))
}

/// What the server answers with a code, it did not commit, unless it was told to stop meanwhile (class 57). The rest
/// is silence.
fn of_commit(error: Arc<sqlx::Error>) -> StoreError {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    match code {
        Some(code) if !code.starts_with("57") && !code.starts_with("08") => failure(error),
        _ => StoreError::OutcomeUnknown(Box::new(error)),
    }
}
