//! The PostgreSQL adapters keep the promises of their ports, in one process and between several.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{sync::Arc, time::Duration};

use domain::{ApplicationId, Timestamp, UserId};
use postgres_testing::Database;
use projections::{
    State, Views,
    contract::{Fixture, Shared},
    state::StateError,
};
use projections_postgres::{PostgresState, PostgresViews};
use store::Clock;
use uuid::Uuid;

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

struct Postgres<T> {
    handle: T,
    database: Database,
}

impl Fixture<dyn Views> for Postgres<PostgresViews> {
    fn port(&self) -> Arc<dyn Views> {
        Arc::new(self.handle.clone())
    }
}

impl Fixture<dyn State> for Postgres<PostgresState> {
    fn port(&self) -> Arc<dyn State> {
        Arc::new(self.handle.clone())
    }
}

#[async_trait::async_trait]
impl Shared<dyn Views> for Postgres<PostgresViews> {
    async fn neighbour(&self) -> Arc<dyn Views> {
        Arc::new(views_in(&self.database).await)
    }
}

#[async_trait::async_trait]
impl Shared<dyn State> for Postgres<PostgresState> {
    async fn neighbour(&self) -> Arc<dyn State> {
        Arc::new(state_in(&self.database).await)
    }
}

async fn views_in(database: &Database) -> PostgresViews {
    let address = database.url().parse().unwrap();
    PostgresViews::open(&address, Arc::new(StoppedClock)).await.unwrap()
}

async fn state_in(database: &Database) -> PostgresState {
    PostgresState::open(&database.url().parse().unwrap()).await.unwrap()
}

mod views {
    use super::*;

    async fn views() -> impl Shared<dyn Views> {
        let database = Database::create().await;
        Postgres { handle: views_in(&database).await, database }
    }

    projections::views_contract_suite!(views);
    projections::shared_views_contract_suite!(views);
}

mod state {
    use super::*;

    async fn state() -> impl Shared<dyn State> {
        let database = Database::create().await;
        Postgres { handle: state_in(&database).await, database }
    }

    projections::state_contract_suite!(state);
    projections::shared_state_contract_suite!(state);

    #[tokio::test]
    async fn every_question_to_a_server_that_is_away_is_unavailable() {
        let database = Database::create().await;
        let state = state_in(&database).await;
        database.refuse().await;
        let person = UserId::new(Uuid::from_u128(1));
        let answers = [
            state.usage(&[ApplicationId::new(Uuid::from_u128(2))]).await.map(drop),
            state.session([0; 32]).await.map(drop),
            state.person_key(person).await.map(drop),
            state.keep_person_key(person, vec![1]).await.map(drop),
            state.listener("announcer").await.map(drop),
        ];
        for answer in answers {
            assert!(matches!(answer, Err(StateError::Unavailable(_))), "{answer:?}");
        }
    }
}
