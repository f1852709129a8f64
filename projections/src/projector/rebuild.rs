//! Rebuilding beside the live rows: build, compare at the same position, switch; and back.

use std::{future::Future, sync::Mutex, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Chain, POLL, Projections, Projector, ProjectorError, build::Build, categories, pause};
use crate::{
    Projection,
    views::{Pace, Progress, Rebuild, Target, Work},
};

/// Whoever wants to know how many events are done, of how many.
pub(crate) type Report<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// How long a request may wait for a process that projects.
const PATIENCE: Duration = Duration::from_mins(10);

/// How much time is left to others.
struct Pacer {
    pace: Pace,
    began: Instant,
    batch_began: Instant,
}

impl Pacer {
    fn start(pace: Pace) -> Self {
        Self { pace, began: Instant::now(), batch_began: Instant::now() }
    }

    /// Rests after a batch, when so many events are done in all.
    async fn rest(&mut self, events: u64) {
        let rest = match self.pace {
            Pace::Full => Duration::ZERO,
            Pace::Half => self.batch_began.elapsed(),
            Pace::PerSecond(rate) => {
                let due =
                    Duration::from_micros(events.saturating_mul(1_000_000) / u64::from(rate.get()));
                due.saturating_sub(self.began.elapsed())
            }
        };
        tokio::time::sleep(rest).await;
        self.batch_began = Instant::now();
    }
}

impl<P: Projection> Projector<P> {
    /// Builds a generation from the first event, compares it with the live one at the live one's position, and
    /// makes it the live one.
    pub(super) async fn rebuild_beside(
        &self,
        pace: Pace,
        report: Report<'_>,
    ) -> Result<Progress, ProjectorError> {
        let of = self.log.store().count(&categories::<P>()).await?;
        report(0, of);
        let mut build = self.begin().await?;
        let outcome = self.rebuild_into(&mut build, pace, of, report).await;
        if outcome.is_err() {
            self.views.discard(build.generation).await.ok();
        }
        outcome
    }

    async fn rebuild_into(
        &self,
        build: &mut Build,
        pace: Pace,
        of: u64,
        report: Report<'_>,
    ) -> Result<Progress, ProjectorError> {
        let mut pacer = Pacer::start(pace);
        while !self.step(build, None).await? {
            report(build.events.min(of), of);
            pacer.rest(build.events).await;
        }
        self.take_the_place(build).await
    }

    /// Brings the former generation to the present and makes it the live one.
    pub(super) async fn roll_back_to_former(
        &self,
        report: Report<'_>,
    ) -> Result<Progress, ProjectorError> {
        let name = P::IDENTITY.name;
        let Some(former) = self.views.former(P::IDENTITY).await? else {
            return Err(ProjectorError::NoFormer(name));
        };
        if former.version != P::IDENTITY.version {
            let (former, own) = (former.version, P::IDENTITY.version);
            return Err(ProjectorError::FormerOfAnotherVersion { name, former, own });
        }
        if !former.checkpoint.holds_in(self.log_id, &**self.log.store()).await? {
            return Err(ProjectorError::FormerOfAnotherLog(name));
        }
        let mut build = self.take_up(former, Target::Former).await?;
        while !self.step(&mut build, None).await? {
            report(build.events, build.events);
        }
        self.take_the_place(&mut build).await
    }

    /// From here on the live generation stands still, so that both can be compared at one position.
    async fn take_the_place(&self, build: &mut Build) -> Result<Progress, ProjectorError> {
        let mut live = self.live.lock().await;
        if let Some(live) = &mut *live {
            while live.checkpoint.position < build.checkpoint.position {
                self.step(live, Some(build.checkpoint)).await?;
            }
            while build.checkpoint.position < live.checkpoint.position {
                self.step(build, Some(live.checkpoint)).await?;
            }
        }
        let old = self.views.live(P::IDENTITY).await?.map(|live| live.generation);
        let comparison = self.views.compare(old, build.generation).await?;
        let differing = if old.is_some() { comparison.differing } else { 0 };
        if differing > 0 {
            warn!(
                projection = P::IDENTITY.name,
                rows = differing,
                "The rows differ from the live ones"
            );
        }
        self.views.switch(build.generation).await?;
        build.target = Target::Current;
        *live = Some(build.clone());
        let rows = comparison.rows;
        info!(projection = P::IDENTITY.name, rows, differing, "Switched");
        Ok(Progress::Done { rows, differing })
    }
}

impl Projections {
    /// Carries out what other processes ask for.
    pub(super) async fn serve_rebuilds(&self, cancelled: &CancellationToken) {
        while pause(POLL, cancelled).await.is_ok() {
            match self.views.requested_rebuilds().await {
                Ok(requests) => {
                    for request in requests {
                        self.serve(request, cancelled).await;
                    }
                }
                Err(error) => warn!(error = %Chain(&error), "Rebuilds cannot be looked for"),
            }
        }
    }

    /// Whoever asked long ago does not wait any more, and a process that is to end does not finish.
    async fn serve(&self, request: Rebuild, cancelled: &CancellationToken) {
        let Rebuild { id, projection, work, requested_at, .. } = request;
        let failed = |reason: &str| Progress::Failed { reason: reason.to_owned() };
        if self.clock.now().since(requested_at) > PATIENCE {
            let overdue = failed("it was asked for too long ago: ask again");
            self.views.report_rebuild(id, overdue).await.ok();
            return;
        }
        let stopped = tokio::select! {
            _ = self.do_and_note(id, &projection, work, &|_| {}) => false,
            () = cancelled.cancelled() => true,
        };
        if stopped {
            let reason = failed("the process that did it stopped: ask again");
            self.views.report_rebuild(id, reason).await.ok();
        }
    }

    /// Does the work, and writes down how far it has come and how it ended.
    pub(super) async fn do_and_note(
        &self,
        id: i64,
        projection: &str,
        work: Work,
        report: &(dyn Fn(&Progress) + Send + Sync),
    ) -> Result<Progress, ProjectorError> {
        let one = self.find(projection)?;
        let done = Mutex::new((0, 0));
        let noted = |events, of| {
            report(&Progress::Running { events, of });
            if let Ok(mut done) = done.lock() {
                *done = (events, of);
            }
        };
        let outcome = match work {
            Work::Rebuild(pace) => self.noting(id, &done, one.rebuild(pace, &noted)).await,
            Work::RollBack => self.noting(id, &done, one.roll_back(&noted)).await,
        };
        let progress = match &outcome {
            Ok(progress) => progress.clone(),
            Err(error) => Progress::Failed { reason: Chain(error).to_string() },
        };
        if let Err(error) = self.views.report_rebuild(id, progress).await {
            warn!(error = %Chain(&error), "A rebuild cannot be reported");
        }
        outcome
    }

    /// Writes down how far the work has come until it is done: beside the work and not in turns with it, since both wait
    /// for the same connections, and whoever is handed one has to be there to take it.
    async fn noting<T>(
        &self,
        id: i64,
        done: &Mutex<(u64, u64)>,
        work: impl Future<Output = T>,
    ) -> T {
        let ended = CancellationToken::new();
        let work = async {
            let outcome = work.await;
            ended.cancel();
            outcome
        };
        let noting = async {
            loop {
                let (events, of) = done.lock().map_or((0, 0), |done| *done);
                self.views.report_rebuild(id, Progress::Running { events, of }).await.ok();
                if pause(POLL, &ended).await.is_err() {
                    return;
                }
            }
        };
        tokio::join!(work, noting).0
    }
}
