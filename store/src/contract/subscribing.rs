//! What a subscription promises.

use std::sync::Arc;

use futures::{
    StreamExt,
    future::{join, join_all},
};

use super::given::{
    append, begin, categories, event, events, ids, new_ids, next, next_events, soon, stream,
    whole_log,
};
use crate::{Categories, EventStore, Expected, Message, Position, limits};

type Store = Arc<dyn EventStore>;

/// Case 30: from history into the present while 8 writers write, without a loss, a repetition or disorder.
pub async fn a_subscription_misses_and_repeats_nothing_while_others_write(store: Store) {
    const WRITERS: usize = 8;
    const EACH: usize = 100;
    begin(&store, &stream("sample-history"), events("history", 300)).await;

    let mut subscription = store.subscribe(Position::START, Categories::All);
    let writers = (0..WRITERS).map(|writer| {
        let (store, stream) = (store.clone(), stream(&format!("sample-{writer}")));
        tokio::spawn(async move {
            let mut expected = Expected::NoStream;
            for turn in 0..EACH {
                let event = event(&format!("writer {writer} turn {turn}"));
                let appended = append(&store, &stream, expected, vec![event]).await;
                expected = Expected::Exact(appended.last_revision);
            }
        })
    });
    let delivered = next_events(&mut subscription, 300 + WRITERS * EACH);
    let (delivered, ended) = soon(join(delivered, join_all(writers))).await;
    assert!(ended.iter().all(Result::is_ok));
    assert_eq!(delivered, whole_log(&store).await);
}

/// Case 31: what was handled is not delivered again.
pub async fn a_subscription_starts_behind_its_checkpoint(store: Store) {
    let checkpoint = begin(&store, &stream("sample-1"), events("first", 3)).await.position;
    begin(&store, &stream("sample-2"), events("second", 2)).await;
    let mut subscription = store.subscribe(checkpoint, Categories::All);
    let delivered = next_events(&mut subscription, 2).await;
    assert_eq!(ids(&delivered), new_ids(&events("second", 2)));
}

/// Case 32: once, behind everything that was there and before everything that was not.
pub async fn a_subscription_says_once_that_it_caught_up(store: Store) {
    let head = begin(&store, &stream("sample-1"), events("first", 2)).await.position;
    let mut subscription = store.subscribe(Position::START, Categories::All);
    next_events(&mut subscription, 2).await;
    assert_eq!(next(&mut subscription).await, Message::CaughtUp(head));
    for round in 0..3 {
        begin(&store, &stream(&format!("sample-live{round}")), events(&format!("{round}"), 1))
            .await;
        assert!(matches!(next(&mut subscription).await, Message::Event(_)));
    }
}

/// Case 32: there was nothing to deliver, which is said before anything is.
pub async fn a_subscription_on_an_empty_log_catches_up_at_once(store: Store) {
    let mut subscription = store.subscribe(Position::START, Categories::All);
    assert_eq!(next(&mut subscription).await, Message::CaughtUp(Position::START));
    begin(&store, &stream("sample-1"), events("first", 1)).await;
    assert!(matches!(next(&mut subscription).await, Message::Event(_)));
}

/// Case 33: checkpoints carry a subscriber over 1 000 events of others, so that it does not begin again before them.
pub async fn a_filtered_subscription_advances_over_foreign_events(store: Store) {
    let foreign = stream("foreign-1");
    begin(&store, &foreign, events("foreign", limits::EVENTS)).await;
    let last = Expected::Exact(limits::EVENTS as u64 - 1);
    let head = append(&store, &foreign, last, events("more", limits::EVENTS)).await.position;

    let sample = categories(&["sample"]);
    let mut subscription = store.subscribe(Position::START, sample.clone());
    let mut checkpoint = Position::START;
    let caught_up = loop {
        match next(&mut subscription).await {
            Message::Checkpoint(position) => checkpoint = position,
            Message::CaughtUp(position) => break position,
            Message::Event(event) => panic!("of another category: {event:?}"),
        }
    };
    assert_eq!((checkpoint, caught_up), (head, head));

    let mut resumed = store.subscribe(checkpoint, sample);
    assert_eq!(next(&mut resumed).await, Message::CaughtUp(head));
    begin(&store, &stream("sample-1"), events("first", 1)).await;
    for subscription in [&mut subscription, &mut resumed] {
        assert!(matches!(next(subscription).await, Message::Event(_)));
    }
}

/// Case 34: events wait in the engine, not in memory; however late they are asked for, all of them come.
pub async fn a_slow_subscriber_misses_nothing(store: Store) {
    let mut subscription = store.subscribe(Position::START, Categories::All);
    assert!(matches!(next(&mut subscription).await, Message::CaughtUp(_)));
    let stream = stream("sample-1");
    begin(&store, &stream, events("first", limits::EVENTS)).await;
    let mut delivered = next_events(&mut subscription, 1).await;
    for (revision, label) in [(499, "second"), (999, "third")] {
        append(&store, &stream, Expected::Exact(revision), events(label, limits::EVENTS)).await;
    }
    delivered.extend(next_events(&mut subscription, 3 * limits::EVENTS - 1).await);
    assert_eq!(delivered, whole_log(&store).await);
}

/// Case 35: a subscription that is dropped, before its first message, in the middle or while it waits, holds nothing
/// that the engine needs.
pub async fn dropped_subscriptions_leave_the_engine_free(store: Store) {
    begin(&store, &stream("sample-1"), events("first", 10)).await;
    for messages in (0..=11).cycle().take(200) {
        let mut subscription = store.subscribe(Position::START, Categories::All);
        for _ in 0..messages {
            next(&mut subscription).await;
        }
        if messages == 11 {
            let waiting = futures::future::poll_immediate(subscription.next()).await;
            assert_eq!(waiting.map(|message| message.is_some()), None);
        }
    }
    begin(&store, &stream("sample-2"), events("second", 1)).await;
    assert_eq!(whole_log(&store).await.len(), 11);
}

/// Case 39: a subscriber that fails at an event gets it again, and none before it.
pub async fn an_event_that_was_not_handled_is_delivered_again(store: Store) {
    begin(&store, &stream("sample-1"), events("first", 5)).await;
    let mut subscription = store.subscribe(Position::START, Categories::All);
    let handled = next_events(&mut subscription, 2).await;
    let failed = next_events(&mut subscription, 1).await;
    drop(subscription);

    let mut again = store.subscribe(handled[1].position, Categories::All);
    assert_eq!(next_events(&mut again, 1).await, failed);
}
