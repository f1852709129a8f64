//! How often somebody may fail to sign in. Kept in memory, by keyed hashes: no name and no address can be read from it.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use domain::Timestamp;
use parking_lot::Mutex;
use store::{InstallationKey, Purpose};

use crate::app;

/// Accounts and addresses remembered at once.
const MOST: usize = 20_000;
/// Attempts under way at once. Each waits for one of a few runs of argon2id.
const UNDER_WAY: usize = 32;
const A_MOMENT: Duration = Duration::from_secs(1);

/// Failures by account and by address.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    failures: HashMap<Key, Failures>,
    under_way: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key([u8; 32]);

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    since: Timestamp,
}

/// Whom an attempt is counted against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suspects {
    account: Key,
    address: Key,
}

/// Too many attempts; further ones are borne after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    pub(super) retry_after: Duration,
}

/// An attempt under way. It counts as failed until it has succeeded, so that many at once gain nothing.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    throttle: &'a Throttle,
    suspects: Suspects,
}

impl Suspects {
    /// `name` is the user name in its normal form, if it has one. Of an IPv6 address the network counts.
    pub(super) fn of(key: &InstallationKey, name: &str, address: Option<IpAddr>) -> Self {
        let network = match address {
            Some(IpAddr::V4(address)) => address.octets().to_vec(),
            Some(IpAddr::V6(address)) => address.octets()[..8].to_vec(),
            None => vec![],
        };
        let hashed = |kind: &[u8], what: &[u8]| Key(key.mac(Purpose::Forms, &[kind, what]));
        Self {
            account: hashed(b"sign-in account", name.as_bytes()),
            address: hashed(b"sign-in address", &network),
        }
    }
}

impl Throttle {
    /// Counts an attempt, unless there were too many.
    pub(super) fn attempt(
        &self,
        now: Timestamp,
        bounds: app::Throttle,
        suspects: Suspects,
    ) -> Result<Attempt<'_>, TooMany> {
        let mut book = self.0.lock();
        let allowed = [
            (suspects.account, bounds.failures_per_account),
            (suspects.address, bounds.failures_per_address),
        ];
        for (key, most) in allowed {
            let failures = book.failures.get(&key).filter(|it| it.count(now, bounds.window));
            if let Some(failures) = failures.filter(|failures| failures.count >= most) {
                let retry_after = bounds.window.saturating_sub(now.since(failures.since));
                return Err(TooMany { retry_after: retry_after.max(A_MOMENT) });
            }
        }
        if book.under_way >= UNDER_WAY {
            return Err(TooMany { retry_after: A_MOMENT });
        }
        book.under_way += 1;
        for (key, _) in allowed {
            book.note(key, now, bounds.window);
        }
        Ok(Attempt { throttle: self, suspects })
    }
}

impl Attempt<'_> {
    /// Forgives the account its failures, and the address this attempt.
    pub(super) fn succeeded(self) {
        let mut book = self.throttle.0.lock();
        book.failures.remove(&self.suspects.account);
        if let Some(failures) = book.failures.get_mut(&self.suspects.address) {
            failures.count = failures.count.saturating_sub(1);
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.throttle.0.lock().under_way -= 1;
    }
}

impl Failures {
    fn count(&self, now: Timestamp, window: Duration) -> bool {
        now.since(self.since) < window
    }
}

impl Book {
    fn note(&mut self, key: Key, now: Timestamp, window: Duration) {
        if !self.failures.contains_key(&key) {
            self.make_room(now, window);
        }
        let failures = self.failures.entry(key).or_insert(Failures { count: 0, since: now });
        if !failures.count(now, window) {
            *failures = Failures { count: 0, since: now };
        }
        failures.count += 1;
    }

    /// Forgets what is over, then whoever failed least: many new names do not wash away a persistent one.
    fn make_room(&mut self, now: Timestamp, window: Duration) {
        if self.failures.len() < MOST {
            return;
        }
        self.failures.retain(|_, failures| failures.count(now, window));
        let least = self.failures.iter().min_by_key(|(_, it)| (it.count, it.since));
        if let Some(key) = least.map(|(key, _)| *key).filter(|_| self.failures.len() >= MOST) {
            self.failures.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: app::Throttle = app::Throttle {
        failures_per_account: 3,
        failures_per_address: 5,
        window: Duration::from_mins(15),
    };
    const NOW: Timestamp = Timestamp::from_micros(0);

    fn suspects(name: &str, address: &str) -> Suspects {
        let key = InstallationKey::new([7; 32]);
        Suspects::of(&key, name, address.parse().ok())
    }

    fn fail(throttle: &Throttle, now: Timestamp, name: &str, address: &str) -> Result<(), TooMany> {
        throttle.attempt(now, BOUNDS, suspects(name, address)).map(drop)
    }

    #[test]
    fn an_account_bears_so_many_failures_from_anywhere() {
        let throttle = Throttle::default();
        for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
            assert_eq!(fail(&throttle, NOW, "ada", address), Ok(()));
        }
        let retry_after = BOUNDS.window;
        assert_eq!(fail(&throttle, NOW, "ada", "192.0.2.4"), Err(TooMany { retry_after }));
        assert_eq!(fail(&throttle, NOW, "bob", "192.0.2.4"), Ok(()));
        assert_eq!(fail(&throttle, NOW.plus(BOUNDS.window), "ada", "192.0.2.4"), Ok(()));
    }

    #[test]
    fn an_address_bears_so_many_failures_whatever_the_name() {
        let throttle = Throttle::default();
        for name in ["a", "b", "c", "d", "e"] {
            assert_eq!(fail(&throttle, NOW, name, "192.0.2.1"), Ok(()));
        }
        assert!(fail(&throttle, NOW, "f", "192.0.2.1").is_err());
    }

    #[test]
    fn of_an_ipv6_address_the_network_counts() {
        let throttle = Throttle::default();
        for host in 0..5 {
            let address = format!("2001:db8:0:1::{host}");
            assert_eq!(fail(&throttle, NOW, &address, &address), Ok(()));
        }
        assert!(fail(&throttle, NOW, "f", "2001:db8:0:1::9").is_err());
        assert_eq!(fail(&throttle, NOW, "f", "2001:db8:0:2::9"), Ok(()));
    }

    #[test]
    fn attempts_at_once_count_before_they_have_failed() {
        let throttle = Throttle::default();
        let ada = suspects("ada", "192.0.2.1");
        let under_way: Vec<_> = (0..3).map(|_| throttle.attempt(NOW, BOUNDS, ada)).collect();
        assert!(under_way.iter().all(Result::is_ok));
        assert!(throttle.attempt(NOW, BOUNDS, ada).is_err());
    }

    #[test]
    fn a_success_forgives_the_account() {
        let throttle = Throttle::default();
        let ada = suspects("ada", "192.0.2.1");
        for _ in 0..2 {
            throttle.attempt(NOW, BOUNDS, ada).map(drop).expect("a failure");
        }
        throttle.attempt(NOW, BOUNDS, ada).expect("an attempt").succeeded();
        assert_eq!(fail(&throttle, NOW, "ada", "192.0.2.1"), Ok(()));
    }

    #[test]
    fn the_book_does_not_grow_beyond_its_bound_and_keeps_the_persistent() {
        let throttle = Throttle::default();
        for _ in 0..3 {
            fail(&throttle, NOW, "ada", "192.0.2.1").expect("a failure");
        }
        let mut book = throttle.0.lock();
        for number in 0..MOST as u64 + 10 {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            if book.failures.len() < MOST || number % 5 == 0 {
                book.note(Key(key), NOW, BOUNDS.window);
            }
        }
        assert_eq!(book.failures.len(), MOST);
        drop(book);
        assert!(fail(&throttle, NOW, "ada", "192.0.2.9").is_err());
    }
}
