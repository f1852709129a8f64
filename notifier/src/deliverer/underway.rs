//! What is under way, what stands in line for it, and what was tried while the view still shows it as due.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    future::Future,
};

use domain::NotificationId;
use projections::notifications::Row;
use tokio::task::{self, JoinSet};

use super::{DeliverError, parcel::Parcel};

/// Mails under way at once.
const AT_ONCE: usize = 32;

/// How an attempt ended: how many letters of the parcel were tried, from the first on.
pub(super) type Ended = (Result<usize, DeliverError>, Parcel);

#[derive(Default)]
pub(super) struct Underway {
    attempts: JoinSet<Ended>,
    /// The letters of each attempt.
    letters: HashMap<task::Id, Vec<NotificationId>>,
    line: VecDeque<Parcel>,
    /// At which revision letters were tried.
    tried: HashMap<NotificationId, u64>,
}

impl Underway {
    /// Whether the line is too short to fill the places that get free before it is looked after again.
    pub(super) fn wants_more(&self) -> bool {
        self.line.len() < AT_ONCE
    }

    /// Those of the letters that neither are under way nor stand in line, and of which the view knows more than when they
    /// were tried. What is due no more is forgotten.
    pub(super) fn without(&mut self, due: Vec<Row>) -> Vec<Row> {
        let in_line = self.line.iter().flat_map(|parcel| &parcel.rows).map(|row| row.id);
        let here: HashSet<_> = self.letters.values().flatten().copied().chain(in_line).collect();
        let present: HashMap<_, _> = due.iter().map(|row| (row.id, row.revision)).collect();
        self.tried.retain(|id, revision| present.get(id) == Some(revision));
        let is_new = |row: &Row| !here.contains(&row.id) && !self.tried.contains_key(&row.id);
        due.into_iter().filter(is_new).collect()
    }

    pub(super) fn line_up(&mut self, parcels: Vec<Parcel>) {
        self.line.extend(parcels);
    }

    /// Begins with those in line, as far as there are places.
    pub(super) fn begin<A>(&mut self, attempt: impl Fn(Parcel) -> A)
    where
        A: Future<Output = Ended> + Send + 'static,
    {
        while self.attempts.len() < AT_ONCE
            && let Some(parcel) = self.line.pop_front()
        {
            let letters = parcel.rows.iter().map(|row| row.id).collect();
            let task = self.attempts.spawn(attempt(parcel));
            self.letters.insert(task.id(), letters);
        }
    }

    /// Waits until an attempt ends. `None` where there is none. Can be dropped and asked again.
    pub(super) async fn ended(&mut self) -> Option<Result<(), DeliverError>> {
        let joined = self.attempts.join_next_with_id().await?;
        let id = joined.as_ref().map_or_else(task::JoinError::id, |(id, _)| *id);
        self.letters.remove(&id);
        Some(match joined {
            Ok((_, (Ok(tried), parcel))) => {
                let tried = &parcel.rows[..tried];
                self.tried.extend(tried.iter().map(|row| (row.id, row.revision)));
                Ok(())
            }
            Ok((_, (Err(error), _))) => Err(error),
            Err(error) => Err(error.into()),
        })
    }
}
