//! From a path to connections on a log with today's schema.

use std::{borrow::Cow, path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use store::{BoxError, StoreError};
use tokio::fs::{DirBuilder, OpenOptions};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite/log");

/// How long to wait for another process that is writing.
const BUSY: Duration = Duration::from_secs(15);
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
    quiet(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("cache_size", CACHE)
        .pragma("wal_autocheckpoint", CHECKPOINT)
}

pub(crate) fn reader(path: &Path) -> SqliteConnectOptions {
    quiet(path).read_only(true)
}

/// Statements are not logged: they are always the same, and tracing them costs more than running them.
fn quiet(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(BUSY).disable_statement_logging()
}

async fn connect(path: &Path) -> Result<Opened, BoxError> {
    create(path).await?;
    let mut writer = writer(path).connect().await?;
    migrate(&mut writer).await?;
    let watcher = reader(path).connect().await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(BUSY)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(reader(path))
        .await?;
    Ok(Opened { writer, watcher, readers })
}

/// Creates the file before SQLite does, because SQLite leaves its mode to the umask. The files beside it (`-wal`,
/// `-shm`) take its mode.
async fn create(path: &Path) -> Result<(), BoxError> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).await?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path).await?;
    Ok(())
}

/// Under the write lock, so that processes starting together do not migrate at once.
///
/// Migrations of a later release are left alone, so that one can go back to this one. `Migrator::run` would do, but its
/// future is not [`Send`] for all that the compiler can see.
async fn migrate(connection: &mut SqliteConnection) -> Result<(), BoxError> {
    let migrations = Cow::Borrowed(&*MIGRATIONS.migrations);
    let mut schema = Migrator { migrations, ..Migrator::DEFAULT };
    schema.set_ignore_missing(true);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    schema.run_direct(None, &mut *transaction, false).await?;
    transaction.commit().await?;
    Ok(())
}
