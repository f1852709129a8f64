//! What an append promises.

use std::sync::Arc;

use bytes::Bytes;
use futures::future::{join_all, poll_immediate};

use super::given::{
    append, assert_conflict, assert_invalid, begin, event, events, ids, new_ids, revisions, soon,
    stored, stream, whole_log, with_data, with_metadata,
};
use crate::{EventStore, Expected, NewEvent, StreamName, limits};

type Store = Arc<dyn EventStore>;

/// Case 1: the first events of a stream get the revisions 0, 1, 2 …
pub async fn a_new_stream_starts_at_revision_zero(store: Store) {
    let appended = begin(&store, &stream("sample-1"), events("first", 3)).await;
    assert_eq!((appended.first_revision, appended.last_revision), (0, 2));
    assert!(!appended.replayed);
    assert_eq!(revisions(&stored(&store, &stream("sample-1")).await), [0, 1, 2]);
}

/// Case 2: expecting no stream where there is one is a conflict that says what is there.
pub async fn an_append_that_expects_no_stream_conflicts_with_one(store: Store) {
    let stream = stream("sample-1");
    begin(&store, &stream, events("first", 2)).await;
    let outcome = store.append(&stream, Expected::NoStream, events("second", 1)).await;
    assert_conflict(outcome, Some(1));
}

/// Case 3: the next events continue the revisions.
pub async fn an_append_at_the_last_revision_is_stored(store: Store) {
    let stream = stream("sample-1");
    begin(&store, &stream, events("first", 2)).await;
    let appended = append(&store, &stream, Expected::Exact(1), events("second", 2)).await;
    assert_eq!((appended.first_revision, appended.last_revision), (2, 3));
    assert_eq!(revisions(&stored(&store, &stream).await), [0, 1, 2, 3]);
}

/// Case 4: whoever read too early learns the revision to read up to.
pub async fn an_append_behind_the_last_revision_conflicts(store: Store) {
    let stream = stream("sample-1");
    begin(&store, &stream, events("first", 3)).await;
    let outcome = store.append(&stream, Expected::Exact(1), events("second", 1)).await;
    assert_conflict(outcome, Some(2));
    assert_eq!(stored(&store, &stream).await.len(), 3);
}

/// Case 5: a revision that is not there yet cannot be followed.
pub async fn an_append_ahead_of_the_last_revision_conflicts(store: Store) {
    let stream = stream("sample-1");
    begin(&store, &stream, events("first", 1)).await;
    for ahead in [1, 7, u64::MAX - 1, u64::MAX] {
        let outcome = store.append(&stream, Expected::Exact(ahead), events("second", 2)).await;
        assert_conflict(outcome, Some(0));
    }
    assert_eq!(stored(&store, &stream).await.len(), 1);
}

/// Case 6: expecting a stream where there is none is a conflict with nothing.
pub async fn an_append_that_expects_a_stream_conflicts_with_none(store: Store) {
    let outcome = store.append(&stream("sample-1"), Expected::Exact(0), events("first", 1)).await;
    assert_conflict(outcome, None);
    assert_eq!(whole_log(&store).await, []);
}

/// Case 9: an event that cannot be stored takes those beside it with it, wherever it stands.
pub async fn an_append_is_stored_whole_or_not_at_all(store: Store) {
    let other = stream("sample-1");
    let too_large = with_data(event("too large"), vec![b' '; limits::DATA + 1]);
    let twice = event("twice");
    for bad in [vec![too_large], vec![twice.clone(), twice]] {
        for place in 0..=2 {
            let mut batch = events("good", 2);
            batch.splice(place..place, bad.clone());
            assert!(store.append(&other, Expected::NoStream, batch).await.is_err());
        }
    }
    assert_eq!(stored(&store, &other).await, []);
    begin(&store, &other, events("good", 2)).await;
    assert_eq!(whole_log(&store).await.len(), 2);
}

/// Case 10: nothing to append is a mistake of the caller.
pub async fn an_append_holds_at_least_one_event(store: Store) {
    assert_invalid(&store.append(&stream("sample-1"), Expected::NoStream, Vec::new()).await);
}

/// Case 11: [`limits::EVENTS`] events are stored in one append, and one more is refused.
pub async fn an_append_holds_at_most_five_hundred_events(store: Store) {
    let stream = stream("sample-1");
    let too_many = events("many", limits::EVENTS + 1);
    assert_invalid(&store.append(&stream, Expected::NoStream, too_many).await);
    begin(&store, &stream, events("many", limits::EVENTS)).await;
    assert_eq!(stored(&store, &stream).await.len(), 500);
}

/// Case 12: [`limits::DATA`] and [`limits::METADATA`] to the byte.
pub async fn an_event_is_as_large_as_the_limits_and_no_larger(store: Store) {
    let stream = stream("sample-1");
    let sized = |data, metadata| {
        let event = with_data(event("sized"), vec![b'd'; data]);
        vec![with_metadata(event, vec![b'm'; metadata])]
    };
    for (data, metadata) in
        [(limits::DATA + 1, limits::METADATA), (limits::DATA, limits::METADATA + 1)]
    {
        let outcome = store.append(&stream, Expected::NoStream, sized(data, metadata)).await;
        assert_invalid(&outcome);
    }
    begin(&store, &stream, sized(limits::DATA, limits::METADATA)).await;
    let event = stored(&store, &stream).await.remove(0);
    assert_eq!((event.data.len(), event.metadata.len()), (limits::DATA, limits::METADATA));
}

/// Case 12: [`limits::APPEND`] to the byte, over data and metadata of all events together.
pub async fn an_append_is_as_large_as_the_limit_and_no_larger(store: Store) {
    let stream = stream("sample-1");
    let sized = |total: usize| {
        let mut left = total;
        let full = std::iter::from_fn(move || {
            let data = left.min(limits::DATA);
            left -= data;
            (data > 0).then(|| Bytes::from(vec![b'd'; data]))
        });
        let events = full.zip(events("large", 10));
        events
            .map(|(data, event)| with_metadata(with_data(event, data), Bytes::new()))
            .collect::<Vec<NewEvent>>()
    };
    let too_large = sized(limits::APPEND + 1);
    assert_invalid(&store.append(&stream, Expected::NoStream, too_large).await);
    begin(&store, &stream, sized(limits::APPEND)).await;
    let stored: usize = stored(&store, &stream).await.iter().map(|event| event.data.len()).sum();
    assert_eq!(stored, limits::APPEND);
}

/// Case 13: what is no `category-id` within the bounds never reaches an engine; the longest name does.
pub async fn a_stream_without_a_proper_name_is_refused(store: Store) {
    let too_long = [format!("{}-1", "c".repeat(65)), format!("sample-{}", "i".repeat(129))];
    for name in ["$sample-1", "sample", "sample-", "-1", "sample-ü", "sample-1\0", "sam ple-1"] {
        assert!(StreamName::parse(name).is_err(), "{name:?}");
    }
    assert!(too_long.iter().all(|name| StreamName::parse(name).is_err()));

    let longest = stream(&format!("{}-{}", "c".repeat(64), "i-_9".repeat(32)));
    begin(&store, &longest, events("first", 1)).await;
    assert_eq!(stored(&store, &longest).await[0].stream, longest);
}

/// Case 14: the same ids at the same place are success, with the first positions and nothing stored twice.
pub async fn an_append_sent_again_is_stored_once(store: Store) {
    for (name, count) in [("sample-1", 1), ("sample-3", 3)] {
        let (stream, batch) = (stream(name), events(name, count));
        let first = begin(&store, &stream, batch.clone()).await;
        let again = begin(&store, &stream, batch).await;
        assert!(again.replayed);
        assert_eq!(again.position, first.position);
        assert_eq!(again.first_revision, first.first_revision);
        assert_eq!(again.last_revision, first.last_revision);
        assert_eq!(stored(&store, &stream).await.len(), count);
    }
}

/// Case 15: a replay is recognised however much was appended since, at the beginning and in the middle.
pub async fn an_append_sent_again_after_others_followed_is_stored_once(store: Store) {
    let stream = stream("sample-1");
    let first = begin(&store, &stream, events("first", 2)).await;
    let second = append(&store, &stream, Expected::Exact(1), events("second", 2)).await;
    append(&store, &stream, Expected::Exact(3), events("third", 2)).await;

    let first_again = begin(&store, &stream, events("first", 2)).await;
    let second_again = append(&store, &stream, Expected::Exact(1), events("second", 2)).await;
    assert!(first_again.replayed && second_again.replayed);
    assert_eq!((first_again.last_revision, first_again.position), (1, first.position));
    assert_eq!((second_again.last_revision, second_again.position), (3, second.position));
    assert_eq!(stored(&store, &stream).await.len(), 6);
}

/// Case 16: an append that is only partly there is no replay.
pub async fn an_append_of_known_and_new_events_conflicts(store: Store) {
    let stream = stream("sample-1");
    begin(&store, &stream, events("first", 2)).await;
    let longer = events("first", 3);
    let other_end = vec![event("first 0"), event("other")];
    let reversed = vec![event("first 1"), event("first 0")];
    for batch in [longer, other_end, reversed] {
        assert_conflict(store.append(&stream, Expected::NoStream, batch).await, Some(1));
    }
    assert_eq!(ids(&stored(&store, &stream).await), new_ids(&events("first", 2)));
}

/// Case 17: ids decide what a replay is, and what was stored first stays.
pub async fn an_event_sent_again_with_other_contents_keeps_the_first(store: Store) {
    let stream = stream("sample-1");
    let first = with_data(event("first"), "1");
    begin(&store, &stream, vec![first.clone()]).await;
    let again = begin(&store, &stream, vec![with_data(first, "2")]).await;
    assert!(again.replayed);
    assert_eq!(&stored(&store, &stream).await[0].data[..], b"1");
}

/// Case 18: 16 writers at the same revision, over and over.
pub async fn of_writers_racing_for_one_revision_one_wins(store: Store) {
    let stream = stream("sample-1");
    let mut expected = Expected::NoStream;
    for round in 0..10 {
        let racers = (0..16).map(|writer| {
            let (store, stream) = (store.clone(), stream.clone());
            let batch = events(&format!("round {round} writer {writer}"), 1 + writer % 2);
            tokio::spawn(async move { store.append(&stream, expected, batch).await })
        });
        let outcomes = soon(join_all(racers)).await;
        let mut winners = Vec::new();
        let mut conflicts = Vec::new();
        for outcome in outcomes {
            match outcome.expect("the writer ends") {
                Ok(appended) => winners.push(appended.last_revision),
                conflict => conflicts.push(conflict),
            }
        }
        assert_eq!(winners.len(), 1);
        for conflict in conflicts {
            assert_conflict(conflict, Some(winners[0]));
        }
        expected = Expected::Exact(winners[0]);
    }
    let stored = stored(&store, &stream).await;
    assert!(revisions(&stored).into_iter().eq(0..stored.len() as u64));
}

/// Case 19: 64 writers on 64 streams; everything is stored, and revisions are dense.
pub async fn writers_of_different_streams_do_not_hinder_each_other(store: Store) {
    let writers = (0..64).map(|writer| {
        let (store, stream) = (store.clone(), stream(&format!("sample-{writer}")));
        tokio::spawn(async move {
            begin(&store, &stream, events(&format!("{writer} first"), 2)).await;
            append(&store, &stream, Expected::Exact(1), events(&format!("{writer} second"), 1))
                .await;
        })
    });
    for writer in soon(join_all(writers)).await {
        writer.expect("the writer ends");
    }
    for writer in 0..64 {
        let stored = stored(&store, &stream(&format!("sample-{writer}"))).await;
        assert_eq!(revisions(&stored), [0, 1, 2]);
    }
    assert_eq!(whole_log(&store).await.len(), 64 * 3);
}

/// Case 20: a caller who goes away in the middle does not know the outcome, and may send the same events again.
pub async fn an_append_whose_answer_was_lost_is_stored_once(store: Store) {
    for attempt in 0..20 {
        let stream = stream(&format!("sample-{attempt}"));
        let batch = events(&format!("attempt {attempt}"), 2);
        // Polled once, so that the append is on its way, and dropped.
        poll_immediate(store.append(&stream, Expected::NoStream, batch.clone())).await;
        begin(&store, &stream, batch.clone()).await;
        assert_eq!(ids(&stored(&store, &stream).await), new_ids(&batch));
    }
}

/// Case 21: the position answered is the one stored, and reading goes on behind it.
pub async fn an_append_answers_with_the_position_of_its_last_event(store: Store) {
    let first = begin(&store, &stream("sample-1"), events("first", 3)).await;
    begin(&store, &stream("sample-2"), events("second", 2)).await;
    assert_eq!(stored(&store, &stream("sample-1")).await[2].position, first.position);
    let rest = store.read_all(first.position, &crate::Categories::All, 10).await;
    let rest = rest.expect("the log is readable");
    assert_eq!(ids(&rest.events), new_ids(&events("second", 2)));
}
