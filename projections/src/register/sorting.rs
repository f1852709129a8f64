//! Which of two applications comes first, and what is on a page of many.
//!
//! Names and client ids are kept in order. For any other column a page is selected: what comes before it and behind it
//! is told apart and not sorted, so that a page costs one look at every application.

use std::{cmp::Ordering, collections::BTreeMap, ops::Range};

use domain::ApplicationId;

use super::{Cursor, Matching, Order, Record, Register, Sort, SortBy, cursor::Key, table::Table};

/// An index in which columns are kept in order.
type Kept = BTreeMap<(Box<str>, ApplicationId), u32>;

impl Register {
    /// The slots of what matches, in order, from the first place of the window to its last.
    pub(super) fn slots(&self, sort: Sort, matching: &Matching, window: Range<usize>) -> Vec<u32> {
        let selection = Selection { register: self, order: sort.order, matching, window };
        match sort.by {
            SortBy::Name => selection.of_kept(&self.by_name),
            SortBy::ClientId => selection.of_kept(&self.by_client_id),
            SortBy::Organization => {
                let ranks = self.organizations.ranks();
                selection.by(|record| ranks[record.organization as usize])
            }
            SortBy::Owner => {
                let ranks = self.people.ranks();
                selection.by(|record| ranks[record.owner as usize])
            }
            SortBy::Status => selection.by(|record| record.status),
            SortBy::Grant => {
                let ranks = self.grants.ranks();
                selection.by(|record| ranks[record.grants as usize])
            }
            SortBy::Scopes => {
                let ranks = self.scopes.ranks();
                selection.by(|record| ranks[record.scopes as usize])
            }
            SortBy::Created => selection.by(|record| record.created_at),
            SortBy::Updated => selection.by(|record| record.updated_at),
            SortBy::LastUsed => selection.by(|record| record.last_used_at),
        }
    }

    /// The row as a place in a sorting.
    pub(super) fn cursor(&self, slot: u32, by: SortBy) -> Cursor {
        let record = self.record(slot);
        let row = &*record.row;
        let key = match by {
            SortBy::Name => Key::Name(row.name_key.clone()),
            SortBy::ClientId => Key::ClientId(row.client_id.as_str().to_owned()),
            SortBy::Organization => Key::Organization(row.organization),
            SortBy::Owner => Key::Owner(row.owner),
            SortBy::Status => Key::Status(record.status),
            SortBy::Grant => Key::Grant(self.grants.get(record.grants).clone()),
            SortBy::Scopes => Key::Scopes(self.scopes.get(record.scopes).clone()),
            SortBy::Created => Key::Created(row.created_at),
            SortBy::Updated => Key::Updated(row.updated_at),
            SortBy::LastUsed => Key::LastUsed(record.last_used_at),
        };
        Cursor { key, id: row.id }
    }

    /// How many of what matches come before the cursor, and how many before it or at it.
    pub(super) fn passed(
        &self,
        cursor: &Cursor,
        order: Order,
        matching: &Matching,
    ) -> (usize, usize) {
        let (before, at) = match &cursor.key {
            Key::Name(key) => kept_before(&self.by_name, key, cursor.id, matching),
            Key::ClientId(key) => kept_before(&self.by_client_id, key, cursor.id, matching),
            Key::Organization(id) => {
                let places = places(&self.organizations, id);
                self.before(cursor.id, matching, |record| places[record.organization as usize])
            }
            Key::Owner(id) => {
                let places = places(&self.people, id);
                self.before(cursor.id, matching, |record| places[record.owner as usize])
            }
            Key::Status(key) => self.before(cursor.id, matching, |it| it.status.cmp(key)),
            Key::Grant(key) => {
                let places = self.grants.compared(key);
                self.before(cursor.id, matching, |record| places[record.grants as usize])
            }
            Key::Scopes(key) => {
                let places = self.scopes.compared(key);
                self.before(cursor.id, matching, |record| places[record.scopes as usize])
            }
            Key::Created(key) => self.before(cursor.id, matching, |it| it.created_at.cmp(key)),
            Key::Updated(key) => self.before(cursor.id, matching, |it| it.updated_at.cmp(key)),
            Key::LastUsed(key) => self.before(cursor.id, matching, |it| it.last_used_at.cmp(key)),
        };
        match order {
            Order::Ascending => (before, before + at),
            Order::Descending => (matching.total - before - at, matching.total - before),
        }
    }

    /// How many of what matches come before the id in ascending order, and whether it is one of them itself.
    fn before(
        &self,
        id: ApplicationId,
        matching: &Matching,
        by_key: impl Fn(&Record) -> Ordering,
    ) -> (usize, usize) {
        let (mut before, mut at) = (0, 0);
        for (_, record) in self.matched(matching) {
            match by_key(record).then_with(|| record.id.cmp(&id)) {
                Ordering::Less => before += 1,
                Ordering::Equal => at += 1,
                Ordering::Greater => {}
            }
        }
        (before, at)
    }

    /// What matches, by slot.
    fn matched(&self, matching: &Matching) -> impl Iterator<Item = (u32, &Record)> {
        let records = (0..).zip(&self.records).zip(&matching.by_slot);
        records
            .filter(|(_, matches)| **matches)
            .filter_map(|((slot, record), _)| Some((slot, record.as_ref()?)))
    }
}

/// Places in a sorting that are asked for.
struct Selection<'a> {
    register: &'a Register,
    order: Order,
    matching: &'a Matching,
    window: Range<usize>,
}

impl Selection<'_> {
    /// Of what is kept in order, no more is looked at than the page needs.
    fn of_kept(&self, kept: &Kept) -> Vec<u32> {
        let of = |slots: &mut dyn Iterator<Item = &u32>| {
            let matching = slots.copied().filter(|slot| self.matching.holds(*slot));
            matching.skip(self.window.start).take(self.window.len()).collect()
        };
        match self.order {
            Order::Ascending => of(&mut kept.values()),
            Order::Descending => of(&mut kept.values().rev()),
        }
    }

    fn by<K: Ord>(&self, key: impl Fn(&Record) -> K) -> Vec<u32> {
        let matched = self.register.matched(self.matching);
        let mut keyed: Vec<_> =
            matched.map(|(slot, record)| (key(record), record.id, slot)).collect();
        let Range { start, end } = self.window;
        let slots_of = |(_, _, slot): &(K, ApplicationId, u32)| *slot;
        match self.order {
            Order::Ascending => sorted_part(&mut keyed, start..end).iter().map(slots_of).collect(),
            Order::Descending => {
                let backwards = keyed.len() - end..keyed.len() - start;
                sorted_part(&mut keyed, backwards).iter().rev().map(slots_of).collect()
            }
        }
    }
}

/// What would be in the window if all were sorted.
fn sorted_part<T: Ord>(all: &mut [T], window: Range<usize>) -> &[T] {
    if window.end < all.len() {
        all.select_nth_unstable(window.end);
    }
    let reaching = &mut all[..window.end];
    if 0 < window.start && window.start < window.end {
        reaching.select_nth_unstable(window.start);
    }
    let part = &mut reaching[window.start..];
    part.sort_unstable();
    part
}

/// As [`Register::before`], of a column that is kept in order.
fn kept_before(kept: &Kept, key: &str, id: ApplicationId, matching: &Matching) -> (usize, usize) {
    let place = (Box::from(key), id);
    let before = kept.range(..&place).filter(|(_, slot)| matching.holds(**slot)).count();
    let at = kept.get(&place).is_some_and(|slot| matching.holds(*slot));
    (before, usize::from(at))
}

/// By slot, how values compare with that of a key, as they are now. What is not known has none.
fn places<K, V>(table: &Table<K, V>, key: &K) -> Vec<Ordering>
where
    K: Clone + std::fmt::Debug + Eq + std::hash::Hash,
    V: Default + Ord,
{
    match table.find(key) {
        Some(value) => table.compared(value),
        None => table.compared(&V::default()),
    }
}
