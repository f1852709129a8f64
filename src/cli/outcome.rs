//! How a command ends: an exit status that means something, and a message that says what to do next.

use std::{error::Error, fmt::Display, process::ExitCode};

use commands::Failure;
use serde::Serialize;

pub(super) type Outcome<T = ()> = Result<T, Exit>;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(super) struct Exit {
    status: u8,
    message: String,
}

impl Exit {
    fn new(status: u8, message: impl Display) -> Self {
        Self { status, message: message.to_string() }
    }

    pub(super) fn failed(error: &(dyn Error + 'static)) -> Self {
        Self::new(1, chain(error))
    }

    pub(super) fn usage(error: &(dyn Error + 'static)) -> Self {
        Self::new(2, chain(error))
    }

    /// A wrong value of an argument, with the rule it breaks.
    pub(super) fn argument(name: &str, rule: impl Display) -> Self {
        Self::new(2, format_args!("{name}: {rule}"))
    }

    /// Nothing is broken, and something is to be done.
    pub(super) fn behind(what: impl Display) -> Self {
        Self::new(1, what)
    }

    pub(super) fn refused(rule: impl Display) -> Self {
        Self::new(3, rule)
    }

    pub(super) fn not_found(what: impl Display) -> Self {
        Self::new(4, what)
    }

    pub(super) fn unavailable(error: &(dyn Error + 'static)) -> Self {
        Self::new(5, chain(error))
    }

    pub(super) fn report(self) -> ExitCode {
        eprintln!("oathbook: {}", self.message);
        ExitCode::from(self.status)
    }
}

impl From<anyhow::Error> for Exit {
    /// Whatever fails while engines are opened or asked.
    fn from(error: anyhow::Error) -> Self {
        Self::new(5, format_args!("{error:#}"))
    }
}

impl From<store::LogError> for Exit {
    fn from(error: store::LogError) -> Self {
        Self::unavailable(&error)
    }
}

impl From<::projections::projector::ProjectorError> for Exit {
    fn from(error: ::projections::projector::ProjectorError) -> Self {
        Self::unavailable(&error)
    }
}

impl From<::projections::views::ViewsError> for Exit {
    fn from(error: ::projections::views::ViewsError) -> Self {
        Self::unavailable(&error)
    }
}

impl<E: Error + 'static> From<Failure<E>> for Exit {
    fn from(failure: Failure<E>) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::refused(chain(&refusal)),
            failure @ Failure::Log(_) => Self::unavailable(&failure),
            failure @ Failure::Contended => Self::failed(&failure),
        }
    }
}

/// The error and its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

/// Prints a document as one line of JSON.
pub(super) fn print_json(document: &impl Serialize) -> Outcome {
    let line = serde_json::to_string(document).map_err(|error| Exit::failed(&error))?;
    print_line(&line)
}

/// Prints one line. A reader that went away ends the command quietly.
pub(super) fn print_line(line: &str) -> Outcome {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(Exit::failed(&error)),
        Ok(()) => Ok(()),
    }
}

/// Prints rows under headings, in columns as wide as needed.
pub(super) fn print_table(headings: &[&str], rows: &[Vec<String>]) -> Outcome {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([headings[column].chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    print_line(&line(headings.to_vec()))?;
    for row in rows {
        print_line(&line(row.iter().map(String::as_str).collect()))?;
    }
    Ok(())
}
