//! Notices by itself what nobody does: applications that are not used any more, private keys that others can read.
//!
//! What is noticed becomes a fact under an id derived from what it says, so that it is one fact whichever node notices it,
//! however often. Nothing is remembered between two looks: each asks the log and the state.

mod disuse;
mod exposure;

use std::time::Duration;

use commands::Failure;
use domain::{
    ObservationId,
    observation::{self, Noted, Observation},
};
use projections::state::StateError;
use store::LogError;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{Notifier, pause};

/// How long to rest between two looks. It is counted by a clock that nobody can set.
const INTERVAL: Duration = Duration::from_hours(1);
/// How long to rest after a failure.
const AGAIN: Duration = Duration::from_mins(1);

/// Why a look was not finished. What was noted until then stays noted.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    #[error("the log cannot be read")]
    Log(#[from] LogError),
    #[error("last uses cannot be read")]
    State(#[from] StateError),
    #[error("an observation cannot be noted")]
    Note(#[from] Failure<observation::Error>),
}

impl Notifier {
    /// Looks at once, and then every hour, until cancelled.
    pub(crate) async fn watch(&self, cancelled: &CancellationToken) {
        while !cancelled.is_cancelled() {
            let outcome = tokio::select! {
                outcome = self.look_around() => outcome,
                () = cancelled.cancelled() => return,
            };
            let rest = match outcome {
                Ok(()) => INTERVAL,
                Err(error) => {
                    warn!(error = &error as &dyn std::error::Error, "The watch rests");
                    AGAIN
                }
            };
            pause(rest, cancelled).await;
        }
    }

    /// One look at everything that can be noticed.
    pub async fn look_around(&self) -> Result<(), WatchError> {
        self.notice_exposure().await?;
        self.notice_disuse().await
    }

    async fn is_noted(&self, observation: &Observation) -> Result<bool, LogError> {
        let id = ObservationId::of(&observation.identity());
        Ok(self.commands.log.history::<Noted>(&id).await?.state == Noted::Yes)
    }

    async fn note(&self, observation: Observation) -> Result<(), WatchError> {
        if !self.is_noted(&observation).await? {
            let scribe = self.commands.as_system(self.commands.mint());
            let noticed = observation.identity();
            scribe.note(observation).await?;
            info!(noticed, "Noted an observation");
        }
        Ok(())
    }
}
