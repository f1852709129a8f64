//! Clients that never rest, one at each node.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::StatusCode;
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior},
};

use crate::support::{
    Credentials,
    cluster::{Cluster, Node},
    desk::{Answer, Desk, TokenAnswer},
    eventually,
};

/// What clients of a node were answered.
#[derive(Debug)]
pub(crate) struct Witness {
    pub(crate) node: Arc<Node>,
    tokens: Mutex<Vec<TokenAnswer>>,
    /// The names that were acknowledged, and when.
    writes: Mutex<Vec<(String, Instant)>>,
    done: AtomicBool,
}

impl Witness {
    pub(crate) fn tokens(&self) -> Vec<TokenAnswer> {
        self.tokens.lock().expect("tokens").clone()
    }

    /// The token requests that were sent within this time.
    pub(crate) fn tokens_sent(&self, from: Instant, until: Instant) -> Vec<TokenAnswer> {
        self.tokens().into_iter().filter(|it| from <= it.sent && it.sent < until).collect()
    }

    pub(crate) fn writes(&self) -> Vec<(String, Instant)> {
        self.writes.lock().expect("writes").clone()
    }

    /// How long after the moment a token was issued.
    pub(crate) async fn token_after(&self, moment: Instant) -> Duration {
        eventually(&format!("a token at {}", self.node.name), async || {
            let tokens = self.tokens();
            let issued =
                tokens.iter().find(|it| it.answered >= moment && it.status == StatusCode::OK);
            issued.map(|it| it.answered - moment)
        })
        .await
    }

    /// How long after the moment a write was acknowledged.
    pub(crate) async fn write_after(&self, moment: Instant) -> Duration {
        eventually(&format!("a write at {}", self.node.name), async || {
            let writes = self.writes();
            writes.iter().find(|(_, at)| *at >= moment).map(|(_, at)| *at - moment)
        })
        .await
    }
}

/// Clients at work.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) witnesses: Vec<Arc<Witness>>,
    work: JoinSet<()>,
}

impl Clients {
    /// At each node one that asks for tokens, and, if they write, one that registers applications.
    pub(crate) async fn at(nodes: &[Arc<Node>], cluster: &Cluster, writing: bool) -> Self {
        let credentials = credentials(cluster, nodes).await;
        let (mut witnesses, mut work) = (Vec::new(), JoinSet::new());
        for node in nodes {
            let witness = Arc::new(Witness {
                node: node.clone(),
                tokens: Mutex::default(),
                writes: Mutex::default(),
                done: AtomicBool::new(false),
            });
            work.spawn(ask_for_tokens(witness.clone(), credentials.clone()));
            if writing {
                let desk = Desk::open(node, &cluster.administrator).await;
                work.spawn(write(witness.clone(), desk));
            }
            witnesses.push(witness);
        }
        Self { witnesses, work }
    }

    pub(crate) async fn finish(mut self) {
        for witness in &self.witnesses {
            witness.done.store(true, Ordering::Relaxed);
        }
        while let Some(outcome) = self.work.join_next().await {
            outcome.expect("a client that was answered as promised");
        }
    }
}

/// Those of an application that every node knows.
async fn credentials(cluster: &Cluster, nodes: &[Arc<Node>]) -> Credentials {
    let desk = Desk::open(&nodes[0], &cluster.administrator).await;
    let credentials = desk.add_eventually(&nodes[0], "Asks-for-tokens").await;
    for node in nodes {
        eventually("a first token", async || {
            let answer = credentials.ask(node).await?;
            (answer.status == StatusCode::OK).then_some(())
        })
        .await;
    }
    credentials
}

/// A request every 50 ms, whether the ones before were answered or not.
async fn ask_for_tokens(witness: Arc<Witness>, credentials: Credentials) {
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut requests = JoinSet::new();
    while !witness.done.load(Ordering::Relaxed) {
        ticks.tick().await;
        let (witness, credentials) = (witness.clone(), credentials.clone());
        requests.spawn(async move {
            let answer = credentials.ask(&witness.node).await.expect("the node listens");
            let expected = match answer.status {
                StatusCode::OK => answer.retry_after.is_none(),
                StatusCode::SERVICE_UNAVAILABLE => answer.retry_after.is_some(),
                _ => false,
            };
            assert!(expected, "{}: {answer:?}", witness.node.name);
            witness.tokens.lock().expect("tokens").push(answer);
        });
        while let Some(outcome) = requests.try_join_next() {
            outcome.expect("an answer as promised");
        }
    }
    requests.join_all().await;
}

/// One after the other.
async fn write(witness: Arc<Witness>, desk: Desk) {
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0.. {
        if witness.done.load(Ordering::Relaxed) {
            return;
        }
        ticks.tick().await;
        let name = format!("{}-{number}", witness.node.name);
        match desk.add(&witness.node, &name).await {
            Answer::Done(_) => {
                witness.writes.lock().expect("writes").push((name, Instant::now()));
            }
            Answer::Unavailable => {}
            answer => panic!("{name}: {answer:?}"),
        }
    }
}
