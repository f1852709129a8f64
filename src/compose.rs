//! The composition root: the only place that names adapters, the clock and the random source.

mod engines;
pub mod files;
mod schemas;
mod trial;

use std::{fmt::Debug, path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use async_trait::async_trait;
use commands::Commands;
use domain::{LogId, Timestamp};
use postgres_database::Address;
use projections::{Knowledge, Projections, State, StatePersonKeys, Views};
use projections_postgres::{PostgresState, PostgresViews};
use projections_sqlite::{SqliteState, SqliteViews};
use rand::TryRng;
use store::{Clock, Entropy, EventStore, Log, MemoryStore, Vault};
use store_kurrent::KurrentStore;
use store_postgres::PostgresStore;
use store_sqlite::SqliteStore;

pub use self::{
    engines::{Seen, look_at},
    schemas::schemas,
    trial::Trial,
};
use crate::{
    config::{Config, Engine},
    installation_key,
};

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the composition root reads the clock for all")]
    fn now(&self) -> Timestamp {
        time::OffsetDateTime::now_utc().into()
    }

    fn since_boot(&self) -> Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
    }
}

/// The operating system's random source.
#[derive(Clone, Copy, Debug)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::expect_used, reason = "without randomness nothing can go on")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rngs::SysRng.try_fill_bytes(bytes).expect("the operating system gives randomness");
    }
}

/// The engines of an installation, opened, and what works on them.
#[derive(Clone, Debug)]
pub struct House {
    pub commands: Commands,
    pub log_id: LogId,
    pub views: Arc<dyn Views>,
    pub state: Arc<dyn State>,
    pub projections: Arc<Projections>,
    engines: Vec<Arc<dyn Close>>,
}

/// A port and the engine behind it.
#[derive(Debug)]
pub struct Opened<P: ?Sized> {
    pub port: Arc<P>,
    engine: Arc<dyn Close>,
}

/// An engine that wants to be told when nobody needs it any more.
#[async_trait]
trait Close: Debug + Send + Sync {
    async fn close(&self);
}

macro_rules! close {
    ($($engine:ty),+) => {$(
        #[async_trait]
        impl Close for $engine {
            async fn close(&self) {
                <$engine>::close(self).await;
            }
        }
    )+};
}

close!(SqliteStore, SqliteViews, SqliteState, PostgresStore, PostgresViews, PostgresState);

#[async_trait]
impl Close for MemoryStore {
    async fn close(&self) {}
}

#[async_trait]
impl Close for KurrentStore {
    async fn close(&self) {
        Self::close(self);
    }
}

impl<P: ?Sized> Opened<P> {
    /// Ends the engine. A file is complete afterwards without its write-ahead log.
    pub async fn close(&self) {
        self.engine.close().await;
    }
}

/// Opens a log.
pub async fn open_log(engine: &Engine) -> anyhow::Result<Opened<dyn EventStore>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let cannot = || format!("the log in {engine} cannot be opened");
    Ok(match engine {
        Engine::Memory => {
            let store = Arc::new(MemoryStore::new(clock));
            Opened { port: store.clone(), engine: store }
        }
        Engine::Sqlite(path) => {
            let store = Arc::new(SqliteStore::open(path, clock).await.with_context(cannot)?);
            Opened { port: store.clone(), engine: store }
        }
        Engine::Postgres(address) => {
            return open_postgres_log(address, store_postgres::SCHEMA.name).await;
        }
        Engine::Kurrent(address) => {
            let store = Arc::new(KurrentStore::open(address).await.with_context(cannot)?);
            Opened { port: store.clone(), engine: store }
        }
    })
}

/// Opens a log in a schema of PostgreSQL.
async fn open_postgres_log(
    address: &Address,
    schema: &str,
) -> anyhow::Result<Opened<dyn EventStore>> {
    let store = PostgresStore::open_in(address, schema).await;
    let store = Arc::new(store.with_context(|| format!("the log in {address} cannot be opened"))?);
    Ok(Opened { port: store.clone(), engine: store })
}

/// Opens views.
pub async fn open_views(engine: &Engine) -> anyhow::Result<Opened<dyn Views>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let cannot = || format!("the views in {engine} cannot be opened");
    Ok(match engine {
        Engine::Memory | Engine::Sqlite(_) => {
            let opening = match engine {
                Engine::Sqlite(path) => SqliteViews::open(path, clock).await,
                _ => SqliteViews::memory(clock).await,
            };
            let views = Arc::new(opening.with_context(cannot)?);
            Opened { port: views.clone(), engine: views }
        }
        Engine::Postgres(address) => {
            let views = Arc::new(PostgresViews::open(address, clock).await.with_context(cannot)?);
            Opened { port: views.clone(), engine: views }
        }
        Engine::Kurrent(_) => anyhow::bail!("{engine} keeps no views"),
    })
}

/// Opens a state.
pub async fn open_state(engine: &Engine) -> anyhow::Result<Opened<dyn State>> {
    let cannot = || format!("the state in {engine} cannot be opened");
    Ok(match engine {
        Engine::Memory | Engine::Sqlite(_) => {
            let opening = match engine {
                Engine::Sqlite(path) => SqliteState::open(path).await,
                _ => SqliteState::memory().await,
            };
            let state = Arc::new(opening.with_context(cannot)?);
            Opened { port: state.clone(), engine: state }
        }
        Engine::Postgres(address) => {
            let state = Arc::new(PostgresState::open(address).await.with_context(cannot)?);
            Opened { port: state.clone(), engine: state }
        }
        Engine::Kurrent(_) => anyhow::bail!("{engine} keeps no state"),
    })
}

impl House {
    /// Opens the engines that the configuration names, and founds the log if it is empty.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        make_private_directory(&config.var)?;
        let unfinished = crate::backup::unfinished(&config.var);
        anyhow::ensure!(
            !unfinished.exists(),
            "a restore began here and did not end: run `oathbook restore` again, with --force; {} says so",
            unfinished.display()
        );
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let events = open_log(&config.events).await?;
        let state = open_state(&config.state).await?;
        let views = open_views(&config.views).await?;
        let engines = vec![events.engine, views.engine, state.engine];
        let (store, state, views) = (events.port, state.port, views.port);

        let empty = store.head().await? == store::Position::START;
        let key = Arc::new(installation_key::read_or_make(&config.var, empty, &*entropy)?);
        let keys = Arc::new(StatePersonKeys(state.clone()));
        let vault = Arc::new(Vault::new(&key, keys, entropy.clone()));
        let log = Log::new(store, vault);
        let commands = Commands { log: log.clone(), key, clock: clock.clone(), entropy };
        let log_id = commands.as_system(commands.mint()).found().await?;
        notifier::begin_announcing(&log, log_id, &*state).await?;
        let projections = Arc::new(Projections::new(log, log_id, views.clone(), clock));
        Ok(Self { commands, log_id, views, state, projections, engines })
    }

    /// Ends the engines: the log first, so that nothing more comes of it.
    pub async fn close(&self) {
        for engine in &self.engines {
            engine.close().await;
        }
    }

    /// What this node knows, as of the head of the log.
    pub async fn knowledge(&self) -> anyhow::Result<Arc<Knowledge>> {
        let log = &self.commands.log;
        let clock = self.commands.clock.clone();
        let knowledge = Knowledge::load(log, self.log_id, &*self.views, clock).await?;
        knowledge.read_to_head(log).await?;
        knowledge.learn_uses(&*self.state).await?;
        Ok(Arc::new(knowledge))
    }
}

fn make_private_directory(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(|| {
        format!(
            "the directory {} cannot be made; choose another one with `var` in config.yml or OATHBOOK_VAR",
            path.display()
        )
    })
}
