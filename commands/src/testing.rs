//! A clock that stands still and a random source that counts, so that tests decide what happens when.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

use domain::Timestamp;
use store::{Clock, Entropy};

/// Noon of some day, until a test moves it.
#[derive(Debug)]
pub(crate) struct Stopped(AtomicI64);

impl Default for Stopped {
    fn default() -> Self {
        Self(AtomicI64::new(1_795_000_000_000_000))
    }
}

impl Stopped {
    pub(crate) fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).expect("a short time");
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }

    fn since_boot(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// Bytes of a counter, mixed so that they look random and never repeat.
#[derive(Debug, Default)]
pub(crate) struct Scripted(AtomicU64);

impl Entropy for Scripted {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let count = self.0.fetch_add(1, Ordering::SeqCst);
            let mixed = (count + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
                ^ count.wrapping_mul(0xD6E8_FEB8_6659_FD93);
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}
