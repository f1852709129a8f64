//! The whole product over HTTP: what holds across processes, restarts and restored backups.

mod support;

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use reqwest::{Client, StatusCode};
use serde_json::Value;
use support::{Browser, Credentials, House, Server, Site, eventually, files, holds};

fn username(server: &Server) -> String {
    server.welcome()["username"].as_str().expect("a user").to_owned()
}

fn password(server: &Server) -> String {
    server.welcome()["password"].as_str().expect("a password").to_owned()
}

fn organization(server: &Server) -> String {
    server.welcome()["organization_id"].as_str().expect("an organization").to_owned()
}

/// Registers an application on the command line, beside the server.
fn create(house: &House, server: &Server, name: &str) -> (String, Credentials) {
    let (owner, organization) = (username(server), organization(server));
    let created = house.json(&[
        "applications",
        "create",
        "--owner",
        &owner,
        "--organization",
        &organization,
        "--name",
        name,
        "--json",
    ]);
    let field = |name: &str| created[name].as_str().expect("a text").to_owned();
    let (client_id, client_secret) = (field("client_id"), field("client_secret"));
    (field("id"), Credentials { client_id, client_secret })
}

/// Until a token is given: another process registered the application, so the server learns of it from the log.
async fn works(credentials: &Credentials, server: &Server) {
    eventually("a token", async || {
        (credentials.token(server).await.0 == StatusCode::OK).then_some(())
    })
    .await;
}

async fn refused(credentials: &Credentials, server: &Server) {
    let document = eventually("a refusal", async || {
        let (status, document) = credentials.token(server).await;
        (status == StatusCode::UNAUTHORIZED).then_some(document)
    })
    .await;
    assert_eq!(document["error"], "invalid_client");
}

#[tokio::test]
async fn a_second_quickstart_finds_what_the_first_one_made() {
    let house = House::empty();
    let first = house.quickstart();
    let welcome = first.welcome().clone();
    assert!(welcome["password"].is_string());
    assert_eq!(first.stop(), Some(0));
    let second = house.quickstart();
    assert_eq!(second.welcome()["password"], Value::Null);
    assert_eq!(second.welcome()["organization_id"], welcome["organization_id"]);
    assert_eq!(second.welcome()["username"], welcome["username"]);
    let browser = Browser::new();
    let password = welcome["password"].as_str().expect("a password");
    let status = browser.sign_in(&second, &username(&second), password).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn what_another_process_forbids_is_refused_soon() {
    let house = House::empty();
    let server = house.quickstart();
    let (id, credentials) = create(&house, &server, "Sync");
    works(&credentials, &server).await;
    house.output(&["applications", "deactivate", &id]);
    refused(&credentials, &server).await;
    house.output(&["applications", "activate", &id]);
    works(&credentials, &server).await;
    let organization = organization(&server);
    house.output(&["organizations", "disable", &organization]);
    refused(&credentials, &server).await;
    house.output(&["organizations", "enable", &organization]);
    works(&credentials, &server).await;
    let second = ["users", "create", "second", "--email", "second@acme.example"];
    let administrator = ["--organization", &organization, "--role", "administrator"];
    house.output(&[&second[..], &administrator].concat());
    house.output(&["users", "disable", &username(&server)]);
    refused(&credentials, &server).await;
    house.output(&["users", "enable", &username(&server)]);
    works(&credentials, &server).await;
    house.output(&["applications", "delete", &id]);
    refused(&credentials, &server).await;
}

#[tokio::test]
async fn a_request_sent_after_the_bound_gets_no_token() {
    let house = House::empty();
    let server = house.quickstart();
    for round in 0..5 {
        let (id, credentials) = create(&house, &server, &format!("Sync {round}"));
        works(&credentials, &server).await;
        house.output(&["applications", "deactivate", &id]);
        // The bound is a promise about time, so time must pass here: the default of one second.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (status, document) = credentials.token(&server).await;
        assert_ne!(status, StatusCode::OK, "{document}");
    }
}

#[tokio::test]
async fn a_member_who_left_gets_no_tokens() {
    let house = House::empty();
    let server = house.quickstart();
    let organization = organization(&server);
    house.output(&[
        "users",
        "create",
        "bob",
        "--email",
        "bob@acme.example",
        "--organization",
        &organization,
    ]);
    let created = house.json(&[
        "applications",
        "create",
        "--owner",
        "bob",
        "--organization",
        &organization,
        "--name",
        "Sync",
        "--json",
    ]);
    let field = |name: &str| created[name].as_str().expect("a text").to_owned();
    let credentials =
        Credentials { client_id: field("client_id"), client_secret: field("client_secret") };
    works(&credentials, &server).await;
    house.output(&["organizations", "dismiss", &organization, "bob"]);
    refused(&credentials, &server).await;
}

#[tokio::test]
async fn keys_that_appear_later_are_picked_up() {
    let house = House::empty();
    let server = house.quickstart();
    let (_, credentials) = create(&house, &server, "Sync");
    works(&credentials, &server).await;
    let private = house.var().join("oauth_private.key");
    let aside = house.var().join("aside");
    fs::rename(&private, &aside).expect("moved");
    let document = eventually("an error about keys", async || {
        let (status, document) = credentials.token(&server).await;
        (status == StatusCode::SERVICE_UNAVAILABLE).then_some(document)
    })
    .await;
    assert_eq!(document["error"], "no_encryption_key");
    assert_eq!(document["error_description"], "The encryption key does not exist.");
    let ready = Client::new().get(server.url("/readyz")).send().await.expect("an answer");
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    let web = Client::new().get(server.url("/readyz?role=web")).send().await.expect("an answer");
    assert_eq!(web.status(), StatusCode::OK);
    fs::rename(&aside, &private).expect("moved back");
    works(&credentials, &server).await;
}

#[tokio::test]
async fn a_key_that_all_may_read_does_not_sign() {
    let house = House::empty();
    let server = house.quickstart();
    let (_, credentials) = create(&house, &server, "Sync");
    works(&credentials, &server).await;
    let private = house.var().join("oauth_private.key");
    fs::set_permissions(&private, fs::Permissions::from_mode(0o644)).expect("changed");
    eventually("a refusal to sign", async || {
        (credentials.token(&server).await.0 == StatusCode::SERVICE_UNAVAILABLE).then_some(())
    })
    .await;
    fs::set_permissions(&private, fs::Permissions::from_mode(0o600)).expect("changed");
    works(&credentials, &server).await;
}

#[tokio::test]
async fn replaced_keys_sign_and_the_former_ones_still_verify() {
    let house = House::empty();
    let server = house.quickstart();
    let (_, credentials) = create(&house, &server, "Sync");
    works(&credentials, &server).await;
    house.output(&["keys", "generate", "--force"]);
    let keys = eventually("both keys", async || {
        let answer = Client::new().get(server.url("/.well-known/jwks.json")).send().await;
        let document: Value = answer.ok()?.json().await.ok()?;
        let keys = document["keys"].as_array()?.len();
        (keys == 2).then_some(keys)
    })
    .await;
    assert_eq!(keys, 2);
    works(&credentials, &server).await;
}

#[tokio::test]
async fn a_restored_older_log_is_noticed_and_the_views_follow_it() {
    let house = House::empty();
    let server = house.quickstart();
    let (_, kept) = create(&house, &server, "Kept");
    works(&kept, &server).await;
    assert_eq!(server.stop(), Some(0));
    let log = house.var().join("events.db");
    let backup = fs::read(&log).expect("a backup");
    let server = house.quickstart();
    let (_, lost) = create(&house, &server, "Lost");
    works(&lost, &server).await;
    assert_eq!(server.stop(), Some(0));
    fs::write(&log, backup).expect("restored");
    for leftover in ["events.db-wal", "events.db-shm"] {
        fs::remove_file(house.var().join(leftover)).ok();
    }
    // Other events than those that were lost, so that positions alone would not tell.
    house.output(&["organizations", "create", "Elsewhere"]);
    house.output(&["organizations", "create", "Elsewhere 2"]);
    let server = house.quickstart();
    works(&kept, &server).await;
    assert_eq!(lost.token(&server).await.0, StatusCode::UNAUTHORIZED);
    let listed = house.json(&["applications", "list", "--json"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert!(notices(&house), "the operator is told");
}

fn notices(house: &House) -> bool {
    let log = fs::read_to_string(house.path().join("server.log")).expect("a log");
    log.contains("is not the one this view was built from")
}

#[tokio::test]
async fn a_rebuild_beside_a_server_gives_the_rows_that_are_live() {
    let house = House::empty();
    let server = house.quickstart();
    for number in 0..20 {
        create(&house, &server, &format!("Application {number}"));
    }
    let rebuilt = house.json(&["projections", "rebuild", "--json"]);
    for view in rebuilt.as_array().expect("a list") {
        assert_eq!(view["differing"], 0, "{view}");
    }
    let status = house.json(&["projections", "status", "--json"]);
    for view in status.as_array().expect("a list") {
        assert_eq!(view["parked"].as_array().map(Vec::len), Some(0), "{view}");
    }
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test]
async fn a_taken_port_is_said_plainly() {
    let house = House::empty();
    let server = house.quickstart();
    let address = server.url("").replace("http://", "");
    let other = House::empty();
    let (status, message) = other.refusal(&["serve", "--listen", &address]);
    assert_eq!(status, 5);
    assert!(message.contains("cannot be listened on"), "{message}");
    assert!(message.contains("--listen"), "{message}");
}

#[tokio::test]
async fn nothing_secret_and_nothing_personal_lies_around() {
    let house = House::empty();
    let server = house.serve_with_logs();
    let browser = Browser::new();
    let admin_password = password(&server);
    house.output(&[
        "users",
        "create",
        "personal-user-name",
        "--email",
        "personal.address@acme.example",
        "--display-name",
        "Personal Displayname",
        "--organization",
        &organization(&server),
    ]);
    let set = house.json(&["users", "set-password", "personal-user-name", "--json"]);
    let user_password = set["password"].as_str().expect("a password").to_owned();
    let signed_in = eventually("signed in", async || {
        let status = browser.sign_in(&server, "personal-user-name", &user_password).await;
        (status == StatusCode::OK).then_some(status)
    })
    .await;
    assert_eq!(signed_in, StatusCode::OK);
    let csrf = browser.csrf(&server).await;
    let added = browser.add(&server, &csrf, "Sync").await.expect("an answer").expect("credentials");
    works(&added, &server).await;
    let wrong = Credentials { client_secret: "oab_wrong".to_owned(), ..added.clone() };
    assert_eq!(wrong.token(&server).await.0, StatusCode::UNAUTHORIZED);
    let other = Browser::new();
    other.sign_in(&server, "personal-user-name", "not-the-password-at-all").await;
    let mail = house.var().join("mail");
    eventually("a letter", async || {
        let letters = if mail.exists() { files(&mail) } else { vec![] };
        letters.iter().any(|(path, _)| path.extension().is_some_and(|it| it == "eml")).then_some(())
    })
    .await;
    assert_eq!(server.stop(), Some(0));

    let secrets = [&added.client_secret, &admin_password, &user_password];
    let personal = [
        "personal-user-name",
        "personal.address@acme.example",
        "Personal Displayname",
        "Agent-That-Must-Not-Be-Found",
    ];
    let mut found = files(&house.var());
    let log = house.path().join("server.log");
    found.push((log.clone(), fs::read(log).expect("a log")));
    for (path, bytes) in found {
        for secret in secrets {
            assert!(!holds(&bytes, secret), "{} holds a secret", path.display());
        }
        assert!(!holds(&bytes, "not-the-password-at-all"), "{}", path.display());
        // A letter is addressed to a person, and names them.
        if path.starts_with(&mail) {
            continue;
        }
        for text in personal {
            let lines = support::text(&bytes);
            let line = lines.lines().find(|line| line.contains(text)).unwrap_or_default();
            assert!(!holds(&bytes, text), "{} holds {text:?}: {line:.300}", path.display());
        }
    }
}
