//! Events per durable commit and per second, beside one-row commits of bare SQLite on the same disk.

use std::{path::Path, sync::Arc, time::Duration};

use commands::Commands;
use domain::{EventId, Timestamp};
use oathbook::compose::{SystemClock, SystemEntropy};
use sqlx::{
    ConnectOptions, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use store::{
    Clock, Digest, Entropy, EventStore, Expected, InstallationKey, Log, MemoryPersonKeys, NewEvent,
    StreamName, Vault, group_commit::Statistics,
};
use store_sqlite::SqliteStore;
use tokio::{task::JoinSet, time::Instant};

use crate::{
    registrar::Registrar,
    report::{Bound, Samples, Verdicts, figure},
    support::{folder, number},
};

const ROUNDS: u64 = 5;
const WRITING: Duration = Duration::from_secs(1);
const CLIENTS: usize = 64;
/// Applications registered in one round.
const APPLICATIONS: u64 = 1_000;
/// Data and metadata of a row.
const BYTES: [u8; 500] = [b'e'; _];

/// What the store counted in some time.
struct Written {
    per_second: Samples,
    per_commit: Samples,
}

pub(crate) async fn measure(verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let folder = folder()?;
    let mut bare = bare(&folder.path().join("bare.db")).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = SqliteStore::open(&folder.path().join("events.db"), clock.clone()).await?;
    let registrar = Registrar::found(commands(store.clone(), clock)).await?;

    let mut rows = Samples::default();
    let (mut alone, mut together, mut registering) =
        (Written::none(), Written::none(), Written::none());
    for round in 0..ROUNDS {
        rows.push(insert(&mut bare).await?);
        alone.add(&store, append(&store, 1)).await?;
        together.add(&store, append(&store, CLIENTS)).await?;
        let numbers = round * APPLICATIONS..(round + 1) * APPLICATIONS;
        let register = registrar.register_all(numbers, CLIENTS, |_| async { Ok(()) });
        registering.add(&store, register).await?;
    }
    store.close().await;
    figure("bare SQLite: commits of one row", "/s", &rows);
    figure("events, 1 client", "/s", &alone.per_second);
    figure("events in a commit, 1 client", "", &alone.per_commit);
    figure(format!("events, {CLIENTS} clients"), "/s", &together.per_second);
    figure("events of registering applications", "/s", &registering.per_second);
    let target = "events in a commit, 64 clients";
    verdicts.target(target, "", &together.per_commit, Bound::AtLeast(4.0));
    let target = "events in a commit, 64 clients registering applications";
    verdicts.target(target, "", &registering.per_commit, Bound::AtLeast(4.0));
    Ok(())
}

impl Written {
    fn none() -> Self {
        Self { per_second: Samples::default(), per_commit: Samples::default() }
    }

    /// Does the work and looks at what the store counted meanwhile.
    async fn add(
        &mut self,
        store: &SqliteStore,
        work: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let (before, began) = (store.statistics(), Instant::now());
        work.await?;
        let elapsed = began.elapsed();
        let Statistics { commits, events } = store.statistics();
        let (commits, events) = (number(commits - before.commits), number(events - before.events));
        self.per_second.push(events / elapsed.as_secs_f64());
        self.per_commit.push(events / commits);
        Ok(())
    }
}

/// The composition root's, but on a store that is asked for its statistics.
fn commands(store: SqliteStore, clock: Arc<dyn Clock>) -> Commands {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let key = Arc::new(InstallationKey::new([7; _]));
    let vault = Vault::new(&key, Arc::new(MemoryPersonKeys::default()), entropy.clone());
    Commands { log: Log::new(Arc::new(store), Arc::new(vault)), key, clock, entropy }
}

/// Each client begins one stream after the other, with one event.
async fn append(store: &SqliteStore, clients: usize) -> anyhow::Result<()> {
    let until = Instant::now() + WRITING;
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let store = store.clone();
        tasks.spawn(async move {
            while Instant::now() < until {
                let id = SystemEntropy.uuid_v7(SystemClock.now());
                let stream = StreamName::parse(&format!("application-{id}"))?;
                store.append(&stream, Expected::NoStream, vec![event(EventId::new(id))]).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

fn event(id: EventId) -> NewEvent {
    let (data, metadata) = BYTES.split_at(BYTES.len() / 2);
    NewEvent {
        id,
        tag: "application.created.v1".to_owned(),
        data: data.to_vec().into(),
        metadata: metadata.to_vec().into(),
        digest: Digest([7; _]),
        occurred_at: Timestamp::from_micros(0),
    }
}

/// As durable as the log, and nothing else.
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

/// Rows per second, each committed alone.
async fn insert(connection: &mut SqliteConnection) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut rows = 0;
    while began.elapsed() < WRITING {
        let insert = sqlx::query("INSERT INTO rows VALUES (?)").bind(&BYTES[..]);
        insert.execute(&mut *connection).await?;
        rows += 1;
    }
    Ok(number(rows) / began.elapsed().as_secs_f64())
}
