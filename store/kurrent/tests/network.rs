//! What may happen between the adapter and a cluster: leaders go, answers get lost, nodes fall silent. The cluster is a
//! stand-in; the sockets are real.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use kurrent_stand_in::{Cluster, Faults};
use store::{
    Appended, Categories, Digest, Direction, EventId, EventStore, Expected, Message, NewEvent,
    Position, StoreError, StreamName, Timestamp,
};
use store_kurrent::{Address, KurrentStore};
use tokio::time::Instant;

/// In which an append must succeed although its leader is gone.
const FAILOVER: Duration = Duration::from_secs(5);
/// More than any call may take.
const PATIENCE: Duration = Duration::from_secs(10);

fn address(url: &str) -> Address {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    url.parse().unwrap()
}

async fn open(cluster: &Cluster) -> KurrentStore {
    KurrentStore::open(&address(&cluster.url())).await.unwrap()
}

fn event(number: u128) -> NewEvent {
    NewEvent {
        id: EventId::new(uuid::Uuid::from_u128(number)),
        tag: "sample.taken.v1".to_owned(),
        data: "{}".into(),
        metadata: "{}".into(),
        digest: Digest([7; 32]),
        occurred_at: Timestamp::from_micros(1),
    }
}

async fn append(store: &KurrentStore, name: &str, number: u128) -> Result<Appended, StoreError> {
    let stream = StreamName::parse(name).unwrap();
    let appending = store.append(&stream, Expected::NoStream, vec![event(number)]);
    tokio::time::timeout(PATIENCE, appending).await.unwrap()
}

async fn copies(store: &KurrentStore, name: &str) -> usize {
    let stream = StreamName::parse(name).unwrap();
    store.read(&stream, 0, Direction::Forwards, 10).await.unwrap().len()
}

/// Case 41.
#[tokio::test]
async fn an_append_succeeds_when_the_leader_is_gone() {
    let mut cluster = Cluster::start(3);
    let store = open(&cluster).await;
    append(&store, "sample-1", 1).await.unwrap();
    cluster.kill(0);
    cluster.elect(1);
    let began = Instant::now();
    append(&store, "sample-2", 2).await.unwrap();
    assert!(began.elapsed() < FAILOVER, "{:?}", began.elapsed());
    assert!(cluster.calls(1) > 0);
}

/// Case 42.
#[tokio::test]
async fn an_append_follows_the_leader() {
    let cluster = Cluster::start(3);
    let store = open(&cluster).await;
    for (number, leader) in [(1, 1), (2, 2), (3, 0)] {
        cluster.elect(leader);
        append(&store, &format!("sample-{number}"), number).await.unwrap();
        assert_eq!(copies(&store, &format!("sample-{number}")).await, 1);
    }
}

#[tokio::test]
async fn while_nobody_leads_the_log_is_unavailable() {
    let cluster = Cluster::start(3);
    let store = open(&cluster).await;
    cluster.elect(7);
    let outcome = store.head().await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    cluster.elect(2);
    assert_eq!(store.head().await.unwrap(), Position::START);
}

/// Case 20.
#[tokio::test]
async fn an_append_whose_answer_was_lost_is_sent_again_and_stored_once() {
    let cluster = Cluster::start(1);
    let store = open(&cluster).await;
    for (number, faults) in [
        (1, Faults { lost_answers: 2, ..Faults::default() }),
        (2, Faults { swallowed_answers: 1, ..Faults::default() }),
        (3, Faults { lost_answers: 1, replays_without_position: true, ..Faults::default() }),
    ] {
        let name = format!("sample-{number}");
        cluster.break_with(faults);
        let appended = append(&store, &name, number).await.unwrap();
        cluster.repair();
        let stored = store.event_at(appended.position).await.unwrap().unwrap();
        assert_eq!(stored.stream.as_str(), name);
        assert_eq!(copies(&store, &name).await, 1);
    }
}

/// Case 43.
#[tokio::test]
async fn a_silent_server_leaves_the_outcome_unknown_and_a_replay_is_safe() {
    let cluster = Cluster::start(1);
    let store = open(&cluster).await;
    cluster.break_with(Faults { swallowed_answers: 9, ..Faults::default() });
    let outcome = append(&store, "sample-1", 1).await;
    assert!(matches!(outcome, Err(StoreError::OutcomeUnknown(_))), "{outcome:?}");
    cluster.break_with(Faults { silent: true, ..Faults::default() });
    let outcome = store.head().await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");

    cluster.repair();
    append(&store, "sample-1", 1).await.unwrap();
    assert_eq!(copies(&store, "sample-1").await, 1);
}

/// Case 40: the same handle goes on, also after it failed for long.
#[tokio::test]
async fn a_restart_is_survived_by_the_same_handle() {
    let mut cluster = Cluster::start(1);
    let store = open(&cluster).await;
    append(&store, "sample-1", 1).await.unwrap();
    for round in 2..4 {
        cluster.kill(0);
        let outcome = append(&store, &format!("sample-{round}"), round).await;
        assert!(
            matches!(outcome, Err(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_))),
            "{outcome:?}"
        );
        cluster.revive(0);
        append(&store, &format!("sample-{round}"), round).await.unwrap();
    }
    assert_eq!(store.count(&Categories::All).await.unwrap(), 3);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let mut cluster = Cluster::start(1);
    cluster.kill(0);
    let outcome = KurrentStore::open(&address(&cluster.url())).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    cluster.revive(0);
    open(&cluster).await;
}

/// Case 44: refused at once, and not asked again.
#[tokio::test]
async fn a_wrong_login_is_refused_and_a_right_one_is_sent_decoded() {
    let cluster = Cluster::start(1);
    let login = Some(("oath".to_owned(), "s3@cret/".to_owned()));
    cluster.break_with(Faults { login, ..Faults::default() });
    for wrong in ["", "oath:wrong@"] {
        let before = cluster.calls(0);
        let outcome = KurrentStore::open(&address(&cluster.url_with(wrong))).await;
        assert!(matches!(outcome, Err(StoreError::Engine(_))), "{outcome:?}");
        assert_eq!(cluster.calls(0), before + 1);
    }
    let right = address(&cluster.url_with("oath:s3%40cret%2F@"));
    let store = KurrentStore::open(&right).await.unwrap();
    append(&store, "sample-1", 1).await.unwrap();
}

/// Case 45.
#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to_with_tls() {
    let cluster = Cluster::start(1);
    let secure = cluster.url().replace("tls=false", "tls=true");
    let outcome = KurrentStore::open(&address(&secure)).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn what_the_server_finds_too_large_is_no_outage() {
    let cluster = Cluster::start(1);
    let store = open(&cluster).await;
    cluster.break_with(Faults { largest_append: Some(10), ..Faults::default() });
    let outcome = append(&store, "sample-1", 1).await;
    assert!(matches!(outcome, Err(StoreError::Engine(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_busy_server_is_asked_again() {
    for faults in [
        Faults { not_ready: true, ..Faults::default() },
        Faults { times_out: true, ..Faults::default() },
    ] {
        let cluster = Cluster::start(1);
        let store = open(&cluster).await;
        cluster.break_with(faults);
        let (outcome, ()) = tokio::join!(append(&store, "sample-1", 1), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            cluster.repair();
        });
        outcome.unwrap();
        assert_eq!(copies(&store, "sample-1").await, 1);
    }
}

/// Hints may stop; what is subscribed to arrives all the same.
#[tokio::test]
async fn events_arrive_although_the_servers_subscriptions_fail() {
    use futures::StreamExt;
    let cluster = Cluster::start(1);
    cluster.break_with(Faults { subscriptions_end_after: Some(1), ..Faults::default() });
    let (here, there) = (open(&cluster).await, open(&cluster).await);
    let mut subscription = here.subscribe(Position::START, Categories::All);
    for number in 1..6 {
        append(&there, &format!("sample-{number}"), number).await.unwrap();
        let arrival = async {
            loop {
                if let Message::Event(event) = subscription.next().await.unwrap().unwrap() {
                    return event;
                }
            }
        };
        let event = tokio::time::timeout(PATIENCE, arrival).await.unwrap();
        assert_eq!(event.stream.as_str(), format!("sample-{number}"));
    }
}

/// Installations share a cluster, and a trial takes nothing with it.
#[tokio::test]
async fn streams_of_others_are_not_seen_and_not_discarded() {
    let cluster = Cluster::start(1);
    let ours = open(&cluster).await;
    append(&ours, "sample-1", 1).await.unwrap();
    let trial = address(&cluster.url()).with_prefix(&format!("{}1", store_kurrent::TRIAL)).unwrap();
    let theirs = KurrentStore::open(&trial).await.unwrap();
    assert_eq!(theirs.head().await.unwrap(), Position::START);
    append(&theirs, "sample-1", 1).await.unwrap();
    assert_eq!(theirs.count(&Categories::All).await.unwrap(), 1);

    store_kurrent::discard_trial(&trial).await.unwrap();
    assert_eq!(copies(&theirs, "sample-1").await, 0);
    assert_eq!(copies(&ours, "sample-1").await, 1);
    assert!(store_kurrent::discard_trial(&address(&cluster.url())).await.is_err());
}
