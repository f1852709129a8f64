//! A file copied at one moment, whoever writes to it meanwhile.

use std::path::Path;

use sqlx::{ConnectOptions, Connection};

use crate::{FileError, create, is_busy, options};

/// Copies the file as it is at one moment into another one, which must be missing or empty, and is on the disk afterwards.
pub async fn snapshot(from: &Path, to: &Path) -> Result<(), FileError> {
    create(to).await?;
    let mut connection = options().filename(from).read_only(true).connect().await?;
    let target = to.display().to_string();
    sqlx::query("VACUUM INTO ?1").bind(target).execute(&mut connection).await?;
    connection.close().await?;
    let synced = async { tokio::fs::File::open(to).await?.sync_all().await }.await;
    synced.map_err(|source| FileError::Io { path: to.display().to_string(), source })
}

/// Whether another connection has the file open, of whichever process.
///
/// Only who is alone can leave the write-ahead log; the next one who opens the file takes it up again.
pub async fn is_in_use(path: &Path) -> Result<bool, FileError> {
    let quick = std::time::Duration::from_millis(200);
    let mut connection = options().filename(path).busy_timeout(quick).connect().await?;
    let left = sqlx::query("PRAGMA journal_mode = DELETE").execute(&mut connection).await;
    connection.close().await?;
    match left {
        Ok(_) => Ok(false),
        Err(error) if is_busy(&error) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Leaves the write-ahead log, so that the file alone is everything. Nobody else may have it open.
pub async fn settle(path: &Path) -> Result<(), FileError> {
    let mut connection = options().filename(path).connect().await?;
    sqlx::query("PRAGMA journal_mode = DELETE").execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Looks at every page and every index of a file that nobody writes to.
pub async fn verify(path: &Path) -> Result<(), FileError> {
    let mut connection = options().filename(path).read_only(true).connect().await?;
    let said = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection).await;
    connection.close().await?;
    let complaint: String = said?;
    if complaint == "ok" {
        return Ok(());
    }
    Err(FileError::Damaged { path: path.display().to_string(), complaint })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{SqliteConnection, sqlite::SqliteJournalMode};

    async fn writer(path: &Path) -> SqliteConnection {
        create(path).await.unwrap();
        let options = options().filename(path).journal_mode(SqliteJournalMode::Wal);
        let mut connection = options.connect().await.unwrap();
        sqlx::query("CREATE TABLE IF NOT EXISTS rows (row INTEGER)")
            .execute(&mut connection)
            .await
            .unwrap();
        connection
    }

    async fn count(path: &Path) -> i64 {
        let mut connection = options().filename(path).read_only(true).connect().await.unwrap();
        sqlx::query_scalar("SELECT count(*) FROM rows").fetch_one(&mut connection).await.unwrap()
    }

    #[tokio::test]
    async fn a_snapshot_holds_what_is_not_in_the_file_yet() {
        let folder = tempfile::tempdir().unwrap();
        let (file, copy) = (folder.path().join("rows.db"), folder.path().join("copy/rows.db"));
        let mut open = writer(&file).await;
        sqlx::query("INSERT INTO rows VALUES (1)").execute(&mut open).await.unwrap();
        snapshot(&file, &copy).await.unwrap();
        assert_eq!(count(&copy).await, 1);
        verify(&copy).await.unwrap();
        assert!(snapshot(&file, &copy).await.is_err(), "it does not write over anything");
    }

    #[tokio::test]
    async fn a_file_that_somebody_has_open_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.db");
        let open = writer(&file).await;
        assert!(is_in_use(&file).await.unwrap());
        open.close().await.unwrap();
        assert!(!is_in_use(&file).await.unwrap());
        writer(&file).await.close().await.unwrap();
        assert_eq!(count(&file).await, 0);
    }

    #[tokio::test]
    async fn a_damaged_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows.db");
        let mut open = writer(&file).await;
        for number in 0..2000 {
            let insert = sqlx::query("INSERT INTO rows VALUES (?1)").bind(number);
            insert.execute(&mut open).await.unwrap();
        }
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut open).await.unwrap();
        open.close().await.unwrap();
        let mut bytes = std::fs::read(&file).unwrap();
        let end = bytes.len();
        bytes[4096..end].fill(0x5a);
        std::fs::write(&file, bytes).unwrap();
        assert!(verify(&file).await.is_err());
    }
}
