//! The SQLite adapters keep the promises of their ports: in memory, in a file, and between several processes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{sync::Arc, time::Duration};

use domain::Timestamp;
use projections::{
    State, Views,
    contract::{Fixture, Shared},
};
use projections_sqlite::{SqliteState, SqliteViews};
use store::Clock;
use tempfile::TempDir;

#[derive(Debug)]
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_795_456_800_123_457)
    }

    fn since_boot(&self) -> Duration {
        Duration::ZERO
    }
}

struct Memory<T>(T);

struct File<T> {
    handle: T,
    directory: TempDir,
}

impl Fixture<dyn Views> for Memory<SqliteViews> {
    fn port(&self) -> Arc<dyn Views> {
        Arc::new(self.0.clone())
    }
}

impl Fixture<dyn State> for Memory<SqliteState> {
    fn port(&self) -> Arc<dyn State> {
        Arc::new(self.0.clone())
    }
}

impl Fixture<dyn Views> for File<SqliteViews> {
    fn port(&self) -> Arc<dyn Views> {
        Arc::new(self.handle.clone())
    }
}

impl Fixture<dyn State> for File<SqliteState> {
    fn port(&self) -> Arc<dyn State> {
        Arc::new(self.handle.clone())
    }
}

#[async_trait::async_trait]
impl Shared<dyn Views> for File<SqliteViews> {
    async fn neighbour(&self) -> Arc<dyn Views> {
        Arc::new(views_in(&self.directory).await)
    }
}

#[async_trait::async_trait]
impl Shared<dyn State> for File<SqliteState> {
    async fn neighbour(&self) -> Arc<dyn State> {
        Arc::new(state_in(&self.directory).await)
    }
}

async fn views_in(directory: &TempDir) -> SqliteViews {
    let path = directory.path().join("views.db");
    SqliteViews::open(&path, Arc::new(StoppedClock)).await.unwrap()
}

async fn state_in(directory: &TempDir) -> SqliteState {
    SqliteState::open(&directory.path().join("state.db")).await.unwrap()
}

mod views_in_memory {
    use super::*;

    async fn views() -> impl Fixture<dyn Views> {
        Memory(SqliteViews::memory(Arc::new(StoppedClock)).await.unwrap())
    }

    projections::views_contract_suite!(views);
}

mod views_in_a_file {
    use super::*;

    async fn views() -> impl Shared<dyn Views> {
        let directory = tempfile::tempdir().unwrap();
        File { handle: views_in(&directory).await, directory }
    }

    projections::views_contract_suite!(views);
    projections::shared_views_contract_suite!(views);
}

mod state_in_memory {
    use super::*;

    async fn state() -> impl Fixture<dyn State> {
        Memory(SqliteState::memory().await.unwrap())
    }

    projections::state_contract_suite!(state);
}

mod state_in_a_file {
    use super::*;

    async fn state() -> impl Shared<dyn State> {
        let directory = tempfile::tempdir().unwrap();
        File { handle: state_in(&directory).await, directory }
    }

    projections::state_contract_suite!(state);
    projections::shared_state_contract_suite!(state);
}
