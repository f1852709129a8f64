//! The one connection that writes.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use store::{
    Clock, StoreError, Timestamp,
    group_commit::{Append, Commit, Explanation, Outcome},
};

use crate::{failure, inserting, result_code};

#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) options: SqliteConnectOptions,
    /// `None` after a failure: a fresh connection knows of no half-done transaction.
    pub(crate) connection: Option<SqliteConnection>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Why a transaction did not answer its appends.
enum Failed {
    BeforeCommit(sqlx::Error),
    AtCommit(sqlx::Error),
}

#[async_trait]
impl Commit for Writer {
    async fn commit(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, Explanation> {
        let outcomes = self.write(batch).await;
        outcomes.map_err(|failed| {
            self.connection = None;
            failed.explanation()
        })
    }

    async fn close(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // The connections that read cannot do this, and one of them may be the last to close: a copy of the file
            // must be complete without the write-ahead log beside it.
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await.ok();
            connection.close().await.ok();
        }
    }
}

impl Writer {
    async fn write(&mut self, batch: &[Append]) -> Result<Vec<Outcome>, Failed> {
        let now = self.clock.now();
        let connection = self.connected().await.map_err(Failed::BeforeCommit)?;
        match batch {
            [append] if append.events.len() == 1 => alone(connection, batch, now).await,
            _ => together(connection, batch, now).await,
        }
    }

    async fn connected(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(self.connection.insert(connection))
    }
}

/// One event needs no transaction around its statement, which saves it two trips to `SQLite`'s thread.
async fn alone(
    connection: &mut SqliteConnection,
    batch: &[Append],
    now: Timestamp,
) -> Result<Vec<Outcome>, Failed> {
    let inserted = inserting::insert(connection, batch, now).await.map_err(Failed::of_statement)?;
    inserting::outcomes(connection, batch, inserted).await.map_err(Failed::BeforeCommit)
}

async fn together(
    connection: &mut SqliteConnection,
    batch: &[Append],
    now: Timestamp,
) -> Result<Vec<Outcome>, Failed> {
    let transaction = connection.begin_with("BEGIN IMMEDIATE").await;
    let mut transaction = transaction.map_err(Failed::BeforeCommit)?;
    let inserted = inserting::insert(&mut transaction, batch, now).await;
    let inserted = inserted.map_err(Failed::BeforeCommit)?;
    let outcomes = inserting::outcomes(&mut transaction, batch, inserted).await;
    let outcomes = outcomes.map_err(Failed::BeforeCommit)?;
    transaction.commit().await.map_err(Failed::AtCommit)?;
    Ok(outcomes)
}

impl Failed {
    /// A statement that is its own transaction. BUSY, LOCKED, READONLY, CANTOPEN and CONSTRAINT come before anything
    /// is written.
    fn of_statement(error: sqlx::Error) -> Self {
        if matches!(result_code(&error), Some(5 | 6 | 8 | 14 | 19)) {
            Self::BeforeCommit(error)
        } else {
            Self::AtCommit(error)
        }
    }

    fn explanation(self) -> Explanation {
        let (error, outcome_unknown) = match self {
            Self::BeforeCommit(error) => (Arc::new(error), false),
            Self::AtCommit(error) => (Arc::new(error), true),
        };
        Box::new(move || {
            if outcome_unknown {
                StoreError::OutcomeUnknown(Box::new(error.clone()))
            } else {
                failure(error.clone())
            }
        })
    }
}
