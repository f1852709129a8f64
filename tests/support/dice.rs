//! Small numbers that look random; the same seed gives the same ones.

use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Dice of their own for somebody else.
    pub fn another(&mut self) -> Self {
        Self::seeded(self.thrown(u64::MAX))
    }

    pub fn thrown(&mut self, below: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }

    pub fn index(&mut self, below: usize) -> usize {
        usize::try_from(self.thrown(below as u64)).expect("an index")
    }

    pub fn choice<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.index(among.len())]
    }

    pub fn millis(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.thrown(most - least + 1))
    }

    /// What people do between two deeds.
    pub async fn pause(&mut self, least: u64, most: u64) {
        tokio::time::sleep(self.millis(least, most)).await;
    }
}
