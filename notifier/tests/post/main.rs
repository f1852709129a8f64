//! The post against the real thing: a server on a socket, a directory, a program.

#![expect(clippy::unwrap_used, reason = "clippy exempts the tests, but not what they share")]

mod checking;
mod files;
mod injection;
mod login;
mod order;
mod secured;
mod smtp;

use domain::{NotificationId, Timestamp};
use letters::Rendered;
use notifier::post::{Delivered, Mail, Outlook, Post, PostError, Settings, Stage};
use smtp_stand_in::{Answer, Authority, Server};
use tempfile::NamedTempFile;
use url::Url;
use uuid::Uuid;

const ID: NotificationId = NotificationId::new(Uuid::from_u128(0x0192));
const MESSAGE_ID: &str = "<00000000-0000-0000-0000-000000000192@oathbook.example>";

fn mail_to(address: &str) -> Mail {
    Mail {
        notification: ID,
        address: address.to_owned(),
        display_name: "Ada Lovelace".to_owned(),
        letter: Rendered {
            subject: "OAuth application added to your account".to_owned(),
            text: "Hello, Ada.\n.\nThe end.\n".to_owned(),
            html: "<p>Hello, Ada.</p>\n".to_owned(),
        },
        date: Timestamp::from_micros(1_793_696_700_000_000),
    }
}

fn mail() -> Mail {
    mail_to("ada@example.com")
}

fn settings(transports: &[&str]) -> Settings {
    Settings {
        transports: transports.iter().map(|transport| transport.parse().unwrap()).collect(),
        sender: "Oathbook <oathbook@localhost>".parse().unwrap(),
        authorities: None,
    }
}

fn with(settings: &Settings) -> Post {
    Post::new(settings, &Url::parse("https://oathbook.example/").unwrap()).unwrap()
}

fn post(transport: &str) -> Post {
    with(&settings(&[transport]))
}

/// A post that trusts the authority.
fn trusting(authority: &Authority, transport: &str) -> Post {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.pem()).unwrap();
    with(&Settings { authorities: Some(file.path().to_owned()), ..settings(&[transport]) })
}

/// What becomes of the usual mail when the server answers like this.
async fn deliver(answers: &[(&'static str, Answer)]) -> (Result<Delivered, PostError>, Server) {
    let server = Server::start();
    for (verb, answer) in answers {
        server.says(verb, answer.clone());
    }
    let outcome = post(&server.url()).deliver(&mail()).await;
    nothing_was_forbidden(&server);
    (outcome, server)
}

/// Where the usual mail fails, whether for good, and what is kept of it.
async fn refused(verb: &'static str, answer: impl Into<Answer>) -> (Stage, Outlook, String) {
    let (outcome, _) = deliver(&[(verb, answer.into())]).await;
    let error = outcome.unwrap_err();
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains('@') && !printed.to_lowercase().contains("ada"), "{printed}");
    (error.stage, error.outlook, error.reason)
}

fn nothing_was_forbidden(server: &Server) {
    server.heard(|heard| assert_eq!(heard.violations, Vec::<String>::new()));
}
