//! The promises of the port as tests that every engine runs.
//!
//! An engine lends the suite a [`Fixture`]: an empty log per case. Engines that keep their log outside the process lend
//! a [`Shared`] one and run [`shared_contract_suite!`](crate::shared_contract_suite) as well; those that know the ids of
//! all streams also run [`unique_ids_contract_suite!`](crate::unique_ids_contract_suite). Each case becomes a test of
//! its own:
//!
//! ```text
//! async fn fixture() -> impl Fixture { … }
//!
//! store::contract_suite!(fixture);
//! ```
//!
//! The numbers in the cases' documentation are those of the list the contract was first written down as; numbers
//! missing here are about engines behind a network (40–45), about checkpoints (46), about commands (47), or about
//! expectations that the port does not offer (7, 8).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{FutureExt, future::BoxFuture};

use crate::{Clock, EventStore, NewEvent, StreamName, Timestamp, each_case, each_identity_case};

pub mod appending;
mod given;
pub mod identity;
pub mod reading;
pub mod sharing;
pub mod subscribing;

/// An engine over an empty log. Dropping it ends the engine.
pub trait Fixture: Send + Sync {
    fn store(&self) -> Arc<dyn EventStore>;
}

/// An engine whose log outlives the process and may be used by several.
#[async_trait]
pub trait Shared: Fixture {
    /// The log as another process sees it.
    async fn neighbour(&self) -> Arc<dyn EventStore>;

    /// Takes the engine away from those who hold [`Fixture::store`], so that they fail from now on.
    async fn stop(&mut self);

    /// The counterpart: [`Fixture::store`] is a new handle on the same log.
    async fn start(&mut self);

    /// Begins an append from another process which neither commits nor gives up before it is told to.
    async fn unfinished_append(&self, stream: &StreamName, event: NewEvent) -> Box<dyn Unfinished>;
}

/// An append in another process that wrote its event but did not commit.
#[async_trait]
pub trait Unfinished: Send {
    async fn commit(self: Box<Self>);

    async fn roll_back(self: Box<Self>);
}

/// A clock that stands still, at a moment with microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoppedClock;

impl StoppedClock {
    pub const NOW: Timestamp = Timestamp::from_micros(1_795_456_800_123_457);
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Self::NOW
    }

    fn since_boot(&self) -> Duration {
        Duration::ZERO
    }
}

/// A case as it can be run outside of tests, against an engine with an empty log.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// A sentence with underscores.
    pub name: &'static str,
    /// Panics when the promise is broken.
    pub run: fn(Arc<dyn EventStore>) -> BoxFuture<'static, ()>,
}

/// Every case that any engine must pass.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    each_case! { [list_cases] cases }
    cases
}

/// The cases that an engine without an index of all ids may leave out.
pub fn unique_ids_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    each_identity_case! { [list_cases] cases }
    cases
}

macro_rules! list_cases {
    ($cases:ident; $group:ident: $($case:ident,)+) => {
        $cases.extend([$(
            Case { name: stringify!($case), run: |store| $group::$case(store).boxed() },
        )+]);
    };
}
use list_cases;

/// Makes every case that any engine must pass a test, given an `async fn() -> impl Fixture`.
#[macro_export]
macro_rules! contract_suite {
    ($fixture:path) => {
        $crate::each_case! { [$crate::contract_cases] $fixture }
    };
}

/// Makes every case for engines that know the ids of all streams a test, given an `async fn() -> impl Fixture`.
#[macro_export]
macro_rules! unique_ids_contract_suite {
    ($fixture:path) => {
        $crate::each_identity_case! { [$crate::contract_cases] $fixture }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! each_identity_case {
    ([$($to:tt)+] $($given:tt)+) => {
        $($to)+! { $($given)+; identity:
            an_event_that_stands_elsewhere_conflicts,
            an_event_that_stands_elsewhere_keeps_out_those_beside_it,
        }
    };
}

/// Hands every case that any engine must pass to a macro, behind what it is given, group by group.
#[doc(hidden)]
#[macro_export]
macro_rules! each_case {
    ([$($to:tt)+] $($given:tt)+) => {
        $($to)+! { $($given)+; appending:
            a_new_stream_starts_at_revision_zero,
            an_append_that_expects_no_stream_conflicts_with_one,
            an_append_at_the_last_revision_is_stored,
            an_append_behind_the_last_revision_conflicts,
            an_append_ahead_of_the_last_revision_conflicts,
            an_append_that_expects_a_stream_conflicts_with_none,
            an_append_is_stored_whole_or_not_at_all,
            an_append_holds_at_least_one_event,
            an_append_holds_at_most_five_hundred_events,
            an_event_is_as_large_as_the_limits_and_no_larger,
            an_append_is_as_large_as_the_limit_and_no_larger,
            a_stream_without_a_proper_name_is_refused,
            an_append_sent_again_is_stored_once,
            an_append_sent_again_after_others_followed_is_stored_once,
            an_append_of_known_and_new_events_conflicts,
            an_event_sent_again_with_other_contents_keeps_the_first,
            of_writers_racing_for_one_revision_one_wins,
            writers_of_different_streams_do_not_hinder_each_other,
            an_append_whose_answer_was_lost_is_stored_once,
            an_append_answers_with_the_position_of_its_last_event,
        }
        $($to)+! { $($given)+; reading:
            a_missing_stream_is_empty,
            a_stream_is_read_in_both_directions,
            bytes_come_back_as_they_were_written,
            the_log_is_read_in_the_order_of_its_positions,
            reading_goes_on_behind_a_position,
            pages_of_any_size_hold_the_same_events,
            categories_that_begin_alike_are_told_apart,
            refused_appends_leave_nothing_to_stumble_over,
            a_filtered_page_says_how_far_the_log_was_considered,
            an_event_is_found_at_its_position,
            looking_back_is_reading_in_reverse,
            the_head_is_the_position_of_the_last_event,
            events_are_counted_by_category,
            whoever_waits_for_growth_is_woken_by_an_append,
            whoever_waits_for_growth_is_woken_when_the_time_is_up,
            a_log_is_copied_with_ids_revisions_digests_and_order,
        }
        $($to)+! { $($given)+; subscribing:
            a_subscription_misses_and_repeats_nothing_while_others_write,
            a_subscription_starts_behind_its_checkpoint,
            a_subscription_says_once_that_it_caught_up,
            a_subscription_on_an_empty_log_catches_up_at_once,
            a_filtered_subscription_advances_over_foreign_events,
            a_slow_subscriber_misses_nothing,
            dropped_subscriptions_leave_the_engine_free,
            an_event_that_was_not_handled_is_delivered_again,
        }
    };
}

/// Makes every case for engines with a log outside the process a test, given an `async fn() -> impl Shared`.
#[macro_export]
macro_rules! shared_contract_suite {
    ($fixture:path) => {
        $crate::contract_cases! { $fixture; mut sharing:
            a_log_outlives_its_engine,
            a_subscription_fails_with_its_engine_and_goes_on_at_the_checkpoint,
            an_append_that_commits_late_is_not_skipped,
            an_append_that_is_rolled_back_leaves_nothing_and_holds_up_nobody,
            processes_see_each_others_events,
            processes_conflict_with_each_other,
            a_process_is_woken_by_the_appends_of_another,
            a_process_reads_its_own_writes_whatever_others_write,
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! contract_cases {
    ($fixture:path; mut $group:ident: $($case:ident,)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            let mut fixture = $fixture().await;
            $crate::contract::$group::$case(&mut fixture).await;
        }
    )+};
    ($fixture:path; $group:ident: $($case:ident,)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            let fixture = $fixture().await;
            $crate::contract::$group::$case($crate::contract::Fixture::store(&fixture)).await;
        }
    )+};
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_suites_hold_every_case() {
        let suites = include_str!("contract.rs");
        for cases in [
            include_str!("contract/appending.rs"),
            include_str!("contract/identity.rs"),
            include_str!("contract/reading.rs"),
            include_str!("contract/sharing.rs"),
            include_str!("contract/subscribing.rs"),
        ] {
            for case in cases.split("\npub async fn ").skip(1) {
                let (name, _) = case.split_once('(').unwrap();
                assert!(suites.contains(&format!("            {name},\n")), "{name}");
            }
        }
    }
}
