//! An SQLite file as the adapters use it: for its owner alone, with today's schema, copied while others write to it.

mod copying;

use std::{borrow::Cow, path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tokio::fs::{DirBuilder, OpenOptions};

pub use copying::{is_in_use, settle, snapshot, verify};

/// How long to wait for another process that is writing.
pub const BUSY: Duration = Duration::from_secs(15);

#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("{path} cannot be made or written")]
    Io {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("SQLite failed")]
    Sqlite(#[from] sqlx::Error),
    #[error("the schema cannot be brought up to date")]
    Migration(#[from] MigrateError),
    #[error("{path} is locked by another process")]
    Busy { path: String },
    #[error("{path} is damaged: {complaint}")]
    Damaged { path: String, complaint: String },
}

/// Options of every connection. Statements are not logged: they are always the same, and tracing them costs more than
/// running them.
///
/// Statements bound their rows by `LIMIT +?`, not `LIMIT ?`: where a parameter stands alone, SQLite looks at its value to
/// choose a plan, and prepares the statement anew each time it is run.
pub fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new().busy_timeout(BUSY).disable_statement_logging()
}

/// A pool of connections that live as long as it does.
pub fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(BUSY)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Creates the file before SQLite does, because SQLite leaves its mode to the umask: directories for nobody else (mode
/// 0700), the file likewise (0600). The files beside it (`-wal`, `-shm`) take its mode.
pub async fn create(path: &Path) -> Result<(), FileError> {
    let io = |source| FileError::Io { path: path.display().to_string(), source };
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).await.map_err(io)?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path).await.map_err(io)?;
    Ok(())
}

/// Lets the file keep a write-ahead log, before anybody opens it who wants that.
///
/// Whoever switches reads the file already when they ask to write it, and SQLite lets nobody wait in that position, so that
/// two do not wait for each other for ever: the second one is told at once that the file is locked, whatever its
/// `busy_timeout`.
pub async fn keep_write_ahead_log(path: &Path) -> Result<(), FileError> {
    const AGAIN: Duration = Duration::from_millis(5);
    let mut connection = options().filename(path).connect().await?;
    let switching = async {
        loop {
            match sqlx::query("PRAGMA journal_mode = WAL").execute(&mut connection).await {
                Err(error) if is_busy(&error) => tokio::time::sleep(AGAIN).await,
                outcome => return outcome,
            }
        }
    };
    let switched = tokio::time::timeout(BUSY, switching).await;
    switched.map_err(|_| FileError::Busy { path: path.display().to_string() })??;
    Ok(connection.close().await?)
}

/// `SQLITE_BUSY`, <https://sqlite.org/rescode.html#busy>.
fn is_busy(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.code().as_deref() == Some("5"))
}

/// What becomes of a file that a later release has migrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    Refused,
    /// So that one can go back to this release.
    LeftAlone,
}

/// Brings the schema up to date, under the write lock, so that processes starting together do not migrate at once.
///
/// `Migrator::run` would do, but its future is not [`Send`] for all that the compiler can see.
pub async fn migrate(
    connection: &mut SqliteConnection,
    schema: &'static Migrator,
    later: Later,
) -> Result<(), FileError> {
    let migrations = Cow::Borrowed(&*schema.migrations);
    let mut schema = Migrator { migrations, ..Migrator::DEFAULT };
    schema.set_ignore_missing(later == Later::LeftAlone);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    schema.run_direct(None, &mut *transaction, false).await?;
    transaction.commit().await?;
    Ok(())
}

/// How many migrations a file lacks, without changing anything.
pub async fn missing_migrations(
    path: &Path,
    schema: &'static Migrator,
) -> Result<usize, FileError> {
    let mut connection = options().filename(path).read_only(true).connect().await?;
    let known: bool =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'")
            .fetch_one(&mut connection)
            .await?;
    let applied: Vec<i64> = if known {
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
            .fetch_all(&mut connection)
            .await?
    } else {
        Vec::new()
    };
    Ok(schema.iter().filter(|migration| !applied.contains(&migration.version)).count())
}

/// Which SQLite is compiled in, such as `3.51.0`.
pub async fn version() -> Result<String, FileError> {
    let mut memory = options().connect().await?;
    Ok(sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut memory).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_wants_a_write_ahead_log_waits_for_another_who_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.db");
        create(&path).await.unwrap();
        let mut first = options().filename(&path).connect().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut first).await.unwrap();
        let mut second = options().filename(&path).connect().await.unwrap();
        let asked = sqlx::query("PRAGMA journal_mode = WAL").execute(&mut second);
        let told = tokio::time::timeout(BUSY / 3, asked).await.expect("SQLite does not wait");
        assert!(told.is_err_and(|error| is_busy(&error)));
        second.close().await.unwrap();
        let (switched, ended) = tokio::join!(keep_write_ahead_log(&path), async {
            tokio::task::yield_now().await;
            sqlx::query("COMMIT").execute(&mut first).await
        });
        ended.unwrap();
        switched.unwrap();
        let mut third = options().filename(&path).connect().await.unwrap();
        let mode = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut third).await;
        let mode: String = mode.unwrap();
        assert_eq!(mode, "wal");
    }
}
