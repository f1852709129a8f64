//! What goes wrong: processes die, sleep and are cut off, and the database restarts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::Instant};

use crate::support::{
    cluster::{Cluster, Node},
    dice::Dice,
    proxy::Weather,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    Kill,
    Pause,
    Cut,
    Silence,
    Slowness,
    DatabaseRestart,
    DatabaseCrash,
}

const FAULTS: [Fault; 12] = [
    Fault::Kill,
    Fault::Kill,
    Fault::Pause,
    Fault::Pause,
    Fault::Pause,
    Fault::Cut,
    Fault::Cut,
    Fault::Silence,
    Fault::Silence,
    Fault::Slowness,
    Fault::DatabaseRestart,
    Fault::DatabaseCrash,
];

/// Lets things go wrong, several at a time, until the time is up; then everything is as it should be again. Answers
/// with what happened how often.
pub(crate) async fn storm(
    cluster: &Cluster,
    mut dice: Dice,
    lasting: Duration,
) -> BTreeMap<Fault, u32> {
    let began = Instant::now();
    let mut happened = BTreeMap::new();
    let mut suffering: BTreeMap<String, tokio::task::AbortHandle> = BTreeMap::new();
    let mut all = JoinSet::new();
    while began.elapsed() < lasting {
        suffering.retain(|_, fault| !fault.is_finished());
        let fault = *dice.choice(&FAULTS);
        let node = dice.choice(&cluster.nodes).clone();
        let (for_how_long, delay) = (dice.millis(300, 6000), dice.millis(20, 300));
        if matches!(fault, Fault::DatabaseRestart | Fault::DatabaseCrash) {
            *happened.entry(fault).or_default() += 1;
            restart(cluster, fault);
        } else if !suffering.contains_key(&node.name) {
            *happened.entry(fault).or_default() += 1;
            println!(
                "{:>7.2} s  {fault:?} {} for {for_how_long:?}",
                began.elapsed().as_secs_f64(),
                node.name
            );
            let name = node.name.clone();
            suffering.insert(name, all.spawn(suffer(node, fault, for_how_long, delay)));
        }
        dice.pause(300, 1500).await;
    }
    all.join_all().await;
    for node in &cluster.nodes {
        node.heal();
    }
    happened
}

async fn suffer(node: Arc<Node>, fault: Fault, for_how_long: Duration, delay: Duration) {
    match fault {
        Fault::Kill => node.kill(),
        Fault::Pause => node.pause(),
        Fault::Cut => node.wire.turn(Weather::Cut),
        Fault::Silence => node.wire.turn(Weather::Silent),
        Fault::Slowness => node.wire.turn(Weather::Slow(delay)),
        Fault::DatabaseRestart | Fault::DatabaseCrash => {}
    }
    tokio::time::sleep(for_how_long).await;
    node.heal();
}

fn restart(cluster: &Cluster, fault: Fault) {
    println!("           {fault:?}");
    tokio::task::block_in_place(|| {
        if fault == Fault::DatabaseCrash {
            cluster.postgres.crash();
        } else {
            cluster.postgres.stop();
        }
        cluster.postgres.resume();
    });
}
