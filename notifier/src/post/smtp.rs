//! Mail by SMTP (RFC 5321), one step at a time, so that an error can say which step failed.
//!
//! Connections are kept and used again. A delivery owns its connection: when it ends early, by an error or because its
//! time is up, the connection is gone with it and no later mail meets half a conversation.

mod connection;
mod step;
mod transaction;

use std::{fmt, io, path::Path};

use lettre::{
    Address,
    transport::smtp::{
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::Rset,
        extension::ClientId,
    },
};
use parking_lot::Mutex;
use tokio::{
    net::TcpStream,
    sync::Semaphore,
    time::{Duration, Instant, timeout_at},
};
use url::Host;

use super::{
    InvalidPost, PostError, Server, Stage, Time, Tls,
    check::{CHECK, Step, Steps},
    message::Message,
};
use step::command;

pub(super) struct Smtp {
    server: Server,
    hello: ClientId,
    tls: Option<TlsParameters>,
    idle: Mutex<Vec<Idle>>,
    /// One per connection that there may be.
    places: Semaphore,
}

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

/// Connections at the same time; servers have little patience with clients that open more.
const MOST: usize = 10;

/// Servers hang up on silent clients; long before that we do not trust the connection any more.
const TRUSTED: Duration = Duration::from_secs(30);

impl Smtp {
    /// `here` is how this machine introduces itself.
    pub(super) fn new(
        server: Server,
        here: &Host<&str>,
        authorities: Option<&Certificate>,
    ) -> Result<Self, InvalidPost> {
        let hello = match *here {
            Host::Domain(name) => ClientId::Domain(name.to_owned()),
            Host::Ipv4(address) => ClientId::Ipv4(address),
            Host::Ipv6(address) => ClientId::Ipv6(address),
        };
        let tls = match server.tls {
            Tls::None => None,
            Tls::StartTls | Tls::Implicit => {
                let mut builder = TlsParameters::builder(server.name());
                if let Some(authority) = authorities {
                    builder = builder.add_root_certificate(authority.clone());
                }
                Some(builder.build().map_err(InvalidPost::Tls)?)
            }
        };
        let places = Semaphore::new(MOST);
        Ok(Self { server, hello, tls, idle: Mutex::default(), places })
    }

    /// Returns the server's last answer.
    pub(super) async fn deliver(&self, message: &Message, time: Time) -> Result<String, PostError> {
        let full = || PostError::transient(Stage::Connecting, "all connections are in use");
        let place = timeout_at(time.turn, self.places.acquire()).await;
        let _place = place.map_err(|_| full())?.map_err(|_| full())?;
        let mut connection = match self.used_connection(time.turn).await {
            Some(connection) => connection,
            None => self.new_connection(time.turn).await?,
        };
        let outcome = transaction::hand_over(&mut connection, message, time).await;
        if outcome.as_ref().map_or_else(|failure| failure.answered, |_| true) {
            self.keep(connection);
        }
        Ok(outcome?)
    }

    /// One that is idle and still answers, with whatever went before forgotten.
    async fn used_connection(&self, deadline: Instant) -> Option<AsyncSmtpConnection> {
        loop {
            let Idle { mut connection, since } = self.idle.lock().pop()?;
            if since.elapsed() < TRUSTED
                && command(&mut connection, Stage::Connecting, Rset, deadline).await.is_ok()
            {
                return Some(connection);
            }
        }
    }

    async fn new_connection(&self, deadline: Instant) -> Result<AsyncSmtpConnection, PostError> {
        let addresses = self.resolve(deadline).await?;
        let mut connection = self.greet(&addresses, deadline).await?;
        self.secure(&mut connection, deadline).await?;
        self.log_in(&mut connection, deadline).await?;
        Ok(connection)
    }

    /// For the next mail; there are never more than there are places.
    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock();
        if !connection.has_broken() {
            idle.push(Idle { connection, since: Instant::now() });
        }
    }

    /// Every step to the sender's name, and with a message to its end; stops at the first that fails.
    pub(super) async fn check(&self, from: &Address, message: Option<&Message>) -> Vec<Step> {
        let mut steps = Steps::default();
        // Whether all went well is what the steps say.
        self.check_each(&mut steps, from, message).await;
        steps.taken
    }

    async fn check_each(
        &self,
        steps: &mut Steps,
        from: &Address,
        message: Option<&Message>,
    ) -> Option<()> {
        let (name, port) = (self.server.name(), self.server.port);
        let addresses = steps.take("name", self.resolve(soon()).await, |addresses| {
            let addresses = addresses.iter().map(|address| address.ip().to_string());
            format!("{name} is {}", addresses.collect::<Vec<_>>().join(", "))
        })?;
        // Of its own, so that a port that nobody listens at is told from a server that does not speak.
        let reached = step::connected(soon(), TcpStream::connect(&addresses[..])).await;
        steps.take("connection", reached, |stream| match stream.peer_addr() {
            Ok(address) => format!("{address} is open"),
            Err(_) => format!("port {port} is open"),
        })?;
        let secured = |(): &()| format!("the certificate is good for {name}");
        let greeted = self.greet(&addresses, soon()).await;
        if self.server.tls == Tls::Implicit {
            // The port is open, so whatever comes before the server's first word is about TLS.
            let outcome = match &greeted {
                Err(error) if error.stage != Stage::Greeting => Err(error.clone()),
                Ok(_) | Err(_) => Ok(()),
            };
            steps.take("TLS", outcome, secured)?;
        }
        let mut connection = steps.take("greeting", greeted, |connection| {
            format!("{} answers", connection.server_info().name())
        })?;
        if self.server.tls == Tls::StartTls {
            steps.take("TLS", self.secure(&mut connection, soon()).await, secured)?;
        }
        if self.server.credentials.is_some() {
            let logged_in = self.log_in(&mut connection, soon()).await;
            steps.take("login", logged_in, Clone::clone)?;
        }
        check_mail(steps, &mut connection, from, message).await?;
        // Whether the server says goodbye is all the same.
        step::in_time(soon(), Stage::Connecting, connection.quit()).await.ok().map(drop)
    }
}

/// Without a message, no further than to the sender.
async fn check_mail(
    steps: &mut Steps,
    connection: &mut AsyncSmtpConnection,
    from: &Address,
    message: Option<&Message>,
) -> Option<()> {
    let Some(message) = message else {
        let taken = transaction::sender_alone(connection, from, soon()).await;
        return steps.take("sender", taken, Clone::clone).map(drop);
    };
    let taken = transaction::sender(connection, message, soon()).await;
    steps.take("sender", taken, Clone::clone)?;
    let taken = transaction::recipient(connection, message, soon()).await;
    steps.take("recipient", taken, Clone::clone)?;
    let time = Time { turn: soon(), end: soon() };
    let taken = transaction::content(connection, message, time).await;
    steps.take("mail", taken, Clone::clone).map(drop)
}

/// The end of a step of a check.
fn soon() -> Instant {
    Instant::now() + CHECK
}

/// The certificates of a PEM file.
pub(super) fn authorities(file: &Path) -> Result<Certificate, InvalidPost> {
    let wrong = |error| InvalidPost::Authorities { file: file.to_owned(), error };
    let pem = std::fs::read(file).map_err(wrong)?;
    // An empty list of certificates would pass for a good one.
    if !pem.windows(10).any(|window| window == b"-----BEGIN") {
        return Err(wrong(io::Error::other("it holds no certificate in PEM form")));
    }
    Certificate::from_pem(&pem).map_err(|error| wrong(io::Error::other(error)))
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("server", &self.server).finish_non_exhaustive()
    }
}
