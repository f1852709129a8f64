//! Small numbers that look random; the same seed gives the same ones.

use std::time::Duration;

#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// Dice of their own for somebody else.
    pub(crate) fn another(&mut self) -> Self {
        Self::seeded(self.thrown(u64::MAX))
    }

    pub(crate) fn thrown(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    pub(crate) fn index(&mut self, below: usize) -> usize {
        usize::try_from(self.thrown(below as u64)).expect("an index")
    }

    pub(crate) fn choice<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.index(among.len())]
    }

    pub(crate) fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.thrown(most - least + 1))
    }

    /// What people do between two deeds.
    pub(crate) async fn pause(&mut self, least: u64, most: u64) {
        tokio::time::sleep(self.millis(least, most)).await;
    }
}
