//! Rebuilding beside the live rows: build, compare at the same position, switch.

use std::{future::Future, sync::Mutex};

use store::StreamName;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Chain, POLL, Projections, Projector, ProjectorError, build::Build, categories, pause};
use crate::{
    Projection,
    views::{Generation, Progress, Rebuild},
};

/// Rows compared at once.
const PAGE: u32 = 500;

impl<P: Projection> Projector<P> {
    /// Builds a generation from the first event, compares it with the live one at the live one's position, and
    /// makes it the live one. `report` is told how many events are done, of how many.
    pub(super) async fn rebuild_beside(
        &self,
        report: &(dyn for<'a> Fn(u64, u64) + Send + Sync),
    ) -> Result<Progress, ProjectorError> {
        let of = self.log.store().count(&categories::<P>()).await?;
        report(0, of);
        let mut build = self.begin().await?;
        let outcome = self.rebuild_into(&mut build, of, report).await;
        if outcome.is_err() {
            self.views.discard(build.generation).await.ok();
        }
        outcome
    }

    async fn rebuild_into(
        &self,
        build: &mut Build,
        of: u64,
        report: &(dyn for<'a> Fn(u64, u64) + Send + Sync),
    ) -> Result<Progress, ProjectorError> {
        let mut batches = 0;
        while !self.step(build, None).await? {
            batches += 1;
            report((batches * super::build::BATCH as u64).min(of), of);
        }
        // From here on the live generation stands still, so that both can be compared at one position.
        let mut live = self.live.lock().await;
        let differing = match &*live {
            Some(live) => {
                while build.checkpoint.position < live.checkpoint.position {
                    self.step(build, Some(live.checkpoint)).await?;
                }
                self.differing(live.generation, build.generation).await?
            }
            None => 0,
        };
        if differing > 0 {
            warn!(projection = P::IDENTITY.name, rows = differing, "The rebuilt rows differ");
        }
        let rows = self.count(build.generation).await?;
        self.views.switch(build.generation).await?;
        *live = Some(build.clone());
        report(of, of);
        info!(projection = P::IDENTITY.name, rows, differing, "Rebuilt");
        Ok(Progress::Done { rows, differing })
    }

    async fn count(&self, generation: Generation) -> Result<u64, ProjectorError> {
        let mut rows = Rows::of(self, generation);
        let mut count = 0;
        while rows.next().await?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    /// How many keys have different rows in the two generations, or a row in one only.
    async fn differing(&self, one: Generation, two: Generation) -> Result<u64, ProjectorError> {
        let (mut one, mut two) = (Rows::of(self, one), Rows::of(self, two));
        let (mut left, mut right) = (one.next().await?, two.next().await?);
        let mut differing = 0;
        loop {
            let order = match (&left, &right) {
                (None, None) => return Ok(differing),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((left, _)), Some((right, _))) => left.cmp(right),
            };
            if order.is_ne() || left != right {
                differing += 1;
            }
            if order.is_le() {
                left = one.next().await?;
            }
            if order.is_ge() {
                right = two.next().await?;
            }
        }
    }
}

/// The rows of a generation, one after the other.
struct Rows<'a, P> {
    projector: &'a Projector<P>,
    generation: Generation,
    page: std::vec::IntoIter<(StreamName, String)>,
    last: Option<StreamName>,
}

impl<'a, P> Rows<'a, P> {
    fn of(projector: &'a Projector<P>, generation: Generation) -> Self {
        Self { projector, generation, page: Vec::new().into_iter(), last: None }
    }

    async fn next(&mut self) -> Result<Option<(StreamName, String)>, ProjectorError> {
        if self.page.len() == 0 {
            let views = &self.projector.views;
            let page = views.page(self.generation, self.last.as_ref(), PAGE).await?;
            self.page = page.into_iter();
        }
        let row = self.page.next();
        if let Some((key, _)) = &row {
            self.last = Some(key.clone());
        }
        Ok(row)
    }
}

impl Projections {
    /// Carries out the rebuilds that other processes ask for.
    pub(super) async fn serve_rebuilds(&self, cancelled: &CancellationToken) {
        while pause(POLL, cancelled).await.is_ok() {
            match self.views.requested_rebuilds().await {
                Ok(requests) => {
                    for request in requests {
                        self.serve_rebuild(request).await;
                    }
                }
                Err(error) => warn!(error = %Chain(&error), "Rebuilds cannot be looked for"),
            }
        }
    }

    async fn serve_rebuild(&self, Rebuild { id, projection, .. }: Rebuild) {
        let outcome = match self.find(&projection) {
            Ok(one) => {
                let done = Mutex::new((0, 0));
                let report = |events, of| {
                    if let Ok(mut done) = done.lock() {
                        *done = (events, of);
                    }
                };
                self.reporting(id, &done, one.rebuild(&report)).await
            }
            Err(error) => Err(error),
        };
        let progress =
            outcome.unwrap_or_else(|error| Progress::Failed { reason: Chain(&error).to_string() });
        if let Err(error) = self.views.report_rebuild(id, progress).await {
            warn!(error = %Chain(&error), "A rebuild cannot be reported");
        }
    }

    /// Writes down how far the work has come until it is done.
    async fn reporting<T>(
        &self,
        id: i64,
        done: &Mutex<(u64, u64)>,
        work: impl Future<Output = T>,
    ) -> T {
        tokio::pin!(work);
        loop {
            let (events, of) = done.lock().map_or((0, 0), |done| *done);
            self.views.report_rebuild(id, Progress::Running { events, of }).await.ok();
            tokio::select! {
                outcome = &mut work => return outcome,
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }
}
