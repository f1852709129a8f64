//! Which of two applications comes first.

use std::cmp::Ordering;

use super::{Cursor, Order, Record, Register, Sort, SortBy, cursor::Key, table::Table};

impl Register {
    /// The slots of what matches, in order.
    pub(super) fn ordered(&self, sort: Sort, matching: &[bool]) -> Vec<u32> {
        let kept = |slots: &mut dyn Iterator<Item = &u32>| -> Vec<u32> {
            slots.copied().filter(|slot| matching[*slot as usize]).collect()
        };
        let mut slots = match sort.by {
            SortBy::Name => kept(&mut self.by_name.values()),
            SortBy::ClientId => kept(&mut self.by_client_id.values()),
            SortBy::Organization => {
                let ranks = self.organizations.ranks();
                self.sorted(matching, |record| ranks[record.organization as usize])
            }
            SortBy::Owner => {
                let ranks = self.people.ranks();
                self.sorted(matching, |record| ranks[record.owner as usize])
            }
            SortBy::Status => self.sorted(matching, |record| record.status),
            SortBy::Grant => {
                let ranks = self.grants.ranks();
                self.sorted(matching, |record| ranks[record.grants as usize])
            }
            SortBy::Scopes => {
                let ranks = self.scopes.ranks();
                self.sorted(matching, |record| ranks[record.scopes as usize])
            }
            SortBy::Created => self.sorted(matching, |record| record.created_at),
            SortBy::Updated => self.sorted(matching, |record| record.updated_at),
            SortBy::LastUsed => self.sorted(matching, |record| record.last_used_at),
        };
        if sort.order == Order::Descending {
            slots.reverse();
        }
        slots
    }

    /// Sorted by the key. They come in the order of their ids, and sorting is stable.
    fn sorted<K: Ord>(&self, matching: &[bool], key: impl Fn(&Record) -> K) -> Vec<u32> {
        let slots = self.by_id.values().filter(|slot| matching[**slot as usize]);
        let mut keyed: Vec<_> = slots.map(|slot| (key(self.record(*slot)), *slot)).collect();
        keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
        keyed.into_iter().map(|(_, slot)| slot).collect()
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

    /// Whether the row comes before the cursor or behind it.
    pub(super) fn place(&self, slot: u32, cursor: &Cursor, order: Order) -> Ordering {
        let record = self.record(slot);
        let row = &*record.row;
        let by_key = match &cursor.key {
            Key::Name(key) => row.name_key.cmp(key),
            Key::ClientId(key) => row.client_id.as_str().cmp(key),
            Key::Organization(id) => beside(&self.organizations, record.organization, id),
            Key::Owner(id) => beside(&self.people, record.owner, id),
            Key::Status(status) => record.status.cmp(status),
            Key::Grant(grants) => self.grants.get(record.grants).cmp(grants),
            Key::Scopes(key) => self.scopes.get(record.scopes).cmp(key),
            Key::Created(at) => record.created_at.cmp(at),
            Key::Updated(at) => record.updated_at.cmp(at),
            Key::LastUsed(at) => record.last_used_at.cmp(at),
        };
        let ascending = by_key.then_with(|| row.id.cmp(&cursor.id));
        match order {
            Order::Ascending => ascending,
            Order::Descending => ascending.reverse(),
        }
    }
}

/// Compares a value with that of a key, as they are now.
fn beside<K, V>(table: &Table<K, V>, slot: u32, key: &K) -> Ordering
where
    K: Clone + std::fmt::Debug + Eq + std::hash::Hash,
    V: Default + Ord,
{
    match table.find(key) {
        Some(value) => table.get(slot).cmp(value),
        None => table.get(slot).cmp(&V::default()),
    }
}
