//! One projection: from its checkpoint to the head of the log, batch by batch.

use std::{
    collections::{BTreeMap, HashSet},
    marker::PhantomData,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use domain::LogId;
use serde_json::Value;
use store::{
    Categories, Clock, Digest, Log, LogError, Position, Recorded, RecordedEvent, StreamName,
};
use tokio::sync::Mutex;
use tracing::{error, info, warn};

use super::{
    AnyProjector, Chain, ProjectorError, Status, categories, preparing::Prepared, rebuild::Report,
};
use crate::{
    Checkpoint, Projection, Views,
    views::{Change, Generation, Live, Pace, Parked, Progress, Target, ViewsError, Work},
};

/// Events applied in one transaction.
pub(super) const BATCH: usize = 500;
/// Rows read at once when all are read.
const PAGE: u32 = 500;

/// Keeps one projection.
#[derive(Debug)]
pub struct Projector<P> {
    pub(super) log: Log,
    pub(super) log_id: LogId,
    pub(super) views: Arc<dyn Views>,
    /// The live build, once it was looked at. Whoever advances or replaces it holds the lock.
    pub(super) live: Mutex<Option<Build>>,
    /// What is built for this release while another one projects.
    pub(super) prepared: Mutex<Option<Prepared>>,
    projection: PhantomData<P>,
}

/// A generation that is being written.
#[derive(Clone, Debug)]
pub(super) struct Build {
    pub(super) generation: Generation,
    pub(super) target: Target,
    pub(super) checkpoint: Checkpoint,
    parked: HashSet<StreamName>,
    /// Applied since the building began or went on.
    pub(super) events: u64,
}

/// Events read behind a checkpoint, decoded as far as they can be.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) events: Vec<Result<Recorded, Parked>>,
    /// Where the next reading begins.
    pub(crate) checkpoint: Checkpoint,
    pub(crate) at_head: bool,
}

/// Reads and decodes one batch behind the checkpoint, not beyond `until`.
pub(crate) async fn read(
    log: &Log,
    behind: Checkpoint,
    categories: &Categories,
    until: Option<Checkpoint>,
) -> Result<Reading, LogError> {
    let batch = log.store().read_all(behind.position, categories, BATCH).await?;
    let within = |event: &RecordedEvent| until.is_none_or(|until| event.position <= until.position);
    let beyond = until.filter(|until| batch.through >= until.position);
    let checkpoint = match (beyond, batch.events.last()) {
        (Some(until), _) => until,
        (None, _) if batch.through == behind.position => behind,
        (None, Some(last)) if last.position == batch.through => {
            Checkpoint { position: last.position, digest: last.digest, ..behind }
        }
        (None, _) => {
            let event = log.store().event_at(batch.through).await?;
            let digest = event.map_or(Digest::NONE, |event| event.digest);
            Checkpoint { position: batch.through, digest, ..behind }
        }
    };
    let mut events = Vec::with_capacity(batch.events.len());
    for event in batch.events.iter().filter(|event| within(event)) {
        match log.decode(event).await {
            Ok(recorded) => events.push(Ok(recorded)),
            Err(error) if error.is_unreadable() => events.push(Err(park(event, &error))),
            Err(error) => return Err(error),
        }
    }
    Ok(Reading { events, checkpoint, at_head: batch.at_head || beyond.is_some() })
}

fn park(event: &RecordedEvent, error: &LogError) -> Parked {
    Parked {
        stream: event.stream.clone(),
        revision: event.revision,
        position: event.position,
        reason: Chain(error).to_string(),
    }
}

/// Visits every row of a generation in the order of keys.
pub(crate) async fn page_through<P: Projection>(
    log: &Log,
    views: &dyn Views,
    generation: Generation,
    mut visit: impl FnMut(StreamName, P::Row) + Send,
) -> Result<(), crate::mirror::LoadError> {
    let mut after = None;
    loop {
        let page = views.page(generation, after.as_ref(), PAGE).await?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after = Some(last.clone());
        for (key, document) in page {
            let row = open::<P>(log, &document).await?;
            visit(key, row);
        }
    }
}

/// Reads a row's document, personal fields opened.
async fn open<P: Projection>(log: &Log, document: &str) -> Result<P::Row, OpenError> {
    let mut document: Value = serde_json::from_str(document).map_err(ViewsError::from)?;
    log.vault().open(&mut document).await.map_err(LogError::from)?;
    Ok(serde_json::from_value(document).map_err(ViewsError::from)?)
}

type OpenError = crate::mirror::LoadError;

/// Writes a row as a document, personal fields sealed with the key of the person that its stream is about.
async fn seal<P: Projection>(
    log: &Log,
    key: &StreamName,
    row: &P::Row,
) -> Result<String, ProjectorError> {
    let mut document = serde_json::to_value(row).map_err(ViewsError::from)?;
    let place = format!("{} {key} {}", P::IDENTITY.name, P::revision(row));
    log.vault().seal(key.person(), &place, &mut document).await.map_err(LogError::from)?;
    Ok(document.to_string())
}

impl<P: Projection> Projector<P> {
    pub fn new(log: Log, log_id: LogId, views: Arc<dyn Views>) -> Self {
        let (live, prepared) = (Mutex::new(None), Mutex::new(None));
        Self { log, log_id, views, live, prepared, projection: PhantomData }
    }

    /// Begins an empty generation before the first event.
    pub(super) async fn begin(&self) -> Result<Build, ProjectorError> {
        let checkpoint = Checkpoint::start(self.log_id);
        let generation = self.views.begin(P::IDENTITY, checkpoint).await?;
        let (target, parked) = (Target::Current, HashSet::new());
        Ok(Build { generation, target, checkpoint, parked, events: 0 })
    }

    /// The live generation, built anew where it is missing, of another version, or of another log.
    async fn resume(&self) -> Result<Build, ProjectorError> {
        let Some(live) = self.views.live(P::IDENTITY).await? else {
            let build = self.begin().await?;
            self.views.switch(build.generation).await?;
            return Ok(build);
        };
        let (name, own) = (P::IDENTITY.name, P::IDENTITY.version);
        if live.version > own {
            return Err(ProjectorError::OfLaterRelease { name, live: live.version, own });
        }
        if live.version < own {
            info!(projection = name, from = live.version, "Rebuilding for another version");
            return match self.take_prepared().await? {
                Some(build) => Ok(build),
                None => self.replace().await,
            };
        }
        if !live.checkpoint.holds_in(self.log_id, &**self.log.store()).await? {
            warn!(
                projection = name,
                position = %live.checkpoint.position,
                "The log is not the one this view was built from: was a backup restored? Rebuilding from the log"
            );
            return self.replace().await;
        }
        self.take_up(live, Target::Current).await
    }

    /// A generation that is there, to be gone on with.
    pub(super) async fn take_up(
        &self,
        there: Live,
        target: Target,
    ) -> Result<Build, ProjectorError> {
        let Live { generation, checkpoint, .. } = there;
        let parked = self.views.parked(generation).await?;
        let parked = parked.into_iter().map(|parked| parked.stream).collect();
        Ok(Build { generation, target, checkpoint, parked, events: 0 })
    }

    /// Builds from the first event, then makes the result the live generation.
    async fn replace(&self) -> Result<Build, ProjectorError> {
        let of = self.log.store().count(&categories::<P>()).await?;
        let note = self.views.begin_rebuild(P::IDENTITY.name, Work::Rebuild(Pace::Full)).await?;
        let mut build = self.begin().await?;
        let outcome = self.build_anew(&mut build, note, of).await;
        if outcome.is_err() {
            self.views.discard(build.generation).await.ok();
        }
        let progress = match &outcome {
            Ok(rows) => Progress::Done { rows: *rows, differing: 0 },
            Err(error) => Progress::Failed { reason: Chain(error).to_string() },
        };
        self.views.report_rebuild(note, progress).await.ok();
        let rows = outcome?;
        info!(projection = P::IDENTITY.name, position = %build.checkpoint.position, rows, "Rebuilt");
        Ok(build)
    }

    /// Answers with how many rows there are.
    async fn build_anew(
        &self,
        build: &mut Build,
        note: i64,
        of: u64,
    ) -> Result<u64, ProjectorError> {
        while !self.step(build, None).await? {
            let progress = Progress::Running { events: build.events.min(of), of };
            self.views.report_rebuild(note, progress).await?;
        }
        let rows = self.views.compare(None, build.generation).await?.rows;
        self.views.switch(build.generation).await?;
        Ok(rows)
    }

    /// Applies one batch. `true` when the end (or `until`) is reached.
    pub(super) async fn step(
        &self,
        build: &mut Build,
        until: Option<Checkpoint>,
    ) -> Result<bool, ProjectorError> {
        let reading = read(&self.log, build.checkpoint, &categories::<P>(), until).await?;
        if reading.checkpoint == build.checkpoint {
            return Ok(true);
        }
        let events = reading.events.len() as u64;
        let (rows, parked) = self.fold(build, reading.events).await?;
        let behind = build.checkpoint.position;
        let streams: Vec<_> = parked.iter().map(|parked| parked.stream.clone()).collect();
        let change =
            Change { to: build.target, behind, checkpoint: reading.checkpoint, rows, parked };
        self.views.commit(build.generation, change).await?;
        build.parked.extend(streams);
        build.checkpoint = reading.checkpoint;
        build.events += events;
        Ok(reading.at_head)
    }

    async fn fold(
        &self,
        build: &Build,
        events: Vec<Result<Recorded, Parked>>,
    ) -> Result<(Vec<(StreamName, Option<String>)>, Vec<Parked>), ProjectorError> {
        let keys: HashSet<_> = events
            .iter()
            .filter_map(|event| event.as_ref().ok().map(|recorded| recorded.stream.clone()))
            .collect();
        let keys: Vec<_> = keys.into_iter().collect();
        let mut rows: BTreeMap<StreamName, Option<P::Row>> = BTreeMap::new();
        for (key, document) in self.views.rows(build.generation, &keys).await? {
            rows.insert(key, Some(open::<P>(&self.log, &document).await?));
        }
        let mut stopped = build.parked.clone();
        let mut parked = Vec::new();
        for event in events {
            match event {
                Ok(recorded) if !stopped.contains(&recorded.stream) => {
                    let row = rows.entry(recorded.stream.clone()).or_default();
                    *row = P::evolve(row.take(), &recorded);
                }
                Err(reason) if stopped.insert(reason.stream.clone()) => {
                    error!(
                        projection = P::IDENTITY.name,
                        stream = %reason.stream,
                        revision = reason.revision,
                        reason = reason.reason,
                        "Parked a stream"
                    );
                    parked.push(reason);
                }
                Ok(_) | Err(_) => {}
            }
        }
        let mut documents = Vec::with_capacity(rows.len());
        for (key, row) in rows {
            let document = match &row {
                Some(row) => Some(seal::<P>(&self.log, &key, row).await?),
                None => None,
            };
            documents.push((key, document));
        }
        Ok((documents, parked))
    }
}

#[async_trait]
impl<P: Projection> AnyProjector for Projector<P> {
    fn name(&self) -> &'static str {
        P::IDENTITY.name
    }

    async fn to_head(&self) -> Result<Position, ProjectorError> {
        let mut live = self.live.lock().await;
        let mut build = match live.take() {
            Some(build) => build,
            None => self.resume().await?,
        };
        loop {
            match self.step(&mut build, None).await {
                Ok(false) => {}
                Ok(true) => break,
                Err(ProjectorError::Views(ViewsError::Raced)) => build = self.resume().await?,
                Err(error) => return Err(error),
            }
        }
        let position = build.checkpoint.position;
        *live = Some(build);
        Ok(position)
    }

    async fn rebuild(&self, pace: Pace, report: Report<'_>) -> Result<Progress, ProjectorError> {
        self.rebuild_beside(pace, report).await
    }

    async fn roll_back(&self, report: Report<'_>) -> Result<Progress, ProjectorError> {
        self.roll_back_to_former(report).await
    }

    async fn prepare(&self) -> Result<(), ProjectorError> {
        self.prepare_for_a_moment().await
    }

    async fn status(&self, clock: &dyn Clock) -> Result<Status, ProjectorError> {
        let live = self.views.live(P::IDENTITY).await?;
        let position = live.map_or(Position::START, |live| live.checkpoint.position);
        let waiting = self.log.store().read_all(position, &categories::<P>(), 1).await?;
        let lag = waiting.events.first().map_or(Duration::ZERO, |event| {
            clock.now().since(event.recorded_at).max(Duration::from_micros(1))
        });
        let parked = match live {
            Some(live) => self.views.parked(live.generation).await?,
            None => vec![],
        };
        let former = self.views.former(P::IDENTITY).await?;
        Ok(Status {
            name: P::IDENTITY.name,
            version: P::IDENTITY.version,
            live_version: live.map(|live| live.version),
            former_version: former.map(|former| former.version),
            position,
            lag,
            parked,
        })
    }

    async fn belongs(&self) -> Result<bool, ProjectorError> {
        match self.views.live(P::IDENTITY).await? {
            Some(live) => Ok(live.checkpoint.holds_in(self.log_id, &**self.log.store()).await?),
            None => Ok(true),
        }
    }

    async fn position(&self) -> Result<Position, ProjectorError> {
        let live = self.views.live(P::IDENTITY).await?;
        Ok(live.map_or(Position::START, |live| live.checkpoint.position))
    }
}
