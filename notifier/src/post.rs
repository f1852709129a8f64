//! How a mail leaves: one transport, chosen by URL, and one honest answer.
//!
//! Nothing here decides whether or when to send. Neither errors nor answers carry an address, a name or a password:
//! they end in events and logs.

mod error;
mod file;
mod message;
mod sendmail;
mod smtp;
mod transport;

use std::{fmt, time::Duration};

use domain::{NotificationId, Timestamp, notification};
use letters::Rendered;
use lettre::{Address, message::Mailbox};
use tokio::time::{Instant, timeout_at};
use url::Url;

pub use error::{Outlook, PostError, Stage};
pub use transport::{Credentials, InvalidTransport, Server, Tls, Transport};

use message::Message;

/// How long a delivery may take, unless [`Post::within`] says otherwise.
///
/// Shorter than the lease of an attempt, so that a letter is never in two hands.
pub const LIMIT: Duration = Duration::from_secs(8);

const _: () = assert!(LIMIT.as_millis() < notification::LEASE.as_millis());

/// A letter with its stamp on.
#[derive(Clone)]
pub struct Mail {
    /// Names the mail: its Message-ID, and its file.
    pub notification: NotificationId,
    pub address: String,
    pub display_name: String,
    pub letter: Rendered,
    /// The `Date` of the mail.
    pub moment: Timestamp,
}

/// The transport took the mail over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// With angle brackets.
    pub message_id: String,
    /// What the transport said, without addresses.
    pub answer: String,
}

/// Sends mails in the name of one sender.
#[derive(Debug)]
pub struct Post {
    carrier: Carrier,
    sender: Sender,
    limit: Duration,
}

#[derive(Debug)]
enum Carrier {
    File(file::Folder),
    Smtp(smtp::Smtp),
    Sendmail(sendmail::Sendmail),
}

/// Who writes, and under which host name.
#[derive(Debug)]
struct Sender {
    from: Mailbox,
    /// The host of the public URL, as it may stand in a Message-ID.
    host: String,
}

/// Why mail cannot be sent with this configuration.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPost {
    #[error("the sender is not a mail address, such as `Oathbook <oathbook@example.com>`")]
    From,
    #[error("the public URL has no host, and Message-IDs need one")]
    PublicUrl,
    #[error("the certificates that this machine trusts cannot be read")]
    Tls(#[source] lettre::transport::smtp::Error),
}

impl Post {
    /// `from` is an address, with or without a display name: `Oathbook <oathbook@example.com>`.
    pub fn new(transport: Transport, from: &str, public_url: &Url) -> Result<Self, InvalidPost> {
        let from = message::sender(from).ok_or(InvalidPost::From)?;
        let host = public_url.host().ok_or(InvalidPost::PublicUrl)?;
        let carrier = match transport {
            Transport::File(folder) => Carrier::File(file::Folder::new(folder)),
            Transport::Smtp(server) => {
                Carrier::Smtp(smtp::Smtp::new(server, &host).map_err(InvalidPost::Tls)?)
            }
            Transport::Sendmail(program) => Carrier::Sendmail(sendmail::Sendmail::new(program)),
        };
        let sender = Sender { from, host: host.to_string() };
        Ok(Self { carrier, sender, limit: LIMIT })
    }

    /// Allows another time for a delivery.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Hands one mail to the transport and waits for its answer, within the limit.
    ///
    /// The same mail is the same bytes each time, so whoever receives it twice can tell.
    pub async fn deliver(&self, mail: &Mail) -> Result<Delivered, PostError> {
        let message = Message::compose(&self.sender, mail)?;
        let deadline = Instant::now() + self.limit;
        let answer = match &self.carrier {
            Carrier::File(folder) => {
                in_time(deadline, Stage::File, folder.deliver(mail.notification, &message)).await
            }
            Carrier::Smtp(smtp) => smtp.deliver(&message, deadline).await,
            Carrier::Sendmail(sendmail) => {
                in_time(deadline, Stage::Sendmail, sendmail.deliver(&message)).await
            }
        };
        match answer {
            Ok(answer) => {
                let answer = error::publishable(&answer, &message.to);
                Ok(Delivered { message_id: message.id, answer })
            }
            Err(error) => Err(error.publishable(&message.to)),
        }
    }
}

impl Post {
    /// Looks whether the transport would take a mail, without handing it one: whether the folder can be written to, the
    /// program run, or the server be connected to, its certificate be trusted and its login accepted. Says what it
    /// found.
    pub async fn probe(&self) -> Result<String, PostError> {
        let deadline = Instant::now() + self.limit;
        match &self.carrier {
            Carrier::File(folder) => in_time(deadline, Stage::File, folder.probe()).await,
            Carrier::Smtp(smtp) => smtp.probe(deadline).await,
            Carrier::Sendmail(sendmail) => sendmail.probe(),
        }
    }
}

/// Ends a step that takes too long.
async fn in_time<T>(
    deadline: Instant,
    stage: Stage,
    step: impl Future<Output = Result<T, PostError>>,
) -> Result<T, PostError> {
    timeout_at(deadline, step)
        .await
        .unwrap_or_else(|_| Err(PostError::transient(stage, "it took too long")))
}

impl Sender {
    fn address(&self) -> &Address {
        &self.from.email
    }

    fn message_id(&self, notification: NotificationId) -> String {
        format!("<{notification}@{}>", self.host)
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("notification", &self.notification).finish_non_exhaustive()
    }
}
