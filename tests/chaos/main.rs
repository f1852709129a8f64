//! Three API nodes, two projectors and two notifiers on one PostgreSQL, under load, while everything breaks.
//!
//! `OATHBOOK_CHAOS_SEED` repeats a run's faults, `OATHBOOK_CHAOS_SECONDS` makes it longer; ten minutes is what
//! `docs/deployment.md` reports.

mod faults;
mod load;
#[path = "../support/mod.rs"]
mod support;
mod verdict;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use load::Memory;
use support::{cluster::Cluster, dice::Dice, eventually};
use tokio::task::JoinSet;

const ROLES: [&str; 7] = ["api", "api", "api", "projector", "projector", "notifier", "notifier"];
/// Seconds of a run, unless told otherwise.
const SECONDS: u64 = 45;

fn told(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_promised_is_kept_while_everything_breaks() {
    let seed = told("OATHBOOK_CHAOS_SEED").unwrap_or(0x0A7B_00C5);
    let lasting = Duration::from_secs(told("OATHBOOK_CHAOS_SECONDS").unwrap_or(SECONDS));
    println!("OATHBOOK_CHAOS_SEED={seed} OATHBOOK_CHAOS_SECONDS={}", lasting.as_secs());
    let mut dice = Dice::seeded(seed);
    let cluster = Cluster::start(&ROLES).await;
    let memory = Arc::<Memory>::default();
    let work = put_to_work(&cluster, &memory, &mut dice);

    let happened = faults::storm(&cluster, dice.another(), lasting).await;
    println!("{happened:?}");
    for node in &cluster.nodes {
        node.until_ready().await;
    }
    memory.finish();
    work.join_all().await;
    judge(&cluster, &memory).await;
}

fn put_to_work(cluster: &Cluster, memory: &Arc<Memory>, dice: &mut Dice) -> JoinSet<()> {
    let (nodes, administrator) = (cluster.with_role("api"), &cluster.administrator);
    let mut work = JoinSet::new();
    for number in 0..4 {
        let (memory, nodes) = (memory.clone(), nodes.clone());
        let (who, label) = (administrator.clone(), format!("app-{number}"));
        work.spawn(load::ask_for_tokens(memory.clone(), nodes.clone(), dice.another()));
        let database = cluster.database.clone();
        work.spawn(load::administer(memory, nodes, who, database, dice.another(), label));
    }
    let dice = dice.another();
    work.spawn(load::read_pages(memory.clone(), nodes, administrator.clone(), dice));
    work
}

async fn judge(cluster: &Cluster, memory: &Memory) {
    let failures = memory.counts.failures.lock().expect("failures").clone();
    assert!(failures.is_empty(), "{failures:#?}");
    eventually("all letters are sent", async || {
        let log = cluster.log();
        let requested = log.iter().filter(|event| event["tag"] == "notification.requested.v2");
        let sent = log.iter().filter(|event| event["tag"] == "notification.sent.v1");
        let created = log.iter().filter(|event| event["tag"] == "application.created.v1");
        let (requested, sent, created) = (requested.count(), sent.count(), created.count());
        (requested == created && sent == created).then_some(())
    })
    .await;
    let log = cluster.log();
    verdict::the_log_holds_what_was_acknowledged(memory, &log);
    let (issued, refused) = verdict::tokens_obeyed(memory);
    let arrivals = cluster.mailbox.arrivals();
    let repeated = verdict::letters_repeat_only_where_a_process_died(&arrivals, &log);
    cluster.views_are_what_the_log_says();
    let counts = &memory.counts;
    println!(
        "{} events, {} applications, {issued} tokens issued, {refused} refused, {} pages, {} letters of which {repeated} repeated",
        log.len(),
        memory.stories.lock().expect("stories").len(),
        counts.pages.load(Ordering::Relaxed),
        arrivals.len(),
    );
    println!(
        "{} answers of 503, {} requests without an answer, {} deeds of unknown outcome",
        counts.unavailable.load(Ordering::Relaxed),
        counts.unanswered.load(Ordering::Relaxed),
        counts.unknown.load(Ordering::Relaxed),
    );
    assert!(issued > 100 && refused > 0, "there was hardly any load");
}
