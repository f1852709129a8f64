//! What reading promises.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::future::join;
use serde_json::json;

use super::{
    StoppedClock,
    given::{
        append, append_each, assert_conflict, begin, categories, chained, events, ids, log,
        new_ids, revisions, soon, stored, stream, whole_log, with_data, with_metadata,
    },
};
use crate::{
    Categories, Direction, EventStore, Expected, MemoryStore, NewEvent, Position, RecordedEvent,
    codec::digest::verifies, limits,
};

type Store = Arc<dyn EventStore>;

/// Case 22: nobody was there yet, which is no error.
pub async fn a_missing_stream_is_empty(store: Store) {
    assert_eq!(stored(&store, &stream("sample-1")).await, []);
    let backwards = store.read(&stream("sample-1"), u64::MAX, Direction::Backwards, 10).await;
    assert_eq!(backwards.expect("the stream is readable"), []);
}

/// Case 23: both directions start at the revision given, stop at the limit, and start beyond the end if told to.
pub async fn a_stream_is_read_in_both_directions(store: Store) {
    let stream = stream("sample-1");
    begin(&store, &stream, events("first", 5)).await;
    for (from, direction, limit, expected) in [
        (0, Direction::Forwards, 10, vec![0, 1, 2, 3, 4]),
        (2, Direction::Forwards, 2, vec![2, 3]),
        (4, Direction::Forwards, 2, vec![4]),
        (5, Direction::Forwards, 2, vec![]),
        (u64::MAX, Direction::Forwards, 2, vec![]),
        (0, Direction::Forwards, 0, vec![]),
        (4, Direction::Backwards, 10, vec![4, 3, 2, 1, 0]),
        (2, Direction::Backwards, 2, vec![2, 1]),
        (0, Direction::Backwards, 2, vec![0]),
        (9, Direction::Backwards, 2, vec![4, 3]),
        (u64::MAX, Direction::Backwards, 1, vec![4]),
    ] {
        let read = store.read(&stream, from, direction, limit).await;
        let read = read.expect("the stream is readable");
        assert_eq!(revisions(&read), expected, "{direction:?} from {from}, at most {limit}");
    }
}

/// Case 24: Unicode, zero bytes, the largest event, deep JSON, JSON that a document type would rewrite, bytes that are
/// no text, empty ones. The chain of digests verifies afterwards.
pub async fn bytes_come_back_as_they_were_written(store: Store) {
    let stream = stream("sample-1");
    let deep = (0..100).fold(json!(null), |inner, _| json!({ "inner": [inner] })).to_string();
    let full = json!({
        "occurred_at": "2026-11-23T09:20:00.123457Z",
        "actor": { "kind": "user", "id": "0199ac3e-0000-7000-8000-000000000001" },
        "correlation": "0199ac3e-0000-7000-8000-000000000002",
        "reason": "Žluťoučký 🐎\u{0}\u{feff}",
    });
    let contents: Vec<(Bytes, Bytes)> = vec![
        ("{\"name\":\"Überdruß — 日本語 🏳️‍🌈\"}".into(), full.to_string().into()),
        (Bytes::from_static(b"\0\0{}\0"), Bytes::from_static(b"\0")),
        (vec![b'x'; limits::DATA].into(), vec![b'y'; limits::METADATA].into()),
        (deep.into(), "{\"b\": 1,\t\"a\":1.0e0,  \"b\" :2}".into()),
        (Bytes::from_static(&[0xff, 0xfe, 0x80]), Bytes::new()),
    ];
    let written = events("bytes", contents.len()).into_iter().zip(contents);
    let written =
        written.map(|(event, (data, metadata))| with_metadata(with_data(event, data), metadata));
    let written = chained(&stream, written.collect());
    begin(&store, &stream, written.clone()).await;

    let stored = stored(&store, &stream).await;
    assert!(stored.iter().map(as_new).eq(written));
    let mut previous = crate::Digest::NONE;
    for event in &stored {
        assert!(verifies(event, previous));
        previous = event.digest;
    }
    assert_eq!(whole_log(&store).await, stored);
}

/// Case 25: positions ascend, and so do the revisions of each stream.
pub async fn the_log_is_read_in_the_order_of_its_positions(store: Store) {
    interleaved(&store).await;
    let log = whole_log(&store).await;
    assert!(log.is_sorted_by(|one, next| one.position < next.position));
    for stream in ["sample-0", "sample-1", "sample-2"].map(stream) {
        let of_stream: Vec<_> =
            log.iter().filter(|event| event.stream == stream).cloned().collect();
        assert_eq!(of_stream, stored(&store, &stream).await);
        assert!(revisions(&of_stream).into_iter().eq(0..of_stream.len() as u64));
    }
}

/// Case 26: `after` itself is not read again, and behind the last event there is nothing.
pub async fn reading_goes_on_behind_a_position(store: Store) {
    interleaved(&store).await;
    let log = whole_log(&store).await;
    for (index, event) in log.iter().enumerate() {
        let rest = store.read_all(event.position, &Categories::All, 1_000).await;
        let rest = rest.expect("the log is readable");
        assert_eq!(rest.events, log[index + 1..]);
        assert_eq!(rest.through, log[log.len() - 1].position);
        assert!(rest.at_head);
    }
}

/// Case 27: the limit decides on the number of pages and on nothing else. A limit of zero goes nowhere.
pub async fn pages_of_any_size_hold_the_same_events(store: Store) {
    interleaved(&store).await;
    for categories in [Categories::All, categories(&["sample", "other"])] {
        let once = log(&store, &categories, 1_000).await;
        for page in [1, 2, 7, once.len() - 1, once.len(), once.len() + 1] {
            assert_eq!(log(&store, &categories, page).await, once, "{page} at a time");
        }
        let nothing = store.read_all(once[0].position, &categories, 0).await;
        let nothing = nothing.expect("the log is readable");
        assert_eq!((nothing.events, nothing.through), (vec![], once[0].position));
        assert!(!nothing.at_head);
    }
}

/// Case 28: a category is compared whole.
pub async fn categories_that_begin_alike_are_told_apart(store: Store) {
    for name in ["app-1", "app2-1", "app_2-1", "App-1", "ap-p"] {
        begin(&store, &stream(name), events(name, 2)).await;
    }
    for (wanted, found) in [
        (vec!["app"], vec!["app-1", "app-1"]),
        (vec!["app2"], vec!["app2-1", "app2-1"]),
        (vec!["ap", "app", "app"], vec!["app-1", "app-1", "ap-p", "ap-p"]),
        (vec!["a%", "app*", "ap_", "\"'"], vec![]),
        (vec![], vec![]),
    ] {
        let events = log(&store, &categories(&wanted), 3).await;
        let streams: Vec<_> = events.iter().map(|event| event.stream.as_str()).collect();
        assert_eq!(streams, found, "{wanted:?}");
    }
}

/// Case 29: positions may have gaps, wherever they come from.
pub async fn refused_appends_leave_nothing_to_stumble_over(store: Store) {
    let stream = stream("sample-1");
    begin(&store, &stream, events("first", 2)).await;
    let stale = store.append(&stream, Expected::Exact(0), events("stale", 3)).await;
    assert_conflict(stale, Some(1));
    append(&store, &stream, Expected::Exact(1), events("second", 2)).await;

    let expected = [events("first", 2), events("second", 2)].concat();
    for page in [1, 2, 10] {
        assert_eq!(ids(&log(&store, &Categories::All, page).await), new_ids(&expected));
    }
}

/// A page that is not full was read up to the head, also when the last events are of other categories; a full one goes
/// as far as its last event. A position behind the head stays where it is.
pub async fn a_filtered_page_says_how_far_the_log_was_considered(store: Store) {
    begin(&store, &stream("sample-1"), events("first", 2)).await;
    let head = begin(&store, &stream("other-1"), events("second", 3)).await.position;
    let sample = categories(&["sample"]);
    let read = async |after, limit| {
        store.read_all(after, &sample, limit).await.expect("the log is readable")
    };

    let all = read(Position::START, 10).await;
    assert_eq!((all.events.len(), all.through, all.at_head), (2, head, true));
    let full = read(Position::START, 1).await;
    assert_eq!((full.through, full.at_head), (full.events[0].position, false));
    let none = read(all.events[1].position, 10).await;
    assert_eq!((none.events.len(), none.through, none.at_head), (0, head, true));

    let (major, minor) = head.parts();
    let ahead = Position::new(major + 1, minor);
    let beyond = read(ahead, 10).await;
    assert_eq!((beyond.events.len(), beyond.through, beyond.at_head), (0, ahead, true));
}

/// Looking back gives the same events as reading, the last one first, whatever the size of the pages.
pub async fn looking_back_is_reading_in_reverse(store: Store) {
    let empty = store.read_back(Position::END, &Categories::All, 10).await;
    assert_eq!(empty.expect("the log is readable"), []);
    interleaved(&store).await;
    for categories in
        [Categories::All, categories(&["sample"]), categories(&["other", "sample", "other"])]
    {
        let mut expected = log(&store, &categories, 1_000).await;
        expected.reverse();
        for page in [1, 3, expected.len(), expected.len() + 1] {
            let (mut found, mut before) = (Vec::new(), Position::END);
            loop {
                let read = store.read_back(before, &categories, page).await;
                let read = read.expect("the log is readable");
                let Some(last) = read.last() else { break };
                before = last.position;
                found.extend(read);
            }
            assert_eq!(found, expected, "{categories:?}, {page} at a time");
        }
    }
    for (before, categories, limit) in [
        (Position::START, Categories::All, 10),
        (Position::END, Categories::All, 0),
        (Position::END, categories(&[]), 10),
        (Position::END, categories(&["missing"]), 10),
    ] {
        let nothing = store.read_back(before, &categories, limit).await;
        assert_eq!(nothing.expect("the log is readable"), [], "{categories:?}");
    }
}

/// Whoever keeps a checkpoint can ask what stands there.
pub async fn an_event_is_found_at_its_position(store: Store) {
    interleaved(&store).await;
    for event in whole_log(&store).await {
        let found = store.event_at(event.position).await.expect("the log is readable");
        assert_eq!(found, Some(event));
    }
    let head = store.head().await.expect("the log is readable");
    let (major, minor) = head.parts();
    for nowhere in [Position::START, Position::new(major + 1, minor)] {
        assert_eq!(store.event_at(nowhere).await.expect("the log is readable"), None);
    }
}

/// The head of an empty log is [`Position::START`].
pub async fn the_head_is_the_position_of_the_last_event(store: Store) {
    assert_eq!(store.head().await.expect("the log is readable"), Position::START);
    let appended = begin(&store, &stream("sample-1"), events("first", 3)).await;
    assert_eq!(store.head().await.expect("the log is readable"), appended.position);
}

/// Counting and reading agree.
pub async fn events_are_counted_by_category(store: Store) {
    interleaved(&store).await;
    for categories in [
        Categories::All,
        categories(&["sample"]),
        categories(&["other", "missing"]),
        categories(&[]),
    ] {
        let count = store.count(&categories).await.expect("the log is countable");
        assert_eq!(count, log(&store, &categories, 500).await.len() as u64, "{categories:?}");
    }
}

/// A wait that began before an append ends with it, if not sooner: a hint may come for no reason.
pub async fn whoever_waits_for_growth_is_woken_by_an_append(store: Store) {
    for round in 0..10 {
        let hint = store.changed(Duration::from_hours(1));
        let name = format!("sample-{round}");
        let stream = stream(&name);
        let append = begin(&store, &stream, events(&name, 1));
        // `join` polls the hint first, so that it is asked for before the append begins.
        soon(join(hint, append)).await;
    }
}

/// Nobody waits longer than they said.
pub async fn whoever_waits_for_growth_is_woken_when_the_time_is_up(store: Store) {
    soon(store.changed(Duration::from_millis(1))).await;
}

/// Case 48: export and import. Everything but positions and recorded times, which are the engine's, is the same on
/// either side, also the order across streams.
pub async fn a_log_is_copied_with_ids_revisions_digests_and_order(store: Store) {
    let original: Store = Arc::new(MemoryStore::new(Arc::new(StoppedClock)));
    let copy_of_copy: Store = Arc::new(MemoryStore::new(Arc::new(StoppedClock)));
    interleaved(&original).await;
    for (from, to) in [(&original, &store), (&store, &copy_of_copy)] {
        for event in whole_log(from).await {
            let expected =
                event.revision.checked_sub(1).map_or(Expected::NoStream, Expected::Exact);
            append(to, &event.stream, expected, vec![as_new(&event)]).await;
        }
    }
    let verbatim = async |store| {
        let log = whole_log(store).await.into_iter();
        log.map(|event| (event.stream.clone(), event.revision, as_new(&event))).collect::<Vec<_>>()
    };
    assert_eq!(verbatim(&store).await, verbatim(&original).await);
    assert_eq!(verbatim(&copy_of_copy).await, verbatim(&original).await);
}

/// Three streams of `sample` and one of `other`, written in turns, some events alone and some together.
async fn interleaved(store: &Store) {
    for round in 0..4 {
        for name in ["sample-0", "sample-1", "other-0", "sample-2"] {
            let stream = stream(name);
            let count = 1 + round % 3;
            let batch = events(&format!("{name} round {round}"), count);
            match stored(store, &stream).await.last() {
                None => append_each(store, &stream, batch).await,
                Some(last) => {
                    append(store, &stream, Expected::Exact(last.revision), batch).await;
                }
            }
        }
    }
}

fn as_new(event: &RecordedEvent) -> NewEvent {
    let RecordedEvent { id, tag, data, metadata, digest, .. } = event.clone();
    NewEvent { id, tag, data, metadata, digest, occurred_at: StoppedClock::NOW }
}
