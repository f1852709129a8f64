//! Records in order, and the streams they belong to.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use uuid::Uuid;

/// Positions are byte offsets, so nobody may count on the next one.
const OVERHEAD: u64 = 137;
/// How often somebody else writes something in between.
const FOREIGN_EVERY: u64 = 3;

/// An event as a client proposes it.
#[derive(Clone, Debug)]
pub(crate) struct Proposed {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) content_type: String,
    pub(crate) metadata: Bytes,
    pub(crate) data: Bytes,
}

#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) stream: String,
    pub(crate) revision: u64,
    pub(crate) position: u64,
    /// Since the Unix epoch, in steps of 100 ns.
    pub(crate) created: u128,
    pub(crate) event: Proposed,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    Any,
    Exists,
    NoStream,
    Revision(u64),
}

#[derive(Debug)]
pub(crate) struct Written {
    /// Of the last event.
    pub(crate) revision: u64,
    pub(crate) position: u64,
    pub(crate) replayed: bool,
}

#[derive(Debug)]
pub(crate) enum Refused {
    WrongVersion { current: Option<u64> },
    Deleted,
}

#[derive(Debug, Default)]
struct Stream {
    /// Places in the log.
    records: Vec<usize>,
    /// The first revision that is still there, after a soft delete.
    kept_from: usize,
    tombstoned: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    records: Vec<Arc<Record>>,
    streams: HashMap<String, Stream>,
    end: u64,
    appends: u64,
}

impl Log {
    /// What is there before anybody comes: the server's own records, and those of other applications.
    pub(crate) fn with_foreign_records() -> Self {
        let mut log = Self::default();
        for stream in ["$settings", "orders-1"] {
            log.write_foreign(stream);
        }
        log
    }

    pub(crate) const fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn records(&self) -> &[Arc<Record>] {
        &self.records
    }

    pub(crate) fn at(&self, position: u64) -> Option<usize> {
        self.records.binary_search_by_key(&position, |record| record.position).ok()
    }

    pub(crate) fn is_tombstoned(&self, stream: &str) -> bool {
        self.streams.get(stream).is_some_and(|stream| stream.tombstoned)
    }

    /// What is kept of a stream; `None` when nothing ever was.
    pub(crate) fn stream(&self, name: &str) -> Option<Vec<Arc<Record>>> {
        let stream = self.streams.get(name)?;
        let kept = &stream.records[stream.kept_from..];
        (!kept.is_empty()).then(|| kept.iter().map(|&at| self.records[at].clone()).collect())
    }

    /// Appends, or finds that the same events are there already: with a revision when all ids stand behind it,
    /// otherwise by what is remembered of the stream.
    pub(crate) fn append(
        &mut self,
        name: &str,
        expected: Expected,
        events: Vec<Proposed>,
    ) -> Result<Written, Refused> {
        if self.is_tombstoned(name) {
            return Err(Refused::Deleted);
        }
        let empty = Vec::new();
        let there = self.streams.get(name).map_or(&empty, |stream| &stream.records);
        let next = match expected {
            Expected::Any => self.known_at(there, &events).unwrap_or(there.len()),
            Expected::Exists if there.is_empty() => there.len() + 1,
            Expected::Exists => self.known_at(there, &events).unwrap_or(there.len()),
            Expected::NoStream => 0,
            Expected::Revision(revision) => usize::try_from(revision).unwrap().saturating_add(1),
        };
        let current = (there.len() as u64).checked_sub(1);
        if next < there.len() {
            let last = next + events.len() - 1;
            let replayed = events.iter().enumerate().all(|(offset, event)| {
                there.get(next + offset).is_some_and(|&at| self.records[at].event.id == event.id)
            });
            if !replayed {
                return Err(Refused::WrongVersion { current });
            }
            let position = self.records[there[last]].position;
            return Ok(Written { revision: last as u64, position, replayed });
        }
        if next > there.len() {
            return Err(Refused::WrongVersion { current });
        }
        self.appends += 1;
        if self.appends.is_multiple_of(FOREIGN_EVERY) {
            self.write_foreign("orders-1");
        }
        let (revision, position) =
            events.into_iter().fold((0, 0), |_, event| self.write(name, event));
        Ok(Written { revision, position, replayed: false })
    }

    /// Where events that were stored before begin in their stream.
    fn known_at(&self, there: &[usize], events: &[Proposed]) -> Option<usize> {
        let first = events.first()?.id;
        there.iter().position(|&at| self.records[at].event.id == first)
    }

    /// Hides what is there, or closes the stream for ever.
    pub(crate) fn delete(&mut self, name: &str, for_ever: bool) {
        let stream = self.streams.entry(name.to_owned()).or_default();
        stream.kept_from = stream.records.len();
        stream.tombstoned |= for_ever;
    }

    fn write_foreign(&mut self, stream: &str) {
        let event = Proposed {
            id: Uuid::new_v4(),
            kind: "happened".to_owned(),
            content_type: "application/json".to_owned(),
            metadata: Bytes::new(),
            data: Bytes::from_static(b"{}"),
        };
        self.write(stream, event);
    }

    fn write(&mut self, name: &str, event: Proposed) -> (u64, u64) {
        let stream = self.streams.entry(name.to_owned()).or_default();
        let revision = stream.records.len() as u64;
        stream.records.push(self.records.len());
        let position = self.end;
        self.end += OVERHEAD + (event.data.len() + event.metadata.len()) as u64;
        let created = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() / 100;
        let stream = name.to_owned();
        self.records.push(Arc::new(Record { stream, revision, position, created, event }));
        (revision, position)
    }
}
