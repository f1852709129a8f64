//! Several processes of one installation, each behind a wire of its own to one PostgreSQL.

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use postgres_testing::{Database, Server};
use tempfile::TempDir;

use crate::{
    mailbox::Mailbox,
    proxy::{Proxy, Weather},
    support::{Site, eventually, text},
};

/// What people use: nodes, the database and the mailbox.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Arc<Node>>,
    pub(crate) postgres: Server,
    pub(crate) database: Database,
    pub(crate) mailbox: Mailbox,
    pub(crate) administrator: (String, String),
    /// Where commands are run, without a wire that may break.
    desk: PathBuf,
    directory: TempDir,
}

/// One process that comes and goes.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    roles: &'static str,
    port: u16,
    directory: PathBuf,
    pub(crate) wire: Proxy,
    process: Mutex<Option<Child>>,
    stopped: AtomicBool,
}

impl Cluster {
    /// Processes with these roles.
    pub(crate) async fn start(roles: &[&'static str]) -> Self {
        let postgres = Server::start("-c shared_preload_libraries=pg_stat_statements");
        let database = Database::create_on(postgres.url()).await;
        let mailbox = Mailbox::open().await;
        let directory = TempDir::new().expect("a directory");
        let desk = directory.path().join("desk");
        let port = postgres.port();
        found(&desk, &config(&database, port, &mailbox));
        let administrator = administrator(&desk);
        let mut nodes = Vec::new();
        for (number, roles) in roles.iter().enumerate() {
            let target = SocketAddr::from(([127, 0, 0, 1], port));
            let wire = Proxy::before(target).await;
            let name = format!("node{number}-{roles}");
            let place = directory.path().join(&name);
            let config = config(&database, wire.port(), &mailbox);
            settle_in(&place, &desk, &config);
            let node = Node {
                name,
                roles,
                port: free_port(),
                directory: place,
                wire,
                process: Mutex::default(),
                stopped: AtomicBool::new(false),
            };
            node.start();
            nodes.push(Arc::new(node));
        }
        let cluster = Self { nodes, postgres, database, mailbox, administrator, desk, directory };
        for node in &cluster.nodes {
            node.until_ready().await;
        }
        cluster
    }

    pub(crate) fn with_role(&self, role: &str) -> Vec<Arc<Node>> {
        self.nodes.iter().filter(|node| node.roles.contains(role)).cloned().collect()
    }

    /// Standard output of a command at the desk, which must succeed.
    pub(crate) fn output(&self, arguments: &[&str]) -> String {
        let output = oathbook(&self.desk, arguments).output().expect("the binary runs");
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
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

fn config(database: &Database, port: u16, mailbox: &Mailbox) -> String {
    let url = database.url();
    let name = url.rsplit('/').next().expect("a name").to_owned();
    let engine = format!("postgres://oathbook@127.0.0.1:{port}/{name}");
    format!(
        "public_url: http://oathbook.test\nevents: {engine}\nviews: {engine}\nstate: {engine}\n\
         mail:\n  transport: {}\nlog:\n  level: info\n",
        mailbox.url()
    )
}

/// Makes the installation: schemas, keys, an organization and an administrator.
fn found(desk: &std::path::Path, config: &str) {
    std::fs::create_dir(desk).expect("a directory");
    std::fs::write(desk.join("config.yml"), config).expect("written");
    for arguments in [
        &["migrate"][..],
        &["keys", "generate"],
        &["organizations", "create", "Main", "--global-access"],
    ] {
        let output = oathbook(desk, arguments).output().expect("the binary runs");
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    }
}

/// Name and password.
fn administrator(desk: &std::path::Path) -> (String, String) {
    let place = ["--organization", "Main", "--role", "administrator", "--json"];
    let arguments = [&["users", "create", "ada", "--email", "ada@oathbook.test"][..], &place];
    let output = oathbook(desk, &arguments.concat()).output().expect("the binary runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let made: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a document");
    ("ada".to_owned(), made["password"].as_str().expect("a password").to_owned())
}

/// Copies configuration and keys as the deployment guide says.
fn settle_in(place: &std::path::Path, desk: &std::path::Path, config: &str) {
    let var = place.join("var");
    std::fs::create_dir_all(&var).expect("a directory");
    std::fs::write(place.join("config.yml"), config).expect("written");
    for key in ["installation.key", "oauth_private.key", "oauth_public.key"] {
        std::fs::copy(desk.join("var").join(key), var.join(key)).expect("copied");
    }
}

fn oathbook(directory: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oathbook"));
    command.current_dir(directory).args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OATHBOOK_") {
            command.env_remove(name);
        }
    }
    command
}

impl Node {
    pub(crate) fn start(&self) {
        let log = self.directory.join("server.log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log).expect("a log");
        let listen = format!("127.0.0.1:{}", self.port);
        let arguments = ["serve", "--listen", &listen, "--roles", self.roles];
        let child = oathbook(&self.directory, &arguments)
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("the binary runs");
        *self.process.lock().expect("a process") = Some(child);
    }

    pub(crate) fn kill(&self) {
        if let Some(mut child) = self.process.lock().expect("a process").take() {
            child.kill().ok();
            child.wait().ok();
        }
        self.stopped.store(false, Ordering::Relaxed);
    }

    pub(crate) fn pause(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.signal("-STOP");
    }

    pub(crate) fn go_on(&self) {
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
    pub(crate) fn revive(&self) {
        let ended = match &mut *self.process.lock().expect("a process") {
            Some(child) => child.try_wait().expect("a status").is_some(),
            None => true,
        };
        if ended {
            self.start();
        }
    }

    pub(crate) fn heal(&self) {
        self.wire.turn(Weather::Clear);
        if self.stopped.load(Ordering::Relaxed) {
            self.go_on();
        }
        self.revive();
    }

    pub(crate) async fn until_ready(&self) {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build();
        let client = client.expect("a client");
        eventually(&format!("{} is ready", self.name), async || {
            self.revive();
            let answer = client.get(self.url("/readyz")).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
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

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}
