//! Which applications match? All of them in memory, filtered and sorted by any of their columns.
//!
//! A question looks at every application once and compares whole numbers where it can: texts are folded when they
//! arrive, names and client ids are kept in order, and what few applications differ in is ranked once for all of them.

mod cursor;
mod plan;
mod query;
mod sorting;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod texts;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Range,
    sync::Arc,
};

use domain::{
    ApplicationId, OrganizationId, Scope, Timestamp, UserId,
    application::{Application, Grant},
    authority::Reach,
};
use store::{Position, StreamName};

pub use self::{
    cursor::Cursor,
    query::{
        Choice, Entry, Filter, From, Moments, Order, Page, Query, Sort, SortBy, Status, Text, Use,
    },
};
use self::{
    plan::Plan,
    table::{Organization, Person, Table},
    texts::Texts,
};
use crate::{
    applications::{Row, key_of},
    directory,
    mirror::Rows,
};

/// Characters by which sets of scopes are sorted.
const SORTED_SCOPES: usize = 256;

/// Every application, and what its rows are joined with.
#[derive(Debug, Default)]
pub(crate) struct Register {
    /// Found by slot. What was taken out leaves its slot to what comes next.
    records: Vec<Option<Record>>,
    free: Vec<u32>,
    by_id: BTreeMap<ApplicationId, u32>,
    by_name: BTreeMap<(Box<str>, ApplicationId), u32>,
    by_client_id: BTreeMap<(Box<str>, ApplicationId), u32>,
    names: Texts,
    client_ids: Texts,
    client_ids_in_any_case: Texts,
    descriptions: Texts,
    contacts: Texts,
    homepages: Texts,
    people: Table<UserId, Person>,
    organizations: Table<OrganizationId, Organization>,
    grants: Table<Vec<Grant>, Vec<Grant>>,
    scopes: Table<Vec<Scope>, String>,
    /// Also of applications that are not known yet.
    uses: HashMap<ApplicationId, Timestamp>,
}

/// What questions look at beside texts. Numbers are slots in tables.
#[derive(Debug)]
struct Record {
    id: ApplicationId,
    row: Arc<Row>,
    owner: u32,
    organization: u32,
    grants: u32,
    scopes: u32,
    status: Status,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

/// What of the register is asked for.
#[derive(Debug)]
struct Matching {
    by_slot: Vec<bool>,
    total: usize,
}

impl Matching {
    fn holds(&self, slot: u32) -> bool {
        self.by_slot[slot as usize]
    }
}

impl Register {
    /// The page that is asked for; `parked` are the streams that stopped.
    pub(crate) fn page(
        &self,
        query: &Query,
        parked: &HashSet<StreamName>,
        as_of: Position,
    ) -> Page {
        let matching = self.matching(query.reach, &query.filters);
        let total = matching.total;
        let mut page = Page {
            rows: vec![],
            total: total as u64,
            before: 0,
            previous: None,
            next: None,
            as_of,
        };
        let limit = query.limit.min(Query::LIMIT) as usize;
        if limit == 0 {
            return page;
        }
        let window = self.window(query, &matching, limit);
        let slots = self.slots(query.sort, &matching, window.clone());
        let end = |slot: Option<&u32>| match slot {
            Some(slot) => Some(self.cursor(*slot, query.sort.by)),
            // No row is left there: one gets back from where one came.
            None => query.cursor().cloned(),
        };
        page.before = window.start as u64;
        page.previous = if window.start > 0 { end(slots.first()) } else { None };
        page.next = if window.end < total { end(slots.last()) } else { None };
        page.rows = slots.iter().map(|slot| self.entry(*slot, parked)).collect();
        page
    }

    /// The part of what matches that the page shows.
    fn window(&self, query: &Query, matching: &Matching, limit: usize) -> Range<usize> {
        let passed = |cursor| self.passed(cursor, query.sort.order, matching);
        let (first, last) = match (&query.from, query.cursor()) {
            (From::After(_), Some(cursor)) => {
                let (_, first) = passed(cursor);
                (first, first + limit)
            }
            (From::Before(_), Some(cursor)) => {
                let (last, _) = passed(cursor);
                (last.saturating_sub(limit), last)
            }
            (From::Offset(offset), _) => {
                let first = usize::try_from(*offset).unwrap_or(usize::MAX).min(matching.total);
                (first, first + limit)
            }
            (From::Start | From::After(_) | From::Before(_), _) => (0, limit),
        };
        first..last.min(matching.total)
    }

    /// The ids of all that match, in order.
    pub(crate) fn ids(&self, reach: Reach, filters: &[Filter], sort: Sort) -> Vec<ApplicationId> {
        let matching = self.matching(reach, filters);
        let slots = self.slots(sort, &matching, 0..matching.total);
        slots.into_iter().map(|slot| self.record(slot).id).collect()
    }

    /// Those of the applications that are there, in the order of asking.
    pub(crate) fn entries(
        &self,
        ids: &[ApplicationId],
        parked: &HashSet<StreamName>,
    ) -> Vec<Entry> {
        let slots = ids.iter().filter_map(|id| self.by_id.get(id));
        slots.map(|slot| self.entry(*slot, parked)).collect()
    }

    /// Notes when applications were used. An earlier use told later changes nothing.
    pub(crate) fn note_uses(&mut self, uses: impl IntoIterator<Item = (ApplicationId, Timestamp)>) {
        for (id, at) in uses {
            let last = self.uses.entry(id).or_insert(at);
            *last = at.max(*last);
            let record = self.by_id.get(&id).and_then(|slot| self.records.get_mut(*slot as usize));
            if let Some(Some(record)) = record {
                record.last_used_at = Some(*last);
            }
        }
    }

    /// Every last use that is known.
    pub(crate) fn uses(&self) -> &HashMap<ApplicationId, Timestamp> {
        &self.uses
    }

    /// Notes the names that rows are joined with.
    pub(crate) fn know(&mut self, row: &directory::Row) {
        match row {
            directory::Row::User(user) => self.people.set(user.id, Person::of(user)),
            directory::Row::Organization(organization) => {
                self.organizations.set(organization.id, Organization::of(organization));
            }
        }
    }

    /// Which of the applications match.
    fn matching(&self, reach: Reach, filters: &[Filter]) -> Matching {
        let plan = Plan::of(self, reach, filters);
        let records = self.records.iter().enumerate();
        let by_slot: Vec<_> = records
            .map(|(slot, record)| record.as_ref().is_some_and(|it| plan.matches(slot, it)))
            .collect();
        let total = by_slot.iter().filter(|matches| **matches).count();
        Matching { by_slot, total }
    }

    #[expect(clippy::expect_used, reason = "slots come from indexes, which hold filled ones alone")]
    fn record(&self, slot: u32) -> &Record {
        self.records[slot as usize].as_ref().expect("a filled slot")
    }

    fn entry(&self, slot: u32, parked: &HashSet<StreamName>) -> Entry {
        let record = self.record(slot);
        let owner = self.people.get(record.owner);
        Entry {
            row: record.row.clone(),
            owner_name: owner.display_name.clone(),
            owner_user_name: owner.user_name.clone(),
            organization_name: self.organizations.get(record.organization).name.clone(),
            last_used_at: record.last_used_at,
            parked: !parked.is_empty()
                && parked.contains(&StreamName::of::<Application>(&record.row.id)),
        }
    }

    fn keep_texts(&mut self, slot: usize, row: &Row) {
        let client_id = row.client_id.as_str();
        self.names.set(slot, &row.name_key);
        self.client_ids.set(slot, client_id);
        self.client_ids_in_any_case.set(slot, &client_id.to_ascii_lowercase());
        self.descriptions.set(slot, &key_of(row.description.as_str()));
        self.contacts.set(slot, &key_of(row.contact.as_str()));
        self.homepages.set(slot, &key_of(row.homepage.as_str()));
    }

    fn record_of(&mut self, row: Row) -> Record {
        let mut scopes = row.scopes.clone();
        scopes.sort_unstable();
        let mut grants = row.grants.clone();
        grants.sort_unstable();
        Record {
            id: row.id,
            owner: self.people.slot(row.owner, |_| Person::default()),
            organization: self.organizations.slot(row.organization, |_| Organization::default()),
            grants: self.grants.slot(grants, Clone::clone),
            scopes: self.scopes.slot(scopes, |scopes| sorted_as(scopes)),
            status: Status::of(&row),
            created_at: row.created_at,
            updated_at: row.updated_at,
            last_used_at: self.uses.get(&row.id).copied(),
            row: Arc::new(row),
        }
    }
}

impl Rows<Row> for Register {
    fn take(&mut self, key: &StreamName) -> Option<Row> {
        let id = key.id().parse().ok()?;
        let slot = self.by_id.remove(&id)?;
        let Record { row, .. } = self.records.get_mut(slot as usize)?.take()?;
        self.by_name.remove(&(row.name_key.as_str().into(), id));
        self.by_client_id.remove(&(row.client_id.as_str().into(), id));
        self.free.push(slot);
        Some(Arc::unwrap_or_clone(row))
    }

    fn put(&mut self, _: StreamName, row: Row) {
        let id = row.id;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.records.push(None);
            u32::try_from(self.records.len() - 1).unwrap_or(u32::MAX)
        });
        self.by_id.insert(id, slot);
        self.by_name.insert((row.name_key.as_str().into(), id), slot);
        self.by_client_id.insert((row.client_id.as_str().into(), id), slot);
        self.keep_texts(slot as usize, &row);
        self.records[slot as usize] = Some(self.record_of(row));
    }
}

fn sorted_as(scopes: &[Scope]) -> String {
    let mut text = scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" ");
    // Scopes are ASCII, so that any place to cut is between characters.
    text.truncate(SORTED_SCOPES);
    text
}
