//! How many requests a token's application may make: a bucket that is refilled all the time.

use std::{collections::HashMap, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use domain::ApplicationId;
use parking_lot::Mutex;

use crate::app::RateLimit;

/// Buckets remembered at once. Full ones are forgotten first: nobody notices.
const MOST: usize = 10_000;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The buckets. One per process, shared.
#[derive(Debug, Default)]
pub(super) struct Buckets(Mutex<HashMap<ApplicationId, Bucket>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Requests that may be made at once, in millionths.
    left: u64,
    /// By the clock that goes on while the machine sleeps.
    at: Duration,
}

/// What an application may still do, for the headers of draft-ietf-httpapi-ratelimit-headers-10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    bounds: RateLimit,
    pub(super) left: u64,
    /// When there is one again, or all of them.
    pub(super) wait: Duration,
}

/// No request is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhausted(pub(super) Allowance);

const ONE: u64 = 1_000_000;

impl Buckets {
    /// Takes one request out of the application's bucket.
    pub(super) fn take(
        &self,
        now: Duration,
        bounds: RateLimit,
        application: ApplicationId,
    ) -> Result<Allowance, Exhausted> {
        let mut buckets = self.0.lock();
        if buckets.len() >= MOST && !buckets.contains_key(&application) {
            buckets.retain(|_, bucket| bucket.refilled(now, bounds) < bounds.full());
            // Whoever is left is busy. One of them has to begin anew, and with a full bucket.
            if buckets.len() >= MOST
                && let Some(any) = buckets.keys().next().copied()
            {
                buckets.remove(&any);
            }
        }
        let bucket = buckets.entry(application).or_insert(Bucket { left: bounds.full(), at: now });
        let left = bucket.refilled(now, bounds);
        let taken = left.checked_sub(ONE);
        *bucket = Bucket { left: taken.unwrap_or(left), at: now };
        let allowance = |left: u64, wanted: u64| Allowance {
            bounds,
            left: left / ONE,
            wait: bounds.time_for(wanted.saturating_sub(left)),
        };
        match taken {
            Some(left) => Ok(allowance(left, bounds.full())),
            None => Err(Exhausted(allowance(left, ONE))),
        }
    }
}

impl Bucket {
    fn refilled(&self, now: Duration, bounds: RateLimit) -> u64 {
        let passed = u64::try_from(now.saturating_sub(self.at).as_micros()).unwrap_or(u64::MAX);
        // One per second is a millionth per microsecond.
        let gained = passed.saturating_mul(bounds.rate.into());
        self.left.saturating_add(gained).min(bounds.full())
    }
}

impl RateLimit {
    fn full(self) -> u64 {
        u64::from(self.burst) * ONE
    }

    fn time_for(self, millionths: u64) -> Duration {
        Duration::from_micros(millionths.div_ceil(u64::from(self.rate.max(1))))
    }
}

impl Allowance {
    /// `"api";q=200;w=2` is 200 requests in two seconds.
    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        let window = self.bounds.burst.div_ceil(self.bounds.rate.max(1)).max(1);
        let policy = format!("\"api\";q={};w={window}", self.bounds.burst);
        let limit = format!("\"api\";r={};t={}", self.left, self.seconds());
        for (name, value) in [(POLICY, policy), (LIMIT, limit)] {
            headers.extend(HeaderValue::from_str(&value).ok().map(|value| (name, value)));
        }
    }

    /// Whole seconds to wait, at least one.
    pub(super) fn seconds(&self) -> u64 {
        let whole = self.wait.as_secs() + u64::from(self.wait.subsec_nanos() > 0);
        whole.max(1)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const BOUNDS: RateLimit = RateLimit { rate: 10, burst: 3 };

    fn application(number: u128) -> ApplicationId {
        ApplicationId::new(Uuid::from_u128(number))
    }

    #[test]
    fn a_burst_is_borne_and_then_the_rate() {
        let (buckets, mut now) = (Buckets::default(), Duration::from_secs(5));
        for left in [2, 1, 0] {
            assert_eq!(buckets.take(now, BOUNDS, application(1)).map(|it| it.left), Ok(left));
        }
        let Exhausted(allowance) = buckets.take(now, BOUNDS, application(1)).expect_err("no more");
        assert_eq!(allowance.wait, Duration::from_millis(100));
        assert!(buckets.take(now, BOUNDS, application(2)).is_ok());
        now += allowance.wait;
        assert!(buckets.take(now, BOUNDS, application(1)).is_ok());
        assert!(buckets.take(now, BOUNDS, application(1)).is_err());
    }

    #[test]
    fn an_idle_bucket_holds_no_more_than_a_burst() {
        let buckets = Buckets::default();
        buckets.take(Duration::from_secs(1), BOUNDS, application(1)).expect("the first");
        let later = Duration::from_hours(1);
        assert_eq!(buckets.take(later, BOUNDS, application(1)).map(|it| it.left), Ok(2));
    }

    #[test]
    fn no_more_buckets_are_remembered_than_fit() {
        let buckets = Buckets::default();
        for number in 0..(MOST as u128 + 50) {
            buckets.take(Duration::from_secs(1), BOUNDS, application(number)).expect("the first");
        }
        assert!(buckets.0.lock().len() <= MOST);
    }

    #[test]
    fn the_headers_say_how_many_are_left_and_for_how_long() {
        let buckets = Buckets::default();
        let allowance = buckets.take(Duration::ZERO, BOUNDS, application(1)).expect("the first");
        let mut headers = HeaderMap::new();
        allowance.tell(&mut headers);
        assert_eq!(headers[POLICY], "\"api\";q=3;w=1");
        assert_eq!(headers[LIMIT], "\"api\";r=2;t=1");
    }
}
