//! From a path to connections on a log with today's schema.

use std::path::Path;

use sqlite_database::{Later, options};
use sqlx::{
    ConnectOptions, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use store::{BoxError, StoreError};

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite/log");

/// Memory of the writing connection, negative for KiB: event ids are random, so inserts touch the whole of their index.
const CACHE: &str = "-65536";
/// Pages in the write-ahead log before they are moved: a page that many commits touch is moved once.
const CHECKPOINT: &str = "10000";
/// Connections that read at the same time.
const READERS: u32 = 4;

pub(crate) struct Opened {
    pub(crate) writer: SqliteConnection,
    pub(crate) watcher: SqliteConnection,
    pub(crate) readers: SqlitePool,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot open the event store at {path}")]
struct CannotOpen {
    path: String,
    #[source]
    source: BoxError,
}

pub(crate) async fn open(path: &Path) -> Result<Opened, StoreError> {
    connect(path).await.map_err(|source| {
        StoreError::Unavailable(Box::new(CannotOpen { path: path.display().to_string(), source }))
    })
}

/// Options of the one connection that writes. A commit is on the disk before it is acknowledged.
pub(crate) fn writer(path: &Path) -> SqliteConnectOptions {
    options()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("cache_size", CACHE)
        .pragma("wal_autocheckpoint", CHECKPOINT)
}

pub(crate) fn reader(path: &Path) -> SqliteConnectOptions {
    options().filename(path).read_only(true)
}

async fn connect(path: &Path) -> Result<Opened, BoxError> {
    sqlite_database::create(path).await?;
    sqlite_database::keep_write_ahead_log(path).await?;
    let mut writer = writer(path).connect().await?;
    sqlite_database::migrate(&mut writer, &MIGRATIONS, Later::Refused).await?;
    let watcher = reader(path).connect().await?;
    let readers = sqlite_database::pool(READERS).connect_with(reader(path)).await?;
    Ok(Opened { writer, watcher, readers })
}
