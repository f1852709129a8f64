//! What can be done with the files of the embedded engine, and with no other.

use std::path::Path;

use anyhow::Context;
use domain::{InstallationId, LogId, installation::Installation};
use projections_sqlite::{SqliteState, SqliteViews};
use store::{Direction, EventStore, StreamName};
use store_sqlite::SqliteStore;

use crate::config::{Config, Engine};

/// Copies a file as it is at one moment, whoever writes to it meanwhile.
pub async fn snapshot(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copied = sqlite_database::snapshot(from, to).await;
    copied.with_context(|| format!("{} cannot be copied to {}", from.display(), to.display()))
}

/// Makes a file that nobody uses complete by itself, and looks at every page of it.
pub async fn settle_and_verify(path: &Path) -> anyhow::Result<()> {
    sqlite_database::settle(path).await?;
    Ok(sqlite_database::verify(path).await?)
}

/// How many migrations the files lack that there are, all together, without changing anything.
pub async fn missing_migrations(config: &Config) -> anyhow::Result<usize> {
    let there = |engine: &Engine| match engine {
        Engine::Sqlite(path) if path.exists() => Some(path.clone()),
        _ => None,
    };
    let mut missing = 0;
    if let Some(log) = there(&config.events) {
        missing += SqliteStore::missing_migrations(&log).await?;
    }
    if let Some(views) = there(&config.views) {
        missing += SqliteViews::missing_migrations(&views).await?;
    }
    if let Some(state) = there(&config.state) {
        missing += SqliteState::missing_migrations(&state).await?;
    }
    Ok(missing)
}

/// Whether any process has the file open.
pub async fn is_in_use(path: &Path) -> anyhow::Result<bool> {
    let looked = sqlite_database::is_in_use(path).await;
    looked.with_context(|| format!("{} cannot be opened", path.display()))
}

/// Who a log is, as its first event says; `None` when it was never founded.
pub async fn log_id(store: &dyn EventStore) -> anyhow::Result<Option<LogId>> {
    let stream = StreamName::of::<Installation>(&InstallationId::SOLE);
    let first = store.read(&stream, 0, Direction::Forwards, 1).await?;
    Ok(first.first().and_then(|event| {
        let data: serde_json::Value = serde_json::from_slice(&event.data).ok()?;
        data["log"].as_str()?.parse().ok()
    }))
}
