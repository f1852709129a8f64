//! From a path to connections on a file with today's schema.

use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use store::BoxError;
use tokio::fs::{DirBuilder, OpenOptions};

/// How long to wait for another process that is writing.
const BUSY: Duration = Duration::from_secs(15);
/// Connections that read at the same time.
const READERS: u32 = 4;

/// One connection that writes, and some that read. In memory both are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

impl Connections {
    pub(crate) async fn open(
        path: &Path,
        synchronous: SqliteSynchronous,
        migrations: &'static Migrator,
    ) -> Result<Self, BoxError> {
        create(path).await?;
        let options = options().filename(path);
        let writing = options
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true);
        let writer = pool(1).connect_with(writing).await?;
        migrate(&writer, migrations).await?;
        let readers = pool(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers })
    }

    pub(crate) async fn in_memory(migrations: &'static Migrator) -> Result<Self, BoxError> {
        let writer = pool(1).connect_with(options().in_memory(true)).await?;
        migrate(&writer, migrations).await?;
        Ok(Self { readers: writer.clone(), writer })
    }
}

/// Statements are not logged: they are always the same, and their parameters are nobody's business.
fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new().busy_timeout(BUSY).disable_statement_logging()
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(BUSY * 2)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
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
async fn migrate(writer: &SqlitePool, migrations: &Migrator) -> Result<(), BoxError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    migrations.run_direct(None, &mut *transaction, false).await?;
    transaction.commit().await?;
    Ok(())
}
