//! A mail server on a socket that does what a test tells it to do, and remembers what it was told.
//!
//! It is written by hand (RFC 5321, 3207, 4954, 6531) because a library for servers keeps its connections in order, and
//! what is tested is how mail survives servers that stall, hang up in the middle of a mail, or never answer. On the
//! other hand it is strict: whatever a client may not do becomes a violation in [`Heard`].
//!
//! For tests alone, so it panics where a test could not go on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod authority;
mod conversation;
mod login;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

pub use authority::{Authority, Identity};
pub use login::Login;

/// How long [`Server::until`] waits. Generous: machines are slow and busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the server does when a verb comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// One line or several, without the last line break.
    Say(String),
    /// The connection ends.
    HangUp,
    /// Nothing, for ever.
    Stall,
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        Self::Say(text.to_owned())
    }
}

/// How connections are secured.
#[derive(Clone, Debug, Default)]
pub enum Security {
    #[default]
    None,
    StartTls(Identity),
    Implicit(Identity),
}

/// How a server is set up before anybody connects.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    pub security: Security,
    /// Without it, every login by AUTH PLAIN is welcome and none is needed.
    pub login: Option<Login>,
    /// Whether addresses have to be ASCII: the extension of RFC 6531 is not announced.
    pub without_smtputf8: bool,
}

/// What the server was told.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    pub connections: usize,
    /// In order, without the contents of mails.
    pub commands: Vec<String>,
    /// Taken over, as they were before dots were stuffed.
    pub mails: Vec<String>,
    /// Received to their end, and never answered.
    pub unanswered: Vec<String>,
    /// How many connections agreed on TLS.
    pub secured: usize,
    /// What a client may not do.
    pub violations: Vec<String>,
}

/// How often a mail of one Message-ID arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// The client was told so.
    pub taken: usize,
    /// The client was told nothing.
    pub unanswered: usize,
}

/// Runs until dropped.
#[derive(Debug)]
pub struct Server {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    setup: Setup,
    once: Mutex<HashMap<&'static str, VecDeque<Answer>>>,
    always: Mutex<HashMap<&'static str, Answer>>,
    heard: watch::Sender<Heard>,
}

impl Server {
    /// A friendly server without TLS.
    pub fn start() -> Self {
        Self::with(Setup::default())
    }

    pub fn with(setup: Setup) -> Self {
        let listener = listen(0);
        let shared = Arc::new(Shared {
            setup,
            once: Mutex::default(),
            always: Mutex::default(),
            heard: watch::Sender::default(),
        });
        let port = listener.local_addr().unwrap().port();
        Self { port, accepting: accept(listener, shared.clone()), shared }
    }

    /// From now on `verb` gets this answer. Besides verbs there are `hello` (the greeting), `content` (the first line of
    /// a mail, where only ending or stalling makes sense) and `.` (the end of a mail).
    pub fn says(&self, verb: &'static str, answer: impl Into<Answer>) {
        self.shared.always.lock().insert(verb, answer.into());
    }

    /// The next time, `verb` gets this answer; said several times, one after the other.
    pub fn says_once(&self, verb: &'static str, answer: impl Into<Answer>) {
        self.shared.once.lock().entry(verb).or_default().push_back(answer.into());
    }

    /// Nobody listens any more: whoever connects is refused, and who is connected is hung up on.
    pub async fn leave(&mut self) {
        self.accepting.abort();
        (&mut self.accepting).await.ok();
    }

    /// Listens again, at the same port.
    pub fn come_back(&mut self) {
        self.accepting = accept(listen(self.port), self.shared.clone());
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// In the clear.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn heard<T>(&self, look: impl FnOnce(&Heard) -> T) -> T {
        look(&self.shared.heard.borrow())
    }

    /// Waits until what was heard is so.
    pub async fn until(&self, holds: impl FnMut(&Heard) -> bool) {
        let mut heard = self.shared.heard.subscribe();
        let waited = tokio::time::timeout(PATIENCE, heard.wait_for(holds)).await.map(drop);
        assert!(waited.is_ok(), "not in time: {:?}", *self.shared.heard.borrow());
    }

    /// By Message-ID, with angle brackets.
    pub fn arrivals(&self) -> BTreeMap<String, Arrivals> {
        let mut arrivals = BTreeMap::<String, Arrivals>::new();
        self.heard(|heard| {
            for mail in &heard.mails {
                arrivals.entry(message_id(mail)).or_default().taken += 1;
            }
            for mail in &heard.unanswered {
                arrivals.entry(message_id(mail)).or_default().unanswered += 1;
            }
        });
        arrivals
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn hear(&self, change: impl FnOnce(&mut Heard)) {
        self.heard.send_modify(change);
    }

    /// What a test wants said to this verb, if anything.
    fn wanted(&self, verb: &str) -> Option<Answer> {
        let once = self.once.lock().get_mut(verb).and_then(VecDeque::pop_front);
        once.or_else(|| self.always.lock().get(verb).cloned())
    }
}

/// The system keeps little of what was not read yet, so that a mail of some length is not on its way as a whole before
/// the server has looked at its first line.
fn listen(port: u16) -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
    socket.listen(128).unwrap()
}

/// Conversations end with the task that accepted them.
fn accept(listener: TcpListener, shared: Arc<Shared>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut conversations = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            shared.hear(|heard| heard.connections += 1);
            conversations.spawn(welcome(stream, shared.clone()));
        }
    })
}

async fn welcome(stream: TcpStream, shared: Arc<Shared>) -> Option<()> {
    let Security::Implicit(identity) = &shared.setup.security else {
        return conversation::converse(Box::new(stream), &shared, false).await;
    };
    let stream = TlsAcceptor::from(identity.config()).accept(stream).await.ok()?;
    shared.hear(|heard| heard.secured += 1);
    conversation::converse(Box::new(stream), &shared, true).await
}

fn message_id(mail: &str) -> String {
    let id = mail.lines().find_map(|line| line.strip_prefix("Message-ID: "));
    id.expect("every mail has a Message-ID").to_owned()
}
