//! Hears that the log has grown, whoever appended, through one subscription.
//!
//! It has a thread and a runtime of its own: a subscription of this client that a server ends without an error spins
//! for ever and would take everything on the same thread with it. Then hints stop, and whoever waits reads when its time
//! is up.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use eventstore::{StreamPosition, SubscribeToAllOptions, SubscriptionEvent};
use store::{Categories, StoreError, growth::Growth};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::{Seen, address::Address, client, reading};

/// How long a subscription may be silent before another one takes its place.
const SILENCE: Duration = Duration::from_mins(1);
const REST: Duration = Duration::from_millis(50);
const LONGEST_REST: Duration = Duration::from_secs(2);

pub(crate) fn start(
    address: Address,
    growth: Arc<Growth>,
    seen: Arc<Seen>,
    closing: CancellationToken,
) {
    let follower = Follower { address, growth, seen };
    let thread = std::thread::Builder::new().name("kurrent-follower".to_owned());
    let started = thread.spawn(move || {
        while !closing.is_cancelled() {
            // The client panics at what no server sends.
            let outcome = catch_unwind(AssertUnwindSafe(|| follower.run(&closing)));
            if outcome.is_err() {
                warn!("Following KurrentDB begins again");
                std::thread::sleep(LONGEST_REST);
            }
        }
    });
    if let Err(error) = started {
        warn!(error = &error as &dyn std::error::Error, "KurrentDB is not followed, but asked");
    }
}

struct Follower {
    address: Address,
    growth: Arc<Growth>,
    seen: Arc<Seen>,
}

impl Follower {
    fn run(&self, closing: &CancellationToken) {
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => {
                runtime.block_on(closing.run_until_cancelled(self.follow()));
                runtime.shutdown_background();
            }
            Err(error) => {
                warn!(error = &error as &dyn std::error::Error, "No runtime to follow KurrentDB");
                std::thread::sleep(LONGEST_REST);
            }
        }
    }

    async fn follow(&self) {
        let mut rest = REST;
        loop {
            let (heard, ended) = self.listen().await;
            if let Err(error) = ended {
                debug!(error = &error as &dyn std::error::Error, "The subscription ended");
            }
            // Nobody knows what was missed.
            self.growth.announce();
            rest = if heard { REST } else { LONGEST_REST.min(rest * 2) };
            tokio::time::sleep(rest).await;
        }
    }

    /// Whether anything was heard before it ended.
    async fn listen(&self) -> (bool, Result<(), StoreError>) {
        let mut heard = false;
        let Some(filter) = reading::filter(&self.address, &Categories::All) else {
            return (heard, Ok(()));
        };
        let client = match client::connect(&self.address) {
            Ok(client) => client,
            Err(error) => return (heard, Err(error)),
        };
        let options = SubscribeToAllOptions::default().position(StreamPosition::End).filter(filter);
        let login = self.address.login().into_iter();
        let options = login.fold(options, SubscribeToAllOptions::authenticated);
        let mut subscription = client.subscribe_to_all(&options).await;
        loop {
            let next = tokio::time::timeout(SILENCE, subscription.next_subscription_event()).await;
            match next {
                Ok(Ok(event)) => {
                    heard = true;
                    self.hear(&event);
                }
                Ok(Err(error)) => return (heard, Err(StoreError::Unavailable(error.into()))),
                Err(_) => return (heard, Ok(())),
            }
        }
    }

    fn hear(&self, event: &SubscriptionEvent) {
        match event {
            SubscriptionEvent::EventAppeared(event) => {
                let event = event.get_original_event();
                if !reading::is_of_the_system(event) {
                    self.seen.advance(reading::position(event.position));
                }
                self.growth.announce();
            }
            // Whatever was appended between connecting and this was not heard.
            SubscriptionEvent::Confirmed(_) => self.growth.announce(),
            _ => {}
        }
    }
}
