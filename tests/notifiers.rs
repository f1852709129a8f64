//! Notifiers as processes of their own: beside a server that leaves mail to them, and dying again and again.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    path::PathBuf,
    process::{Child, Stdio},
    time::Duration,
};

use commands::{Commands, Permit, applications::NewApplication, notifications::NewRule};
use domain::{
    Category, Event, NotificationRuleId,
    application::Settings,
    authority::Belonging,
    name::{ApplicationName, OrganizationName, UserName},
    notification,
    notification_rule::Rule,
    user::Email,
};
use oathbook::{
    compose,
    config::{Config, Flags},
};
use serde_json::Value;
use smtp_stand_in::Arrivals;
use store::{Categories, Position, StreamName, limits};
use support::{House, cluster::Cluster, dice::Dice, eventually};

/// A process that ends with the test.
struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    fn start(house: &House, arguments: &[&str]) -> Self {
        let log = house.path().join(format!("{}.log", arguments[0]));
        let mut command = house.command(arguments);
        let command = command.stdout(Stdio::null()).stderr(File::create(&log).expect("a log"));
        Self { child: command.spawn().expect("the binary runs"), log }
    }

    fn said(&self) -> String {
        support::text(&std::fs::read(&self.log).expect("a log"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn recorded(house: &House, tag: &str) -> usize {
    let events = house.output(&["events", "list", "--category", "notification"]);
    let tags = events.lines().map(|line| serde_json::from_str::<Value>(line).expect("a document"));
    tags.filter(|event| event["tag"] == tag).count()
}

/// Until the views show what is in the log, which a process with the role projector sees to.
async fn projected(house: &House) {
    eventually("views that are up to date", async || {
        let views = house.json(&["projections", "status", "--json"]);
        let behind = |view: &Value| view["lag_seconds"].as_f64() > Some(0.0);
        (!views.as_array().expect("a list").iter().any(behind)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_is_sent_by_a_process_of_its_own_and_by_no_other() {
    let house = House::empty();
    house.quickstart().stop();
    let server =
        Process::start(&house, &["serve", "--without", "notifier", "--listen", "127.0.0.1:0"]);
    house.create("Sync");
    projected(&house).await;
    assert_eq!(recorded(&house, "notification.requested.v2"), 0);
    let notifier = Process::start(&house, &["notifier", "--listen", "127.0.0.1:0"]);
    eventually("the letter is sent", async || {
        (recorded(&house, "notification.sent.v1") == 1).then_some(())
    })
    .await;
    assert_eq!(support::files(&house.var().join("mail")).len(), 1);
    for done in ["Requested a letter", "Sent a letter"] {
        assert!(notifier.said().contains(done), "{}", notifier.said());
        assert!(!server.said().contains(done), "{}", server.said());
    }
}

/// The nice values of the threads of a process (proc(5), `/proc/[pid]/stat`).
fn nice_values(process: &Process) -> BTreeSet<i32> {
    let threads =
        std::fs::read_dir(format!("/proc/{}/task", process.child.id())).expect("a process");
    let nice = |thread: std::io::Result<std::fs::DirEntry>| {
        let stat = std::fs::read_to_string(thread.ok()?.path().join("stat")).ok()?;
        let (_, behind_the_name) = stat.rsplit_once(") ")?;
        behind_the_name.split(' ').nth(16)?.parse().ok()
    };
    threads.filter_map(nice).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_only_sends_mail_gives_way_to_all_others() {
    let house = House::empty();
    house.quickstart().stop();
    let nobody = "127.0.0.1:0";
    let server = Process::start(&house, &["serve", "--without", "notifier", "--listen", nobody]);
    let notifier = Process::start(&house, &["notifier", "--listen", nobody]);
    house.create("Sync");
    eventually("the letter is sent", async || {
        (recorded(&house, "notification.sent.v1") == 1).then_some(())
    })
    .await;
    assert_eq!(nice_values(&notifier), BTreeSet::from([19]));
    assert!(!nice_values(&server).contains(&19));
}

#[test]
fn what_a_node_does_is_said_in_one_way() {
    let house = House::empty();
    let (status, said) = house.refusal(&["serve", "--roles", "api", "--without", "notifier"]);
    assert!(status == 2 && said.contains("--without"), "{said}");
    let (status, said) = house.refusal(&["serve", "--without", "postman"]);
    assert!(status == 2 && said.contains("api, projector and notifier"), "{said}");
    let (status, said) = house.refusal(&["serve", "--without", "api,projector,notifier"]);
    assert!(status == 2 && said.contains("roles"), "{said}");
}

const KILLS: u32 = 50;
/// Applications that are created in each life; each is told to its owner and to an address.
const CREATED: u32 = 3;

/// Creates applications in the log itself.
struct Desk {
    commands: Commands,
    belonging: Belonging,
}

impl Desk {
    async fn open(cluster: &Cluster) -> Self {
        let flags = Flags { config: None, listen: None, roles: None };
        let config = Config::load(&flags, [], cluster.desk()).expect("a configuration").config;
        let commands = compose::House::open(&config).await.expect("a house").commands;
        let records = commands.as_operator();
        let name = OrganizationName::parse("Main").expect("a name");
        let organization = records.find_organization(&name).await.expect("a log").expect("Main");
        let name = UserName::parse("ada").expect("a name");
        let owner = records.find_user(&name).await.expect("a log").expect("Ada");
        let desk = Self { commands, belonging: Belonging { organization, owner } };
        desk.tell_an_address_too().await;
        desk
    }

    async fn tell_an_address_too(&self) {
        let id = NotificationRuleId::shipped("application_created");
        let shipped = briefing::shipped_rules().find(|(it, _)| *it == id).expect("a rule").1;
        let addresses = vec![Email::parse("desk@example.org").expect("an address")];
        let new = NewRule { rule: Rule { active: true, ..shipped.clone() }, addresses };
        let scribe = self.commands.as_operator();
        scribe.change_rule(&Permit::operator(), id, new, Some(shipped)).await.expect("a rule");
    }

    async fn create(&self, name: &str) {
        let new = NewApplication {
            belonging: self.belonging,
            name: ApplicationName::parse(name).expect("a name"),
            active: true,
            settings: Settings::default(),
        };
        let scribe = self.commands.as_operator();
        scribe.create_application(&Permit::operator(), new).await.expect("an application");
    }

    /// What the log says about each letter.
    async fn letters(&self) -> BTreeMap<StreamName, Letter> {
        let (log, categories) = (&self.commands.log, Categories::of(&[Category::Notification]));
        let (mut letters, mut after) = (BTreeMap::<_, Letter>::new(), Position::START);
        loop {
            let batch = log.store().read_all(after, &categories, limits::EVENTS).await;
            let batch = batch.expect("a log");
            for event in &batch.events {
                let letter = letters.entry(event.stream.clone()).or_default();
                match log.decode(event).await.expect("an event").event {
                    Event::Notification(notification::Event::Attempted { .. }) => {
                        letter.attempts += 1;
                    }
                    Event::Notification(notification::Event::Sent { message_id, .. }) => {
                        letter.sent.push(message_id);
                    }
                    _ => {}
                }
            }
            after = batch.through;
            if batch.at_head {
                return letters;
            }
        }
    }
}

#[derive(Debug, Default)]
struct Letter {
    /// A lease that is renewed counts again.
    attempts: usize,
    /// Message-IDs.
    sent: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_letter_survives_fifty_kills_of_one_of_two_notifiers() {
    let seed = std::env::var("OATHBOOK_CRASH_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or(0x0A7B_00C5);
    println!("OATHBOOK_CRASH_SEED={seed}");
    let mut dice = Dice::seeded(seed);
    let cluster = Cluster::start(&["projector", "notifier", "notifier"]).await;
    let desk = Desk::open(&cluster).await;
    let victim = cluster.with_role("notifier").pop().expect("a notifier");
    let mut handed_over_by_the_dead = 0;
    for kill in 0..KILLS {
        for number in 0..CREATED {
            desk.create(&format!("App {kill} {number}")).await;
        }
        // The moment of death is what is random here.
        tokio::time::sleep(Duration::from_millis(dice.thrown(200))).await;
        victim.kill();
        handed_over_by_the_dead += victim.said().matches("Sent a letter").count();
        victim.start();
        eventually("the next one is at work", async || {
            victim.said().contains("Serving").then_some(())
        })
        .await;
    }
    let wanted = (KILLS * CREATED * 2) as usize;
    let letters = eventually("every letter is sent", async || {
        let letters = desk.letters().await;
        let all = letters.len() == wanted && letters.values().all(|it| !it.sent.is_empty());
        all.then_some(letters)
    })
    .await;
    let arrivals = cluster.mailbox.arrivals();
    let repeated: usize = arrivals.values().map(|arrivals| arrivals.taken - 1).sum();
    println!(
        "{wanted} letters, {handed_over_by_the_dead} sent by those who died, {repeated} repeated"
    );
    assert!(handed_over_by_the_dead > 0, "those who died had a part in it");
    assert_eq!(arrivals.len(), wanted, "one Message-ID for each letter");
    for letter in letters.values() {
        let [id] = &letter.sent[..] else { panic!("sent once: {letter:?}") };
        let Arrivals { taken, .. } = arrivals[id];
        assert!(taken <= letter.attempts && taken <= 1 + KILLS as usize, "{id}: {letter:?}");
    }
}
