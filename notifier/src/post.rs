//! How a mail leaves: by one of several transports, in the order in which they are configured, with one honest answer.
//!
//! Nothing here decides whether or when to send. Neither errors nor answers carry an address, a name or a password:
//! they end in events and logs.

mod address;
mod check;
mod error;
mod file;
mod message;
mod route;
mod sendmail;
mod smtp;
mod transport;

use std::{fmt, io, path::PathBuf, time::Duration};

use domain::{NotificationId, Timestamp};
use letters::Rendered;
use tokio::time::Instant;
use tracing::warn;
use url::Url;

pub use address::{InvalidSender, Sender};
pub use check::Step;
pub use error::{Outlook, PostError, Stage};
pub use transport::{Credentials, InvalidTransport, Secret, Server, Tls, Transport};

use message::Message;
use route::Route;

/// How long a delivery may take, unless [`Post::within`] says otherwise. Servers may look long at a mail before they
/// answer for it, and who does not wait sends it twice (RFC 5321, 4.5.3.2.6).
pub const LIMIT: Duration = Duration::from_mins(5);

/// How long each of its transports may take, but for that answer.
const TURN: Duration = Duration::from_secs(30);

/// A letter with its stamp on.
#[derive(Clone)]
pub struct Mail {
    /// Names the mail: its Message-ID, and its file.
    pub notification: NotificationId,
    pub address: String,
    pub display_name: String,
    pub letter: Rendered,
    pub date: Timestamp,
}

/// A transport took the mail over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// With angle brackets.
    pub message_id: String,
    /// Which one, without user and password.
    pub by: String,
    /// What it said, without addresses.
    pub answer: String,
}

/// How mail is to leave.
#[derive(Clone, Debug)]
pub struct Settings {
    /// In the order in which they are tried.
    pub transports: Vec<Transport>,
    pub sender: Sender,
    /// A PEM file of authorities whose certificates mail servers may have, besides those that the machine trusts.
    pub authorities: Option<PathBuf>,
}

/// Sends mails in the name of one sender.
#[derive(Debug)]
pub struct Post {
    routes: Vec<Route>,
    letterhead: Letterhead,
    limit: Duration,
}

/// Who writes, and under which host name.
#[derive(Debug)]
struct Letterhead {
    sender: Sender,
    /// The host of the public URL, as it may stand in a Message-ID.
    host: String,
}

/// How long a delivery may take.
#[derive(Clone, Copy, Debug)]
struct Time {
    /// Until then it may be given up in favour of the next transport.
    turn: Instant,
    /// Until then it may be waited for.
    end: Instant,
}

/// Why mail cannot be sent with this configuration.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPost {
    #[error("`public_url` has no host, and Message-IDs need one")]
    PublicUrl,
    #[error("`mail.authorities`: {file}", file = file.display())]
    Authorities {
        file: PathBuf,
        #[source]
        error: io::Error,
    },
    #[error("the certificates that mail servers may have cannot be read")]
    Tls(#[source] lettre::transport::smtp::Error),
}

impl Post {
    pub fn new(settings: &Settings, public_url: &Url) -> Result<Self, InvalidPost> {
        let host = public_url.host().ok_or(InvalidPost::PublicUrl)?;
        let authorities = settings.authorities.as_deref().map(smtp::authorities).transpose()?;
        let routes = settings.transports.iter().cloned();
        let routes = routes.map(|transport| Route::new(transport, &host, authorities.as_ref()));
        let routes = routes.collect::<Result<_, _>>()?;
        let letterhead = Letterhead { sender: settings.sender.clone(), host: host.to_string() };
        Ok(Self { routes, letterhead, limit: LIMIT })
    }

    /// Allows another time for a delivery.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Hands one mail to the first transport that takes it, and waits for its answer, within the limit. A transport that
    /// is away or refuses for now passes the mail on to the next; what is refused for good, or may have been taken, goes
    /// to no other.
    ///
    /// The same mail is the same bytes each time, so whoever receives it twice can tell.
    pub async fn deliver(&self, mail: &Mail) -> Result<Delivered, PostError> {
        let message = Message::compose(&self.letterhead, mail)?;
        let end = Instant::now() + self.limit;
        let mut failures = vec![];
        for (route, left) in self.routes.iter().zip((1..=self.routes.len()).rev()) {
            let now = Instant::now();
            let time = Time { turn: now + turn(end.saturating_duration_since(now), left), end };
            match route.deliver(mail.notification, &message, time).await {
                Ok(answer) => {
                    let answer = error::publishable(&answer, &message.to);
                    return Ok(Delivered { message_id: message.id, by: route.name(), answer });
                }
                Err(error) => {
                    let error = error.publishable(&message.to);
                    if error.ends_the_round() {
                        return Err(error);
                    }
                    if left > 1 {
                        let notification = mail.notification;
                        warn!(notification.id = %notification, transport = route.name(), %error, "A transport was passed over");
                    }
                    failures.push((route.name(), error));
                }
            }
        }
        Err(PostError::of_round(failures))
    }

    /// Looks at every transport, one step after the other: whether the folder can be written to, the program run, or the
    /// server be found, be connected to, be trusted, accept the login and the sender. With a mail, the transport is handed
    /// it as well. Unlike errors, steps hold what servers said about addresses: they are for an operator's eyes.
    pub async fn check(
        &self,
        mut mail: impl FnMut() -> Option<Mail>,
    ) -> Result<Vec<(String, Vec<Step>)>, PostError> {
        let mut checked = vec![];
        for route in &self.routes {
            let mail = mail();
            let message = mail.as_ref().map(|mail| Message::compose(&self.letterhead, mail));
            let message = mail.map(|mail| mail.notification).zip(message.transpose()?);
            checked.push((route.name(), route.check(&self.letterhead, message).await));
        }
        Ok(checked)
    }
}

/// The time is shared fairly by those whose turn is still to come.
fn turn(time: Duration, left: usize) -> Duration {
    TURN.min(time / u32::try_from(left).unwrap_or(u32::MAX))
}

impl Letterhead {
    fn message_id(&self, notification: NotificationId) -> String {
        format!("<{notification}@{}>", self.host)
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("notification", &self.notification).finish_non_exhaustive()
    }
}
