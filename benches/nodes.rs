//! Processes of the binary, as people run them.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::ensure;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    load::{self, Load},
    support::{Work, cpu_of},
};

/// Killed when dropped.
pub(crate) struct Process(Child);

/// A process that serves.
pub(crate) struct Node {
    process: Process,
    address: SocketAddr,
}

/// Of an application.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    client_id: String,
    client_secret: String,
}

impl Process {
    pub(crate) const fn new(child: Child) -> Self {
        Self(child)
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Node {
    pub(crate) const fn new(child: Child, address: SocketAddr) -> Self {
        Self { process: Process::new(child), address }
    }

    /// Waits until it has heard of what the command line registered, and has its key.
    pub(crate) fn wait_for(&self, request: &[u8]) -> anyhow::Result<()> {
        let began = Instant::now();
        while let Err(refusal) = load::is_answered(self.address, request) {
            ensure!(began.elapsed() < Duration::from_secs(20), "no token: {refusal}");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    fn cpu(&self) -> anyhow::Result<Duration> {
        cpu_of(self.process.id())
    }
}

/// Asks the nodes in turn: the tokens with the nodes' processor time, and the same with the load generator's.
pub(crate) fn ask(nodes: &[Node], load: Load, request: &[u8]) -> anyhow::Result<(Work, Work)> {
    let spent = || nodes.iter().map(Node::cpu).sum::<anyhow::Result<Duration>>();
    let addresses: Vec<_> = nodes.iter().map(|node| node.address).collect();
    let before = spent()?;
    let asking = load.put_on(&addresses, request)?;
    Ok((Work { cpu: spent()?.saturating_sub(before), ..asking }, asking))
}

/// One where nobody listens yet.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// The binary in a folder, told nothing by the surroundings.
pub(crate) fn oathbook(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oathbook"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OATHBOOK_") {
            command.env_remove(name);
        }
    }
    command
}

/// Standard output of a command that must succeed.
pub(crate) fn output(folder: &Path, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    let output = oathbook(folder, arguments).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{arguments:?}: {said}");
    Ok(output.stdout)
}

impl Credentials {
    /// Registers an application in the installation that the folder belongs to.
    pub(crate) fn register(folder: &Path, owner: &str, organization: &str) -> anyhow::Result<Self> {
        let place = ["--owner", owner, "--organization", organization, "--name", "Bench"];
        let create = ["applications", "create", "--json"];
        Ok(serde_json::from_slice(&output(folder, &[&create[..], &place].concat())?)?)
    }

    /// A request for a token with the credentials in its body.
    pub(crate) fn in_body(&self) -> Vec<u8> {
        let Self { client_id, client_secret } = self;
        request("", &format!("{GRANT}&client_id={client_id}&client_secret={client_secret}"))
    }

    /// A request for a token with the credentials in its head (RFC 6749, 2.3.1).
    pub(crate) fn basic(&self) -> Vec<u8> {
        let Self { client_id, client_secret } = self;
        let credentials = STANDARD.encode(format!("{client_id}:{client_secret}"));
        request(&format!("Authorization: Basic {credentials}\r\n"), GRANT)
    }
}

const GRANT: &str = "grant_type=client_credentials";

fn request(header: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /oauth2-token HTTP/1.1\r\nHost: oathbook.test\r\nAccept: */*\r\n{header}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
