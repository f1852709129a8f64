//! How old the knowledge may be that a token is issued on, and what to do when it is older.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use metrics::counter;
use projections::{Knowledge, knowledge::Stale};
use tracing::{info, warn};

/// What comes first when a node cannot know how things stand now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Availability {
    /// No token: whoever was deactivated gets none, whatever breaks.
    #[default]
    Fresh,
    /// A token on what was known last: whoever was deactivated meanwhile may get one.
    LastKnown,
}

/// The rule, and whether it is being bent at the moment.
#[derive(Debug)]
pub struct Freshness {
    bound: Duration,
    availability: Availability,
    bent: AtomicBool,
}

impl Freshness {
    pub const fn new(bound: Duration, availability: Availability) -> Self {
        Self { bound, availability, bent: AtomicBool::new(false) }
    }

    pub const fn bound(&self) -> Duration {
        self.bound
    }

    /// Waits until the knowledge is younger than the bound. For pages and whatever else is no token.
    pub async fn wait(&self, knowledge: &Knowledge, at_most: Duration) -> Result<(), Stale> {
        knowledge.freshen(self.bound, at_most).await
    }

    /// Waits until a token may be issued as far as the age of the knowledge goes. Who prefers tokens does not wait.
    pub async fn wait_for_tokens(
        &self,
        knowledge: &Knowledge,
        at_most: Duration,
    ) -> Result<(), Stale> {
        match self.availability {
            Availability::Fresh => self.wait(knowledge, at_most).await,
            Availability::LastKnown => Ok(()),
        }
    }

    /// Whether a token may be issued now as far as the age of the knowledge goes.
    pub fn allows_token(&self, knowledge: &Knowledge) -> bool {
        let fresh = knowledge.is_fresh(self.bound);
        match self.availability {
            Availability::Fresh => fresh,
            Availability::LastKnown => {
                self.tell(fresh, knowledge);
                true
            }
        }
    }

    /// Once when it begins and once when it ends; each token is counted.
    fn tell(&self, fresh: bool, knowledge: &Knowledge) {
        if !fresh {
            counter!("oathbook_tokens_on_last_knowledge_total").increment(1);
        }
        if self.bent.swap(!fresh, Ordering::Relaxed) == fresh {
            if fresh {
                info!("Tokens are issued on fresh knowledge again");
            } else {
                let age_ms = u64::try_from(knowledge.age().as_millis()).unwrap_or(u64::MAX);
                warn!(
                    knowledge.age_ms = age_ms,
                    "Tokens are issued on what was known last: a deactivation may not be obeyed"
                );
            }
        }
    }
}
