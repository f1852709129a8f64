//! Several processes of one installation, each behind a wire of its own to one PostgreSQL.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use postgres_testing::{Database, Server, free_port};
use serde_json::Value;
use tempfile::TempDir;

use super::{
    Site, eventually,
    proxy::{Proxy, Weather},
    text, unconfigured,
};

/// What people use: nodes, the database and the mailbox.
#[derive(Debug)]
pub struct Cluster {
    pub nodes: Vec<Arc<Node>>,
    pub postgres: Server,
    pub database: Database,
    pub mailbox: smtp_stand_in::Server,
    pub administrator: (String, String),
    /// Where commands are run, without a wire that may break.
    desk: PathBuf,
    directory: TempDir,
}

/// A place to be taken by a process.
#[derive(Clone, Debug)]
pub struct Seat {
    pub roles: &'static str,
    /// Lines of `config.yml` that the others do not have.
    pub config: &'static str,
    pub binary: PathBuf,
}

/// One process that comes and goes.
#[derive(Debug)]
pub struct Node {
    pub name: String,
    seat: Seat,
    port: u16,
    directory: PathBuf,
    pub wire: Proxy,
    process: Mutex<Option<Child>>,
    stopped: AtomicBool,
    /// How much those had said that were in its place before.
    said_before: AtomicUsize,
}

/// The binary that is tested.
pub fn this_release() -> PathBuf {
    env!("CARGO_BIN_EXE_oathbook").into()
}

impl Seat {
    pub fn of(roles: &'static str) -> Self {
        Self { roles, config: "", binary: this_release() }
    }
}

impl Cluster {
    /// Processes with these roles.
    pub async fn start(roles: &[&'static str]) -> Self {
        Self::seated(roles.iter().map(|roles| Seat::of(roles)).collect()).await
    }

    pub async fn seated(seats: Vec<Seat>) -> Self {
        let mut cluster = Self::found(&this_release()).await;
        for seat in seats {
            cluster.join(seat).await;
        }
        for node in &cluster.nodes {
            node.until_ready().await;
        }
        cluster
    }

    /// An installation that nobody serves yet: schemas, keys, an organization and an administrator.
    pub async fn found(binary: &Path) -> Self {
        let postgres = Server::start("-c shared_preload_libraries=pg_stat_statements");
        let database = Database::create_on(postgres.url()).await;
        let mailbox = smtp_stand_in::Server::start();
        let directory = TempDir::new().expect("a directory");
        let desk = directory.path().join("desk");
        let port = postgres.port();
        std::fs::create_dir(&desk).expect("a directory");
        std::fs::write(desk.join("config.yml"), config(&database, port, &mailbox))
            .expect("written");
        output(binary, &desk, &["migrate"]);
        output(binary, &desk, &["keys", "generate"]);
        output(binary, &desk, &["organizations", "create", "Main", "--global-access"]);
        let administrator = administrator(binary, &desk);
        Self { nodes: vec![], postgres, database, mailbox, administrator, desk, directory }
    }

    /// Starts a process there. It need not be ready yet.
    pub async fn join(&mut self, seat: Seat) -> Arc<Node> {
        let wire = Proxy::before(SocketAddr::from(([127, 0, 0, 1], self.postgres.port()))).await;
        let name = format!("node{}-{}", self.nodes.len(), seat.roles);
        let directory = self.directory.path().join(&name);
        let config = config(&self.database, wire.port(), &self.mailbox) + seat.config;
        settle_in(&directory, &self.desk, &config);
        let node = Arc::new(Node {
            name,
            seat,
            port: free_port(),
            directory,
            wire,
            process: Mutex::default(),
            stopped: AtomicBool::new(false),
            said_before: AtomicUsize::new(0),
        });
        node.start();
        self.nodes.push(node.clone());
        node
    }

    pub fn with_role(&self, role: &str) -> Vec<Arc<Node>> {
        self.nodes.iter().filter(|node| node.seat.roles.contains(role)).cloned().collect()
    }

    pub fn desk(&self) -> &Path {
        &self.desk
    }

    /// Standard output of a command at the desk, which must succeed.
    pub fn output(&self, arguments: &[&str]) -> String {
        output(&this_release(), &self.desk, arguments)
    }

    /// The events of the log, as `events list` prints them.
    pub fn log(&self) -> Vec<Value> {
        let lines = self.output(&["events", "list"]);
        lines.lines().map(|line| serde_json::from_str(line).expect("a document")).collect()
    }

    /// Rebuilds every view from the log, which must give the rows that are live.
    pub fn views_are_what_the_log_says(&self) {
        let output = self.output(&["projections", "rebuild", "--json"]);
        let rebuilt: Vec<Value> = serde_json::from_str(&output).expect("a document");
        assert!(!rebuilt.is_empty());
        for view in rebuilt {
            assert_eq!(view["differing"], 0, "{view}");
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.directory.disable_cleanup(true);
            println!("what the processes said is in {}", self.directory.path().display());
        }
    }
}

fn config(database: &Database, port: u16, mailbox: &smtp_stand_in::Server) -> String {
    let url = database.url();
    let name = url.rsplit('/').next().expect("a name").to_owned();
    let engine = format!("postgres://oathbook@127.0.0.1:{port}/{name}");
    format!(
        "public_url: http://oathbook.test\nevents: {engine}\nviews: {engine}\nstate: {engine}\n\
         mail:\n  transport: {}\nlog:\n  level: info\n",
        mailbox.url()
    )
}

/// Name and password.
fn administrator(binary: &Path, desk: &Path) -> (String, String) {
    let place = ["--organization", "Main", "--role", "administrator", "--json"];
    let arguments = [&["users", "create", "ada", "--email", "ada@oathbook.test"][..], &place];
    let made = output(binary, desk, &arguments.concat());
    let made: Value = serde_json::from_str(&made).expect("a document");
    ("ada".to_owned(), made["password"].as_str().expect("a password").to_owned())
}

/// Copies configuration and keys as the deployment guide says.
fn settle_in(place: &Path, desk: &Path, config: &str) {
    let var = place.join("var");
    std::fs::create_dir_all(&var).expect("a directory");
    std::fs::write(place.join("config.yml"), config).expect("written");
    for key in ["installation.key", "oauth_private.key", "oauth_public.key"] {
        std::fs::copy(desk.join("var").join(key), var.join(key)).expect("copied");
    }
}

fn oathbook(binary: &Path, directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(directory).args(arguments).stdin(Stdio::null());
    unconfigured(&mut command);
    command
}

#[track_caller]
fn output(binary: &Path, directory: &Path, arguments: &[&str]) -> String {
    let output = oathbook(binary, directory, arguments).output().expect("the binary runs");
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

impl Node {
    pub fn start(&self) {
        let log = self.directory.join("server.log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log).expect("a log");
        let said = log.metadata().expect("a log").len();
        self.said_before.store(usize::try_from(said).expect("a length"), Ordering::Relaxed);
        let listen = format!("127.0.0.1:{}", self.port);
        let arguments = ["serve", "--listen", &listen, "--roles", self.seat.roles];
        let child = oathbook(&self.seat.binary, &self.directory, &arguments)
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("the binary runs");
        *self.process.lock().expect("a process") = Some(child);
    }

    pub fn kill(&self) {
        if let Some(mut child) = self.process.lock().expect("a process").take() {
            child.kill().ok();
            child.wait().ok();
        }
        self.stopped.store(false, Ordering::Relaxed);
    }

    /// Ends the process in good order, and answers with its exit status.
    pub fn stop(&self) -> Option<i32> {
        self.signal("-TERM");
        let child = self.process.lock().expect("a process").take();
        child?.wait().expect("gone").code()
    }

    pub fn pause(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.signal("-STOP");
    }

    pub fn go_on(&self) {
        self.signal("-CONT");
        self.stopped.store(false, Ordering::Relaxed);
    }

    fn signal(&self, signal: &str) {
        if let Some(child) = &*self.process.lock().expect("a process") {
            let id = child.id().to_string();
            assert!(Command::new("kill").args([signal, &id]).status().expect("kill").success());
        }
    }

    /// Starts the process again if it ended by itself, as whoever runs it would.
    pub fn revive(&self) {
        let ended = match &mut *self.process.lock().expect("a process") {
            Some(child) => child.try_wait().expect("a status").is_some(),
            None => true,
        };
        if ended {
            self.start();
        }
    }

    pub fn heal(&self) {
        self.wire.turn(Weather::Clear);
        if self.stopped.load(Ordering::Relaxed) {
            self.go_on();
        }
        self.revive();
    }

    pub async fn until_ready(&self) {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build();
        let client = client.expect("a client");
        eventually(&format!("{} is ready", self.name), async || {
            self.revive();
            let answer = client.get(self.url("/readyz")).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// What the process has said since it started.
    pub fn said(&self) -> String {
        let said = std::fs::read(self.directory.join("server.log")).expect("a log");
        text(&said[self.said_before.load(Ordering::Relaxed)..])
    }
}

impl Site for Node {
    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}
