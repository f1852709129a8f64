//! Logs on standard error: one line per fact, as text for people or as JSON for machines.

use std::{
    fmt,
    io::{self, IsTerminal},
    str::FromStr,
};

use serde::Serialize;
use tracing::{Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    fmt::MakeWriter,
    layer::SubscriberExt,
    registry::Registry,
    util::SubscriberInitExt,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a level (error, warn, info, debug, trace, off) nor `target=level`")]
pub struct InvalidLevel(String);

#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error(transparent)]
    Level(#[from] InvalidLevel),
    #[error("logging was set up already")]
    Twice(#[source] tracing_subscriber::util::TryInitError),
}

/// Sends what the process logs from now on to standard error. `level` is a level or a list of `target=level`, as
/// `tracing_subscriber::EnvFilter` reads it.
pub fn init(format: Format, level: &str) -> Result<(), InitError> {
    subscriber(format, level, io::stderr, io::stderr().is_terminal())?
        .try_init()
        .map_err(InitError::Twice)
}

/// Reads a level as [`init`] does, and refuses words that `EnvFilter` would take for the name of a target: with `inof`
/// it would log nothing and not say why.
pub fn parse_level(level: &str) -> Result<EnvFilter, InvalidLevel> {
    let invalid = |part: &str| InvalidLevel(part.to_owned());
    for part in level.split(',').map(str::trim) {
        let bare = !part.contains(['=', '[', '{', '}', ']']);
        if bare && (part.is_empty() || part.parse::<LevelFilter>().is_err()) {
            return Err(invalid(part));
        }
    }
    EnvFilter::builder().parse(level).map_err(|_| invalid(level))
}

fn subscriber<W>(
    format: Format,
    level: &str,
    writer: W,
    colours: bool,
) -> Result<impl Subscriber + Send + Sync, InvalidLevel>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = parse_level(level)?.and(filter_fn(is_free_of_personal_data));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colours);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        Format::Text => lines.boxed(),
        Format::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    Ok(tracing_subscriber::registry().with(lines.with_filter(filter)))
}

/// At their lower levels lettre logs whole SMTP conversations and handlebars the variables of pages and letters, with
/// names, addresses and credentials.
fn is_free_of_personal_data(metadata: &Metadata<'_>) -> bool {
    let talks = ["lettre", "handlebars"].iter().any(|name| metadata.target().starts_with(name));
    !talks || *metadata.level() <= LevelFilter::INFO
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    use tracing::{debug, info};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: Format, level: &str, facts: impl FnOnce()) -> String {
        let paper = Paper::default();
        let writer = paper.clone();
        let subscriber = subscriber(format, level, move || writer.clone(), false).unwrap();
        tracing::subscriber::with_default(subscriber, facts);
        let bytes = paper.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_line_has_the_fields_of_its_fact_at_the_top() {
        let line = logged(Format::Json, "info", || {
            info!(application.id = "a1", "Deactivated");
        });
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["application.id"], "a1");
        assert_eq!(line["message"], "Deactivated");
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn a_text_line_is_for_people() {
        let line = logged(Format::Text, "info", || info!(stream.events = 3, "Rebuilt"));
        assert!(line.contains("INFO"), "{line}");
        assert!(line.ends_with("Rebuilt stream.events=3\n"), "{line}");
    }

    #[test]
    fn levels_can_differ_by_target() {
        let lines = logged(Format::Text, "warn,oathbook=debug", || {
            info!(target: "sqlx", "hidden");
            debug!(target: "oathbook", "shown");
        });
        assert!(lines.contains("shown") && !lines.contains("hidden"), "{lines}");
    }

    #[test]
    fn smtp_conversations_are_never_logged() {
        let lines = logged(Format::Text, "trace", || {
            debug!(target: "lettre::transport::smtp::client", "Wrote: RCPT TO:<ada@example.org>");
            info!(target: "lettre", "connected");
        });
        assert!(lines.contains("connected") && !lines.contains("ada@"), "{lines}");
    }

    #[test]
    fn a_misspelt_level_is_refused_rather_than_taken_for_a_target() {
        for level in ["inof", "", "info,", "oathbook=loud", "info,debg"] {
            assert!(parse_level(level).is_err(), "{level}");
        }
        for level in ["info", "off", "WARN", "info,sqlx=warn", "oathbook::serve[request]=debug"] {
            assert!(parse_level(level).is_ok(), "{level}");
        }
    }
}
