//! Where one of the three stores is kept.

use std::{fmt, path::PathBuf};

use super::value::{Given, Shown, Wrong};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, by absolute path.
    Sqlite(PathBuf),
    /// Lost with the process.
    Memory,
}

impl Engine {
    pub(super) fn shares_a_file_with(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Sqlite(file), Self::Sqlite(other)) if file == other)
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Memory => f.write_str("memory:"),
        }
    }
}

impl Shown for Engine {
    fn shown(&self) -> String {
        self.to_string()
    }
}

/// The log can be kept by event stores too, once they are available.
pub(super) fn read_log(given: &Given<'_>) -> Result<Engine, Wrong> {
    match given.text()?.split_once(':') {
        Some((scheme @ ("kurrentdb" | "esdb"), _)) => Err(unavailable(scheme)),
        _ => read(given),
    }
}

pub(super) fn read(given: &Given<'_>) -> Result<Engine, Wrong> {
    let text = given.text()?;
    match text.split_once(':') {
        Some(("sqlite", path)) => sqlite(given, path),
        Some(("memory", "")) => Ok(Engine::Memory),
        Some((scheme @ ("postgres" | "postgresql"), _)) => Err(unavailable(scheme)),
        Some((scheme @ ("kurrentdb" | "esdb"), _)) => {
            Err(format!("cannot be kept by {scheme}, which keeps events only: use sqlite:PATH"))
        }
        _ => Err("must be sqlite:PATH or memory:".to_owned()),
    }
}

fn sqlite(given: &Given<'_>, path: &str) -> Result<Engine, Wrong> {
    // Both `sqlite:PATH` and the `sqlite://PATH` of other tools.
    let path = path.strip_prefix("//").unwrap_or(path);
    if path == ":memory:" {
        return Err(
            "must be sqlite:PATH; what is to be kept in memory is called memory:".to_owned()
        );
    }
    if path.contains(['?', '#']) || path.ends_with('/') {
        return Err("must be sqlite:PATH, where PATH names a file and takes no options".to_owned());
    }
    given.resolve(path).map(Engine::Sqlite)
}

fn unavailable(scheme: &str) -> Wrong {
    format!("names {scheme}, which is not available in this release: use sqlite:PATH")
}
