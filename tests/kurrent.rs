//! The whole product with its log in KurrentDB: a cluster of three nodes, played by the stand-in over real sockets.

mod support;

use std::time::Duration;

use kurrent_stand_in::Cluster;
use reqwest::StatusCode;
use serde_json::Value;
use support::{Credentials, House, Server, eventually};
use tokio::time::Instant;

/// In which writes resume when the leader is gone.
const FAILOVER: Duration = Duration::from_secs(5);

fn house_on(cluster: &Cluster) -> House {
    let house = House::empty();
    let config = format!("public_url: http://oathbook.test\nevents: {}\n", cluster.url());
    std::fs::write(house.path().join("config.yml"), config).expect("written");
    house
}

fn serve(house: &House) -> (Server, String) {
    // The welcome names the address that clients use, so the real one is chosen here.
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr();
    let port = port.expect("an address").port();
    let config = std::fs::read_to_string(house.path().join("config.yml")).expect("a file");
    let url = format!("http://127.0.0.1:{port}");
    let config = config.replace("http://oathbook.test", &url);
    let config = format!("{config}listen: 127.0.0.1:{port}\n");
    std::fs::write(house.path().join("config.yml"), config).expect("written");
    (house.serve(&["quickstart", "--json"]), url)
}

fn create(house: &House, name: &str) -> (String, Credentials) {
    let place = ["--owner", "admin", "--organization", "Main organization"];
    let arguments = [&["applications", "create", "--name", name, "--json"][..], &place].concat();
    let created = house.json(&arguments);
    let text = |key: &str| created[key].as_str().expect("a text").to_owned();
    let credentials =
        Credentials { client_id: text("client_id"), client_secret: text("client_secret") };
    (text("id"), credentials)
}

async fn answered(credentials: &Credentials, server: &Server, status: StatusCode) {
    eventually("the token endpoint knows", async || {
        (credentials.token(server).await.0 == status).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_lives_on_kurrentdb_through_the_loss_of_its_leader() {
    let mut cluster = Cluster::start(3);
    let house = house_on(&cluster);
    let (server, _) = serve(&house);
    let (first, credentials) = create(&house, "First");
    answered(&credentials, &server, StatusCode::OK).await;

    cluster.kill(0);
    cluster.elect(1);
    let began = Instant::now();
    house.output(&["applications", "deactivate", &first]);
    assert!(began.elapsed() < FAILOVER, "{:?}", began.elapsed());
    answered(&credentials, &server, StatusCode::UNAUTHORIZED).await;
    let (_, credentials) = create(&house, "Second");
    answered(&credentials, &server, StatusCode::OK).await;

    for view in house.json(&["projections", "rebuild", "--json"]).as_array().expect("a list") {
        assert_eq!(view["differing"], 0, "{view}");
    }
    let findings = house.json(&["doctor", "--json"]);
    for finding in findings.as_array().expect("a list") {
        assert_ne!(finding["verdict"], "failure", "{finding}");
    }
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_moves_to_kurrentdb_and_back() {
    let cluster = Cluster::start(1);
    let house = House::empty();
    assert_eq!(house.quickstart().stop(), Some(0));
    create(&house, "Sync");
    let copy =
        |from: &str, to: &str| -> Value { house.json(&["events", "copy", from, to, "--json"]) };
    let there = copy("sqlite:var/events.db", &cluster.url());
    assert_eq!(there["copied"], there["events"]);
    assert_eq!(
        copy("sqlite:var/events.db", &cluster.url())["copied"],
        0,
        "it goes on where it was"
    );
    let back = copy(&cluster.url(), "sqlite:back.db");
    assert_eq!((&back["events"], &back["digest"]), (&there["events"], &there["digest"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_is_held_to_its_promises_in_streams_of_its_own() {
    let cluster = Cluster::start(1);
    let house = House::empty();
    let said = house.output(&["store", "check", &cluster.url()]);
    assert!(said.contains("keeps all"), "{said}");
    assert!(!said.contains("BROKEN"), "{said}");
}
