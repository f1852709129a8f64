//! The two things only the composition root may touch, as parameters.

use std::{fmt::Debug, time::Duration};

use domain::Timestamp;
use uuid::Uuid;

/// What time it is.
pub trait Clock: Debug + Send + Sync {
    /// The moment by the calendar, to the microsecond.
    fn now(&self) -> Timestamp;

    /// Time since the machine started, which never goes back and goes on while the machine sleeps.
    fn since_boot(&self) -> Duration;
}

/// Randomness from the operating system.
pub trait Entropy: Debug + Send + Sync {
    fn fill(&self, bytes: &mut [u8]);

    /// A `UUIDv7` for the moment.
    fn uuid_v7(&self, now: Timestamp) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.as_micros() / 1_000).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
