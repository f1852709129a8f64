//! The KurrentDB adapter keeps the promises of the port, over a socket, against a stand-in.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use kurrent_stand_in::{Cluster, Unreplicated};
use store::{
    EventStore, NewEvent, StreamName,
    contract::{Fixture, Shared, Unfinished},
};
use store_kurrent::KurrentStore;

struct Kurrent {
    cluster: Cluster,
    store: KurrentStore,
}

async fn open(cluster: &Cluster) -> KurrentStore {
    KurrentStore::open(&cluster.url().parse().unwrap()).await.unwrap()
}

impl Fixture for Kurrent {
    fn store(&self) -> Arc<dyn EventStore> {
        Arc::new(self.store.clone())
    }
}

#[async_trait::async_trait]
impl Shared for Kurrent {
    async fn neighbour(&self) -> Arc<dyn EventStore> {
        Arc::new(open(&self.cluster).await)
    }

    async fn stop(&mut self) {
        self.cluster.kill(0);
    }

    async fn start(&mut self) {
        self.cluster.revive(0);
        self.store = open(&self.cluster).await;
    }

    async fn unfinished_append(&self, stream: &StreamName, event: NewEvent) -> Box<dyn Unfinished> {
        let name = format!("oathbook.{stream}");
        let metadata = format!("{{\"digest\":\"{}\",\"metadata\":{{}}}}", event.digest);
        let id = event.id.as_uuid();
        let written =
            self.cluster.write_unreplicated(&name, id, &event.tag, metadata.into(), event.data);
        Box::new(Pending(written.await))
    }
}

struct Pending(Unreplicated);

#[async_trait::async_trait]
impl Unfinished for Pending {
    async fn commit(self: Box<Self>) {
        self.0.replicate();
    }

    async fn roll_back(self: Box<Self>) {
        self.0.truncate();
    }
}

async fn kurrent() -> Kurrent {
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let cluster = Cluster::start(1);
    let store = open(&cluster).await;
    Kurrent { cluster, store }
}

store::contract_suite!(kurrent);
store::shared_contract_suite!(kurrent);
