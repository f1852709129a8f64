//! What a log promises that outlives the process and is used by several.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, future::join};

use super::{
    Shared,
    given::{
        append, assert_conflict, begin, event, events, ids, new_ids, next, next_events, soon,
        stored, stream, whole_log,
    },
};
use crate::{Categories, EventStore, Expected, Message, Position};

/// Case 36: what was acknowledged is there when the engine is started again.
pub async fn a_log_outlives_its_engine(fixture: &mut impl Shared) {
    begin(&fixture.store(), &stream("sample-1"), events("first", 3)).await;
    let before = whole_log(&fixture.store()).await;
    for _ in 0..2 {
        fixture.stop().await;
        fixture.start().await;
        assert_eq!(whole_log(&fixture.store()).await, before);
    }
    let again = begin(&fixture.store(), &stream("sample-1"), events("first", 3)).await;
    assert!(again.replayed);
}

/// Case 36: an engine that goes away is an error that ends the subscription; the subscriber begins again at its own
/// checkpoint.
pub async fn a_subscription_fails_with_its_engine_and_goes_on_at_the_checkpoint(
    fixture: &mut impl Shared,
) {
    begin(&fixture.store(), &stream("sample-1"), events("first", 3)).await;
    let mut subscription = fixture.store().subscribe(Position::START, Categories::All);
    let checkpoint = next_events(&mut subscription, 3).await[2].position;
    assert_eq!(next(&mut subscription).await, Message::CaughtUp(checkpoint));

    fixture.stop().await;
    assert!(soon(subscription.next()).await.is_some_and(|message| message.is_err()));
    assert!(soon(subscription.next()).await.is_none());

    fixture.start().await;
    begin(&fixture.store(), &stream("sample-2"), events("second", 1)).await;
    let mut subscription = fixture.store().subscribe(checkpoint, Categories::All);
    let delivered = next_events(&mut subscription, 1).await;
    assert_eq!(ids(&delivered), new_ids(&events("second", 1)));
}

/// Case 37, the gap: while another process has written and not committed, a later append must not carry subscribers
/// past the place of the earlier one.
pub async fn an_append_that_commits_late_is_not_skipped(fixture: &mut impl Shared) {
    let store = fixture.store();
    let mut subscription = store.subscribe(Position::START, Categories::All);
    assert_eq!(next(&mut subscription).await, Message::CaughtUp(Position::START));

    let early = fixture.unfinished_append(&stream("sample-early"), event("early")).await;
    let late = {
        let store = store.clone();
        tokio::spawn(async move { begin(&store, &stream("sample-late"), events("late", 1)).await })
    };
    assert_eq!(
        whole_log(&store)
            .await
            .iter()
            .filter(|event| event.stream == stream("sample-early"))
            .count(),
        0
    );
    early.commit().await;
    soon(late).await.expect("the append ends");

    let delivered = next_events(&mut subscription, 2).await;
    assert_eq!(delivered, whole_log(&store).await);
}

/// Case 38: a gap that is never filled is none.
pub async fn an_append_that_is_rolled_back_leaves_nothing_and_holds_up_nobody(
    fixture: &mut impl Shared,
) {
    let store = fixture.store();
    let mut subscription = store.subscribe(Position::START, Categories::All);
    let given_up = fixture.unfinished_append(&stream("sample-1"), event("given up")).await;
    given_up.roll_back().await;
    begin(&store, &stream("sample-2"), events("second", 1)).await;
    let delivered = next_events(&mut subscription, 1).await;
    assert_eq!(ids(&delivered), new_ids(&events("second", 1)));
    assert_eq!(stored(&store, &stream("sample-1")).await, []);
}

/// What one process was told is stored, every other one reads.
pub async fn processes_see_each_others_events(fixture: &mut impl Shared) {
    let (here, there) = (fixture.store(), fixture.neighbour().await);
    for round in 0..10 {
        let (mine, yours) = (stream(&format!("sample-{round}")), stream(&format!("other-{round}")));
        begin(&here, &mine, events(&format!("{mine}"), 2)).await;
        assert_eq!(stored(&there, &mine).await.len(), 2);
        begin(&there, &yours, events(&format!("{yours}"), 2)).await;
        assert_eq!(whole_log(&here).await, whole_log(&there).await);
    }
}

/// An expectation holds whoever appended, and a replay is one wherever the first attempt was made.
pub async fn processes_conflict_with_each_other(fixture: &mut impl Shared) {
    let (here, there) = (fixture.store(), fixture.neighbour().await);
    let stream = stream("sample-1");
    let first = begin(&here, &stream, events("first", 1)).await;
    assert_conflict(there.append(&stream, Expected::NoStream, events("other", 1)).await, Some(0));
    assert_eq!(begin(&there, &stream, events("first", 1)).await.position, first.position);

    for revision in 0..20 {
        let attempt = |store: Arc<dyn EventStore>, label: &str| {
            let (stream, event) = (stream.clone(), event(&format!("{label} {revision}")));
            tokio::spawn(async move {
                store.append(&stream, Expected::Exact(revision), vec![event]).await
            })
        };
        let both = join(attempt(here.clone(), "here"), attempt(there.clone(), "there"));
        let (one, other) = soon(both).await;
        let (one, other) = (one.expect("the writer ends"), other.expect("the writer ends"));
        assert_ne!(one.is_ok(), other.is_ok());
        assert_conflict(if one.is_ok() { other } else { one }, Some(revision + 1));
    }
    assert_eq!(stored(&here, &stream).await.len(), 21);
}

/// Hints cross processes, so that a subscription here delivers what is appended there.
pub async fn a_process_is_woken_by_the_appends_of_another(fixture: &mut impl Shared) {
    let (here, there) = (fixture.store(), fixture.neighbour().await);
    let mut subscription = here.subscribe(Position::START, Categories::All);
    assert!(matches!(next(&mut subscription).await, Message::CaughtUp(_)));
    for round in 0..3 {
        let stream = stream(&format!("sample-{round}"));
        begin(&there, &stream, events(&format!("round {round}"), 1)).await;
        assert_eq!(next_events(&mut subscription, 1).await[0].stream, stream);

        let waiting = here.changed(Duration::from_hours(1));
        let appending = begin(&there, &stream, events(&format!("round {round}"), 1));
        let more = append(&there, &stream, Expected::Exact(0), events(&format!("more {round}"), 1));
        soon(join(waiting, async { (appending.await, more.await) })).await;
        next_events(&mut subscription, 1).await;
    }
}

/// An append that was acknowledged here is read here at once, while others write.
pub async fn a_process_reads_its_own_writes_whatever_others_write(fixture: &mut impl Shared) {
    let (here, there) = (fixture.store(), fixture.neighbour().await);
    let write = async |store: &Arc<dyn EventStore>, label: &str| {
        for turn in 0..20 {
            let stream = stream(&format!("sample-{label}{turn}"));
            let appended = begin(store, &stream, events(&format!("{label} {turn}"), 1)).await;
            let found = store.event_at(appended.position).await.expect("the log is readable");
            assert_eq!(found.map(|event| event.stream), Some(stream));
        }
    };
    soon(join(write(&here, "here"), write(&there, "there"))).await;
    assert_eq!(whole_log(&here).await.len(), 40);
}
