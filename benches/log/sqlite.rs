//! In SQLite.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use oathbook::compose::SystemClock;
use sqlx::{
    ConnectOptions, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use store::group_commit::Statistics;
use store_sqlite::SqliteStore;

use super::{Bare, Counting, Figures};
use crate::{
    report::{Bound, Verdicts},
    support::folder,
};

pub(crate) async fn measure(verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let folder = folder()?;
    let mut bare = bare(&folder.path().join("bare.db")).await?;
    let store = SqliteStore::open(&folder.path().join("events.db"), Arc::new(SystemClock)).await?;
    let figures = Figures::take(&store, &mut bare).await?;
    store.close().await;
    figures.show("SQLite");
    let Figures { together, registering, .. } = figures;
    let target = "events in a commit, 64 clients";
    verdicts.target(target, "", &together.per_commit, Bound::AtLeast(4.0));
    let target = "events in a commit, 64 clients registering applications";
    verdicts.target(target, "", &registering.per_commit, Bound::AtLeast(4.0));
    Ok(())
}

impl Counting for SqliteStore {
    fn statistics(&self) -> Statistics {
        self.statistics()
    }
}

async fn bare(path: &Path) -> anyhow::Result<SqliteConnection> {
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
        .connect()
        .await?;
    sqlx::query("CREATE TABLE rows (row BLOB)").execute(&mut connection).await?;
    Ok(connection)
}

#[async_trait]
impl Bare for SqliteConnection {
    async fn insert(&mut self, row: &[u8]) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO rows VALUES (?)").bind(row).execute(self).await?;
        Ok(())
    }
}
