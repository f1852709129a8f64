//! The process that projects is lost.

use std::sync::Arc;

use tokio::time::Instant;

use crate::{
    PROMISED,
    support::{
        cluster::{Cluster, Node},
        desk::Desk,
        eventually,
    },
};

const ROLES: [&str; 5] = ["api", "api", "projector", "projector", "notifier"];

#[derive(Clone, Copy, Debug)]
enum Loss {
    Dies,
    Sleeps,
}

/// Whoever took the place last, and the one that waits.
async fn projecting(cluster: &Cluster) -> (Arc<Node>, Arc<Node>) {
    let projectors = cluster.with_role("projector");
    let [one, other] = &projectors[..] else { panic!("two projectors") };
    eventually("one projects", async || match (projects(one), projects(other)) {
        (true, false) => Some((one.clone(), other.clone())),
        (false, true) => Some((other.clone(), one.clone())),
        _ => None,
    })
    .await
}

/// By what the process last said of its place.
fn projects(node: &Node) -> bool {
    let said = node.said();
    let taken = said.rfind("INFO projections::projector: Projecting");
    taken.is_some() && taken > said.rfind("The place to project is lost")
}

async fn goes_on_without(loss: Loss) {
    let cluster = Cluster::start(&ROLES).await;
    let nodes = cluster.with_role("api");
    let writer = Desk::open(&nodes[0], &cluster.administrator).await;
    let reader = Desk::open(&nodes[1], &cluster.administrator).await;
    for round in 0..3 {
        let (holder, waiting) = projecting(&cluster).await;
        match loss {
            Loss::Dies => holder.kill(),
            Loss::Sleeps => holder.pause(),
        }
        let since = Instant::now();
        let name = format!("Written-{round}");
        writer.add_eventually(&nodes[0], &name).await;
        let shown = reader.until_listed(&nodes[1], &name).await - since;
        // Pages know the log itself, and do not wait for whoever projects.
        println!("{loss:?}: what was written then is listed after {shown:?}");
        assert!(shown < PROMISED, "{shown:?}");
        eventually("the other one takes over", async || projects(&waiting).then_some(())).await;
        let taken = since.elapsed();
        println!("{loss:?}: another one projects after {taken:?}");
        assert!(taken < PROMISED, "{taken:?}");
        holder.heal();
        // One that slept finds out that it is late, and whatever it still sends is refused.
        let next = format!("Written-beside-{round}");
        writer.add_eventually(&nodes[1], &next).await;
        reader.until_listed(&nodes[0], &next).await;
        if matches!(loss, Loss::Sleeps) {
            eventually("the one that slept knows", async || (!projects(&holder)).then_some(()))
                .await;
        }
        cluster.views_are_what_the_log_says();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_projector_dies_another_one_goes_on_within_five_seconds() {
    goes_on_without(Loss::Dies).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_projector_sleeps_another_one_goes_on_within_five_seconds() {
    goes_on_without(Loss::Sleeps).await;
}
