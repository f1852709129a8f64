//! The SQLite engine keeps the promises of the port, in one process and between several.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{path::PathBuf, sync::Arc};

use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use store::{
    EventStore, NewEvent, StreamName,
    contract::{Fixture, Shared, StoppedClock, Unfinished},
};
use store_sqlite::SqliteStore;
use tempfile::TempDir;

struct Sqlite {
    directory: TempDir,
    store: SqliteStore,
}

struct OpenTransaction(SqliteConnection);

impl Sqlite {
    fn path(&self) -> PathBuf {
        self.directory.path().join("events.db")
    }

    async fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path(), Arc::new(StoppedClock)).await.unwrap()
    }
}

impl Fixture for Sqlite {
    fn store(&self) -> Arc<dyn EventStore> {
        Arc::new(self.store.clone())
    }
}

#[async_trait::async_trait]
impl Shared for Sqlite {
    async fn neighbour(&self) -> Arc<dyn EventStore> {
        Arc::new(self.open().await)
    }

    async fn stop(&mut self) {
        self.store.close().await;
    }

    async fn start(&mut self) {
        self.store = self.open().await;
    }

    async fn unfinished_append(&self, stream: &StreamName, event: NewEvent) -> Box<dyn Unfinished> {
        let options = SqliteConnectOptions::new().filename(self.path());
        let mut connection = options.connect().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
        sqlx::query("INSERT INTO events VALUES (NULL, ?, ?, 0, ?, ?, ?, ?, ?, 0)")
            .bind(stream.as_str())
            .bind(stream.category())
            .bind(event.id.as_uuid().as_bytes().as_slice())
            .bind(event.tag)
            .bind(&*event.data)
            .bind(&*event.metadata)
            .bind(event.digest.0.as_slice())
            .execute(&mut connection)
            .await
            .unwrap();
        Box::new(OpenTransaction(connection))
    }
}

#[async_trait::async_trait]
impl Unfinished for OpenTransaction {
    async fn commit(mut self: Box<Self>) {
        sqlx::query("COMMIT").execute(&mut self.0).await.unwrap();
    }

    async fn roll_back(mut self: Box<Self>) {
        sqlx::query("ROLLBACK").execute(&mut self.0).await.unwrap();
    }
}

async fn sqlite() -> Sqlite {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("events.db");
    let store = SqliteStore::open(&path, Arc::new(StoppedClock)).await.unwrap();
    Sqlite { directory, store }
}

store::contract_suite!(sqlite);
store::unique_ids_contract_suite!(sqlite);
store::shared_contract_suite!(sqlite);
