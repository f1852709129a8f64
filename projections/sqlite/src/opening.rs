//! From a path to connections on a file with today's schema.

use std::path::Path;

use sqlite_database::{Later, options, pool};
use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use store::BoxError;

/// Connections that read at the same time.
const READERS: u32 = 4;
/// Of the connection that writes. Rows come in the order of keys, their index entries in no order at all: with
/// SQLite's 2 MB a rebuild of 100 000 applications takes two to three times as long.
const CACHE_KIB: u32 = 32 * 1024;
/// What is left of the write-ahead log once it was copied into the file.
const JOURNAL_BYTES: u32 = 64 * 1024 * 1024;

/// Connections on one file.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    /// Holds one connection, so that writers of this process queue here and not at the file's lock.
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot open {path}")]
struct CannotOpen {
    path: String,
    #[source]
    source: BoxError,
}

impl Database {
    /// Opens the file. What is missing of it is created: directories for nobody else (mode 0700), the file likewise
    /// (0600), and the schema.
    pub(crate) async fn open(
        path: &Path,
        schema: &'static Migrator,
        synchronous: SqliteSynchronous,
    ) -> Result<Self, BoxError> {
        Self::connect(path, schema, synchronous)
            .await
            .map_err(|source| CannotOpen { path: path.display().to_string(), source }.into())
    }

    async fn connect(
        path: &Path,
        schema: &'static Migrator,
        synchronous: SqliteSynchronous,
    ) -> Result<Self, BoxError> {
        sqlite_database::create(path).await?;
        sqlite_database::keep_write_ahead_log(path).await?;
        let options = options().filename(path);
        let writing = options
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .pragma("cache_size", format!("-{CACHE_KIB}"))
            .pragma("journal_size_limit", JOURNAL_BYTES.to_string());
        let writer = pool(1).connect_with(writing).await?;
        migrate(&writer, schema).await?;
        let readers = pool(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers })
    }

    /// A database that lives as long as its one connection, which reads and writes.
    pub(crate) async fn memory(schema: &'static Migrator) -> Result<Self, BoxError> {
        let writer = pool(1).connect_with(options()).await?;
        migrate(&writer, schema).await?;
        Ok(Self { readers: writer.clone(), writer })
    }

    /// A copy of the file alone is complete afterwards, even while other processes have it open.
    pub(crate) async fn close(&self) {
        let checkpoint = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)");
        checkpoint.execute(&self.writer).await.ok();
        self.readers.close().await;
        self.writer.close().await;
    }
}

async fn migrate(writer: &SqlitePool, schema: &'static Migrator) -> Result<(), BoxError> {
    let mut connection = writer.acquire().await?;
    Ok(sqlite_database::migrate(&mut connection, schema, Later::LeftAlone).await?)
}
