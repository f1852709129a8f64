//! The command line: what it prints, what it refuses, and with which exit status.

mod support;

use serde_json::Value;
use support::{House, eventually};

/// A user and an organization without a server.
fn furnished() -> House {
    let house = House::empty();
    house.output(&["organizations", "create", "Acme GmbH"]);
    house.output(&[
        "users",
        "create",
        "ada",
        "--email",
        "ada@acme.example",
        "--organization",
        "Acme GmbH",
    ]);
    house
}

fn create(house: &House, name: &str) -> Value {
    house.json(&[
        "applications",
        "create",
        "--owner",
        "ada",
        "--organization",
        "acme gmbh",
        "--name",
        name,
        "--json",
    ])
}

fn id(document: &Value) -> &str {
    document["id"].as_str().expect("an id")
}

/// How many events there are.
fn events(house: &House) -> usize {
    house.output(&["events", "list"]).lines().count()
}

#[test]
fn an_application_is_created_renamed_switched_and_deleted() {
    let house = furnished();
    let created = create(&house, "Sync");
    assert_eq!(created["client_id"].as_str().map(str::len), Some(32));
    assert_eq!(created["client_secret"].as_str().map(str::len), Some(53));
    house.output(&["applications", "rename", id(&created), "Warehouse sync"]);
    house.output(&["applications", "deactivate", id(&created), "--reason", "suspicious traffic"]);
    let shown = house.json(&["applications", "show", id(&created), "--json"]);
    assert_eq!(shown["name"], "Warehouse sync");
    assert_eq!(shown["active"], false);
    assert_eq!(shown["status_reason"], "suspicious traffic");
    house.output(&["applications", "activate", id(&created)]);
    let listed = house.json(&["applications", "list", "--owner", "ADA", "--json"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!(listed[0]["active"], true);
    house.output(&["applications", "delete", id(&created)]);
    let listed = house.json(&["applications", "list", "--json"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(0));
    let shown = house.json(&["applications", "show", id(&created), "--json"]);
    assert!(shown["deleted_at"].is_string() && shown["restorable_until"].is_string());
    assert!(house.output(&["applications", "show", id(&created)]).contains("deleted"));
}

#[test]
fn a_notification_rule_is_made_changed_switched_and_removed() {
    let house = furnished();
    let rule = ["rules", "create", "Tell security", "--occasion", "application_deleted"];
    let to = ["--to-owner", "--to-user", "ada", "--to-address", "security@acme.example"];
    let made =
        house.json(&[&rule[..], &to, &["--for-organization", "acme gmbh", "--json"]].concat());
    let show = || house.json(&["rules", "show", "Tell security", "--json"]);
    let before = show();
    assert_eq!(before["id"], made["id"]);
    assert_eq!(before["recipients"]["addresses"][0], "security@acme.example");
    assert_eq!(before["recipients"]["users"].as_array().map(Vec::len), Some(1));
    assert!(before["filter"]["organization"].is_string());

    let part = ["rules", "change", "Tell security", "--for-application", "sync"];
    house.output(&part);
    let managers = ["rules", "change", id(&made), "--no-filter", "--to-role", "manager"];
    assert_eq!(show()["filter"]["application_name"], "sync");
    assert_eq!(show()["recipients"], before["recipients"], "what is not said stays");
    house.output(&managers);
    assert_eq!(show()["filter"]["application_name"], "");
    assert_eq!(show()["recipients"]["roles"][0], "manager");
    assert_eq!(show()["recipients"]["owner"], false, "recipients are replaced as a whole");
    let occasion = ["--occasion", "application_unused", "--days", "7"];
    house.output(&[&["rules", "change", "Tell security"], &occasion[..]].concat());
    assert!(house.output(&["rules", "show", "Tell security"]).contains("Days          7"));

    house.output(&["rules", "off", "Tell security"]);
    assert_eq!(show()["active"], false);
    house.output(&["rules", "on", "Tell security"]);
    assert_eq!(show()["active"], true);
    assert!(house.output(&["rules", "list"]).contains("Tell security"));
    house.output(&["rules", "remove", "Tell security"]);
    assert_eq!(house.refusal(&["rules", "show", "Tell security"]).0, 4);
    let listed = house.json(&["rules", "list", "--json"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(13));
    assert_eq!(listed[0]["shipped"], true);
}

#[test]
fn templates_of_letters_are_listed_and_shown_in_the_language_of_their_reader() {
    let house = furnished();
    let listed = house.json(&["templates", "list", "--json"]);
    assert!(listed.as_array().is_some_and(|all| all.len() >= 14), "{listed}");
    assert_eq!(listed[0]["name"], "oauth_application_created");
    let shown = house.output(&["templates", "show", "oauth_application_created"]);
    assert!(shown.contains("Occasion      application_created"), "{shown}");
    let german = ["templates", "show", id(&listed[0]), "--locale", "de-CH", "--json"];
    let german = house.json(&german);
    assert!(german["locale"].as_str().is_some_and(|it| it.starts_with("de")), "{german}");
    assert!(german["html"].as_str().is_some_and(|it| it.contains("<html")), "{german}");
    assert_eq!(house.refusal(&["templates", "show", "nothing"]).0, 4);
    let odd = ["templates", "show", "password_changed", "--locale", "§"];
    assert_eq!(house.refusal(&odd).0, 2);
}

#[test]
fn a_notification_rule_that_could_not_tell_anybody_is_refused() {
    let house = furnished();
    let before = events(&house);
    let create = |others: &[&str]| {
        let rule = ["rules", "create", "Mine", "--occasion"];
        house.refusal(&[&rule[..], others].concat())
    };
    for (arguments, status, text) in [
        (&["application_created"][..], 3, "At least one recipient must be specified."),
        (&["doomsday", "--to-owner"], 3, "There is no such occasion."),
        (&["role_changed", "--to-owner", "--days", "7"], 3, "there are no days to say"),
        (&["role_changed", "--to-user", "zoe"], 4, "there is no user"),
        (&["role_changed", "--to-address", "x"], 2, "--to-address"),
        (&["role_changed", "--to-owner", "--template", "x"], 4, "there is no template"),
    ] {
        let (refused, message) = create(arguments);
        assert_eq!(refused, status, "{message}");
        assert!(message.contains(text), "{message}");
    }
    let (status, message) = house.refusal(&["rules", "remove", "Role changed"]);
    assert_eq!((status, message.contains("it can be switched off")), (3, true), "{message}");
    assert_eq!(events(&house), before);
}

#[test]
fn an_application_is_edited_in_one_command() {
    let house = furnished();
    let created = create(&house, "Sync");
    let before = events(&house);
    house.output(&[
        "applications",
        "edit",
        id(&created),
        "--description",
        "Fetches orders.",
        "--contact",
        "team@acme.example",
        "--homepage",
        "https://sync.acme.example",
        "--scope",
        "applications:read",
    ]);
    assert_eq!(events(&house), before + 1);
    let show = || house.json(&["applications", "show", id(&created), "--json"]);
    let shown = show();
    assert_eq!(shown["description"], "Fetches orders.");
    assert_eq!(shown["contact"], "team@acme.example");
    assert_eq!(shown["homepage"], "https://sync.acme.example");
    assert_eq!(shown["scopes"][0], "applications:read");
    let unknown = ["applications", "edit", id(&created), "--scope", "orders:read"];
    assert_eq!(house.refusal(&unknown).0, 2, "it is not in the catalogue");
    let renamed = ["--name", "Warehouse", "--contact", "", "--no-scopes"];
    house.output(&[&["applications", "edit", id(&created)], &renamed[..]].concat());
    let shown = show();
    assert_eq!((&shown["name"], &shown["contact"]), (&"Warehouse".into(), &"".into()));
    assert_eq!(shown["description"], "Fetches orders.", "what is not said stays");
    assert_eq!(shown["scopes"].as_array().map(Vec::len), Some(0));
}

#[test]
fn an_application_is_transferred_to_a_member() {
    let house = furnished();
    house.output(&["users", "create", "bob", "--email", "bob@acme.example"]);
    let created = create(&house, "Sync");
    let transfer = ["applications", "transfer", id(&created), "--owner", "bob"];
    let (status, message) = house.refusal(&transfer);
    assert_eq!(status, 3);
    assert!(message.contains("not a member"), "{message}");
    house.output(&["organizations", "admit", "Acme GmbH", "bob", "--role", "member"]);
    let of_bob = house.json(&[
        "applications",
        "create",
        "--owner",
        "bob",
        "--organization",
        "Acme GmbH",
        "--name",
        "Sync",
        "--json",
    ]);
    let (status, message) = house.refusal(&transfer);
    assert_eq!(status, 3);
    assert!(message.contains("rename this one first"), "{message}");
    house.output(&["applications", "delete", id(&of_bob)]);
    house.output(&transfer);
    let listed = house.json(&["applications", "list", "--owner", "bob", "--json"]);
    assert_eq!(listed[0]["id"], created["id"]);
}

#[test]
fn a_deleted_application_is_restored_under_its_name_or_another() {
    let house = furnished();
    let created = create(&house, "Sync");
    let restore = ["applications", "restore", id(&created)];
    assert_eq!(house.refusal(&restore).0, 3, "it is not deleted");
    house.output(&["applications", "delete", id(&created)]);
    create(&house, "Sync");
    let (status, message) = house.refusal(&restore);
    assert_eq!(status, 3);
    assert!(message.contains("--name NAME"), "{message}");
    house.output(&[&restore[..], &["--name", "Sync of old"]].concat());
    let shown = house.json(&["applications", "show", id(&created), "--json"]);
    assert_eq!((&shown["name"], &shown["active"]), (&"Sync of old".into(), &false.into()));
    assert!(shown["deleted_at"].is_null());
    let nothing = ["applications", "restore", "0198c2f4-7d1e-7a3b-9c55-0f2e4b6a8d10"];
    assert_eq!(house.refusal(&nothing).0, 4);
}

#[test]
fn a_name_is_unique_per_owner_and_organization_until_it_is_free_again() {
    let house = furnished();
    let first = create(&house, "Sync");
    let again = [
        "applications",
        "create",
        "--owner",
        "ada",
        "--organization",
        "Acme GmbH",
        "--name",
        " Sync ",
    ];
    let before = events(&house);
    let (status, message) = house.refusal(&again);
    assert_eq!(status, 3);
    assert!(message.contains("The application with the given name already exists."), "{message}");
    assert_eq!(events(&house), before, "a refusal writes nothing");
    house.output(&["applications", "delete", id(&first)]);
    house.output(&again);
}

#[test]
fn people_are_invited_renamed_and_moved() {
    let house = furnished();
    let invite =
        ["users", "invite", "bob", "--email", "bob@acme.example", "--organization", "acme gmbh"];
    let said = house.output(&invite);
    assert!(said.ends_with("A letter with a link to choose a password is on its way.\n"), "{said}");
    assert!(!said.contains("invitation/"), "the link is in the letter alone: {said}");
    house.output(&["users", "invite-again", "bob"]);
    house.output(&["users", "rename", "bob", "--user-name", "robert"]);
    house.output(&["users", "rename", "robert", "--display-name", "Robert the Great"]);
    house.output(&["users", "change-email", "robert", "robert@acme.example"]);
    house.output(&["organizations", "rename", "acme gmbh", "Acme AG"]);
    let users = house.json(&["users", "list", "--json"]);
    let users: Vec<_> = users.as_array().expect("a list").iter().collect();
    let robert = users.iter().find(|user| user["user_name"] == "robert").expect("a user");
    assert_eq!(robert["display_name"], "Robert the Great");
    assert_eq!(robert["email"], "robert@acme.example");
    let organizations = house.json(&["organizations", "list", "--json"]);
    assert_eq!(organizations[0]["name"], "Acme AG");
}

#[test]
fn every_command_explains_itself() {
    fn walk(command: &clap::Command, path: &[&str], house: &House) {
        let mut arguments: Vec<&str> = path.to_vec();
        arguments.push("--help");
        let help = house.output(&arguments);
        assert!(help.contains("Usage:"), "{path:?}");
        for argument in command.get_arguments() {
            assert!(
                argument.get_help().is_some() || argument.is_positional(),
                "{path:?} {} has no help",
                argument.get_id()
            );
        }
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            assert!(inner.get_about().is_some(), "{path:?} {} has no help", inner.get_name());
            walk(inner, &[path, &[inner.get_name()]].concat(), house);
        }
    }
    let mut definition = oathbook::cli::definition();
    definition.build();
    walk(&definition, &[], &House::empty());
}

#[test]
fn wrong_usage_exits_with_two_and_names_the_argument() {
    let house = furnished();
    let long = "x".repeat(256);
    for (arguments, told) in [
        (vec!["applications"], "Usage"),
        (vec!["applications", "create"], "--owner"),
        (vec!["applications", "show", "42"], "an application's id looks like"),
        (vec!["applications", "show", ""], "an application's id looks like"),
        (
            vec!["applications", "rename", "0198c2f4-7d1e-7a3b-9c55-0f2e4b6a8d10", ""],
            "should not be blank",
        ),
        (vec!["applications", "rename", "0198c2f4-7d1e-7a3b-9c55-0f2e4b6a8d10", &long], "too long"),
        (
            vec!["applications", "rename", "0198c2f4-7d1e-7a3b-9c55-0f2e4b6a8d10", "a\u{7f}b"],
            "control characters",
        ),
        (
            vec![
                "applications",
                "edit",
                "0198c2f4-7d1e-7a3b-9c55-0f2e4b6a8d10",
                "--homepage",
                "ftp://a",
            ],
            "not a valid URL",
        ),
        (
            vec!["applications", "edit", "0198c2f4-7d1e-7a3b-9c55-0f2e4b6a8d10"],
            "say what to change",
        ),
        (vec!["organizations", "create", ""], "should not be blank"),
        (vec!["organizations", "create", " "], "should not be blank"),
        (vec!["organizations", "create", &long], "too long"),
        (vec!["organizations", "admit", "Acme GmbH", "ada", "--role", "king"], "--role"),
        (vec!["users", "create", "bob", "--email", "nobody"], "not a valid email"),
        (vec!["users", "create", "bob", "--email", "a@b\r\nBcc: c@d"], "not a valid email"),
        (
            vec!["users", "create", "bob smith", "--email", "bob@acme.example"],
            "not a valid user name",
        ),
        (vec!["users", "create", "", "--email", "bob@acme.example"], "should not be blank"),
        (vec!["users", "create", "bob", "--email", "bob@acme.example", "--locale", "x"], "locale"),
        (vec!["users", "create", "bob", "--email", "b@a.example", "--password-stdin"], "too short"),
        (vec!["users", "rename", "ada"], "--user-name"),
        (vec!["users", "invite", "bob", "--email", "bob@acme.example"], "--organization"),
        (vec!["events", "list", "--category", "pets"], "there is no category pets"),
        (vec!["events", "list", "--stream", "$all"], "category-id"),
        (vec!["events", "list", "--after", "x"], "0.42"),
        (vec!["events", "list", "--limit=-1"], "--limit"),
        (vec!["keys", "generate", "--bits", "1024"], "--bits"),
        (vec!["serve", "--listen", "nowhere"], "listen"),
        (vec!["quickstart", "--listen", "127.0.0.1:99999"], "listen"),
        (vec!["frobnicate"], "frobnicate"),
    ] {
        let before = events(&house);
        let (status, message) = house.refusal(&arguments);
        assert_eq!(status, 2, "{arguments:?}: {message}");
        assert!(message.contains(told), "{arguments:?}: {message}");
        assert_eq!(events(&house), before, "{arguments:?} wrote something");
    }
}

#[test]
fn what_does_not_exist_exits_with_four() {
    let house = furnished();
    let nobody = "0198c2f4-7d1e-7a3b-9c55-0f2e4b6a8d10";
    for arguments in [
        vec!["applications", "show", nobody],
        vec!["applications", "rename", nobody, "Sync"],
        vec!["applications", "activate", nobody],
        vec!["applications", "deactivate", nobody],
        vec!["applications", "delete", nobody],
        vec!["applications", "list", "--owner", "nobody"],
        vec!["applications", "list", "--organization", "nowhere"],
        vec![
            "applications",
            "create",
            "--owner",
            nobody,
            "--organization",
            "Acme GmbH",
            "--name",
            "x",
        ],
        vec![
            "applications",
            "create",
            "--owner",
            "ada",
            "--organization",
            "\u{202e}",
            "--name",
            "x",
        ],
        vec!["users", "set-password", "nobody"],
        vec!["users", "disable", nobody],
        vec!["organizations", "disable", "nowhere"],
        vec!["organizations", "admit", "Acme GmbH", "nobody"],
        vec!["projections", "rebuild", "pets"],
    ] {
        let before = events(&house);
        let (status, message) = house.refusal(&arguments);
        assert_eq!(status, 4, "{arguments:?}: {message}");
        assert_eq!(events(&house), before, "{arguments:?} wrote something");
    }
}

#[test]
fn rules_that_refuse_exit_with_three() {
    let house = furnished();
    house.output(&["users", "create", "bob", "--email", "bob@acme.example"]);
    house.output(&["organizations", "admit", "Acme GmbH", "ada", "--role", "administrator"]);
    for arguments in [
        vec!["users", "create", "ADA", "--email", "other@acme.example"],
        vec!["organizations", "create", "ACME gmbh"],
        vec!["organizations", "dismiss", "Acme GmbH", "bob"],
        vec!["organizations", "dismiss", "Acme GmbH", "ada"],
        vec!["organizations", "admit", "Acme GmbH", "ada", "--role", "member"],
        vec!["users", "disable", "ada"],
        vec!["users", "rename", "bob", "--user-name", "ada"],
        vec![
            "applications",
            "create",
            "--owner",
            "bob",
            "--organization",
            "Acme GmbH",
            "--name",
            "x",
        ],
    ] {
        let before = events(&house);
        let (status, message) = house.refusal(&arguments);
        assert_eq!(status, 3, "{arguments:?}: {message}");
        assert_eq!(events(&house), before, "{arguments:?} wrote something");
    }
}

#[test]
fn an_id_of_another_kind_is_foreign() {
    let house = furnished();
    let users = house.json(&["users", "list", "--json"]);
    let user = id(&users[0]);
    assert_eq!(house.refusal(&["applications", "show", user]).0, 4);
    assert_eq!(house.refusal(&["organizations", "disable", user]).0, 4);
}

#[test]
fn keys_are_made_once_and_checked() {
    let house = House::empty();
    let (status, message) = house.refusal(&["keys", "check"]);
    assert_eq!(status, 1);
    assert!(message.contains("oauth_private.key"), "{message}");
    let made = house.json(&["keys", "generate", "--json"]);
    let checked = house.json(&["keys", "check", "--json"]);
    assert_eq!(made["kid"], checked["kid"]);
    assert_eq!(checked["bits"], 2048);
    let (status, message) = house.refusal(&["keys", "generate"]);
    assert_eq!(status, 3);
    assert!(message.contains("exists already"), "{message}");
    let replaced = house.json(&["keys", "generate", "--force", "--json"]);
    assert_ne!(made["kid"], replaced["kid"]);
}

#[test]
fn the_configuration_says_where_each_value_comes_from() {
    let house = House::empty();
    std::fs::write(house.path().join("config.yml"), "listen: 127.0.0.1:9090\n").expect("written");
    let shown = house.json(&["config", "show", "--json"]);
    let listen = shown.as_array().expect("a list").iter().find(|row| row["key"] == "listen");
    let listen = listen.expect("a row");
    assert_eq!(listen["value"], "127.0.0.1:9090");
    assert!(listen["origin"].as_str().expect("an origin").contains("config.yml"));
    std::fs::write(house.path().join("config.yml"), "lisen: 127.0.0.1:9090\n").expect("written");
    let (status, message) = house.refusal(&["config", "check"]);
    assert_eq!(status, 2);
    assert!(message.contains("listen"), "{message}");
}

#[test]
fn events_are_opened_for_the_operator_and_hashes_withheld() {
    let house = furnished();
    create(&house, "Sync");
    let events = house.output(&["events", "list"]);
    assert!(events.contains("ada@acme.example"));
    assert!(!events.contains("argon2id"));
    assert!(events.contains("(withheld)"));
    let first: Value =
        serde_json::from_str(events.lines().next().expect("an event")).expect("JSON");
    assert_eq!(first["tag"], "installation.founded.v1");
    let applications = house.output(&["events", "list", "--category", "application"]);
    let stream = serde_json::from_str::<Value>(applications.lines().next().expect("an event"));
    let stream = stream.expect("JSON")["stream"].as_str().expect("a stream").to_owned();
    assert_eq!(house.output(&["events", "list", "--stream", &stream]).lines().count(), 2);
    assert_eq!(house.output(&["events", "list", "--limit", "3"]).lines().count(), 3);
}

#[test]
fn a_var_that_is_not_a_directory_is_named() {
    let house = House::empty();
    std::fs::write(house.var(), "in the way").expect("written");
    let (status, message) = house.refusal(&["users", "list"]);
    assert_eq!(status, 5);
    assert!(message.contains("var"), "{message}");
}

#[test]
fn a_missing_installation_key_is_not_replaced() {
    let house = furnished();
    std::fs::remove_file(house.var().join("installation.key")).expect("removed");
    let (status, message) = house.refusal(&["users", "list"]);
    assert_eq!(status, 5);
    assert!(message.contains("installation.key is missing"), "{message}");
}

#[test]
fn another_installation_key_is_refused() {
    let house = furnished();
    let path = house.var().join("installation.key");
    std::fs::write(path, [7; 32]).expect("written");
    let (status, message) = house.refusal(&["users", "list"]);
    assert_eq!(status, 5);
    assert!(message.contains("was founded with the installation key"), "{message}");
}

#[tokio::test]
async fn letters_are_listed_shown_called_off_and_wanted_again() {
    let house = House::empty();
    let server = house.quickstart();
    house.output(&[
        "applications",
        "create",
        "--owner",
        "admin",
        "--organization",
        "Main organization",
        "--name",
        "Sync",
    ]);
    let listed = || house.json(&["notifications", "list", "--recipient", "admin", "--json"]);
    eventually("it is sent", async || (listed()[0]["state"] == "sent").then_some(())).await;
    assert_eq!(server.stop(), Some(0));
    let letter = listed()[0].clone();
    let table = house.output(&["notifications", "list", "--state", "sent"]);
    assert!(table.contains(id(&letter)) && table.contains("admin"), "{table}");
    assert_eq!(house.refusal(&["notifications", "cancel", id(&letter)]).0, 3);
    house.output(&["notifications", "resend", id(&letter)]);
    assert_eq!(house.refusal(&["notifications", "resend", id(&letter)]).0, 3);
    house.output(&["notifications", "cancel", id(&letter)]);
    let shown = house.json(&["notifications", "show", id(&letter), "--json"]);
    assert_eq!(shown["state"], "canceled");
    let history: Vec<_> = shown["history"].as_array().expect("steps").iter().collect();
    assert_eq!(history[0]["event"]["type"], "notification.canceled.v1");
    assert_eq!(history.len(), 5, "{history:?}");
    assert_eq!(listed()[0]["state"], "canceled");
    let unknown = "0198c2f4-7d1e-5a3b-9c55-0f2e4b6a8d10";
    for command in ["show", "resend", "cancel"] {
        assert_eq!(house.refusal(&["notifications", command, unknown]).0, 4);
    }
    assert_eq!(house.refusal(&["notifications", "list", "--state", "lost"]).0, 2);
    assert_eq!(house.refusal(&["notifications", "list", "--recipient", "nobody"]).0, 4);
}
