//! A node is cut off from the log.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use tokio::time::Instant;

use crate::{
    BOUND, PROMISED,
    client::{Clients, Witness},
    support::{
        Site,
        cluster::{Cluster, Node, Seat},
        eventually,
        proxy::Weather,
    },
};

const AT_ALL_COSTS: &str = "tokens:\n  availability: last_known\n";
/// Its bound is longer than any outage here.
const PATIENTLY: &str = "tokens:\n  freshness: 30s\n";
const COUNTER: &str = "oathbook_tokens_on_last_knowledge_total";
const WARNING: &str = "Tokens are issued on what was known last";

async fn counted(node: &Node) -> f64 {
    let page = Client::new().get(node.url("/metrics")).send().await.expect("an answer");
    let page = page.text().await.expect("a page");
    let line = page.lines().find_map(|line| line.strip_prefix(COUNTER));
    line.map_or(0.0, |value| value.trim().parse().expect("a number"))
}

/// Cuts a node off for a while; answers with when it began.
async fn cut_off(witness: &Witness, weather: Weather, lasting: Duration) -> Instant {
    witness.node.wire.turn(weather);
    let cut = Instant::now();
    // The outage is what is tested, so time must pass.
    tokio::time::sleep_until(cut + lasting).await;
    cut
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_cut_off_issues_no_token_after_the_bound() {
    let mut seats = ["api", "api", "api", "projector"].map(Seat::of);
    seats[1].config = AT_ALL_COSTS;
    seats[2].config = PATIENTLY;
    let cluster = Cluster::seated(seats.into()).await;
    let clients = Clients::at(&cluster.with_role("api"), &cluster, false).await;
    let [strict, lenient, patient] = &clients.witnesses[..] else { panic!("three witnesses") };
    for weather in [Weather::Cut, Weather::Silent] {
        let cut = cut_off(patient, weather, BOUND * 2).await;
        patient.node.wire.turn(Weather::Clear);
        let sent = patient.tokens_sent(cut, Instant::now());
        assert!(sent.len() > 10, "hardly any requests");
        assert!(sent.iter().all(|answer| answer.status == StatusCode::OK), "{sent:#?}");

        let cut = cut_off(strict, weather, BOUND * 5).await;
        let clear = Instant::now();
        strict.node.wire.turn(Weather::Clear);
        let issued = strict.token_after(clear).await;
        println!("{weather:?} for {:?}: a token after {issued:?}", BOUND * 5);
        assert!(issued < PROMISED, "{weather:?}: {issued:?}");
        let sent = strict.tokens_sent(cut + BOUND, clear);
        assert!(sent.len() > 20, "hardly any requests");
        for answer in sent.iter().filter(|it| it.answered < clear) {
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{weather:?}: {answer:?}");
            assert_eq!(answer.retry_after.as_deref(), Some("1"));
        }
    }

    assert!(!lenient.node.said().contains(WARNING));
    let before = counted(&lenient.node).await;
    let cut = cut_off(lenient, Weather::Cut, BOUND * 4).await;
    lenient.node.wire.turn(Weather::Clear);
    let sent = lenient.tokens_sent(cut, Instant::now());
    assert!(sent.len() > 20, "hardly any requests");
    assert!(sent.iter().all(|answer| answer.status == StatusCode::OK), "{sent:#?}");
    let more = counted(&lenient.node).await - before;
    println!("last_known: {} tokens while cut off, {more} of them counted", sent.len());
    assert!(more > 10.0);
    assert!(lenient.node.said().contains(WARNING));
    eventually("the end is told", async || {
        lenient.node.said().contains("Tokens are issued on fresh knowledge again").then_some(())
    })
    .await;
    clients.finish().await;
}
