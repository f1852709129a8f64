//! Mail by SMTP (RFC 5321), one step at a time, so that an error can say which step failed.
//!
//! Connections are kept and used again. A delivery owns its connection: when it ends early, by an error or because its
//! time is up, the connection is gone with it and no later mail meets half a conversation.

use std::{error::Error as _, fmt::Display, time::Duration};

use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, TlsParameters},
    commands::{Data, Mail, Rcpt, Rset},
    extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    response::{Response, Severity},
};
use parking_lot::Mutex;
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout_at};
use url::Host;

use super::{PostError, Server, Stage, Tls, message::Message};

pub(super) struct Smtp {
    server: Server,
    hello: ClientId,
    tls: Option<TlsParameters>,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

/// As many connections are kept when nobody needs them.
const KEPT: usize = 8;

/// Servers hang up on silent clients; long before that we do not trust the connection any more.
const TRUSTED: Duration = Duration::from_secs(30);

impl Smtp {
    /// `here` is how this machine introduces itself.
    pub(super) fn new(server: Server, here: &Host<&str>) -> Result<Self, Error> {
        let hello = match *here {
            Host::Domain(name) => ClientId::Domain(name.to_owned()),
            Host::Ipv4(address) => ClientId::Ipv4(address),
            Host::Ipv6(address) => ClientId::Ipv6(address),
        };
        let tls = match server.tls {
            Tls::None => None,
            Tls::StartTls | Tls::Implicit => Some(TlsParameters::new(server.name())?),
        };
        Ok(Self { server, hello, tls, idle: Mutex::default() })
    }

    /// Returns the server's last answer.
    pub(super) async fn deliver(
        &self,
        message: &Message,
        deadline: Instant,
    ) -> Result<String, PostError> {
        let mut connection = match self.used_connection(deadline).await {
            Some(connection) => connection,
            None => self.new_connection(deadline).await?,
        };
        let outcome = converse(&mut connection, message, deadline).await;
        if outcome.as_ref().map_or_else(|failure| failure.answered, |_| true) {
            self.keep(connection);
        }
        Ok(in_words(&outcome?))
    }

    /// Connects, secures the connection, and logs in; says who answered.
    pub(super) async fn probe(&self, deadline: Instant) -> Result<String, PostError> {
        let connection = self.new_connection(deadline).await?;
        let secured = match self.server.tls {
            Tls::None => "in the clear",
            Tls::StartTls => "secured by STARTTLS",
            Tls::Implicit => "secured by TLS",
        };
        self.keep(connection);
        let login = if self.server.credentials.is_some() { ", logged in" } else { "" };
        Ok(format!("{} answers, {secured}{login}", self.server.name()))
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
        let (name, port) = (self.server.name(), self.server.port);
        let implicit = self.tls.clone().filter(|_| self.server.tls == Tls::Implicit);
        let connecting =
            AsyncSmtpConnection::connect_tokio1((&*name, port), None, &self.hello, implicit, None);
        let mut connection = step(deadline, Stage::Connecting, connecting).await?;
        if self.server.tls == Tls::StartTls
            && let Some(tls) = self.tls.clone()
        {
            let securing = connection.starttls(tls, &self.hello);
            step(deadline, Stage::Securing, securing).await?;
        }
        if let Some(credentials) = &self.server.credentials {
            let password = credentials.password.expose_secret().to_owned();
            let credentials = Credentials::new(credentials.user.clone(), password);
            let login = connection.auth(DEFAULT_MECHANISMS, &credentials);
            step(deadline, Stage::Login, login).await?;
        }
        Ok(connection)
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock();
        if idle.len() < KEPT && !connection.has_broken() {
            idle.push(Idle { connection, since: Instant::now() });
        }
    }
}

impl Server {
    /// The host as resolvers and certificates spell it: an IPv6 address without brackets.
    fn name(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }
}

async fn converse(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    deadline: Instant,
) -> Result<Response, Failure> {
    let parameters = parameters(connection, message)?;
    let mail = Mail::new(Some(message.from.clone()), parameters);
    let recipient = Rcpt::new(message.to.clone(), vec![]);
    command(connection, Stage::Sender, mail, deadline).await?;
    command(connection, Stage::Recipient, recipient, deadline).await?;
    command(connection, Stage::Announcing, Data, deadline).await?;
    step(deadline, Stage::HandingOver, connection.message(&message.bytes)).await
}

/// What the server must be told about addresses and content that are not ASCII (RFC 6531, RFC 6152).
fn parameters(
    connection: &AsyncSmtpConnection,
    message: &Message,
) -> Result<Vec<MailParameter>, Failure> {
    let server = connection.server_info();
    let refused = |reason| {
        let error = PostError::permanent(Stage::Sender, reason);
        Failure { error, answered: true }
    };
    let mut parameters = vec![];
    let addresses: [&str; 2] = [message.from.as_ref(), message.to.as_ref()];
    if !addresses.iter().all(|address| address.is_ascii()) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(refused("the server takes no internationalised addresses (SMTPUTF8)"));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !message.bytes.is_ascii() {
        if !server.supports_feature(Extension::EightBitMime) {
            return Err(refused("the server takes no 8-bit content (8BITMIME)"));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}

/// A step that failed, and whether the server answered: then the conversation can go on.
struct Failure {
    error: PostError,
    answered: bool,
}

impl From<Failure> for PostError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

async fn command(
    connection: &mut AsyncSmtpConnection,
    stage: Stage,
    command: impl Display,
    deadline: Instant,
) -> Result<Response, Failure> {
    step(deadline, stage, connection.command(command)).await
}

async fn step<T>(
    deadline: Instant,
    stage: Stage,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    let Ok(outcome) = timeout_at(deadline, step).await else {
        let error = PostError::transient(stage, "the server took too long");
        return Err(Failure { error, answered: false });
    };
    outcome.map_err(|error| failure(stage, &error))
}

/// A 5xx is final only where it speaks of the recipient or the content; elsewhere an operator can help.
fn failure(stage: Stage, error: &Error) -> Failure {
    let Some(code) = error.status() else {
        return Failure { error: PostError::transient(stage, cause(error)), answered: false };
    };
    let reason = match (stage, error.source()) {
        // Some servers repeat what they were given.
        (Stage::Login, _) | (_, None) => format!("{code} the server refused"),
        (_, Some(said)) => format!("{code} {said}"),
    };
    let speaks_of_the_mail =
        matches!(stage, Stage::Recipient | Stage::Announcing | Stage::HandingOver);
    let error = match code.severity {
        Severity::PermanentNegativeCompletion if speaks_of_the_mail => {
            PostError::permanent(stage, reason)
        }
        Severity::PermanentNegativeCompletion
        | Severity::TransientNegativeCompletion
        | Severity::PositiveIntermediate
        | Severity::PositiveCompletion => PostError::transient(stage, reason),
    };
    Failure { error, answered: true }
}

/// The innermost error: the outer ones only say that there is one.
fn cause(error: &Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

fn in_words(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    format!("{} {}", response.code(), lines.join(" "))
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("server", &self.server).finish_non_exhaustive()
    }
}
