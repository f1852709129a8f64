//! Mail as a listener: it follows the log, asks for letters as facts, and delivers what is due.
//!
//! Nothing here runs inside a request. Everything is at-least-once and idempotent: a letter is asked for under an id
//! derived from the event, and attempted under a lease that is an event at the exact revision.

mod announcer;
mod deliverer;
pub mod post;
mod watch;
mod writing;

use std::{path::PathBuf, sync::Arc, time::Duration};

use commands::Commands;
use domain::LogId;
use projections::{Knowledge, State, Views};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use url::Url;
use uuid::Uuid;

pub use announcer::{PlaceError, announce_behind, begin_announcing};
pub use watch::WatchError;

use post::Post;

/// How long to trust that no hint means nothing to do.
const POLL: Duration = Duration::from_millis(200);
/// How long to rest after a failure.
const REST: Duration = Duration::from_secs(1);
/// How long letters under way may take when the process is asked to stop.
const FINISH: Duration = Duration::from_secs(8);

/// The names under which listeners of mail keep in state how far they came.
pub const LISTENERS: &[&str] = &[announcer::LISTENER];

/// What a notifier works with.
#[derive(Clone, Debug)]
pub struct Notifier {
    pub commands: Commands,
    pub log_id: LogId,
    pub views: Arc<dyn Views>,
    pub state: Arc<dyn State>,
    pub post: Arc<Post>,
    /// Links are built from it alone.
    pub public_url: Url,
    /// This worker, in the leases it takes.
    pub worker: Uuid,
    /// How long a letter is tried before it is given up.
    pub give_up: Duration,
    /// When mails of the day leave: so long after midnight, UTC.
    pub digest_at: Duration,
    /// What the watch asks which applications there are.
    pub knowledge: Arc<Knowledge>,
    /// Files of which the watch says when others than their owner can read them.
    pub private_keys: Vec<PathBuf>,
}

impl Notifier {
    /// Announces, watches and delivers until cancelled; an attempt that has begun is brought to its end, if that is near.
    pub async fn run(self, cancelled: CancellationToken) {
        let overdue = async {
            cancelled.cancelled().await;
            tokio::time::sleep(FINISH).await;
        };
        let delivering = async {
            tokio::select! {
                () = self.deliver(&cancelled) => {}
                () = overdue => warn!("Letters were still under way and are tried again after their lease"),
            }
        };
        tokio::join!(self.announce(&cancelled), self.watch(&cancelled), delivering);
    }
}

/// Rests, unless cancelled meanwhile.
async fn pause(duration: Duration, cancelled: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(duration) => {}
        () = cancelled.cancelled() => {}
    }
}
