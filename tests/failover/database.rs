//! The database is away, and comes back.

use std::{sync::Arc, time::Duration};

use reqwest::StatusCode;
use tokio::time::Instant;

use crate::{
    BOUND, PROMISED,
    client::{Clients, Witness},
    support::cluster::{Cluster, Seat},
};

/// The bound of the third node, longer than any outage here.
const LONGER: Duration = Duration::from_secs(30);
const PATIENTLY: &str = "tokens:\n  freshness: 30s\n";

#[derive(Clone, Copy, Debug)]
enum End {
    Stop,
    Crash,
}

/// Two nodes with the bound that is the default, and a third one with a longer one.
async fn cluster() -> Cluster {
    let roles = ["api", "api", "api", "projector", "projector", "notifier"];
    let mut seats = roles.map(Seat::of);
    seats[2].config = PATIENTLY;
    Cluster::seated(seats.into()).await
}

/// The time in which nothing was to be learned from the server.
#[derive(Debug)]
struct Outage {
    from: Instant,
    until: Instant,
}

/// Ends the server, and starts it again after at least that time.
async fn outage(cluster: &Cluster, end: End, at_least: Duration) -> Outage {
    tokio::task::block_in_place(|| match end {
        End::Stop => cluster.postgres.stop(),
        End::Crash => cluster.postgres.crash(),
    });
    let from = Instant::now();
    // The outage is what is tested, so time must pass.
    tokio::time::sleep(at_least).await;
    let resumed = Instant::now();
    tokio::task::block_in_place(|| cluster.postgres.resume());
    println!("{end:?}: away for {:?}", from.elapsed());
    Outage { from, until: resumed }
}

async fn resumes(end: End) {
    let cluster = cluster().await;
    let nodes = cluster.with_role("api");
    let clients = Clients::at(&nodes, &cluster, true).await;
    let witnesses = clients.witnesses.clone();
    for at_least in [Duration::ZERO, BOUND * 4] {
        for witness in &witnesses {
            witness.write_after(Instant::now()).await;
        }
        let outage = outage(&cluster, end, at_least).await;
        let back = Instant::now();
        for witness in &witnesses {
            let written = witness.write_after(back).await;
            let issued = witness.token_after(back).await;
            println!(
                "{end:?}: {} acknowledges after {written:?}, and issues after {issued:?}",
                witness.node.name
            );
            assert!(written < PROMISED, "{written:?} at {}", witness.node.name);
            assert!(issued < PROMISED, "{issued:?} at {}", witness.node.name);
        }
        for witness in &witnesses[..2] {
            none_is_issued_without_knowledge(witness, &outage);
        }
        every_request_is_answered(&witnesses[2], &outage);
    }
    clients.finish().await;
    nothing_acknowledged_is_missing(&cluster, &witnesses);
    cluster.views_are_what_the_log_says();
}

/// To a request that was sent later than the bound after the server was gone. Nobody is promised one before it is back.
fn none_is_issued_without_knowledge(witness: &Witness, outage: &Outage) {
    let sent = witness.tokens_sent(outage.from + BOUND, outage.until);
    let answered: Vec<_> = sent.iter().filter(|it| it.answered < outage.until).collect();
    if outage.until - outage.from > BOUND * 3 {
        assert!(answered.len() > 10, "{} was hardly asked", witness.node.name);
    }
    for answer in answered {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    }
}

/// The outage was shorter than the bound.
fn every_request_is_answered(witness: &Witness, outage: &Outage) {
    assert!(outage.from.elapsed() < LONGER, "the machine was too slow");
    let sent = witness.tokens_sent(outage.from, Instant::now());
    assert!(!sent.is_empty());
    for answer in sent {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
}

fn nothing_acknowledged_is_missing(cluster: &Cluster, witnesses: &[Arc<Witness>]) {
    let log = cluster.log();
    let created = |name: &str| {
        let created = log.iter().filter(|event| event["tag"] == "application.created.v1");
        created.filter(|event| event["data"]["name"] == name).count()
    };
    for (name, _) in witnesses.iter().flat_map(|witness| witness.writes()) {
        assert_eq!(created(&name), 1, "{name} was acknowledged");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_database_restarts_writes_resume_within_five_seconds() {
    resumes(End::Stop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_database_crashes_writes_resume_within_five_seconds() {
    resumes(End::Crash).await;
}
