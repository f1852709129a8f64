//! The PostgreSQL engine keeps the promises of the port, in one process and between several.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use postgres_testing::Database;
use sqlx::PgConnection;
use store::{
    EventStore, NewEvent, StreamName,
    contract::{Fixture, Shared, Unfinished},
};
use store_postgres::PostgresStore;

struct Postgres {
    database: Database,
    store: PostgresStore,
}

struct OpenTransaction(PgConnection);

async fn open(database: &Database) -> PostgresStore {
    PostgresStore::open(&database.url().parse().unwrap()).await.unwrap()
}

impl Fixture for Postgres {
    fn store(&self) -> Arc<dyn EventStore> {
        Arc::new(self.store.clone())
    }
}

#[async_trait::async_trait]
impl Shared for Postgres {
    async fn neighbour(&self) -> Arc<dyn EventStore> {
        Arc::new(open(&self.database).await)
    }

    async fn stop(&mut self) {
        self.database.refuse().await;
    }

    async fn start(&mut self) {
        self.database.accept().await;
        self.store = open(&self.database).await;
    }

    async fn unfinished_append(&self, stream: &StreamName, event: NewEvent) -> Box<dyn Unfinished> {
        let mut connection = self.database.connect().await;
        sqlx::query("BEGIN").execute(&mut connection).await.unwrap();
        let stored: bool = sqlx::query_scalar(
            "SELECT stored FROM oathbook_log.append(
                 ARRAY[$1], ARRAY[0::bigint], ARRAY[1], ARRAY[0::bigint],
                 ARRAY[$2], ARRAY[$3], ARRAY[$4], ARRAY[$5], ARRAY[$6], 0)",
        )
        .bind(stream.as_str())
        .bind(event.id.as_uuid())
        .bind(event.tag)
        .bind(&*event.data)
        .bind(&*event.metadata)
        .bind(event.digest.0.as_slice())
        .fetch_one(&mut connection)
        .await
        .unwrap();
        assert!(stored);
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

async fn postgres() -> Postgres {
    let database = Database::create().await;
    let store = open(&database).await;
    Postgres { database, store }
}

store::contract_suite!(postgres);
store::unique_ids_contract_suite!(postgres);
store::shared_contract_suite!(postgres);
