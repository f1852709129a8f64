//! One mail over a connection: sender, recipient, content.

use std::{
    iter,
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
};

use lettre::{
    Address,
    transport::smtp::{
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt},
        extension::{Extension, MailBodyParameter, MailParameter},
        response::{Response, Severity},
    },
};
use tokio::time::{Instant, timeout_at};

use super::step::{Failure, command, expect, failure, step};
use crate::post::{Outlook, PostError, Stage, Time, message::Message};

/// Returns the server's last answer.
pub(super) async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    time: Time,
) -> Result<String, Failure> {
    sender(connection, message, time.turn).await?;
    recipient(connection, message, time.turn).await?;
    content(connection, message, time).await
}

pub(super) async fn sender(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    deadline: Instant,
) -> Result<String, Failure> {
    let parameters =
        parameters(connection, &[&message.from, &message.to], message.bytes.is_ascii())?;
    let mail = Mail::new(Some(message.from.clone()), parameters);
    Ok(in_words(&command(connection, Stage::Sender, mail, deadline).await?))
}

/// Asks whether there could be a mail from this sender.
pub(super) async fn sender_alone(
    connection: &mut AsyncSmtpConnection,
    from: &Address,
    deadline: Instant,
) -> Result<String, Failure> {
    let mail = Mail::new(Some(from.clone()), parameters(connection, &[from], true)?);
    Ok(in_words(&command(connection, Stage::Sender, mail, deadline).await?))
}

pub(super) async fn recipient(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    deadline: Instant,
) -> Result<String, Failure> {
    let recipient = Rcpt::new(message.to.clone(), vec![]);
    Ok(in_words(&command(connection, Stage::Recipient, recipient, deadline).await?))
}

/// While the content goes out, another transport may still have its turn. Once its end is on the way, only the answer
/// says whether the server has the mail, so all the time that is left is given to it.
pub(super) async fn content(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    time: Time,
) -> Result<String, Failure> {
    let announced = step(time.turn, Stage::Announcing, connection.command(Data)).await?;
    expect(Stage::Announcing, &announced, Severity::PositiveIntermediate)?;
    let ending = AtomicBool::new(false);
    // Asked for the next part, all before it is on the way, and the end of the mail follows.
    let end = iter::from_fn(|| {
        ending.store(true, Ordering::Relaxed);
        None
    });
    let parts = iter::once(message.bytes.as_slice()).chain(end);
    let mut handing_over = pin!(connection.message_iter(parts));
    let mut answer = timeout_at(time.turn, &mut handing_over).await;
    if answer.is_err() && ending.load(Ordering::Relaxed) {
        answer = timeout_at(time.end, &mut handing_over).await;
    }
    let failed = match answer {
        Ok(Ok(answer)) => match expect(Stage::HandingOver, &answer, Severity::PositiveCompletion) {
            Ok(()) => return Ok(in_words(&answer)),
            Err(failure) => failure,
        },
        Ok(Err(error)) => failure(Stage::HandingOver, &error),
        Err(_) => Failure::too_late(Stage::HandingOver),
    };
    if failed.spoke || !ending.load(Ordering::Relaxed) {
        return Err(failed);
    }
    let error = PostError { outlook: Outlook::Unknown, ..failed.error };
    Err(Failure { error, ..failed })
}

/// What the server must be told about addresses and content that are not ASCII (RFC 6531, RFC 6152).
fn parameters(
    connection: &AsyncSmtpConnection,
    addresses: &[&Address],
    content_is_ascii: bool,
) -> Result<Vec<MailParameter>, Failure> {
    let server = connection.server_info();
    let mut parameters = vec![];
    if !addresses.iter().all(|address| address.to_string().is_ascii()) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(unable("the server takes no internationalised addresses (SMTPUTF8)"));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !content_is_ascii {
        if !server.supports_feature(Extension::EightBitMime) {
            return Err(unable("the server takes no 8-bit content (8BITMIME)"));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}

fn unable(reason: &str) -> Failure {
    let error = PostError::permanent(Stage::Extensions, reason);
    Failure { error, answered: true, spoke: true }
}

fn in_words(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    format!("{} {}", response.code(), lines.join(" "))
}
