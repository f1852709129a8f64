//! In PostgreSQL: against bare inserts of the same rows into a table of the same columns and indexes.

use std::{sync::Arc, time::Duration};

use oathbook::compose::SystemClock;
use postgres_testing::{Database, Server};
use projections_postgres::PostgresViews;
use sqlx::{Connection, PgConnection};
use tokio::time::Instant;

use super::{APPLICATIONS, Filled, ROUNDS, Rows, rebuild};
use crate::{
    report::{Bound, Samples, Verdicts, figure},
    support::{config, folder, number},
};

/// Columns, what is generated from the document, the key and all indexes.
const TABLE: &str = "CREATE TABLE bare (LIKE oathbook_views.applications INCLUDING ALL)";
const INSERT: &str = "INSERT INTO bare (generation, key, document)
    SELECT 1, key, document::json FROM unnest($1::text[], $2::text[]) AS new (key, document)";

pub(crate) async fn measure(verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let server = Server::start("");
    let database = Database::create_on(server.url()).await;
    let folder = folder()?;
    let config = config(folder.path(), Some(&database.url()))?;
    let Filled { house, events, rows } = Filled::with_applications(&config).await?;
    let views = PostgresViews::open(&database.url().parse()?, Arc::new(SystemClock)).await?;
    let mut connection = database.connect().await;
    sqlx::query(TABLE).execute(&mut connection).await?;

    let (mut inserted, mut rebuilt) = <(Samples, Samples)>::default();
    let (mut from, mut share) = <(Samples, Samples)>::default();
    for _ in 0..ROUNDS {
        let inserting = insert(&mut connection, &rows).await?.as_secs_f64();
        let rebuilding = rebuild(&house).await?.as_secs_f64();
        // Rows that nobody finds any more are deleted beside other work: they should not weigh on what comes next.
        views.sweep().await?;
        inserted.push(number(APPLICATIONS) / inserting);
        rebuilt.push(number(APPLICATIONS) / rebuilding);
        from.push(events / rebuilding);
        share.push(100.0 * inserting / rebuilding);
    }
    views.close().await;
    house.close().await;
    connection.close().await?;
    figure(format!("bare PostgreSQL: rows inserted, of {APPLICATIONS}"), "/s", &inserted);
    figure("rows rebuilt, compared and switched to", "/s", &rebuilt);
    figure("events rebuilt from", "/s", &from);
    let target = "PostgreSQL: rows rebuilt of rows inserted";
    verdicts.target(target, "%", &share, Bound::AtLeast(25.0));
    Ok(())
}

/// One statement and one commit for each batch, into the empty table.
async fn insert(connection: &mut PgConnection, rows: &[Rows]) -> anyhow::Result<Duration> {
    sqlx::query("TRUNCATE bare").execute(&mut *connection).await?;
    let began = Instant::now();
    for rows in rows {
        let keys: Vec<_> = rows.iter().map(|(key, _)| key.as_str()).collect();
        let documents: Vec<_> = rows.iter().filter_map(|(_, row)| row.as_deref()).collect();
        sqlx::query(INSERT).bind(keys).bind(documents).execute(&mut *connection).await?;
    }
    Ok(began.elapsed())
}
