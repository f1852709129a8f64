//! The real binary in a directory of its own, and a browser-like client for it.

#![expect(dead_code, unreachable_pub, reason = "each test file uses its part")]

pub mod cluster;
pub mod desk;
pub mod dice;
pub mod proxy;

use std::{
    io::{BufRead, BufReader, ErrorKind},
    net::IpAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use reqwest::{Client, ClientBuilder, Response, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::Instant;

/// How long anything may take before a test gives up. Generous: machines are slow and busy.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// An empty directory to run in.
#[derive(Debug)]
pub struct House {
    directory: TempDir,
}

impl House {
    pub fn empty() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn var(&self) -> PathBuf {
        self.path().join("var")
    }

    /// The binary with these arguments, ready to be run here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oathbook"));
        command.current_dir(self.path()).args(arguments).stdin(Stdio::null());
        unconfigured(&mut command);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// Standard output of a command that must succeed.
    #[track_caller]
    pub fn output(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The JSON document that a command must print.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.output(arguments);
        serde_json::from_str(&output).unwrap_or_else(|error| panic!("{error}: {output}"))
    }

    /// Exit status and standard error of a command that must fail.
    #[track_caller]
    pub fn refusal(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} succeeded: {}", text(&output.stdout));
        let status = output.status.code().expect("an exit status, not a signal");
        (status, text(&output.stderr))
    }

    /// Makes an application of the one whom `quickstart` sets up; answers what the command prints.
    #[track_caller]
    pub fn create(&self, name: &str) -> String {
        let place = ["--owner", "admin", "--organization", "Main organization"];
        self.output(&[&["applications", "create", "--name", name], &place[..]].concat())
    }

    pub fn quickstart(&self) -> Server {
        self.serve(&["quickstart", "--listen", "127.0.0.1:0", "--json"])
    }

    /// A quickstart that logs all it can.
    pub fn serve_with_logs(&self) -> Server {
        std::fs::write(self.path().join("config.yml"), "log:\n  level: trace\n").expect("written");
        self.quickstart()
    }

    pub fn serve(&self, arguments: &[&str]) -> Server {
        let log = self.path().join("server.log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log).expect("a log");
        let mut child = self
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("standard output"));
        out.read_line(&mut line).expect("a first line");
        let welcome: Value = serde_json::from_str(&line).unwrap_or_else(|error| {
            let log = std::fs::read_to_string(self.path().join("server.log"));
            panic!("{error}: {line:?}; {}", log.unwrap_or_default())
        });
        Server { child, welcome }
    }
}

/// Keeps the configuration of whoever runs the tests out of a command.
pub fn unconfigured(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OATHBOOK_") {
            command.env_remove(name);
        }
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Where a server answers.
pub trait Site {
    fn url(&self, path: &str) -> String;
}

/// A running server. Killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    welcome: Value,
}

impl Server {
    /// SIGKILL from whoever shares the server; it is waited for when dropped.
    pub fn signal_kill(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-9", &id]).status().expect("kill runs").success());
    }

    pub fn welcome(&self) -> &Value {
        &self.welcome
    }

    /// SIGKILL: nothing is finished, nothing is flushed.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// SIGTERM, and the exit status.
    pub fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(&id).status().expect("kill runs").success());
        self.child.wait().expect("gone").code()
    }
}

impl Site for Server {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.welcome["url"].as_str().expect("a URL"))
    }
}

impl<S: Site + ?Sized> Site for std::sync::Arc<S> {
    fn url(&self, path: &str) -> String {
        (**self).url(path)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A person at a browser: cookies, forms, no scripts.
#[derive(Clone, Debug)]
pub struct Browser {
    client: Client,
}

impl Browser {
    pub fn new() -> Self {
        Self::with(Client::builder())
    }

    /// One that calls from this address of the machine.
    pub fn at(address: IpAddr) -> Self {
        Self::with(Client::builder().local_address(address))
    }

    fn with(client: ClientBuilder) -> Self {
        let client = client
            .cookie_store(true)
            .timeout(PATIENCE)
            .user_agent("Agent-That-Must-Not-Be-Found/1.0")
            .build();
        Self { client: client.expect("a client") }
    }

    pub async fn get(&self, url: &str) -> reqwest::Result<Response> {
        self.client.get(url).send().await
    }

    pub async fn post(&self, url: &str, form: &[(&str, &str)]) -> reqwest::Result<Response> {
        self.client.post(url).form(form).send().await
    }

    /// The page at the address, which must be there.
    pub async fn page(&self, url: &str) -> String {
        let response = self.get(url).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK, "{url}");
        response.text().await.expect("a page")
    }

    pub async fn sign_in(&self, server: &impl Site, user: &str, password: &str) -> StatusCode {
        let url = server.url("/sign-in");
        let csrf = csrf(&self.page(&url).await);
        let form = [("user_name", user), ("password", password), ("csrf", &csrf)];
        self.post(&url, &form).await.expect("an answer").status()
    }

    /// The form token of the session, from the page that offers the form.
    pub async fn csrf(&self, server: &impl Site) -> String {
        csrf(&self.page(&server.url("/applications/new")).await)
    }

    /// Registers an application and reads its credentials off the result page.
    pub async fn add(
        &self,
        server: &impl Site,
        csrf: &str,
        name: &str,
    ) -> reqwest::Result<Option<Credentials>> {
        let form = [("csrf", csrf), ("name", name), ("active", "true")];
        let response = self.post(&server.url("/applications"), &form).await?;
        if !response.status().is_success() {
            return Ok(None);
        }
        let page = response.text().await?;
        let id = element(&page, "created-client-id");
        let secret = element(&page, "created-client-secret");
        Ok(id
            .zip(secret)
            .map(|(client_id, client_secret)| Credentials { client_id, client_secret }))
    }
}

#[derive(Clone, Debug)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: String,
}

impl Credentials {
    /// The answer to a token request.
    pub async fn token(&self, server: &impl Site) -> (StatusCode, Value) {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
        ];
        let url = server.url("/oauth2-token");
        let response = Client::new().post(url).form(&form).send().await.expect("an answer");
        let status = response.status();
        (status, response.json().await.expect("a document"))
    }
}

pub fn csrf(page: &str) -> String {
    form_token(page).expect("a form token")
}

/// The form token of a page that has one.
pub fn form_token(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("name=\"csrf\"")?;
    let (_, rest) = rest.split_once("value=\"")?;
    rest.split('"').next().map(str::to_owned)
}

/// The text or value of the element with this id.
pub fn element(page: &str, id: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("id=\"{id}\""))?;
    let (tag, rest) = rest.split_once('>')?;
    let found = match tag.split_once("value=\"") {
        Some((_, value)) => value.split('"').next()?,
        None => rest.split('<').next()?,
    };
    Some(found.trim().to_owned())
}

/// Waits until the question is answered.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "gave up waiting: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every file below a folder, with its bytes. A file that goes while the folder is read, as the draft of a letter
/// does when it gets its name, is left out.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            match std::fs::read(&path) {
                Ok(bytes) => found.push((path, bytes)),
                Err(gone) if gone.kind() == ErrorKind::NotFound => {}
                Err(error) => panic!("{} cannot be read: {error}", path.display()),
            }
        }
    }
    found
}

/// Whether the bytes hold the text.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
