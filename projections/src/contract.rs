//! The promises of the ports as tests that every adapter runs.
//!
//! An adapter lends the suites a [`Fixture`]: empty views, or an empty state, per case. One that keeps them outside the
//! process lends a [`Shared`] one and runs the suites of sharing as well. Each case becomes a test of its own:
//!
//! ```ignore
//! async fn views() -> impl Fixture<dyn Views> { … }
//!
//! projections::views_contract_suite!(views);
//! ```

use std::sync::Arc;

use async_trait::async_trait;

pub mod builds;
mod given;
pub mod letters;
pub mod networks;
pub mod projecting;
pub mod requests;
pub mod rows;
pub mod saved_views;
pub mod sharing;
pub mod state;

/// An adapter of the port `P` that holds nothing yet. Dropping it ends the adapter.
pub trait Fixture<P: ?Sized>: Send + Sync {
    fn port(&self) -> Arc<P>;
}

/// An adapter whose rows may be used by several processes.
#[async_trait]
pub trait Shared<P: ?Sized>: Fixture<P> {
    /// The same rows as another process sees them.
    async fn neighbour(&self) -> Arc<P>;
}

/// Makes every promise of [`Views`](crate::Views) a test, given an `async fn() -> impl Fixture<dyn Views>`.
#[macro_export]
macro_rules! views_contract_suite {
    ($fixture:path) => {
        $crate::contract_cases! { $fixture; builds:
            nothing_is_live_at_first,
            a_generation_begins_at_its_checkpoint,
            a_generation_becomes_live_by_a_switch,
            a_live_generation_says_by_which_version_it_was_built,
            a_switch_keeps_the_former_generation_and_drops_the_others,
            the_former_generation_goes_on_and_becomes_live_again,
            a_switch_leaves_other_projections_alone,
            a_dropped_generation_does_not_become_live,
            a_switch_is_seen_whole,
            a_discarded_generation_is_gone,
            a_live_generation_is_not_discarded,
            an_unknown_projection_has_no_generations,
            a_stream_is_parked_with_its_reason,
            a_stream_parks_once,
            generations_are_compared_row_by_row,
            rebuilds_are_served_in_the_order_of_asking,
            a_rebuild_tells_how_far_it_has_come,
            the_latest_rebuild_of_each_projection_is_known,
            asking_twice_is_asking_once,
            what_a_dead_process_left_half_built_is_dropped,
            what_a_dead_process_was_rebuilding_has_failed,
            one_process_projects_at_a_time,
        }
        $crate::contract_cases! { $fixture; rows:
            a_row_comes_back_as_it_was_written,
            a_row_is_replaced,
            a_row_is_deleted,
            every_projection_keeps_its_own_rows,
            every_generation_keeps_its_own_rows,
            only_the_rows_asked_for_come_back,
            rows_come_in_pages_in_the_order_of_their_keys,
            a_commit_moves_the_checkpoint,
            positions_of_any_size_are_kept,
            a_commit_behind_another_position_writes_nothing,
            of_commits_racing_from_one_position_one_is_written,
            a_commit_is_written_whole_or_not_at_all,
        }
        $crate::contract_cases! { $fixture; projecting:
            a_rebuild_gives_the_rows_that_are_live,
            a_rebuild_finds_the_row_that_is_wrong_and_can_be_undone,
            without_former_rows_nothing_is_rolled_back,
            a_release_prepares_its_rows_beside_the_one_before_it,
            an_earlier_release_leaves_later_rows_alone_until_it_is_told_to_go_back,
            an_earlier_release_leaves_the_place_to_the_later_one,
            a_node_knows_the_applications_of_the_views_and_of_the_log_behind_them,
            an_export_leaves_out_what_comes_after_it_began,
            a_log_that_went_back_is_read_anew,
            a_rebuild_ends_with_its_process,
        }
        $crate::contract_cases! { $fixture; letters:
            letters_are_due_from_their_moment_on,
            the_letter_that_waits_longest_comes_first,
            the_next_letter_due_is_known,
            letters_are_counted_by_state,
            letters_of_other_generations_are_not_due,
            letters_are_listed_newest_first,
            letters_are_found_by_what_they_are,
            pages_of_letters_follow_each_other_there_and_back,
            a_place_between_letters_outlives_its_letter,
            letters_of_other_generations_are_not_listed,
        }
    };
}

/// Makes every promise of [`State`](crate::State) a test, given an `async fn() -> impl Fixture<dyn State>`.
#[macro_export]
macro_rules! state_contract_suite {
    ($fixture:path) => {
        $crate::contract_cases! { $fixture; state:
            a_person_without_a_key_has_none,
            the_first_key_kept_for_a_person_stays,
            of_writers_racing_with_keys_one_wins,
            a_session_is_found_by_its_hash,
            a_session_keeps_from_where_it_began,
            a_session_is_raised_and_never_lowered,
            the_sessions_of_a_person_come_in_the_order_of_their_use,
            sessions_that_are_over_or_void_are_not_listed,
            all_sessions_of_a_person_end_or_all_but_one,
            a_session_notes_when_and_where_it_was_used,
            an_ended_session_is_gone,
            sessions_that_are_over_are_swept,
            usage_is_added_up_over_secrets_and_flushes,
            the_last_address_is_that_of_the_last_use,
            refusals_are_counted_beside_what_was_issued,
            an_application_that_was_never_used_has_no_usage,
            usage_of_many_applications_is_read_at_once,
            usage_is_known_of_each_secret,
            the_last_use_of_every_application_is_known,
            behind_a_mark_every_later_use_comes_back,
            uses_that_are_known_do_not_come_back_for_ever,
            no_use_is_missed_while_others_are_written,
            usage_is_counted_by_day,
            counts_of_days_long_gone_are_swept,
            a_listener_that_is_not_known_has_not_begun,
            a_listener_goes_on_where_it_was,
        }
        $crate::contract_cases! { $fixture; saved_views:
            a_saved_view_comes_back_as_it_was_kept,
            a_person_sees_their_own_views_and_those_shared_with_the_organization,
            an_owner_has_a_name_of_a_view_once,
            an_owner_has_a_bounded_number_of_private_views,
            an_organization_has_a_bounded_number_of_shared_views,
            a_shared_view_is_taken_away_from_its_organization_and_a_private_one_is_not,
            a_view_is_changed_and_forgotten_by_its_owner_only,
            a_person_has_one_default_view_per_organization,
            a_forgotten_view_is_nobodys_default,
        }
        $crate::contract_cases! { $fixture; networks:
            a_network_is_known_of_who_was_there,
            of_a_persons_networks_the_one_not_seen_for_longest_goes,
            a_network_is_known_even_if_the_clock_went_back,
        }
        $crate::contract_cases! { $fixture; requests:
            a_request_is_begun_once_and_answered_again,
            a_released_key_stays_in_use_for_the_same_request_or_another,
            a_request_whose_carrier_died_is_begun_again,
            a_key_is_free_so_long_after_its_first_request,
            whoever_answers_after_the_key_was_free_answers_nobody_else,
            an_old_request_is_forgotten,
            of_the_same_requests_at_once_one_is_begun,
        }
    };
}

/// Makes every promise of views between processes a test, given an `async fn() -> impl Shared<dyn Views>`.
#[macro_export]
macro_rules! shared_views_contract_suite {
    ($fixture:path) => {
        $crate::contract_cases! { $fixture; shared sharing:
            processes_see_each_others_rows,
            of_processes_racing_from_one_position_one_writes,
            a_place_to_project_is_one_for_all_processes,
            a_rebuild_is_asked_for_and_followed_from_another_process,
        }
    };
}

/// Makes every promise of state between processes a test, given an `async fn() -> impl Shared<dyn State>`.
#[macro_export]
macro_rules! shared_state_contract_suite {
    ($fixture:path) => {
        $crate::contract_cases! { $fixture; shared sharing:
            processes_agree_on_a_persons_key,
            processes_see_each_others_sessions,
            usage_of_several_processes_is_added_up,
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! contract_cases {
    ($fixture:path; shared $group:ident: $($case:ident,)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            let fixture = $fixture().await;
            let neighbour = $crate::contract::Shared::neighbour(&fixture).await;
            $crate::contract::$group::$case(
                $crate::contract::Fixture::port(&fixture),
                neighbour,
            )
            .await;
        }
    )+};
    ($fixture:path; $group:ident: $($case:ident,)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            let fixture = $fixture().await;
            $crate::contract::$group::$case($crate::contract::Fixture::port(&fixture)).await;
        }
    )+};
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_suites_hold_every_case() {
        let suites = include_str!("contract.rs");
        for cases in [
            include_str!("contract/builds.rs"),
            include_str!("contract/letters.rs"),
            include_str!("contract/networks.rs"),
            include_str!("contract/projecting.rs"),
            include_str!("contract/requests.rs"),
            include_str!("contract/rows.rs"),
            include_str!("contract/saved_views.rs"),
            include_str!("contract/sharing.rs"),
            include_str!("contract/state.rs"),
        ] {
            for case in cases.split("\npub async fn ").skip(1) {
                let (name, _) = case.split_once('(').unwrap();
                assert!(suites.contains(&format!("            {name},\n")), "{name}");
            }
        }
    }
}
