//! Backups are taken while servers run, are verified, and bring back what was there; what does not fit is told.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use postgres_testing::Database;
use reqwest::StatusCode;
use serde_json::Value;
use support::{Credentials, House, Server, eventually};

fn create(house: &House, name: &str) -> Credentials {
    let place = ["--owner", "admin", "--organization", "Main organization"];
    let arguments = [&["applications", "create", "--name", name, "--json"][..], &place].concat();
    let created = house.json(&arguments);
    let text = |key: &str| created[key].as_str().expect("a text").to_owned();
    Credentials { client_id: text("client_id"), client_secret: text("client_secret") }
}

async fn works(credentials: &Credentials, server: &Server) {
    eventually("a token is issued", async || {
        (credentials.token(server).await.0 == StatusCode::OK).then_some(())
    })
    .await;
}

fn listed(house: &House) -> usize {
    house.json(&["applications", "list", "--json"]).as_array().expect("a list").len()
}

/// What `oathbook doctor` says about this, with its verdict.
fn finding(house: &House, about: &str, verdict: &str) -> Option<String> {
    let output = house.run(&["doctor", "--json"]);
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).expect("a document");
    let found = findings.iter().find(|it| it["about"] == about && it["verdict"] == verdict)?;
    let fails = findings.iter().any(|it| it["verdict"] == "failure");
    assert_eq!(output.status.success(), !fails, "the exit status says whether something fails");
    Some(format!("{} → {}", found["said"], found["remedy"]))
}

#[tokio::test]
async fn a_backup_of_a_running_server_brings_everything_back() {
    let house = House::empty();
    let server = house.quickstart();
    let kept = create(&house, "Kept");
    let manifest = house.json(&["backup", "copy", "--json"]);
    assert!(manifest["events"].as_u64() > Some(5), "{manifest}");
    let names: Vec<_> = manifest["files"].as_object().expect("files").keys().collect();
    assert_eq!(names, ["events.db", "state.db"]);
    let lost = create(&house, "Lost");
    works(&lost, &server).await;

    let (status, message) = house.refusal(&["restore", "copy", "--force"]);
    assert!(status == 3 && message.contains("in use"), "{message}");
    assert_eq!(server.stop(), Some(0));
    let (status, message) = house.refusal(&["restore", "copy"]);
    assert!(status == 3 && message.contains("--force"), "{message}");
    assert_eq!(listed(&house), 2, "nothing was touched");
    house.output(&["restore", "copy", "--force"]);

    let said = finding(&house, "projections", "failure").expect("the views are from elsewhere");
    for view in ["applications", "credentials", "directory", "projections rebuild"] {
        assert!(said.contains(view), "{said}");
    }
    let server = house.quickstart();
    works(&kept, &server).await;
    assert_eq!(lost.token(&server).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(listed(&house), 1);
    assert_eq!(finding(&house, "projections", "failure"), None);
}

#[tokio::test]
async fn a_backup_with_keys_begins_anew_in_an_empty_place() {
    let house = House::empty();
    let server = house.quickstart();
    let kept = create(&house, "Kept");
    house.output(&["backup", "copy", "--with-keys"]);
    server.kill();

    let elsewhere = House::empty();
    let copy = house.path().join("copy");
    elsewhere.output(&["restore", copy.to_str().expect("a path")]);
    let server = elsewhere.quickstart();
    works(&kept, &server).await;
    assert_eq!(listed(&elsewhere), 1);
    assert_eq!(finding(&elsewhere, "persons", "failure"), None);
}

#[test]
fn a_backup_without_keys_says_what_is_missing() {
    let house = House::empty();
    drop(house.quickstart());
    let said = house.output(&["backup", "copy"]);
    assert!(said.contains("installation.key"), "{said}");
    let elsewhere = House::empty();
    let copy = house.path().join("copy");
    let said = elsewhere.output(&["restore", copy.to_str().expect("a path")]);
    assert!(said.contains("Copy installation.key"), "{said}");
    let said = finding(&elsewhere, "installation key", "failure").expect("it is missing");
    assert!(said.contains("copy it"), "{said}");
}

#[test]
fn what_is_no_backup_is_refused_by_name() {
    let house = House::empty();
    let (status, message) = house.refusal(&["backup", "copy"]);
    assert!(status == 4 && message.contains("events.db"), "{message}");
    drop(house.quickstart());
    house.output(&["backup", "copy"]);
    let (status, message) = house.refusal(&["backup", "copy"]);
    assert!(status == 3 && message.contains("not empty"), "{message}");
    let (status, message) = house.refusal(&["restore", "nowhere"]);
    assert!(status == 4 && message.contains("manifest.json"), "{message}");

    let events = house.path().join("copy/events.db");
    let mut bytes = fs::read(&events).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&events, bytes).expect("written");
    let (status, message) = house.refusal(&["restore", "copy", "--force"]);
    assert!(status == 3 && message.contains("events.db is not as it was"), "{message}");
}

#[test]
fn a_state_that_is_older_than_its_log_is_noticed() {
    let house = House::empty();
    assert_eq!(house.quickstart().stop(), Some(0));
    let state = house.var().join("state.db");
    let older = fs::read(&state).expect("a file");
    let place = ["--organization", "Main organization", "--role", "member"];
    let user = ["users", "create", "ada", "--email", "ada@example.org"];
    house.output(&[&user[..], &place].concat());
    assert_eq!(finding(&house, "persons", "failure"), None);
    fs::write(&state, older).expect("written");
    let said = finding(&house, "persons", "failure").expect("a key is missing");
    assert!(said.contains("1 of 2 persons"), "{said}");
}

/// A program of PostgreSQL, on a database.
fn run(program: &str, arguments: &[&str]) {
    let programs = std::env::var_os("POSTGRES_BIN").expect("PostgreSQL's programs");
    let output = Command::new(PathBuf::from(programs).join(program)).args(arguments).output();
    let output = output.expect("it runs");
    assert!(output.status.success(), "{program}: {}", support::text(&output.stderr));
}

/// A script about a file.
fn python(script: &str, file: &Path) {
    let status = Command::new("python3").args(["-c", script]).arg(file).status();
    assert!(status.expect("Python runs").success());
}

fn configure(house: &House, database: &str) {
    let config = format!("events: {database}\nviews: {database}\nstate: {database}\n");
    fs::write(house.path().join("config.yml"), config).expect("written");
}

#[tokio::test]
async fn an_older_log_that_was_restored_to_postgresql_is_noticed_by_every_view() {
    let database = Database::create().await;
    let (house, url) = (House::empty(), database.url());
    configure(&house, &url);
    let server = house.quickstart();
    let kept = create(&house, "Kept");
    works(&kept, &server).await;
    assert_eq!(server.stop(), Some(0));
    let dump = house.path().join("dump");
    let dump = dump.to_str().expect("a path");
    run("pg_dump", &["--format=custom", "--schema=oathbook_log", "--file", dump, &url]);
    let server = house.quickstart();
    let lost = create(&house, "Lost");
    works(&lost, &server).await;
    assert_eq!(server.stop(), Some(0));
    assert_eq!(finding(&house, "projections", "failure"), None);

    run("psql", &["--quiet", "--command", "DROP SCHEMA oathbook_log CASCADE", &url]);
    run("pg_restore", &["--exit-on-error", "--dbname", &url, dump]);
    let said = finding(&house, "projections", "failure").expect("the views are from elsewhere");
    for view in ["applications", "credentials", "directory", "notifications"] {
        assert!(said.contains(view), "{said}");
    }
    assert!(said.contains("oathbook projections rebuild"), "{said}");
    let server = house.quickstart();
    works(&kept, &server).await;
    assert_eq!(lost.token(&server).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(listed(&house), 1);
    assert_eq!(finding(&house, "projections", "failure"), None);
    let noticed = fs::read_to_string(house.path().join("server.log")).expect("a log");
    let noticed = noticed.matches("is not the one this view was built from").count();
    assert_eq!(noticed, 4, "every view");
}

#[test]
fn an_engine_that_is_not_there_is_named_with_a_remedy() {
    let house = House::empty();
    configure(&house, "postgres://oathbook@127.0.0.1:1/oathbook");
    for about in ["events", "views", "state"] {
        let said = finding(&house, about, "failure").expect("it is not there");
        assert!(
            said.contains("127.0.0.1:1") && said.contains("see that the engine runs"),
            "{said}"
        );
    }
    assert!(!house.var().exists(), "looking makes nothing");
}

#[tokio::test]
async fn what_would_not_work_with_several_nodes_is_a_failure() {
    let database = Database::create().await;
    let (house, url) = (House::empty(), database.url());
    configure(&house, &url);
    let said = finding(&house, "public_url", "failure").expect("it is not set");
    assert!(said.contains("set public_url"), "{said}");
    let said = finding(&house, "schema", "failure").expect("nothing was migrated");
    assert!(said.contains("oathbook migrate"), "{said}");
    house.output(&["migrate"]);
    assert_eq!(finding(&house, "schema", "failure"), None);
    assert!(finding(&house, "clock", "good").is_some());
    assert!(!Path::new(&house.var()).join("events.db").exists());
}

#[test]
fn a_write_ahead_log_whose_file_is_gone_is_not_taken_for_the_restored_one() {
    let house = House::empty();
    let server = house.quickstart();
    house.output(&["backup", "copy"]);
    create(&house, "Lost");
    assert_eq!(server.stop(), Some(0));
    let log = house.var().join("events.db");
    // As whoever is killed leaves it.
    python(
        "import os, sqlite3, sys
log = sqlite3.connect(sys.argv[1])
log.execute('PRAGMA wal_autocheckpoint = 0')
log.execute('CREATE TABLE stale (row)')
log.commit()
os._exit(0)",
        &log,
    );
    assert!(fs::metadata(house.var().join("events.db-wal")).expect("a file").len() > 0);
    fs::remove_file(&log).expect("gone");
    house.output(&["restore", "copy", "--force"]);
    assert_eq!(listed(&house), 0);
    assert!(!house.var().join("restore.unfinished").exists());
}

#[test]
fn a_restore_that_did_not_end_stops_everything_else() {
    let house = House::empty();
    assert_eq!(house.quickstart().stop(), Some(0));
    house.output(&["backup", "copy"]);
    fs::write(house.var().join("restore.unfinished"), "").expect("written");
    let (status, message) = house.refusal(&["applications", "list"]);
    assert!(status == 5 && message.contains("oathbook restore"), "{message}");
    house.output(&["restore", "copy", "--force"]);
    assert_eq!(listed(&house), 0);
}

#[test]
fn a_manifest_leads_nowhere_else() {
    let house = House::empty();
    assert_eq!(house.quickstart().stop(), Some(0));
    house.output(&["backup", "copy"]);
    let path = house.path().join("copy/manifest.json");
    let mut manifest: Value =
        serde_json::from_slice(&fs::read(&path).expect("a file")).expect("a document");
    manifest["files"]["../../passwd"] = manifest["files"]["state.db"].clone();
    fs::write(&path, manifest.to_string()).expect("written");
    let (status, message) = house.refusal(&["restore", "copy", "--force"]);
    assert!(status == 3 && message.contains("../../passwd"), "{message}");
}

#[tokio::test]
async fn letters_go_on_in_a_copied_log_where_they_were() {
    let house = House::empty();
    let server = house.quickstart();
    create(&house, "Announced");
    let letters = || {
        fs::read_dir(house.var().join("mail")).map_or(0, |folder| {
            folder
                .filter(|file| {
                    let name = file.as_ref().expect("a file").file_name();
                    name.to_string_lossy().ends_with(".eml")
                })
                .count()
        })
    };
    eventually("the first letter is sent", async || (letters() == 1).then_some(())).await;
    assert_eq!(server.stop(), Some(0));
    create(&house, "Not announced yet");
    house.output(&["events", "copy", "sqlite:var/events.db", "sqlite:var/copy.db"]);
    fs::write(house.path().join("config.yml"), "events: sqlite:var/copy.db\n").expect("written");
    let server = house.quickstart();
    eventually("the second letter is sent", async || (letters() == 2).then_some(())).await;
    let sent = house.output(&["events", "list", "--category", "notification"]);
    assert_eq!(sent.matches("notification.requested").count(), 2, "{sent}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn files_of_an_earlier_release_are_not_touched_by_looking_at_them() {
    let house = House::empty();
    assert_eq!(house.quickstart().stop(), Some(0));
    let views = house.var().join("views.db");
    python(
        "import sqlite3, sys
views = sqlite3.connect(sys.argv[1])
views.execute('DELETE FROM _sqlx_migrations WHERE version = 3')
views.commit()",
        &views,
    );
    let before = fs::read(&views).expect("a file");
    let said = finding(&house, "schema", "warning").expect("a migration is missing");
    assert!(said.contains("1 migrations"), "{said}");
    assert!(fs::read(&views).expect("a file") == before);
}
