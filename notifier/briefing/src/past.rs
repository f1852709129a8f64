//! What was an occasion in the past, for previews.

use std::time::Duration;

use domain::Timestamp;
use letters::Occasion;
use store::{Categories, Log, LogError, Position, Recorded, limits};
use tokio::time::{Instant, timeout_at};

use crate::reading::readable;

/// How much of the past may be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// Events of the occasion's category.
    pub looked_at: usize,
    /// Events that were the occasion.
    pub kept: usize,
    pub time: Duration,
}

impl Reach {
    /// For a page that somebody waits for.
    pub const PAGE: Self = Self { looked_at: 20_000, kept: 500, time: Duration::from_secs(3) };
}

/// Events that were an occasion.
#[derive(Clone, Debug)]
pub struct Past {
    /// The latest first.
    pub events: Vec<Recorded>,
    /// Whether it goes back as far as was asked for, and leaves nothing out.
    pub complete: bool,
    /// Since when every event of the occasion is here: what was asked for, or later where the reach ended. `None` where it
    /// ended before anything was looked at.
    pub since: Option<Timestamp>,
}

impl Past {
    /// Looks back from the end of the log to the first event that was recorded before `since`. What cannot be read is left
    /// out. Clocks of machines that take turns may differ: an event can be missing whose time is less after `since` than
    /// they do.
    pub async fn of(
        log: &Log,
        occasion: &Occasion,
        since: Timestamp,
        reach: Reach,
    ) -> Result<Self, LogError> {
        let mut past = Self { events: Vec::new(), complete: false, since: None };
        let search = past.search(log, occasion, since, reach);
        match timeout_at(Instant::now() + reach.time, search).await {
            Ok(done) => done?,
            Err(_elapsed) => {}
        }
        if past.complete {
            past.since = Some(since);
        }
        Ok(past)
    }

    /// Can be dropped at any time: what was found until then stays.
    async fn search(
        &mut self,
        log: &Log,
        occasion: &Occasion,
        since: Timestamp,
        reach: Reach,
    ) -> Result<(), LogError> {
        let categories = Categories::of(&[occasion.category()]);
        let (mut before, mut left) = (Position::END, reach.looked_at);
        while left > 0 {
            let page = log.store().read_back(before, &categories, left.min(limits::EVENTS)).await?;
            let Some(first) = page.last() else {
                self.complete = true;
                return Ok(());
            };
            before = first.position;
            left -= page.len();
            for event in &page {
                if event.recorded_at < since {
                    self.complete = true;
                    return Ok(());
                }
                if self.events.len() == reach.kept {
                    return Ok(());
                }
                let recorded = readable(log, event).await?;
                self.events.extend(recorded.filter(|it| (occasion.tells)(&it.event)));
                self.since = Some(event.recorded_at);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use domain::{
        ApplicationId,
        application::{self, Application},
        name::ApplicationName,
    };
    use store::{
        Actor, Clock, Entropy, InstallationKey, MemoryPersonKeys, MemoryStore, Metadata, Stamp,
        Vault,
    };
    use uuid::Uuid;

    use super::*;

    /// Each event is recorded a second after the one before, the first one a second after the epoch.
    #[derive(Debug, Default)]
    struct Ticking(AtomicI64);

    impl Clock for Ticking {
        fn now(&self) -> Timestamp {
            at(self.0.fetch_add(1, Ordering::SeqCst) + 1)
        }

        fn since_boot(&self) -> Duration {
            Duration::ZERO
        }
    }

    #[derive(Debug)]
    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn renamed(name: &str) -> application::Event {
        application::Event::Renamed { name: ApplicationName::parse(name).unwrap() }
    }

    /// A log in which so many applications were renamed, and switched off afterwards.
    async fn log(applications: usize) -> Log {
        let key = InstallationKey::new([3; 32]);
        let vault = Vault::new(&key, Arc::new(MemoryPersonKeys::default()), Arc::new(Zeros));
        let store = MemoryStore::new(Arc::new(Ticking::default()));
        let log = Log::new(Arc::new(store), Arc::new(vault));
        for count in 0..applications {
            let id = Uuid::from_u128(count as u128);
            append(&log, id, renamed(&format!("Name {count}"))).await;
            append(&log, id, application::Event::Deactivated {}).await;
        }
        log
    }

    async fn append(log: &Log, id: Uuid, event: application::Event) {
        let id = ApplicationId::new(id);
        let history = log.history::<Application>(&id).await.unwrap();
        let revision = u128::from(history.expected.next_revision());
        let stamp = Stamp { metadata: metadata(Uuid::from_u128(revision)) };
        log.append(&id, &history, &[event], &stamp).await.unwrap();
    }

    fn metadata(command: Uuid) -> Metadata {
        Metadata {
            occurred_at: at(0),
            actor: Actor::System,
            organization: None,
            correlation: command,
            causation: None,
            command,
            remote_address: None,
            user_agent: None,
            reason: None,
        }
    }

    async fn past(
        log: &Log,
        since: Timestamp,
        reach: Reach,
    ) -> (Vec<String>, bool, Option<Timestamp>) {
        let occasion = letters::occasion("application_renamed").unwrap();
        let past = Past::of(log, occasion, since, reach).await.unwrap();
        let names = past.events.iter().map(|recorded| match &recorded.event {
            domain::Event::Application(application::Event::Renamed { name }) => name.to_string(),
            other => panic!("{other:?}"),
        });
        (names.collect(), past.complete, past.since)
    }

    fn names(counts: impl Iterator<Item = usize>) -> Vec<String> {
        counts.map(|count| format!("Name {count}")).collect()
    }

    #[tokio::test]
    async fn the_latest_come_first_and_older_ones_are_left_alone() {
        let log = log(300).await;
        let everything = past(&log, at(0), Reach::PAGE).await;
        assert_eq!(everything, (names((0..300).rev()), true, Some(at(0))));
        // Names are given in odd seconds.
        let recent = past(&log, at(595), Reach::PAGE).await;
        assert_eq!(recent, (names((297..300).rev()), true, Some(at(595))));
    }

    #[tokio::test]
    async fn who_looks_back_too_far_is_told_how_far_it_was() {
        let log = log(300).await;
        let few = past(&log, at(0), Reach { kept: 2, ..Reach::PAGE }).await;
        assert_eq!(few, (names((298..300).rev()), false, Some(at(597))));
        let short = past(&log, at(0), Reach { looked_at: 3, ..Reach::PAGE }).await;
        assert_eq!(short, (names(std::iter::once(299)), false, Some(at(598))));
        let all_kept = past(&log, at(0), Reach { kept: 300, ..Reach::PAGE }).await;
        assert_eq!((all_kept.0.len(), all_kept.1), (300, true));
        let none = past(&log, at(0), Reach { looked_at: 0, ..Reach::PAGE }).await;
        assert_eq!(none, (vec![], false, None));
    }
}
