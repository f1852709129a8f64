//! Time and randomness as tests want them.

use std::{
    fmt,
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

use domain::Timestamp;
use parking_lot::Mutex;
use store::{Clock, Entropy};

/// Noon of some day, until a test moves it.
pub(crate) struct TestClock {
    micros: AtomicI64,
    interruption: Mutex<Option<Interruption>>,
}

/// What happens in the middle of a request: when the time is asked for the last of so many times.
struct Interruption {
    after: usize,
    what: Box<dyn FnOnce() + Send>,
}

impl Default for TestClock {
    fn default() -> Self {
        Self { micros: AtomicI64::new(1_795_000_000_000_000), interruption: Mutex::new(None) }
    }
}

impl fmt::Debug for TestClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestClock({})", self.micros.load(Ordering::SeqCst))
    }
}

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).expect("a short time");
        self.micros.fetch_add(micros, Ordering::SeqCst);
    }

    /// Lets something happen when the time is asked for, after it was asked for so many times.
    pub(crate) fn interrupt(&self, after: usize, what: impl FnOnce() + Send + 'static) {
        *self.interruption.lock() = Some(Interruption { after, what: Box::new(what) });
    }

    fn interruption(&self) -> Option<Interruption> {
        let mut interruption = self.interruption.lock();
        let waiting = interruption.as_mut()?;
        if waiting.after == 0 {
            return interruption.take();
        }
        waiting.after -= 1;
        None
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        if let Some(Interruption { what, .. }) = self.interruption() {
            what();
        }
        Timestamp::from_micros(self.micros.load(Ordering::SeqCst))
    }

    fn since_boot(&self) -> Duration {
        Duration::from_micros(self.micros.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// Bytes of a counter, mixed so that they look random and never repeat.
#[derive(Debug, Default)]
pub(crate) struct Scripted(AtomicU64);

impl Scripted {
    /// Another sequence for each name.
    pub(crate) fn seeded(name: &str) -> Self {
        let seed = name.bytes().fold(1_u64, |seed, byte| seed.wrapping_mul(131) + u64::from(byte));
        Self(AtomicU64::new(seed << 20))
    }
}

impl Entropy for Scripted {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut mixed = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}
