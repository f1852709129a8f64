//! Follows the log and keeps the views: rows and checkpoint in one transaction, streams parked instead of skipped.

mod build;
mod preparing;
mod rebuild;

use std::{
    collections::HashMap,
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use domain::LogId;
use store::{Categories, Clock, Log, LogError, Position, StoreError, subscription::work_then_wait};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub use build::Projector;
pub(crate) use build::{Reading, page_through, read};

use crate::{
    Views,
    applications::Applications,
    credentials::Credentials,
    directory::Directory,
    mirror::LoadError,
    notifications::Notifications,
    projector::rebuild::Report,
    views::{Pace, Parked, Progress, ProjectorLease, Rebuild, ViewsError, Work},
};

/// How long to trust that no hint means no event.
const POLL: Duration = Duration::from_millis(250);
/// How long to rest after a failure.
const REST: Duration = Duration::from_secs(1);
/// How often a process that waits asks for the place to project.
const TURN: Duration = Duration::from_millis(500);
/// How long to leave the place to a later release: longer than it takes to ask for it.
const YIELD: Duration = Duration::from_secs(2);
/// How often another process's projection is looked at by those who wait for it.
const GLANCE: Duration = Duration::from_millis(5);

/// All projections of the process.
#[derive(Debug)]
pub struct Projections {
    pub(crate) views: Arc<dyn Views>,
    pub(crate) log: Log,
    pub(crate) log_id: LogId,
    clock: Arc<dyn Clock>,
    each: Vec<Arc<dyn AnyProjector>>,
    /// How far each one is known to be, whichever process brought it there.
    progress: HashMap<&'static str, watch::Sender<Position>>,
    /// Held by the one who looks for all that wait.
    looking: HashMap<&'static str, tokio::sync::Mutex<()>>,
    /// Whether a view was found that a later release keeps.
    later_release: AtomicBool,
}

/// How a projection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub name: &'static str,
    pub version: u32,
    /// Of the rows that answer questions now, if there are any.
    pub live_version: Option<u32>,
    /// Of the rows that were live before them and are kept to go back to.
    pub former_version: Option<u32>,
    pub position: Position,
    /// How long the oldest event that is not projected yet has waited; zero at the head.
    pub lag: Duration,
    pub parked: Vec<Parked>,
}

#[derive(Debug, thiserror::Error)]
pub enum ProjectorError {
    #[error(transparent)]
    Views(#[from] ViewsError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("there is no projection {0}; there are {1}")]
    Unknown(String, String),
    #[error("the work on {0} failed: {1}")]
    Failed(String, String),
    #[error(
        "the view {name} is kept by a later release (its version is {live}, this one knows {own}): leave it to that release, or go back with `oathbook projections rollback {name}`"
    )]
    OfLaterRelease { name: &'static str, live: u32, own: u32 },
    #[error(
        "the view {0} has no former rows to go back to: build them with `oathbook projections rebuild {0}`"
    )]
    NoFormer(&'static str),
    #[error(
        "the former rows of {name} are of version {former}, and this release knows {own}: run the command of the release that made them"
    )]
    FormerOfAnotherVersion { name: &'static str, former: u32, own: u32 },
    #[error(
        "the former rows of {0} were built from another log: was a backup restored? Build them with `oathbook projections rebuild {0}`"
    )]
    FormerOfAnotherLog(&'static str),
    #[error("the views did not catch up with the log within {0:?}")]
    Lagging(Duration),
}

impl From<StoreError> for ProjectorError {
    fn from(error: StoreError) -> Self {
        Self::Log(error.into())
    }
}

impl From<LoadError> for ProjectorError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Views(error) => Self::Views(error),
            LoadError::Log(error) => Self::Log(error),
        }
    }
}

/// What the projector of one projection does, whichever it is.
#[async_trait]
pub(crate) trait AnyProjector: Debug + Send + Sync {
    fn name(&self) -> &'static str;

    /// Applies everything up to the head of the log; answers with how far it came.
    async fn to_head(&self) -> Result<Position, ProjectorError>;

    async fn rebuild(&self, pace: Pace, report: Report<'_>) -> Result<Progress, ProjectorError>;

    async fn roll_back(&self, report: Report<'_>) -> Result<Progress, ProjectorError>;

    /// Builds for this release, for a moment, if what is live is of an earlier one.
    async fn prepare(&self) -> Result<(), ProjectorError>;

    async fn status(&self, clock: &dyn Clock) -> Result<Status, ProjectorError>;

    /// Whether the log still is the one that the live rows were built from; `true` without rows.
    async fn belongs(&self) -> Result<bool, ProjectorError>;

    /// How far the live rows are, whoever projects.
    async fn position(&self) -> Result<Position, ProjectorError>;
}

impl Projections {
    pub fn new(log: Log, log_id: LogId, views: Arc<dyn Views>, clock: Arc<dyn Clock>) -> Self {
        let each: Vec<Arc<dyn AnyProjector>> = vec![
            Arc::new(Projector::<Applications>::new(log.clone(), log_id, views.clone())),
            Arc::new(Projector::<Credentials>::new(log.clone(), log_id, views.clone())),
            Arc::new(Projector::<Directory>::new(log.clone(), log_id, views.clone())),
            Arc::new(Projector::<Notifications>::new(log.clone(), log_id, views.clone())),
        ];
        let progress =
            each.iter().map(|one| (one.name(), watch::Sender::new(Position::START))).collect();
        let looking = each.iter().map(|one| (one.name(), tokio::sync::Mutex::default())).collect();
        let later_release = AtomicBool::new(false);
        Self { views, log, log_id, clock, each, progress, looking, later_release }
    }

    pub fn views(&self) -> &Arc<dyn Views> {
        &self.views
    }

    pub fn log_id(&self) -> LogId {
        self.log_id
    }

    /// Projects until cancelled. Where another process does so already, waits for its place, and for its turn again
    /// when the place is lost: whoever was paused or cut off finds somebody else there. Who waits prepares what this
    /// release needs.
    pub async fn run(self: Arc<Self>, cancelled: CancellationToken) {
        while !cancelled.is_cancelled() {
            match self.views.claim_projector().await {
                Ok(Some(lease)) => {
                    info!("Projecting");
                    self.clone().project(lease, &cancelled).await;
                }
                Ok(None) => self.prepare().await,
                Err(error) => warn!(error = %Chain(&error), "The projector cannot begin"),
            }
            pause(TURN, &cancelled).await.ok();
        }
    }

    /// Until cancelled, until the lease is lost, or until there is a view that a later release keeps: a process of that
    /// release may be waiting for the place.
    async fn project(self: Arc<Self>, lease: ProjectorLease, cancelled: &CancellationToken) {
        // Before anything is built.
        if let Err(error) = self.views.abandon_rebuilds().await {
            warn!(error = %Chain(&error), "What a former process left half done cannot be dropped");
        }
        self.views.sweep_later();
        let ended = cancelled.child_token();
        let mut tasks = tokio::task::JoinSet::new();
        for one in &self.each {
            let (house, one, ended) = (self.clone(), one.clone(), ended.clone());
            tasks.spawn(async move { house.follow(&*one, &ended).await });
        }
        let (house, end) = (self.clone(), ended.clone());
        tasks.spawn(async move { house.serve_rebuilds(&end).await });
        tokio::select! {
            () = ended.cancelled() => {}
            () = lease.lost() => {
                warn!("The place to project is lost: another process may have taken over");
                ended.cancel();
            }
        }
        tasks.join_all().await;
        drop(lease);
        if !cancelled.is_cancelled() && self.later_release.swap(false, Ordering::Relaxed) {
            pause(YIELD, cancelled).await.ok();
        }
    }

    async fn follow(&self, one: &dyn AnyProjector, cancelled: &CancellationToken) {
        let progress = &self.progress[one.name()];
        while !cancelled.is_cancelled() {
            let round = work_then_wait(&**self.log.store(), POLL, async {
                let outcome = one.to_head().await;
                if let Ok(position) = outcome {
                    progress.send_replace(position);
                }
                outcome
            });
            let outcome = tokio::select! {
                outcome = round => outcome,
                () = cancelled.cancelled() => return,
            };
            if let Err(error) = outcome {
                warn!(projection = one.name(), error = %Chain(&error), "The projection rests");
                if matches!(error, ProjectorError::OfLaterRelease { .. }) {
                    self.later_release.store(true, Ordering::Relaxed);
                    cancelled.cancel();
                }
                pause(REST, cancelled).await.ok();
            }
        }
    }

    /// Brings all views to the head of the log now: by itself, or by waiting for the process that projects.
    pub async fn catch_up(&self, at_most: Duration) -> Result<(), ProjectorError> {
        let head = self.log.store().head().await?;
        let waited = async {
            loop {
                if let Some(lease) = self.views.claim_projector().await? {
                    for one in &self.each {
                        one.to_head().await?;
                    }
                    drop(lease);
                    return Ok(());
                }
                let behind = self.behind(head).await?;
                if behind.is_none() {
                    return Ok(());
                }
                tokio::time::sleep(GLANCE).await;
            }
        };
        tokio::time::timeout(at_most, waited).await.unwrap_or(Err(ProjectorError::Lagging(at_most)))
    }

    async fn behind(&self, position: Position) -> Result<Option<&'static str>, ProjectorError> {
        for one in &self.each {
            if one.position().await? < position {
                return Ok(Some(one.name()));
            }
        }
        Ok(None)
    }

    /// Waits until every view shows what was written at the position. `false` when the time is up.
    pub async fn wait_for(&self, position: Position, at_most: Duration) -> bool {
        let all = async {
            for one in &self.each {
                self.wait_for_one(&**one, position).await;
            }
        };
        tokio::time::timeout(at_most, all).await.is_ok()
    }

    async fn wait_for_one(&self, one: &dyn AnyProjector, position: Position) {
        let mut progress = self.progress[one.name()].subscribe();
        while *progress.borrow_and_update() < position {
            // Another process may be the one that projects: its progress shows in the views alone.
            let look = async {
                let _only_one = self.looking[one.name()].lock().await;
                tokio::time::sleep(GLANCE).await;
                one.position().await
            };
            tokio::select! {
                _ = progress.changed() => {}
                looked = look => {
                    let reached = looked.unwrap_or_default();
                    self.progress[one.name()].send_if_modified(|known| {
                        let further = reached > *known;
                        *known = reached.max(*known);
                        further
                    });
                }
            }
        }
    }

    pub async fn status(&self) -> Result<Vec<Status>, ProjectorError> {
        let mut all = Vec::new();
        for one in &self.each {
            all.push(one.status(&*self.clock).await?);
        }
        Ok(all)
    }

    /// The projections whose rows were built from another log, as they are after an older backup was restored.
    pub async fn strangers(&self) -> Result<Vec<&'static str>, ProjectorError> {
        let mut strangers = Vec::new();
        for one in &self.each {
            if !one.belongs().await? {
                strangers.push(one.name());
            }
        }
        Ok(strangers)
    }

    /// The names of all projections.
    pub fn names(&self) -> Vec<&'static str> {
        self.each.iter().map(|one| one.name()).collect()
    }

    fn find(&self, name: &str) -> Result<&Arc<dyn AnyProjector>, ProjectorError> {
        self.each
            .iter()
            .find(|one| one.name() == name)
            .ok_or_else(|| ProjectorError::Unknown(name.to_owned(), self.names().join(", ")))
    }

    /// Rebuilds a projection from the log or rolls it back: by itself, or by asking the process that projects, and waits
    /// for it.
    pub async fn work(
        &self,
        name: &str,
        work: Work,
        report: impl Fn(&Progress) + Send + Sync,
    ) -> Result<Progress, ProjectorError> {
        let one = self.find(name)?;
        let id = self.views.request_rebuild(name, work).await?;
        loop {
            let Some(Rebuild { progress, .. }) = self.views.rebuild(id).await? else {
                return Err(ProjectorError::Failed(name.to_owned(), "forgotten".to_owned()));
            };
            report(&progress);
            match progress {
                Progress::Done { .. } => return Ok(progress),
                Progress::Failed { reason } => {
                    return Err(ProjectorError::Failed(name.to_owned(), reason));
                }
                Progress::Running { .. } => {}
                Progress::Requested => {
                    if let Some(lease) = self.views.claim_projector().await? {
                        let outcome = self.work_alone(&**one, id, work, &report).await;
                        drop(lease);
                        return outcome;
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Nobody else projects.
    async fn work_alone(
        &self,
        one: &dyn AnyProjector,
        id: i64,
        work: Work,
        report: &(dyn Fn(&Progress) + Send + Sync),
    ) -> Result<Progress, ProjectorError> {
        match one.to_head().await {
            Ok(_) | Err(ProjectorError::OfLaterRelease { .. }) => {}
            Err(error) => {
                let reason = Chain(&error).to_string();
                self.views.report_rebuild(id, Progress::Failed { reason }).await.ok();
                return Err(error);
            }
        }
        self.do_and_note(id, one.name(), work, report).await
    }
}

/// Rests, unless cancelled meanwhile.
pub(crate) async fn pause(
    duration: Duration,
    cancelled: &CancellationToken,
) -> Result<(), Cancelled> {
    tokio::select! {
        () = tokio::time::sleep(duration) => Ok(()),
        () = cancelled.cancelled() => Err(Cancelled),
    }
}

pub(crate) struct Cancelled;

/// An error with its causes, in one line.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// The filter of one projection.
pub(crate) fn categories<P: crate::Projection>() -> Categories {
    Categories::of(P::CATEGORIES)
}
