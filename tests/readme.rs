//! What the documents tell people to type works, literally.

mod support;

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use support::{House, Server, Site, eventually, text};

/// The lines behind `$ ` in a document's `console` blocks.
fn commands(document: &str) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(document);
    let document = fs::read_to_string(path).expect("a document");
    let blocks = document.split("```console\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    lines.filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

/// Types the commands into a shell beside a quickstart, with what was printed before filled in.
async fn type_in(house: &House, server: &Server, commands: Vec<String>) {
    let mut known = BTreeMap::from([("http://127.0.0.1:8080".to_owned(), server.url(""))]);
    remember(&mut known, &house.create("Typed by hand"));
    for command in commands {
        let mut command = command.replace("curl ", "curl --silent --show-error --fail ");
        for (placeholder, value) in &known {
            command = command.replace(placeholder, value);
        }
        let binary = PathBuf::from(env!("CARGO_BIN_EXE_oathbook"));
        let folder = binary.parent().expect("a folder").display();
        let script = format!("PATH={folder}:$PATH; {command}");
        // A server learns of what other processes wrote from the log, so the first try may be too early.
        let output = eventually(&command, async || {
            let mut shell = Command::new("bash");
            let output = shell.current_dir(house.path()).args(["-c", &script]).output();
            let output = output.expect("bash runs");
            output.status.success().then(|| text(&output.stdout))
        })
        .await;
        remember(&mut known, &output);
    }
}

/// Picks ids and secrets out of what `applications create` prints, the first of `notifications list`, and tokens and ids out of what the server answers.
fn remember(known: &mut BTreeMap<String, String>, output: &str) {
    for (label, placeholder) in [
        ("Application ", "APPLICATION_ID"),
        ("Client ID", "CLIENT_ID"),
        ("Client Secret", "CLIENT_SECRET"),
    ] {
        let value = output.lines().find_map(|line| line.strip_prefix(label));
        if let Some(value) = value {
            known.insert(placeholder.to_owned(), value.trim().to_owned());
        }
    }
    if let Some((_, letters)) = output.split_once("LAST ANSWER\n") {
        let id = letters.split_whitespace().next().unwrap_or_default();
        known.insert("NOTIFICATION_ID".to_owned(), id.to_owned());
    }
    let Ok(answer) = serde_json::from_str::<serde_json::Value>(output) else { return };
    for (pointer, placeholder) in [("/access_token", "ACCESS_TOKEN"), ("/data/id", "RESOURCE_ID")] {
        if let Some(value) = answer.pointer(pointer).and_then(serde_json::Value::as_str) {
            known.insert(placeholder.to_owned(), value.to_owned());
        }
    }
}

#[tokio::test]
async fn the_commands_of_the_readme_work() {
    let house = House::empty();
    let server = house.quickstart();
    let commands = commands("README.md");
    assert!(commands.len() >= 6);
    type_in(&house, &server, commands).await;
}

#[tokio::test]
async fn the_commands_of_the_guides_work() {
    let house = House::empty();
    let server = house.quickstart();
    let commands = ["docs/tokens.md", "docs/api.md", "docs/operations.md", "docs/mail.md"]
        .map(commands)
        .concat();
    assert!(commands.len() >= 6);
    house.create("Told by mail");
    let sent = ["notifications", "list", "--state", "sent", "--json"];
    eventually("a letter is sent", async || (house.output(&sent) != "[]\n").then_some(())).await;
    type_in(&house, &server, commands).await;
}

#[tokio::test]
async fn the_commands_of_an_applications_life_work() {
    let house = House::empty();
    let server = house.quickstart();
    let commands = commands("docs/lifecycle.md");
    assert!(commands.len() >= 8);
    type_in(&house, &server, commands).await;
}
