//! The port of views: disposable rows, and the checkpoint they belong to, in one transaction.

use std::{any::Any, fmt, num::NonZeroU32, str::FromStr, time::Duration};

use async_trait::async_trait;
use domain::Timestamp;
use store::{BoxError, Position, StreamName};
use tokio_util::sync::CancellationToken;

use crate::{
    Checkpoint, Identity,
    notifications::{self, listing},
};

/// One build of one projection. Rows of different generations live beside each other: one is live, and the one that was
/// live before it is kept to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Generation {
    pub identity: Identity,
    pub number: i64,
}

/// The generation that answers questions, or did so before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    pub generation: Generation,
    /// The version that the rows were built by, which may be another than the one asked for.
    pub version: u32,
    pub checkpoint: Checkpoint,
}

/// Which generation a change is for. A projector that does not know yet that its generation was replaced finds out
/// when it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// One that is live or being built.
    Current,
    /// The former one, on its way back.
    Former,
}

/// What one batch of events does to a generation.
#[derive(Clone, Debug)]
pub struct Change {
    pub to: Target,
    /// The position the batch was read behind. If the generation is elsewhere by now, nothing is written.
    pub behind: Position,
    pub checkpoint: Checkpoint,
    /// Rows as JSON documents, by key; `None` deletes.
    pub rows: Vec<(StreamName, Option<String>)>,
    pub parked: Vec<Parked>,
}

/// A stream that stopped at an event which cannot be applied. The others go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    pub stream: StreamName,
    pub revision: u64,
    pub position: Position,
    pub reason: String,
}

/// Work on a projection beside following the log: asked for, begun, ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuild {
    pub id: i64,
    pub projection: String,
    pub work: Work,
    pub progress: Progress,
    pub requested_at: Timestamp,
    pub began_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Build anew from the first event on, beside what is live, and switch.
    Rebuild(Pace),
    /// Bring the former generation to the present, and switch back to it.
    RollBack,
}

/// How much of the engines a rebuild takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As fast as it goes.
    Full,
    /// It rests as long as it works.
    Half,
    /// So many events a second at most.
    PerSecond(NonZeroU32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Requested,
    Running {
        events: u64,
        of: u64,
    },
    /// `differing` counts keys whose rows are not byte for byte those that were live, or that only one side has.
    Done {
        rows: u64,
        differing: u64,
    },
    Failed {
        reason: String,
    },
}

impl Rebuild {
    /// How long the rest takes at the pace so far; `None` unless it is running and has come anywhere.
    pub fn remaining(&self, now: Timestamp) -> Option<Duration> {
        let (Progress::Running { events, of }, Some(began)) = (&self.progress, self.began_at)
        else {
            return None;
        };
        let done = u32::try_from(*events).ok()?;
        let rest = u32::try_from(of.saturating_sub(*events)).ok()?;
        now.since(began).checked_mul(rest)?.checked_div(done)
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RollBack => f.write_str("roll back"),
            Self::Rebuild(Pace::Full) => f.write_str("rebuild full"),
            Self::Rebuild(Pace::Half) => f.write_str("rebuild half"),
            Self::Rebuild(Pace::PerSecond(events)) => write!(f, "rebuild {events}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no work on a projection: {0:?}")]
pub struct UnknownWork(String);

impl FromStr for Work {
    type Err = UnknownWork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownWork(text.to_owned());
        Ok(match text.split_once(' ').ok_or_else(unknown)? {
            ("roll", "back") => Self::RollBack,
            ("rebuild", "full") => Self::Rebuild(Pace::Full),
            ("rebuild", "half") => Self::Rebuild(Pace::Half),
            ("rebuild", events) => {
                Self::Rebuild(Pace::PerSecond(events.parse().map_err(|_| unknown())?))
            }
            _ => return Err(unknown()),
        })
    }
}

/// Two generations of one projection side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Of the second one.
    pub rows: u64,
    /// Keys whose rows are not the same byte for byte, or that only one of them has.
    pub differing: u64,
}

/// Held by the one process that projects. Dropping it lets another one begin.
pub struct ProjectorLease {
    _held: Box<dyn Any + Send + Sync>,
    lost: CancellationToken,
}

impl ProjectorLease {
    /// For adapters: what is dropped with the lease, and what is cancelled if it is lost before.
    pub fn new(held: impl Any + Send + Sync, lost: CancellationToken) -> Self {
        Self { _held: Box::new(held), lost }
    }

    /// Ends when another process may have begun to project: whoever was paused or cut off does not hold the lease any
    /// more, and what it writes is refused.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }
}

impl fmt::Debug for ProjectorLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProjectorLease")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ViewsError {
    /// The generation has another checkpoint than the one the change was made for, or is not there any more.
    #[error("somebody else projected first")]
    Raced,
    #[error("the views cannot be reached")]
    Unavailable(#[source] BoxError),
    #[error("the views failed")]
    Engine(#[source] BoxError),
    #[error("a row cannot be read")]
    Row(#[from] serde_json::Error),
}

/// Rows, checkpoints and questions.
#[async_trait]
pub trait Views: fmt::Debug + Send + Sync {
    /// The live generation of a projection, whatever its version.
    async fn live(&self, identity: Identity) -> Result<Option<Live>, ViewsError>;

    /// The generation that was live before the live one, if it is kept.
    async fn former(&self, identity: Identity) -> Result<Option<Live>, ViewsError>;

    /// Begins an empty generation at this checkpoint. It answers no questions until [`Views::switch`].
    async fn begin(
        &self,
        identity: Identity,
        checkpoint: Checkpoint,
    ) -> Result<Generation, ViewsError>;

    /// Makes the generation the live one, keeps the one that was live until now as the former one, and drops all others
    /// of its projection, at once.
    async fn switch(&self, generation: Generation) -> Result<(), ViewsError>;

    /// Drops a generation that did not become live.
    async fn discard(&self, generation: Generation) -> Result<(), ViewsError>;

    /// Where the generation stands.
    async fn checkpoint(&self, generation: Generation) -> Result<Option<Checkpoint>, ViewsError>;

    /// The rows under these keys, as JSON.
    async fn rows(
        &self,
        generation: Generation,
        keys: &[StreamName],
    ) -> Result<Vec<(StreamName, String)>, ViewsError>;

    /// Up to `limit` rows in the order of their keys, behind the given one.
    async fn page(
        &self,
        generation: Generation,
        after: Option<&StreamName>,
        limit: u32,
    ) -> Result<Vec<(StreamName, String)>, ViewsError>;

    /// Compares a generation with another one, or with none.
    async fn compare(
        &self,
        old: Option<Generation>,
        new: Generation,
    ) -> Result<Comparison, ViewsError>;

    /// Writes rows, parked streams and checkpoint in one transaction, or nothing.
    async fn commit(&self, generation: Generation, change: Change) -> Result<(), ViewsError>;

    /// The streams that stopped, all or those among the given ones.
    async fn parked(&self, generation: Generation) -> Result<Vec<Parked>, ViewsError>;

    /// Whether some process projects.
    async fn projector_is_held(&self) -> Result<bool, ViewsError>;

    /// Deletes the rows of dropped generations, in the background.
    fn sweep_later(&self);

    /// Becomes the process that projects, unless there is one. Does not wait.
    async fn claim_projector(&self) -> Result<Option<ProjectorLease>, ViewsError>;

    /// Asks whoever projects to do something to a projection.
    async fn request_rebuild(&self, projection: &str, work: Work) -> Result<i64, ViewsError>;

    /// Notes that the caller does so itself from now on.
    async fn begin_rebuild(&self, projection: &str, work: Work) -> Result<i64, ViewsError>;

    /// What was asked for and not begun, oldest first.
    async fn requested_rebuilds(&self) -> Result<Vec<Rebuild>, ViewsError>;

    /// The last one of each projection that ever had one.
    async fn latest_rebuilds(&self) -> Result<Vec<Rebuild>, ViewsError>;

    async fn rebuild(&self, id: i64) -> Result<Option<Rebuild>, ViewsError>;

    async fn report_rebuild(&self, id: i64, progress: Progress) -> Result<(), ViewsError>;

    /// Notes that whatever was running has failed, and drops what it left half built: for who takes over from a process
    /// that died. What a later release is building stays.
    async fn abandon_rebuilds(&self) -> Result<(), ViewsError>;

    /// Letters whose next attempt may begin, the longest waiting first.
    async fn due_notifications(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<notifications::Row>, ViewsError>;

    /// When the next letter becomes due, if any waits.
    async fn next_due(&self) -> Result<Option<Timestamp>, ViewsError>;

    /// The letters that are looked for, the newest first.
    async fn letters(&self, query: &listing::Query) -> Result<listing::Page, ViewsError>;

    /// How many letters are in each state.
    async fn deliveries(&self) -> Result<Vec<(notifications::Delivery, u64)>, ViewsError>;
}

/// How long a page waits for its own writes to become visible.
pub const READ_YOUR_WRITES: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_survives_its_text_form() {
        let thousand = Pace::PerSecond(NonZeroU32::new(1000).unwrap());
        for work in [
            Work::RollBack,
            Work::Rebuild(Pace::Full),
            Work::Rebuild(Pace::Half),
            Work::Rebuild(thousand),
        ] {
            assert_eq!(work.to_string().parse(), Ok(work));
        }
        for wrong in ["", "rebuild", "rebuild 0", "rebuild fast", "roll over"] {
            assert!(wrong.parse::<Work>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_remains_follows_from_the_pace_so_far() {
        let began = Timestamp::from_micros(0);
        let running = |events, of| Rebuild {
            id: 1,
            projection: "applications".to_owned(),
            work: Work::Rebuild(Pace::Full),
            progress: Progress::Running { events, of },
            requested_at: began,
            began_at: Some(began),
            ended_at: None,
        };
        let now = began.plus(Duration::from_secs(10));
        assert_eq!(running(100, 300).remaining(now), Some(Duration::from_secs(20)));
        assert_eq!(running(0, 300).remaining(now), None);
        assert_eq!(running(400, 300).remaining(now), Some(Duration::ZERO));
    }
}
