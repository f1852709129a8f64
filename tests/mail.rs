//! Mail against a server that misbehaves: nothing is lost, and an operator is told what is wrong.

mod support;

use std::{fs, path::Path, process::Output};

use commands::{Permit, notifications::NewRule};
use domain::notification_rule::Rule;
use oathbook::config::{Config, Flags};
use serde_json::Value;
use smtp_stand_in::{Answer, Arrivals, Authority, Login, Security, Server, Setup};
use support::{House, eventually, text};

/// A house whose letters go there.
fn house(transport: &str) -> House {
    let house = House::empty();
    let config = format!("mail:\n  transport: {transport}\n  authorities: authorities.pem\n");
    fs::write(house.path().join("config.yml"), config).expect("written");
    let authorities = house.path().join("authorities.pem");
    fs::write(authorities, Authority::new().pem()).expect("written");
    house
}

/// How often events of this tag were recorded.
fn recorded(house: &House, tag: &str) -> usize {
    let events = house.output(&["events", "list", "--category", "notification"]);
    let tags = events.lines().map(|line| serde_json::from_str::<Value>(line).expect("a document"));
    tags.filter(|event| event["tag"] == tag).count()
}

/// Until every letter that was asked for is sent; says how many there are.
async fn all_are_sent(house: &House, at_least: usize) -> usize {
    eventually("every letter is sent", async || {
        let (requested, sent) =
            (recorded(house, "notification.requested.v2"), recorded(house, "notification.sent.v1"));
        (requested >= at_least && sent == requested).then_some(sent)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_letter_is_lost_and_none_repeats_but_where_the_server_never_answered() {
    let mut server = Server::start();
    for (verb, answer) in [
        ("hello", Answer::HangUp),
        ("EHLO", "421 4.3.2 too busy".into()),
        ("MAIL", "451 4.3.0 try again".into()),
        ("RCPT", "450 4.2.0 greylisted".into()),
        ("RCPT", Answer::HangUp),
        ("DATA", "451 4.3.0 try again".into()),
        ("content", Answer::HangUp),
        (".", "451 4.3.0 try again".into()),
        (".", Answer::HangUp),
        (".", Answer::HangUp),
    ] {
        server.says_once(verb, answer);
    }
    let house = house(&server.url());
    let running = house.quickstart();
    for number in 0..6 {
        house.create(&format!("Before {number}"));
    }
    server.until(|heard| heard.unanswered.len() == 2).await;
    server.leave().await;
    for number in 0..4 {
        house.create(&format!("While nobody listens {number}"));
    }
    eventually("all letters are asked for", async || {
        (recorded(&house, "notification.requested.v2") >= 10).then_some(())
    })
    .await;
    server.come_back();
    let sent = all_are_sent(&house, 10).await;
    let arrivals = server.arrivals();
    assert_eq!(arrivals.len(), sent);
    for (id, Arrivals { taken, .. }) in &arrivals {
        assert_eq!(*taken, 1, "{id} was taken once, whatever happened before");
    }
    let repeated = arrivals.values().filter(|arrivals| arrivals.unanswered > 0).count();
    assert!((1..=2).contains(&repeated), "{arrivals:?}");
    server.heard(|heard| assert_eq!(heard.violations, Vec::<String>::new()));
    assert_eq!(running.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_was_handed_over_by_a_process_that_died_comes_again_under_its_name() {
    let server = Server::start();
    server.says_once(".", Answer::Stall);
    let house = house(&server.url());
    let running = house.quickstart();
    house.create("Sync");
    server.until(|heard| !heard.unanswered.is_empty()).await;
    running.kill();
    let running = house.quickstart();
    let sent = all_are_sent(&house, 1).await;
    let arrivals = server.arrivals();
    assert_eq!(arrivals.len(), sent);
    assert!(arrivals.values().all(|arrivals| arrivals.taken == 1), "{arrivals:?}");
    assert_eq!(arrivals.values().filter(|arrivals| arrivals.unanswered == 1).count(), 1);
    assert_eq!(running.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_refused_for_good_is_abandoned_and_says_why() {
    let server = Server::start();
    server.says_once("RCPT", "550 5.1.1 no such user");
    let house = house(&server.url());
    let running = house.quickstart();
    house.create("Sync");
    eventually("the letter is abandoned", async || {
        (recorded(&house, "notification.abandoned.v1") == 1).then_some(())
    })
    .await;
    let events = house.output(&["events", "list", "--category", "notification"]);
    assert!(events.contains("naming the recipient: 550 5.1.1 no such user"), "{events}");
    assert_eq!(running.stop(), Some(0));
}

fn check(house: &House, more: &[&str]) -> Output {
    house.run(&[&["mail", "check"], more].concat())
}

/// Step and words of the last line about a transport.
fn last_step(output: &Output) -> (String, String) {
    let said = text(&output.stdout);
    let line = said.lines().last().expect("a line").trim_start();
    let line = line.split_once(' ').expect("a verdict").1.trim_start();
    let (step, said) = line.split_once(' ').expect("a step");
    (step.to_owned(), said.trim_start().to_owned())
}

fn trust(house: &House, authority: &Authority) {
    fs::write(house.path().join("authorities.pem"), authority.pem()).expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_check_says_in_which_step_a_configuration_is_wrong() {
    let authority = Authority::new();
    let start = |host: &str| {
        let login = Login::Plain { user: "oath".to_owned(), password: "hunter2".to_owned() };
        let security = Security::StartTls(authority.certify(host));
        Server::with(Setup { security, login: Some(login), ..Setup::default() })
    };
    let (good, other) = (start("localhost"), start("mail.example.org"));
    let (sender, recipient) = (start("localhost"), start("localhost"));
    sender.says("MAIL", "553 5.7.1 not yours");
    recipient.says("RCPT", "550 5.1.1 unknown");
    let at = |server: &Server, login: &str| {
        format!("smtp://{login}@localhost:{}?tls=starttls", server.port())
    };
    for (transport, status, step, said) in [
        (at(&good, "oath:hunter2"), 0, "mail", "250 2.0.0 Ok"),
        ("smtps://mail.invalid".to_owned(), 1, "name", ""),
        ("smtps://localhost:1".to_owned(), 1, "connection", "refused"),
        (at(&other, "oath:hunter2"), 1, "TLS", "not valid for name \"localhost\""),
        (at(&good, "oath:wrong"), 1, "login", "535 5.7.8 the server refused"),
        (at(&sender, "oath:hunter2"), 1, "sender", "553 5.7.1 not yours"),
        (at(&recipient, "oath:hunter2"), 1, "recipient", "550 5.1.1 unknown"),
    ] {
        let house = house(&transport);
        trust(&house, &authority);
        let output = check(&house, &["--to", "ada@example.org"]);
        let (last, found) = last_step(&output);
        assert_eq!((output.status.code(), &*last), (Some(status), step), "{transport}: {found}");
        assert!(found.contains(said), "{transport}: {found}");
        let all = text(&output.stdout) + &text(&output.stderr);
        assert!(!all.contains("hunter2"), "{all}");
        assert_eq!(fs::read_dir(house.path()).expect("a folder").count(), 2, "nothing was made");
    }
    assert_eq!(good.heard(|heard| heard.mails.len()), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_check_tries_every_transport_and_prints_documents_for_programs() {
    let server = Server::start();
    let house = house(&format!("[smtp://127.0.0.1:1, \"{}\", \"file:letters\"]", server.url()));
    let output = check(&house, &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("1 of 3 transports"), "{}", text(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!(found[0]["transport"], "smtp://127.0.0.1:1");
    assert_eq!(found[0]["steps"][1]["step"], "connection");
    assert_eq!(found[0]["steps"][1]["verdict"], "failure");
    let good = |transport: usize| {
        let steps = found[transport]["steps"].as_array().expect("steps");
        steps.iter().all(|step| step["verdict"] == "good")
    };
    assert!(good(1) && good(2), "{found}");
    let doctor = house.run(&["doctor", "--json"]);
    let doctor: Value = serde_json::from_slice(&doctor.stdout).expect("findings");
    let verdicts = doctor.as_array().expect("findings").iter();
    let verdicts = verdicts.filter(|finding| finding["about"] == "mail");
    let verdicts: Vec<_> = verdicts.map(|finding| finding["verdict"].clone()).collect();
    assert_eq!(verdicts, ["warning", "good", "good"]);
}

#[test]
fn what_cannot_be_a_configuration_names_the_key() {
    for (config, key) in [
        ("mail: {transport: \"smtp://ada@mail.example.org\"}", "`mail.transport`"),
        ("mail: {from: nobody}", "`mail.from`"),
        ("mail: {authorities: nowhere.pem}", "`mail.authorities`"),
    ] {
        let house = House::empty();
        fs::write(house.path().join("config.yml"), config).expect("written");
        let (status, said) = house.refusal(&["mail", "check"]);
        assert_eq!(status, 2, "{said}");
        assert!(said.contains(key), "{said}");
    }
    let house = House::empty();
    let (status, said) = house.refusal(&["mail", "check", "--to", "ada"]);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("--to"), "{said}");
    assert!(!Path::new(&house.var()).exists());
}

/// Ends the server as soon as every letter is sent.
async fn finish(house: &House, running: support::Server, letters: usize) {
    assert_eq!(all_are_sent(house, letters).await, letters);
    assert_eq!(running.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_is_not_told_again_by_views_that_are_gone_or_a_restored_backup() {
    let server = Server::start();
    let original = house(&server.url());
    let running = original.quickstart();
    original.create("One");
    original.create("Two");
    finish(&original, running, 2).await;
    for name in ["views.db", "views.db-wal", "views.db-shm"] {
        fs::remove_file(original.var().join(name)).ok();
    }
    let running = original.quickstart();
    original.create("Three");
    finish(&original, running, 3).await;

    let copy = house(&server.url());
    let backup = copy.path().join("backup");
    let backup = backup.to_str().expect("a path");
    original.output(&["backup", backup, "--with-keys"]);
    copy.output(&["restore", backup]);
    let said = copy.output(&["mail", "announce", "--behind", "0.0"]);
    assert_eq!(said, "The notifier goes on behind 0.0.\n");
    let (status, said) = copy.refusal(&["mail", "announce", "--behind", "0.999999"]);
    assert!(status == 4 && said.contains("no event at 0.999999"), "{said}");
    let running = copy.quickstart();
    copy.create("Four");
    finish(&copy, running, 4).await;
    let arrivals = server.arrivals();
    assert!(arrivals.values().all(|it| it.taken == 1) && arrivals.len() == 4, "{arrivals:?}");
}

/// Switches every rule on.
async fn tell_everything(house: &House) {
    let flags = Flags { config: None, listen: None, roles: None };
    let config = Config::load(&flags, [], house.path()).expect("a configuration").config;
    let opened = oathbook::compose::House::open(&config).await.expect("a house");
    for (id, rule) in briefing::shipped_rules() {
        let new = NewRule { rule: Rule { active: true, ..rule.clone() }, addresses: vec![] };
        let scribe = opened.commands.as_operator();
        scribe.change_rule(&Permit::operator(), id, new, Some(rule)).await.expect("a rule");
    }
    opened.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_quickstart_and_commands_make_are_nobodys_news() {
    let server = Server::start();
    let house = house(&server.url());
    tell_everything(&house).await;
    let running = house.quickstart();
    let office = "Main organization";
    for command in [
        &["users", "create", "bob", "--email", "bob@example.com", "--organization", office][..],
        &["users", "set-password", "bob"],
        &["users", "rename", "bob", "--display-name", "Robert"],
        &["users", "change-email", "bob", "robert@example.com"],
        &["organizations", "admit", office, "bob", "--role", "manager"],
        &["users", "disable", "bob"],
        &["users", "enable", "bob"],
        &["organizations", "dismiss", office, "bob"],
    ] {
        house.output(command);
    }
    house.create("Sync");
    finish(&house, running, 1).await;
    server.heard(|heard| assert!(heard.mails[0].contains("Sync"), "{:?}", heard.mails));
}
