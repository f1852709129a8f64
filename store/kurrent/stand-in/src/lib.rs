//! What KurrentDB says on the wire, for tests: a cluster in memory, with faults on request.
//!
//! It follows the contract that clients see (streams, revisions, positions, replays, subscriptions, errors and their
//! trailers), not the server's code. The official Node client judges it, see `tests/interop`.
//!
//! For tests alone, so it panics where a test could not go on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "a server has a clock and ids of its own")]
#![expect(clippy::result_large_err, reason = "tonic's answers are either a message or a status")]

mod log;
mod node;
mod reading;
mod service;
mod wire;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{Mutex as Gate, OwnedMutexGuard, watch};
use uuid::Uuid;

use crate::{
    log::{Expected, Log, Proposed},
    node::Node,
};

/// What goes wrong from now on, at every node.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each goes wrong or does not")]
pub struct Faults {
    /// Calls are taken and never answered.
    pub silent: bool,
    /// "Server Is Not Ready".
    pub not_ready: bool,
    /// "Operation timed out", which the server says when its own time limit passes.
    pub times_out: bool,
    /// So many appends are stored, and then the answer is an error.
    pub lost_answers: u32,
    /// So many appends are stored, and then there is no answer at all.
    pub swallowed_answers: u32,
    /// Answers to replays name no position, as those of some versions.
    pub replays_without_position: bool,
    /// Subscriptions fail after so many messages.
    pub subscriptions_end_after: Option<u32>,
    /// The only user and password that are let in.
    pub login: Option<(String, String)>,
    /// Bytes of data and metadata that one append may have.
    pub largest_append: Option<usize>,
}

#[derive(Debug)]
struct State {
    log: Mutex<Log>,
    grown: watch::Sender<usize>,
    /// Held while an append is under way.
    gate: Arc<Gate<()>>,
    faults: Mutex<Faults>,
    leader: AtomicUsize,
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    id: Uuid,
    port: u16,
    alive: AtomicBool,
    calls: AtomicU64,
}

/// Several nodes with one log. They end when it is dropped.
#[derive(Debug)]
pub struct Cluster {
    state: Arc<State>,
    nodes: Vec<Node>,
}

/// An append that is written and not replicated: nobody sees it yet, and whoever appends waits for what becomes of it.
#[derive(Debug)]
pub struct Unreplicated {
    state: Arc<State>,
    stream: String,
    event: Proposed,
    _gate: OwnedMutexGuard<()>,
}

impl Cluster {
    /// So many nodes on free ports, the first of which leads.
    pub fn start(nodes: usize) -> Self {
        let members = (0..nodes).map(|_| Member {
            id: Uuid::new_v4(),
            port: node::free_port(),
            alive: AtomicBool::new(false),
            calls: AtomicU64::new(0),
        });
        let state = Arc::new(State {
            log: Mutex::new(Log::with_foreign_records()),
            grown: watch::Sender::new(0),
            gate: Arc::default(),
            faults: Mutex::default(),
            leader: AtomicUsize::new(0),
            members: members.collect(),
        });
        let mut cluster = Self { state, nodes: Vec::new() };
        for number in 0..nodes {
            cluster.nodes.push(Node::start(cluster.state.clone(), number));
        }
        cluster
    }

    /// All nodes, without TLS and without a user.
    pub fn url(&self) -> String {
        self.url_with("")
    }

    /// All nodes, with this before their names, such as `user:password@`.
    pub fn url_with(&self, login: &str) -> String {
        let hosts: Vec<_> =
            self.state.members.iter().map(|member| format!("127.0.0.1:{}", member.port)).collect();
        format!("kurrentdb://{login}{}?tls=false", hosts.join(","))
    }

    /// Changes what goes wrong from now on.
    pub fn break_with(&self, faults: Faults) {
        *self.state.faults.lock() = faults;
    }

    /// Everything works again.
    pub fn repair(&self) {
        self.break_with(Faults::default());
    }

    /// Ends a node at once, with its connections.
    pub fn kill(&mut self, node: usize) {
        self.nodes[node].kill();
    }

    /// Starts a node again, at the same port.
    pub fn revive(&mut self, node: usize) {
        self.nodes[node] = Node::start(self.state.clone(), node);
    }

    /// Makes this node the leader.
    pub fn elect(&self, node: usize) {
        self.state.leader.store(node, Ordering::SeqCst);
    }

    /// How many calls about streams a node got.
    pub fn calls(&self, node: usize) -> u64 {
        self.state.members[node].calls.load(Ordering::SeqCst)
    }

    /// Writes an event that nobody sees before it is settled.
    pub async fn write_unreplicated(
        &self,
        stream: &str,
        id: Uuid,
        kind: &str,
        metadata: Bytes,
        data: Bytes,
    ) -> Unreplicated {
        Unreplicated {
            state: self.state.clone(),
            stream: stream.to_owned(),
            event: Proposed {
                id,
                kind: kind.to_owned(),
                content_type: "application/octet-stream".to_owned(),
                metadata,
                data,
            },
            _gate: self.state.gate.clone().lock_owned().await,
        }
    }
}

impl Unreplicated {
    /// A majority has it.
    pub fn replicate(self) {
        let written = self.state.append(&self.stream, Expected::NoStream, vec![self.event]);
        assert!(written.is_ok(), "the stream was there already");
    }

    /// Another leader was elected that never got it.
    pub fn truncate(self) {}
}

impl State {
    fn append(
        &self,
        stream: &str,
        expected: Expected,
        events: Vec<Proposed>,
    ) -> Result<log::Written, log::Refused> {
        let mut log = self.log.lock();
        let outcome = log.append(stream, expected, events);
        self.grown.send_replace(log.len());
        outcome
    }

    fn delete(
        &self,
        stream: &str,
        expected: Expected,
        for_ever: bool,
    ) -> Result<u64, log::Refused> {
        let mut log = self.log.lock();
        let outcome = log.delete(stream, expected, for_ever);
        self.grown.send_replace(log.len());
        outcome
    }
}
