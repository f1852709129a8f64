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
/// Of the record that ends a stream for ever.
const LAST_REVISION: u64 = i64::MAX.cast_unsigned();

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

impl Stream {
    /// Deleted, and nothing was appended since.
    const fn is_hidden(&self) -> bool {
        !self.records.is_empty() && self.kept_from == self.records.len()
    }
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

    /// Appends, or finds that the same events are there already.
    pub(crate) fn append(
        &mut self,
        name: &str,
        expected: Expected,
        events: Vec<Proposed>,
    ) -> Result<Written, Refused> {
        if let Some(written) = self.check(name, expected, &events)? {
            return Ok(written);
        }
        self.appends += 1;
        if self.appends.is_multiple_of(FOREIGN_EVERY) {
            self.write_foreign("orders-1");
        }
        let hidden = self.streams.get(name).filter(|stream| stream.is_hidden());
        let kept_from = hidden.map(|stream| stream.kept_from);
        let (revision, position) =
            events.into_iter().fold((0, 0), |_, event| self.write(name, event));
        if let Some(kept_from) = kept_from {
            self.write_settings(name, kept_from as u64);
        }
        Ok(Written { revision, position, replayed: false })
    }

    /// Refuses what does not fit, and finds what is there already: with a revision when all ids stand behind it,
    /// otherwise by what is remembered of the stream.
    fn check(
        &self,
        name: &str,
        expected: Expected,
        events: &[Proposed],
    ) -> Result<Option<Written>, Refused> {
        let none = Stream::default();
        let stream = self.streams.get(name).unwrap_or(&none);
        if stream.tombstoned || (matches!(expected, Expected::Exists) && stream.is_hidden()) {
            return Err(Refused::Deleted);
        }
        let there = &stream.records;
        let next = match expected {
            Expected::Exists if there.is_empty() => there.len() + 1,
            Expected::Any | Expected::Exists => self.known_at(there, events).unwrap_or(there.len()),
            Expected::NoStream => 0,
            Expected::Revision(revision) => usize::try_from(revision).unwrap().saturating_add(1),
        };
        if next == there.len() {
            return Ok(None);
        }
        let ids = there.iter().skip(next).map(|&at| self.records[at].event.id);
        let known = ids.zip(events).take_while(|(id, event)| *id == event.id).count();
        if known > 0 && known == events.len() {
            let last = next + known - 1;
            let position = self.records[there[last]].position;
            return Ok(Some(Written { revision: last as u64, position, replayed: true }));
        }
        // A deleted stream is there and is not.
        if known == 0 && matches!(expected, Expected::NoStream) && stream.is_hidden() {
            return Ok(None);
        }
        Err(Refused::WrongVersion { current: (there.len() as u64).checked_sub(1) })
    }

    /// Where events that were stored before begin in their stream.
    fn known_at(&self, there: &[usize], events: &[Proposed]) -> Option<usize> {
        let first = events.first()?.id;
        there.iter().position(|&at| self.records[at].event.id == first)
    }

    /// Hides what is there, or closes the stream for ever. Answers with the position of the record that says so.
    pub(crate) fn delete(
        &mut self,
        name: &str,
        expected: Expected,
        for_ever: bool,
    ) -> Result<u64, Refused> {
        let tombstone = Proposed {
            id: Uuid::new_v4(),
            kind: "$streamDeleted".to_owned(),
            content_type: "application/octet-stream".to_owned(),
            metadata: Bytes::new(),
            data: Bytes::new(),
        };
        self.check(name, expected, std::slice::from_ref(&tombstone))?;
        if !for_ever && !self.streams.contains_key(name) {
            return Err(Refused::WrongVersion { current: None });
        }
        let stream = self.streams.entry(name.to_owned()).or_default();
        stream.kept_from = stream.records.len();
        stream.tombstoned = for_ever;
        Ok(if for_ever {
            self.record(name, LAST_REVISION, tombstone)
        } else {
            self.write_settings(name, LAST_REVISION)
        })
    }

    /// The first revision that is kept of a stream, as the server itself writes it down.
    fn write_settings(&mut self, stream: &str, kept_from: u64) -> u64 {
        let event = Proposed {
            id: Uuid::new_v4(),
            kind: "$metadata".to_owned(),
            content_type: "application/json".to_owned(),
            metadata: Bytes::new(),
            data: format!(r#"{{"$tb":{kept_from}}}"#).into(),
        };
        let (_, position) = self.write(&format!("$${stream}"), event);
        position
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
        (revision, self.record(name, revision, event))
    }

    fn record(&mut self, name: &str, revision: u64, event: Proposed) -> u64 {
        let position = self.end;
        self.end += OVERHEAD + (event.data.len() + event.metadata.len()) as u64;
        let created = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() / 100;
        let stream = name.to_owned();
        self.records.push(Arc::new(Record { stream, revision, position, created, event }));
        position
    }
}
