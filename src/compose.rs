//! The composition root: the only file that names adapters, the clock and the random source.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use commands::Commands;
use domain::{LogId, Timestamp};
use projections::{Knowledge, Projections, State, StatePersonKeys, Views};
use projections_sqlite::{SqliteState, SqliteViews};
use rand::TryRng;
use store::{Clock, Entropy, EventStore, InstallationKey, Log, MemoryStore, Vault};
use store_sqlite::SqliteStore;
use zeroize::Zeroizing;

use crate::config::{Config, Engine};

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
    files: Files,
}

/// The handles that must be closed for a file to be complete without its write-ahead log.
#[derive(Clone, Debug, Default)]
struct Files {
    events: Option<SqliteStore>,
    views: Option<SqliteViews>,
    state: Option<SqliteState>,
}

impl House {
    /// Opens the engines that the configuration names, and founds the log if it is empty.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        make_private_directory(&config.var)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let mut files = Files::default();
        let store: Arc<dyn EventStore> = match &config.events {
            Engine::Memory => Arc::new(MemoryStore::new(clock.clone())),
            Engine::Sqlite(path) => {
                let opened = SqliteStore::open(path, clock.clone()).await;
                let opened = opened.with_context(|| cannot_open("log", path))?;
                Arc::new(files.events.insert(opened).clone())
            }
        };
        let state: Arc<dyn State> = match &config.state {
            Engine::Memory => Arc::new(SqliteState::memory().await?),
            Engine::Sqlite(path) => {
                let opened = SqliteState::open(path).await;
                let opened = opened.with_context(|| cannot_open("state", path))?;
                Arc::new(files.state.insert(opened).clone())
            }
        };
        let views: Arc<dyn Views> = match &config.views {
            Engine::Memory => Arc::new(SqliteViews::memory(clock.clone()).await?),
            Engine::Sqlite(path) => {
                let opened = SqliteViews::open(path, clock.clone()).await;
                let opened = opened.with_context(|| cannot_open("views", path))?;
                Arc::new(files.views.insert(opened).clone())
            }
        };
        let empty = store.head().await? == store::Position::START;
        let key = Arc::new(installation_key(&config.var, empty, &*entropy)?);
        let keys = Arc::new(StatePersonKeys(state.clone()));
        let vault = Arc::new(Vault::new(&key, keys, entropy.clone()));
        let log = Log::new(store, vault);
        let commands = Commands { log: log.clone(), key, clock: clock.clone(), entropy };
        let log_id = commands.as_system(commands.mint()).found().await?;
        let projections = Arc::new(Projections::new(log, log_id, views.clone(), clock));
        Ok(Self { commands, log_id, views, state, projections, files })
    }

    /// Closes the files, after which each is complete without its write-ahead log.
    pub async fn close(&self) {
        let Files { events, views, state } = &self.files;
        if let Some(events) = events {
            events.close().await;
        }
        if let Some(views) = views {
            views.close().await;
        }
        if let Some(state) = state {
            state.close().await;
        }
    }

    /// What this node knows, as of the head of the log.
    pub async fn knowledge(&self) -> anyhow::Result<Arc<Knowledge>> {
        let log = &self.commands.log;
        let clock = self.commands.clock.clone();
        let knowledge = Knowledge::load(log, self.log_id, &*self.views, clock).await?;
        knowledge.read_to_head(log).await?;
        Ok(Arc::new(knowledge))
    }
}

fn cannot_open(what: &str, path: &Path) -> String {
    format!("the {what} in {} cannot be opened", path.display())
}

/// Where the root of every other key lies.
pub fn installation_key_path(var: &Path) -> PathBuf {
    var.join("installation.key")
}

/// Reads the installation key; makes one for a log that has no events yet.
fn installation_key(
    var: &Path,
    log_is_empty: bool,
    entropy: &dyn Entropy,
) -> anyhow::Result<InstallationKey> {
    let path = installation_key_path(var);
    if !path.exists() {
        if !log_is_empty {
            bail!(
                "{} is missing, but the log has events: copy the file from a backup or from another node of this installation",
                path.display()
            );
        }
        write_installation_key(&path, entropy)?;
    }
    let mut bytes = Zeroizing::new(Vec::new());
    std::fs::File::open(&path)
        .and_then(|file| file.take(InstallationKey::LENGTH as u64 + 1).read_to_end(&mut bytes))
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let bytes: [u8; InstallationKey::LENGTH] = bytes.as_slice().try_into().map_err(|_| {
        anyhow::anyhow!("{} does not have {} bytes", path.display(), InstallationKey::LENGTH)
    })?;
    Ok(InstallationKey::new(bytes))
}

/// Writes the whole key under another name first; of several processes that start at once, one wins.
fn write_installation_key(path: &Path, entropy: &dyn Entropy) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut bytes = Zeroizing::new([0; InstallationKey::LENGTH]);
    entropy.fill(&mut *bytes);
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| {
            file.write_all(&*bytes)?;
            file.sync_all()
        })
        .and_then(|()| match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            outcome => outcome,
        });
    std::fs::remove_file(&draft).ok();
    written.with_context(|| format!("{} cannot be written", path.display()))?;
    if let Some(directory) = path.parent() {
        std::fs::File::open(directory).and_then(|directory| directory.sync_all()).ok();
    }
    Ok(())
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
