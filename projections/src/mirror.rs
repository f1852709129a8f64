//! A projection's rows in memory, loaded from the views and kept up by the log itself.

use std::{
    collections::{HashMap, HashSet},
    marker::PhantomData,
    sync::Arc,
};

use domain::LogId;
use store::{Log, LogError, Recorded, StreamName};

use crate::{
    Checkpoint, Projection, Views,
    projector::{Reading, page_through},
    views::ViewsError,
};

/// Rows of `P`, kept in `R`.
#[derive(Debug)]
pub(crate) struct Mirror<P: Projection, R = HashMap<StreamName, <P as Projection>::Row>> {
    pub(crate) rows: R,
    /// Streams with an event that cannot be applied: what their rows say is not to be trusted.
    pub(crate) parked: HashSet<StreamName>,
    pub(crate) checkpoint: Checkpoint,
    projection: PhantomData<P>,
}

/// Where rows are kept.
pub(crate) trait Rows<Row>: Default + Send {
    /// Takes the row out, as the next event will change it.
    fn take(&mut self, key: &StreamName) -> Option<Row>;

    fn put(&mut self, key: StreamName, row: Row);
}

impl<Row: Send> Rows<Row> for HashMap<StreamName, Row> {
    fn take(&mut self, key: &StreamName) -> Option<Row> {
        self.remove(key)
    }

    fn put(&mut self, key: StreamName, row: Row) {
        self.insert(key, row);
    }
}

/// Rows that others may hold, too.
impl<Row: Clone + Send + Sync> Rows<Row> for HashMap<StreamName, Arc<Row>> {
    fn take(&mut self, key: &StreamName) -> Option<Row> {
        self.remove(key).map(Arc::unwrap_or_clone)
    }

    fn put(&mut self, key: StreamName, row: Row) {
        self.insert(key, Arc::new(row));
    }
}

impl<P: Projection, R: Rows<P::Row>> Mirror<P, R> {
    pub(crate) fn empty(log: LogId) -> Self {
        Self {
            rows: R::default(),
            parked: HashSet::new(),
            checkpoint: Checkpoint::start(log),
            projection: PhantomData,
        }
    }

    /// Takes over the live rows if they are of this log and version; otherwise starts from nothing.
    ///
    /// Rows may be younger than the checkpoint. Events that they know already are recognised by revision.
    pub(crate) async fn load(log: &Log, id: LogId, views: &dyn Views) -> Result<Self, LoadError> {
        loop {
            match Self::load_once(log, id, views).await {
                // A rebuild switched to another generation meanwhile.
                Err(LoadError::Views(ViewsError::Raced)) => {}
                outcome => return outcome,
            }
        }
    }

    async fn load_once(log: &Log, id: LogId, views: &dyn Views) -> Result<Self, LoadError> {
        let mut mirror = Self::empty(id);
        let Some(live) = views.live(P::IDENTITY).await? else {
            return Ok(mirror);
        };
        let usable = live.version == P::IDENTITY.version
            && live.checkpoint.holds_in(id, &**log.store()).await.map_err(LogError::from)?;
        if !usable {
            return Ok(mirror);
        }
        mirror.checkpoint = live.checkpoint;
        mirror.parked =
            views.parked(live.generation).await?.into_iter().map(|parked| parked.stream).collect();
        page_through::<P>(log, views, live.generation, |key, row| {
            mirror.rows.put(key, row);
        })
        .await?;
        Ok(mirror)
    }

    /// Applies what was read; answers with the rows that may have changed.
    pub(crate) fn apply(&mut self, reading: Reading) -> Vec<StreamName> {
        let mut touched = Vec::new();
        for item in reading.events {
            match item {
                Ok(recorded) => {
                    self.evolve(&recorded);
                    touched.push(recorded.stream);
                }
                Err(parked) => {
                    touched.push(parked.stream.clone());
                    self.parked.insert(parked.stream);
                }
            }
        }
        self.checkpoint = reading.checkpoint;
        touched
    }

    fn evolve(&mut self, recorded: &Recorded) {
        if self.parked.contains(&recorded.stream) {
            return;
        }
        let row = self.rows.take(&recorded.stream);
        let row = match row {
            Some(row) if P::revision(&row) >= recorded.revision => Some(row),
            row => P::evolve(row, recorded),
        };
        if let Some(row) = row {
            self.rows.put(recorded.stream.clone(), row);
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Views(#[from] ViewsError),
    #[error(transparent)]
    Log(#[from] LogError),
}
