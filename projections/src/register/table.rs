//! What many applications share: kept once, found by slot, ranked for sorting.

use std::{cmp::Ordering, collections::HashMap, fmt::Debug, hash::Hash, sync::Arc, sync::OnceLock};

use super::Choice;
use crate::{applications::key_of, directory};

/// Values by key, in slots that stay.
#[derive(Debug)]
pub(super) struct Table<K, V> {
    slots: HashMap<K, u32>,
    values: Vec<V>,
    /// By slot; equal values have equal ranks. Computed when somebody sorts after a change.
    ranks: OnceLock<Vec<u32>>,
}

/// The names of an owner, which are sorted by their folded forms.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Person {
    pub(super) display_key: String,
    pub(super) user_key: String,
    pub(super) display_name: Option<Arc<str>>,
    pub(super) user_name: Option<Arc<str>>,
}

#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Organization {
    pub(super) key: String,
    pub(super) name: Option<Arc<str>>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { slots: HashMap::new(), values: vec![], ranks: OnceLock::new() }
    }
}

impl<K: Clone + Debug + Eq + Hash, V: Ord> Table<K, V> {
    /// The slot of the key, filled with a first value if it has none.
    pub(super) fn slot(&mut self, key: K, first: impl FnOnce(&K) -> V) -> u32 {
        if let Some(slot) = self.slots.get(&key) {
            return *slot;
        }
        let slot = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(first(&key));
        self.slots.insert(key, slot);
        self.ranks.take();
        slot
    }

    pub(super) fn set(&mut self, key: K, value: V) {
        match self.slots.get(&key) {
            Some(slot) => {
                let kept = &mut self.values[*slot as usize];
                if *kept != value {
                    *kept = value;
                    self.ranks.take();
                }
            }
            None => {
                self.slot(key, |_| value);
            }
        }
    }

    pub(super) fn get(&self, slot: u32) -> &V {
        &self.values[slot as usize]
    }

    pub(super) fn find(&self, key: &K) -> Option<&V> {
        self.slots.get(key).map(|slot| self.get(*slot))
    }

    /// By slot, the place of each value among the different ones.
    pub(super) fn ranks(&self) -> &[u32] {
        self.ranks.get_or_init(|| {
            let mut slots: Vec<usize> = (0..self.values.len()).collect();
            slots.sort_unstable_by(|one, other| self.values[*one].cmp(&self.values[*other]));
            let mut ranks = vec![0; slots.len()];
            let mut rank = 0;
            for pair in slots.windows(2) {
                rank += u32::from(self.values[pair[0]] != self.values[pair[1]]);
                ranks[pair[1]] = rank;
            }
            ranks
        })
    }

    /// By slot, how the value compares with another.
    pub(super) fn compared(&self, other: &V) -> Vec<Ordering> {
        self.values.iter().map(|value| value.cmp(other)).collect()
    }

    /// By slot, whether the value passes.
    pub(super) fn passing(&self, test: impl Fn(&V) -> bool) -> Vec<bool> {
        self.values.iter().map(test).collect()
    }

    /// By slot, whether the key is chosen.
    pub(super) fn chosen(&self, choice: &Choice<K>) -> Vec<bool> {
        let (keys, chosen) = match choice {
            Choice::AnyOf(keys) => (keys, true),
            Choice::NoneOf(keys) => (keys, false),
        };
        let mut passing = vec![!chosen; self.values.len()];
        for slot in keys.iter().filter_map(|key| self.slots.get(key)) {
            passing[*slot as usize] = chosen;
        }
        passing
    }
}

impl<T: Clone + Debug + Eq + Hash, V> Table<Vec<T>, V> {
    /// By slot, whether a set has any of what is chosen, or none of it.
    pub(super) fn sharing(&self, choice: &Choice<T>) -> Vec<bool> {
        let (wanted, shared) = match choice {
            Choice::AnyOf(wanted) => (wanted, true),
            Choice::NoneOf(wanted) => (wanted, false),
        };
        let mut passing = vec![false; self.values.len()];
        for (set, slot) in &self.slots {
            let found = set.iter().any(|one| wanted.contains(one));
            passing[*slot as usize] = found == shared;
        }
        passing
    }
}

impl Person {
    pub(super) fn of(user: &directory::User) -> Self {
        let name = |name: &domain::Personal| name.as_open().map(Arc::<str>::from);
        let key = |name: &domain::Personal| name.as_open().map(key_of).unwrap_or_default();
        Self {
            display_key: key(&user.display_name),
            user_key: key(&user.user_name),
            display_name: name(&user.display_name),
            user_name: name(&user.user_name),
        }
    }
}

impl Organization {
    pub(super) fn of(organization: &directory::Organization) -> Self {
        let name = organization.name.to_string();
        Self { key: key_of(&name), name: Some(name.into()) }
    }
}
