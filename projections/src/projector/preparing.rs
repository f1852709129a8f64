//! Building the rows of this release while another process still keeps those of the release before it, so that taking
//! over needs no rebuild.

use std::time::Duration;

use tokio::time::Instant;
use tracing::{info, warn};

use super::{Chain, Projections, Projector, ProjectorError, build::Build, categories};
use crate::{
    Projection,
    views::{Pace, Progress, ViewsError, Work},
};

/// How long one round of building takes at most, so that the place to project is not missed.
const ROUND: Duration = Duration::from_millis(500);

/// A generation that waits for its turn.
#[derive(Debug)]
pub(super) struct Prepared {
    build: Build,
    /// Under which number the building is noted.
    note: i64,
    /// Events there were when it began.
    of: u64,
}

impl<P: Projection> Projector<P> {
    /// Goes on building if what is live is of an earlier release, for a moment.
    pub(super) async fn prepare_for_a_moment(&self) -> Result<(), ProjectorError> {
        let mut prepared = self.prepared.lock().await;
        let live = self.views.live(P::IDENTITY).await?;
        if live.is_none_or(|live| live.version >= P::IDENTITY.version) {
            if let Some(begun) = prepared.take() {
                self.give_up(begun).await;
            }
            return Ok(());
        }
        let mut begun = match prepared.take() {
            Some(begun) => begun,
            None => self.begin_to_prepare().await?,
        };
        let start = Instant::now();
        let mut at_head = false;
        while !at_head && start.elapsed() < ROUND {
            at_head = match self.step(&mut begun.build, None).await {
                Ok(at_head) => at_head,
                // The one who projects has dropped it: begin again the next time.
                Err(ProjectorError::Views(ViewsError::Raced)) => {
                    self.give_up(begun).await;
                    return Ok(());
                }
                Err(error) => {
                    *prepared = Some(begun);
                    return Err(error);
                }
            };
        }
        let events = if at_head { begun.of } else { begun.build.events.min(begun.of) };
        let (note, progress) = (begun.note, Progress::Running { events, of: begun.of });
        // Kept first: what was built is not lost with a note that cannot be written.
        *prepared = Some(begun);
        Ok(self.views.report_rebuild(note, progress).await?)
    }

    async fn give_up(&self, begun: Prepared) {
        let reason = "another process was first".to_owned();
        self.views.discard(begun.build.generation).await.ok();
        self.views.report_rebuild(begun.note, Progress::Failed { reason }).await.ok();
    }

    async fn begin_to_prepare(&self) -> Result<Prepared, ProjectorError> {
        info!(
            projection = P::IDENTITY.name,
            version = P::IDENTITY.version,
            "Building for this release beside the one that is live"
        );
        let of = self.log.store().count(&categories::<P>()).await?;
        let note = self.views.begin_rebuild(P::IDENTITY.name, Work::Rebuild(Pace::Half)).await?;
        Ok(Prepared { build: self.begin().await?, note, of })
    }

    /// What was prepared, brought to the head and made live, if there is anything.
    pub(super) async fn take_prepared(&self) -> Result<Option<Build>, ProjectorError> {
        let Some(Prepared { mut build, note, of }) = self.prepared.lock().await.take() else {
            return Ok(None);
        };
        let finished = async {
            while !self.step(&mut build, None).await? {}
            let rows = self.views.compare(None, build.generation).await?.rows;
            self.views.switch(build.generation).await?;
            Ok(rows)
        };
        let outcome: Result<u64, ProjectorError> = finished.await;
        let (progress, done) = match outcome {
            Ok(rows) => (Progress::Done { rows, differing: 0 }, Some(build)),
            Err(error @ ProjectorError::Views(ViewsError::Raced)) => {
                (Progress::Failed { reason: Chain(&error).to_string() }, None)
            }
            // An engine is away: what was built so far is gone on with.
            Err(error) => {
                *self.prepared.lock().await = Some(Prepared { build, note, of });
                return Err(error);
            }
        };
        self.views.report_rebuild(note, progress).await.ok();
        Ok(done)
    }
}

impl Projections {
    /// What can be done without the place to project.
    pub(super) async fn prepare(&self) {
        for one in &self.each {
            // The place may be free meanwhile.
            if !matches!(self.views.projector_is_held().await, Ok(true)) {
                return;
            }
            if let Err(error) = one.prepare().await {
                warn!(projection = one.name(), error = %Chain(&error), "Preparing rests");
            }
        }
    }
}
