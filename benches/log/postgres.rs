//! In PostgreSQL, on a server of its own that waits for the disk.

use async_trait::async_trait;
use postgres_testing::{Database, Server};
use sqlx::PgConnection;
use store::group_commit::Statistics;
use store_postgres::PostgresStore;

use super::{Bare, Counting, Figures};
use crate::report::{Bound, Verdicts, figure};

pub(crate) async fn measure(verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let server = Server::start("");
    let database = Database::create_on(server.url()).await;
    let mut bare = bare(&database).await?;
    let store = PostgresStore::open(&database.url().parse()?).await?;
    let figures = Figures::take(&store, &mut bare).await?;
    store.close().await;
    figures.show("PostgreSQL");
    let Figures { together, registering, gain, .. } = figures;
    let registered = "events in a commit, 64 clients registering applications";
    figure("events in a commit, 64 clients", "", &together.per_commit);
    figure(registered, "", &registering.per_commit);
    let target = "PostgreSQL: events/s of 64 clients to bare commits/s";
    verdicts.target(target, "×", &gain, Bound::AtLeast(1.0));
    Ok(())
}

impl Counting for PostgresStore {
    fn statistics(&self) -> Statistics {
        self.statistics()
    }
}

async fn bare(database: &Database) -> anyhow::Result<PgConnection> {
    let mut connection = database.connect().await;
    sqlx::query("CREATE TABLE rows (row bytea)").execute(&mut connection).await?;
    Ok(connection)
}

#[async_trait]
impl Bare for PgConnection {
    async fn insert(&mut self, row: &[u8]) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO rows VALUES ($1)").bind(row).execute(self).await?;
        Ok(())
    }
}
