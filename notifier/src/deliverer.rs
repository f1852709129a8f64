//! Finds letters that are due, and keeps some of them under way at once.

mod attempt;
mod parcel;
mod underway;

use std::time::Duration;

use commands::Failure;
use domain::notification;
use futures::future::poll_immediate;
use projections::views::ViewsError;
use store::LogError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use self::{parcel::parcels, underway::Underway};
use crate::{Notifier, POLL, REST, pause};

/// Letters looked up at once.
const BATCH: u32 = 256;
/// Between two looks, so that views which are a little behind are not asked the same again and again.
const GLANCE: Duration = Duration::from_millis(20);

#[derive(Debug, thiserror::Error)]
enum DeliverError {
    #[error("the log cannot be read or written")]
    Log(#[from] LogError),
    #[error("the letters that are due cannot be read")]
    Views(#[from] ViewsError),
    #[error("an attempt cannot be recorded")]
    Record(#[source] Failure<notification::Error>),
    #[error("an attempt ended before its time")]
    Attempt(#[from] tokio::task::JoinError),
}

impl Notifier {
    /// Delivers what is due until cancelled, then brings to an end what is under way.
    ///
    /// A place that gets free is taken at once: one server that does not answer keeps nobody else waiting.
    pub(crate) async fn deliver(&self, cancelled: &CancellationToken) {
        let mut underway = Underway::default();
        let mut looked = None;
        while !cancelled.is_cancelled() {
            let outcome = tokio::select! {
                outcome = self.deliver_some(&mut underway, &mut looked) => outcome,
                () = cancelled.cancelled() => break,
            };
            if let Err(error) = outcome {
                warn!(error = &error as &dyn std::error::Error, "The deliverer rests");
                pause(REST, cancelled).await;
            }
        }
        while let Some(ended) = underway.ended().await {
            if let Err(error) = ended {
                warn!(error = &error as &dyn std::error::Error, "An attempt was not recorded");
            }
        }
    }

    /// Fills the places that are free, and waits until one gets free or there may be more to do.
    async fn deliver_some(
        &self,
        underway: &mut Underway,
        looked: &mut Option<Instant>,
    ) -> Result<(), DeliverError> {
        let store = self.commands.log.store().clone();
        let hint = store.changed(POLL);
        tokio::pin!(hint);
        let grown = poll_immediate(&mut hint).await.is_some();
        let look = underway.wants_more() && looked.is_none_or(|at| at.elapsed() >= GLANCE);
        if look {
            *looked = Some(Instant::now());
            let due = self.views.due_notifications(self.commands.clock.now(), BATCH).await?;
            let all = due.len() < BATCH as usize;
            let due = underway.without(due);
            underway.line_up(parcels(due, all));
        }
        underway.begin(|parcel| {
            // Writing letters is work for all cores.
            let this = self.clone();
            async move { (this.attempt(&parcel).await, parcel) }
        });
        let more_to_do = async {
            if look && !grown {
                hint.await;
            }
            tokio::time::sleep_until(looked.unwrap_or_else(Instant::now) + GLANCE).await;
        };
        let wants_more = underway.wants_more();
        tokio::select! {
            Some(ended) = underway.ended() => ended,
            () = more_to_do, if wants_more => Ok(()),
            else => Ok(()),
        }
    }
}
