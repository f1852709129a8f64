//! One command and its answer, within the time there is.

use std::{error::Error as _, fmt::Display, io, iter};

use lettre::transport::smtp::{
    Error,
    client::AsyncSmtpConnection,
    response::{Code, Response, Severity},
};
use tokio::time::{Instant, timeout_at};

use crate::post::{PostError, Stage};

/// A step that failed.
pub(super) struct Failure {
    pub(super) error: PostError,
    /// The conversation can go on with another mail.
    pub(super) answered: bool,
    /// The server said so itself, in an answer that can be understood.
    pub(super) spoke: bool,
}

impl Failure {
    pub(super) fn too_late(stage: Stage) -> Self {
        Self::mute(PostError::transient(stage, "the server took too long"))
    }

    fn mute(error: PostError) -> Self {
        Self { error, answered: false, spoke: false }
    }
}

impl From<Failure> for PostError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// A command that is done when the server says so.
pub(super) async fn command(
    connection: &mut AsyncSmtpConnection,
    stage: Stage,
    command: impl Display,
    deadline: Instant,
) -> Result<Response, Failure> {
    let answer = step(deadline, stage, connection.command(command)).await?;
    expect(stage, &answer, Severity::PositiveCompletion)?;
    Ok(answer)
}

pub(super) async fn step<T>(
    deadline: Instant,
    stage: Stage,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    match timeout_at(deadline, step).await {
        Ok(outcome) => outcome.map_err(|error| failure(stage, &error)),
        Err(_) => Err(Failure::too_late(stage)),
    }
}

pub(super) async fn in_time<T>(
    deadline: Instant,
    stage: Stage,
    step: impl Future<Output = T>,
) -> Result<T, PostError> {
    let outcome = timeout_at(deadline, step).await;
    outcome.map_err(|_| PostError::transient(stage, "the server took too long"))
}

pub(super) async fn connected<T>(
    deadline: Instant,
    connecting: impl Future<Output = io::Result<T>>,
) -> Result<T, PostError> {
    in_time(deadline, Stage::Connecting, connecting)
        .await?
        .map_err(|error| PostError::transient(Stage::Connecting, error.to_string()))
}

/// A positive answer of another kind is to another question: what follows it cannot be trusted.
pub(super) fn expect(stage: Stage, answer: &Response, wanted: Severity) -> Result<(), Failure> {
    if answer.code().severity == wanted {
        return Ok(());
    }
    let reason = format!("the server answered {} out of turn", answer.code());
    Err(Failure::mute(PostError::transient(stage, reason)))
}

/// A 5xx is final only where it speaks of the recipient or the content; elsewhere an operator can help.
pub(super) fn failure(stage: Stage, error: &Error) -> Failure {
    let stage = match stage {
        _ if of_tls(error) => Stage::Securing,
        Stage::Connecting if error.status().is_some() || error.is_response() => Stage::Greeting,
        stage => stage,
    };
    let Some(code) = error.status() else {
        return Failure::mute(PostError::transient(stage, cause(error)));
    };
    let reason = match (stage, error.source()) {
        (Stage::Login, said) => {
            // Some servers repeat what they were given.
            let status = said.and_then(|said| enhanced(&said.to_string()));
            format!("{code} {}the server refused", status.unwrap_or_default())
        }
        (_, None) => format!("{code} the server refused"),
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
    Failure { error, answered: !is_farewell(code), spoke: true }
}

/// 421: the server hangs up after it (RFC 5321, 4.2.1).
fn is_farewell(code: Code) -> bool {
    u16::from(code) == 421
}

/// The enhanced status code that an answer begins with (RFC 3463), and a space.
fn enhanced(said: &str) -> Option<String> {
    let word = said.split_whitespace().next()?;
    let parts: Vec<_> = word.split('.').collect();
    let is_number = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    (parts.len() == 3 && parts.iter().all(is_number)).then(|| format!("{word} "))
}

/// An error of rustls hides in one of input and output.
fn of_tls(error: &Error) -> bool {
    let is_tls = |error: &(dyn std::error::Error + 'static)| {
        let io = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        io.and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some()
    };
    iter::successors(error.source(), |&error| error.source()).any(is_tls)
}

/// The innermost error: the outer ones only say that there is one.
fn cause(error: &Error) -> String {
    let innermost = iter::successors(error.source(), |&error| error.source()).last();
    innermost.map_or_else(|| error.to_string(), ToString::to_string)
}
