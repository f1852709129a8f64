//! Events per durable commit and per second, beside one-row commits of the bare engine on the same disk.

mod postgres;
mod sqlite;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use commands::Commands;
use domain::{EventId, Timestamp};
use oathbook::compose::{SystemClock, SystemEntropy};
use store::{
    Clock, Digest, Entropy, EventStore, Expected, InstallationKey, Log, MemoryPersonKeys, NewEvent,
    StreamName, Vault, group_commit::Statistics,
};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    registrar::Registrar,
    report::{Samples, figure},
    support::number,
};

pub(crate) use self::{postgres::measure as measure_on_postgres, sqlite::measure};

const ROUNDS: u64 = 5;
const WRITING: Duration = Duration::from_secs(1);
const CLIENTS: usize = 64;
/// Applications registered in one round.
const APPLICATIONS: u64 = 1_000;
/// Data and metadata of a row.
const BYTES: [u8; 500] = [b'e'; _];

/// A log that counts what it writes.
trait Counting: EventStore + Clone + 'static {
    fn statistics(&self) -> Statistics;
}

/// The engine under the log, as durable as the log, and nothing else.
#[async_trait]
trait Bare {
    /// Commits one row alone.
    async fn insert(&mut self, row: &[u8]) -> Result<(), sqlx::Error>;
}

/// What an engine showed, round by round.
#[derive(Default)]
struct Figures {
    rows: Samples,
    alone: Written,
    together: Written,
    registering: Written,
    /// Events of many clients to commits of one row.
    gain: Samples,
}

/// What the store counted in some time.
#[derive(Default)]
struct Written {
    per_second: Samples,
    per_commit: Samples,
}

impl Figures {
    /// Writes to both in turns.
    async fn take(store: &impl Counting, bare: &mut impl Bare) -> anyhow::Result<Self> {
        let registrar = Registrar::found(commands(store.clone())).await?;
        let mut figures = Self::default();
        for round in 0..ROUNDS {
            let rows = insert(bare).await?;
            figures.rows.push(rows);
            figures.alone.add(store, append(store, 1)).await?;
            let events = figures.together.add(store, append(store, CLIENTS)).await?;
            figures.gain.push(events / rows);
            let numbers = round * APPLICATIONS..(round + 1) * APPLICATIONS;
            let register = registrar.register_all(numbers, CLIENTS, |_| async { Ok(()) });
            figures.registering.add(store, register).await?;
        }
        Ok(figures)
    }

    /// Shows what has no target.
    fn show(&self, engine: &str) {
        figure(format!("bare {engine}: commits of one row"), "/s", &self.rows);
        figure("events, 1 client", "/s", &self.alone.per_second);
        figure("events in a commit, 1 client", "", &self.alone.per_commit);
        figure(format!("events, {CLIENTS} clients"), "/s", &self.together.per_second);
        figure("events of registering applications", "/s", &self.registering.per_second);
    }
}

impl Written {
    /// Does the work and looks at what the store counted meanwhile. Answers with the events per second.
    async fn add(
        &mut self,
        store: &impl Counting,
        work: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<f64> {
        let (before, began) = (store.statistics(), Instant::now());
        work.await?;
        let elapsed = began.elapsed();
        let Statistics { commits, events } = store.statistics();
        let (commits, events) = (number(commits - before.commits), number(events - before.events));
        let per_second = events / elapsed.as_secs_f64();
        self.per_second.push(per_second);
        self.per_commit.push(events / commits);
        Ok(per_second)
    }
}

/// The composition root's, but on a store that is asked for its statistics.
fn commands(store: impl Counting) -> Commands {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let key = Arc::new(InstallationKey::new([7; _]));
    let vault = Vault::new(&key, Arc::new(MemoryPersonKeys::default()), entropy.clone());
    Commands { log: Log::new(Arc::new(store), Arc::new(vault)), key, clock, entropy }
}

/// Each client begins one stream after the other, with one event.
async fn append(store: &impl Counting, clients: usize) -> anyhow::Result<()> {
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

/// Rows per second, each committed alone.
async fn insert(bare: &mut impl Bare) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut rows = 0;
    while began.elapsed() < WRITING {
        bare.insert(&BYTES).await?;
        rows += 1;
    }
    Ok(number(rows) / began.elapsed().as_secs_f64())
}
