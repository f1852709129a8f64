//! Where one of the three stores is kept.

use std::{fmt, path::PathBuf};

use postgres_database::Address;

use super::value::{Given, Place, Shown, Value, Wrong};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, by absolute path.
    Sqlite(PathBuf),
    /// A schema of its own in this database.
    Postgres(Address),
    /// Streams of its own in this cluster.
    Kurrent(store_kurrent::Address),
    /// Lost with the process.
    Memory,
}

impl Engine {
    pub(super) fn shares_a_file_with(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Sqlite(file), Self::Sqlite(other)) if file == other)
    }

    /// Whether what is said on the way to it can be read or changed by others.
    pub fn is_exposed(&self) -> bool {
        match self {
            Self::Postgres(address) => address.is_exposed(),
            Self::Kurrent(address) => address.is_exposed(),
            Self::Sqlite(_) | Self::Memory => false,
        }
    }

    /// Whether it knows the ids of all events, and not only in their place.
    pub fn knows_ids_everywhere(&self) -> bool {
        !matches!(self, Self::Kurrent(_))
    }

    /// Whether several machines may use it at the same time.
    pub fn is_shared(&self) -> bool {
        match self {
            Self::Postgres(_) | Self::Kurrent(_) => true,
            Self::Sqlite(_) | Self::Memory => false,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(address) => write!(f, "{address}"),
            Self::Kurrent(address) => write!(f, "{address}"),
            Self::Memory => f.write_str("memory:"),
        }
    }
}

impl Shown for Engine {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Engine {
    /// A log as the command line names it; relative paths start from the working directory.
    pub fn parse_log(text: &str) -> Result<Self, String> {
        let value = Value::Text(text.to_owned());
        let directory = std::env::current_dir().map_err(|error| error.to_string())?;
        read_log(&Given { value: &value, place: Place::Base(&directory) })
    }

    /// Views or a state as the command line names them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value = Value::Text(text.to_owned());
        let directory = std::env::current_dir().map_err(|error| error.to_string())?;
        read(&Given { value: &value, place: Place::Base(&directory) })
    }
}

/// The log can be kept by event stores, too.
pub(super) fn read_log(given: &Given<'_>) -> Result<Engine, Wrong> {
    match given.text()?.split_once(':') {
        Some((scheme, _)) if is_kurrent(scheme) => match given.text()?.parse() {
            Ok(address) => Ok(Engine::Kurrent(address)),
            Err(rule) => Err(store_kurrent::InvalidAddress::to_string(&rule)),
        },
        _ => read(given),
    }
}

pub(super) fn read(given: &Given<'_>) -> Result<Engine, Wrong> {
    let text = given.text()?;
    match text.split_once(':') {
        Some(("sqlite", path)) => sqlite(given, path),
        Some(("memory", "")) => Ok(Engine::Memory),
        Some(("postgres" | "postgresql", _)) => match text.parse() {
            Ok(address) => Ok(Engine::Postgres(address)),
            Err(rule) => Err(Wrong::from(postgres_database::InvalidAddress::to_string(&rule))),
        },
        Some((scheme, _)) if is_kurrent(scheme) => Err(format!(
            "cannot be kept by {scheme}, which keeps events only: use sqlite:PATH or postgres://…"
        )),
        _ => Err("must be sqlite:PATH, postgres://… or memory:".to_owned()),
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

/// KurrentDB and EventStoreDB, also found by gossip: `kurrentdb+discover`.
fn is_kurrent(scheme: &str) -> bool {
    matches!(scheme.trim_end_matches("+discover"), "kurrentdb" | "kdb" | "esdb")
}
