//! The release before this one and this one beside each other, on one PostgreSQL, while nodes are replaced and people and
//! clients go on. `bin/previous` builds the former.

mod support;

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::StatusCode;
use support::{
    Credentials,
    cluster::{Cluster, Node, Seat, this_release},
    desk::{Answer, Desk},
    eventually,
};
use tokio::{task::JoinSet, time::Instant};

fn previous_release() -> PathBuf {
    let told = std::env::var_os("PREVIOUS_OATHBOOK").expect(
        "the release before this one: run `bin/test`, or set PREVIOUS_OATHBOOK to what `bin/previous` prints",
    );
    let binary = PathBuf::from(told);
    let read = |binary| std::fs::read(binary).expect("a binary");
    assert!(read(&binary) != read(&this_release()), "PREVIOUS_OATHBOOK is this release");
    binary
}

/// What a balancer and its clients know.
#[derive(Debug, Default)]
struct Traffic {
    /// The nodes that get traffic.
    nodes: Mutex<Vec<Arc<Node>>>,
    created: Mutex<Vec<(String, Credentials)>>,
    tokens: Mutex<u32>,
    unavailable: Mutex<u32>,
    done: AtomicBool,
}

impl Traffic {
    fn admit(&self, node: &Arc<Node>) {
        self.nodes.lock().expect("nodes").push(node.clone());
    }

    fn withdraw(&self, node: &Arc<Node>) {
        self.nodes.lock().expect("nodes").retain(|one| !Arc::ptr_eq(one, node));
    }

    /// One after the other.
    fn next(&self, turn: usize) -> Arc<Node> {
        let nodes = self.nodes.lock().expect("nodes");
        nodes[turn % nodes.len()].clone()
    }

    fn goes_on(&self) -> bool {
        !self.done.load(Ordering::Relaxed)
    }

    fn created(&self) -> Vec<(String, Credentials)> {
        self.created.lock().expect("created").clone()
    }

    /// Until clients were served that much more.
    async fn flows(&self) {
        let counts = || (self.created().len(), *self.tokens.lock().expect("tokens"));
        let (created, tokens) = counts();
        eventually("clients are served", async || {
            let (now_created, now_tokens) = counts();
            (now_created > created + 4 && now_tokens > tokens + 8).then_some(())
        })
        .await;
    }
}

/// No request fails other than by 503, or because nothing listens any more, when another node is taken.
async fn write(traffic: Arc<Traffic>, desk: Desk) {
    for turn in 0.. {
        let name = format!("Registered-{turn}");
        while traffic.goes_on() {
            let node = traffic.next(turn);
            match desk.add(&node, &name).await {
                Answer::Done(credentials) => {
                    traffic.created.lock().expect("created").push((name, credentials));
                    break;
                }
                Answer::Unavailable => *traffic.unavailable.lock().expect("a count") += 1,
                Answer::NotThere => {}
                Answer::Failed(reason) => panic!("{name} at {}: {reason}", node.name),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if !traffic.goes_on() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Tokens for whatever was registered before, at any node.
async fn ask_for_tokens(traffic: Arc<Traffic>) {
    let mut turn = 0;
    while traffic.goes_on() {
        turn += 1;
        let Some((name, credentials)) = traffic.created().pop() else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        // Registered at another node, it is known here after the bound at the latest.
        let known = Instant::now() + Duration::from_secs(1);
        let node = traffic.next(turn);
        loop {
            let asked = Instant::now();
            match credentials.ask(&node).await.map(|answer| answer.status) {
                Some(StatusCode::OK) => break *traffic.tokens.lock().expect("a count") += 1,
                Some(StatusCode::SERVICE_UNAVAILABLE) => {
                    *traffic.unavailable.lock().expect("a count") += 1;
                    break;
                }
                Some(StatusCode::UNAUTHORIZED) if asked < known => {}
                None => break,
                other => panic!("a token of {name} at {}: {other:?}", node.name),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What is written at one node is obeyed and shown by the other.
async fn understand_each_other(cluster: &Cluster, one: &Arc<Node>, other: &Arc<Node>, when: &str) {
    for (writer, reader) in [(one, other), (other, one)] {
        let name = format!("From-{}-for-{}-{when}", writer.name, reader.name);
        let desk = Desk::open(writer, &cluster.administrator).await;
        let credentials = desk.add_eventually(writer, &name).await;
        // Somebody else, who signs in at the other release.
        let reading = Desk::open(reader, &cluster.administrator).await;
        for node in [writer, reader] {
            reading.until_listed(node, &name).await;
            eventually(&format!("a token at {}", node.name), async || {
                let answer = credentials.ask(node).await?;
                (answer.status == StatusCode::OK).then_some(())
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn releases_replace_each_other_node_by_node_while_clients_go_on() {
    let previous = previous_release();
    let mut cluster = Cluster::found(&previous).await;
    let traffic = Arc::<Traffic>::default();
    let mut old = Vec::new();
    for roles in ["projector", "notifier", "api", "api"] {
        let seat = Seat { binary: previous.clone(), ..Seat::of(roles) };
        old.push(cluster.join(seat).await);
    }
    for node in &old {
        node.until_ready().await;
    }
    traffic.admit(&old[2]);
    traffic.admit(&old[3]);
    let desk = Desk::open(&old[2], &cluster.administrator).await;
    let mut clients = JoinSet::new();
    clients.spawn(write(traffic.clone(), desk));
    clients.spawn(ask_for_tokens(traffic.clone()));
    traffic.flows().await;

    println!("{}", cluster.output(&["migrate"]));
    traffic.flows().await;
    understand_each_other(&cluster, &old[2], &old[3], "migrated").await;

    // As the guide says: a projector first, which waits and prepares.
    let mut new = Vec::new();
    for (roles, former) in ["projector", "notifier", "api", "api"].into_iter().zip(&old) {
        let node = cluster.join(Seat::of(roles)).await;
        node.until_ready().await;
        if roles == "api" {
            understand_each_other(&cluster, &node, former, "upgrading").await;
            traffic.admit(&node);
        }
        traffic.flows().await;
        traffic.withdraw(former);
        assert_eq!(former.stop(), Some(0), "{} stops in good order", former.name);
        traffic.flows().await;
        new.push(node);
    }
    understand_each_other(&cluster, &new[2], &new[3], "upgraded").await;
    let log = cluster.log();
    cluster.views_are_what_the_log_says();

    // And back: what migrated stays as it is.
    for (former, later) in old.iter().zip(&new) {
        former.start();
        former.until_ready().await;
        if former.name.ends_with("api") {
            understand_each_other(&cluster, former, later, "going-back").await;
            traffic.admit(former);
        }
        traffic.flows().await;
    }
    for later in &new {
        traffic.withdraw(later);
        assert_eq!(later.stop(), Some(0), "{} stops in good order", later.name);
        traffic.flows().await;
    }
    understand_each_other(&cluster, &old[2], &old[3], "back").await;
    // Asked by a command of the later release, done by a projector of the former one.
    cluster.views_are_what_the_log_says();

    traffic.done.store(true, Ordering::Relaxed);
    while let Some(outcome) = clients.join_next().await {
        outcome.expect("clients that were served");
    }
    judge(&cluster, &traffic, log.len());
}

fn judge(cluster: &Cluster, traffic: &Traffic, known: usize) {
    let log = cluster.log();
    assert!(log.len() > known, "nothing was written after going back");
    let created = traffic.created();
    for (name, _) in &created {
        let found = log.iter().filter(|event| {
            event["tag"] == "application.created.v1" && event["data"]["name"] == **name
        });
        assert_eq!(found.count(), 1, "{name} was acknowledged");
    }
    println!(
        "{} events, {} applications, {} tokens, {} answers of 503",
        log.len(),
        created.len(),
        traffic.tokens.lock().expect("a count"),
        traffic.unavailable.lock().expect("a count"),
    );
}
