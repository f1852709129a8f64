//! Sources laid over each other, each value with its origin.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{
    ConfigError, Flags, Problem, Row,
    file::{self, Leaf},
    keys::{self, About, Key},
    value::{Given, Place, Shown, Value, Wrong},
    withheld::withheld,
};

const FILE: &str = "config.yml";
const FILE_VARIABLE: &str = "OATHBOOK_CONFIG";
const LARGEST_FILE: u64 = 1024 * 1024;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    File { path: PathBuf, line: u64 },
    Variable(String),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// What file, variables and flags say, by key.
#[derive(Default)]
pub(super) struct Layers {
    pub(super) file: Option<PathBuf>,
    /// Where relative paths start.
    base: PathBuf,
    given: BTreeMap<&'static str, (Value, Origin)>,
    problems: Vec<Problem>,
}

impl Layers {
    pub(super) fn gather(
        flags: &Flags,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        directory: &Path,
    ) -> Result<Self, ConfigError> {
        let variables: BTreeMap<OsString, OsString> = variables.into_iter().collect();
        let mut layers = Self { base: directory.to_owned(), ..Self::default() };
        layers.add_file(flags, &variables, directory)?;
        for (name, value) in &variables {
            layers.add_variable(name, value);
        }
        for (key, flag, value) in [
            (keys::LISTEN.about.name, "--listen", &flags.listen),
            (keys::ROLES.about.name, "--roles", &flags.roles),
        ] {
            if let Some(value) = value {
                layers.given.insert(key, (Value::Text(value.clone()), Origin::Flag(flag)));
            }
        }
        Ok(layers)
    }

    fn add_file(
        &mut self,
        flags: &Flags,
        variables: &BTreeMap<OsString, OsString>,
        directory: &Path,
    ) -> Result<(), Problem> {
        let variable = variables.get(OsStr::new(FILE_VARIABLE)).filter(|value| !value.is_empty());
        let asked_for = match (&flags.config, variable) {
            (Some(path), _) => Some((path.clone(), "--config")),
            (None, Some(path)) => Some((PathBuf::from(path), FILE_VARIABLE)),
            (None, None) => None,
        };
        let path = asked_for.as_ref().map_or(Path::new(FILE), |(path, _)| path);
        let text = match read(&directory.join(path)) {
            Ok(text) => text,
            // Only the file that nobody asked for may be missing.
            Err(error) if asked_for.is_none() && error.kind() == io::ErrorKind::NotFound => {
                return Ok(());
            }
            Err(error) => {
                let by = asked_for.as_ref().map(|(_, by)| format!(", which {by} names"));
                let by = by.unwrap_or_default();
                return Err(Problem(format!("cannot read {}{by}: {error}", path.display())));
            }
        };
        let leaves = file::leaves(&text).map_err(|malformed| {
            let line = malformed.line.map(|line| format!(":{line}")).unwrap_or_default();
            Problem(format!("{}{line}: {}", path.display(), malformed.what))
        })?;
        for leaf in leaves {
            self.add_leaf(path, leaf);
        }
        let path = directory.join(path);
        path.parent().unwrap_or(directory).clone_into(&mut self.base);
        self.file = Some(path);
        Ok(())
    }

    fn add_leaf(&mut self, path: &Path, leaf: Leaf) {
        let origin = Origin::File { path: path.to_owned(), line: leaf.line };
        let section = keys_of_section(&leaf.name);
        match (keys::ALL.iter().find(|key| key.name == leaf.name), leaf.value) {
            // A key or a section with nothing behind it: its contents are commented out.
            (Some(_), None) => {}
            (None, None) if !section.is_empty() => {}
            (Some(key), Some(value)) => {
                if self.given.insert(key.name, (value, origin.clone())).is_some() {
                    self.problem(format!("{origin}: `{}` is given a second time", key.name));
                }
            }
            (None, Some(_)) if !section.is_empty() => self.problem(format!(
                "{origin}: `{}` is a section and takes no value itself: write {} below it",
                leaf.name,
                section.join(", ")
            )),
            (None, _) => {
                let known = keys::ALL.iter().map(|key| key.name.to_owned());
                let nearest = nearest(&leaf.name, known);
                self.problem(format!(
                    "{origin}: the key `{}` is not known, the nearest known one is `{nearest}`",
                    leaf.name
                ));
            }
        }
    }

    fn add_variable(&mut self, name: &OsStr, value: &OsStr) {
        let name = name.to_string_lossy();
        if !name.starts_with("OATHBOOK_") || name == FILE_VARIABLE {
            return;
        }
        let Some(key) = keys::ALL.iter().find(|key| key.variable() == name) else {
            let known = keys::ALL.iter().map(About::variable);
            let nearest = nearest(&name, known.chain([FILE_VARIABLE.to_owned()]));
            self.problem(format!(
                "the variable {name} is not known, the nearest known one is {nearest}"
            ));
            return;
        };
        match value.to_str() {
            Some(value) => {
                let given = (Value::Text(value.to_owned()), Origin::Variable(name.into_owned()));
                self.given.insert(key.name, given);
            }
            None => self.problem(format!("the variable {name} is not UTF-8")),
        }
    }

    fn problem(&mut self, problem: String) {
        self.problems.push(Problem(problem));
    }
}

fn read(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut text = String::new();
    fs::File::open(path)?.take(LARGEST_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(text)
}

/// The last parts of the keys below a section; none when it is not one.
fn keys_of_section(name: &str) -> Vec<&'static str> {
    let below = |key: &About| key.name.strip_prefix(name)?.strip_prefix('.');
    keys::ALL.iter().filter_map(below).collect()
}

fn nearest(name: &str, known: impl Iterator<Item = String>) -> String {
    let likeness = |known: &String| {
        let whole = strsim::normalized_damerau_levenshtein(name, known);
        // `lifetime` without its section is still `tokens.lifetime`.
        let last = known.rsplit('.').next().unwrap_or(known);
        whole.max(0.9 * strsim::normalized_damerau_levenshtein(name, last))
    };
    // Of several that are as near, the first in the table.
    known.min_by(|one, other| likeness(other).total_cmp(&likeness(one))).unwrap_or_default()
}

/// Turns what was given into values, falls back to defaults, and keeps count of both.
pub(super) struct Reader {
    layers: Layers,
    var: PathBuf,
    rows: Vec<Row>,
}

impl Reader {
    pub(super) fn new(layers: Layers) -> Self {
        // Needed before the key itself has its turn, because defaults lie in it. What is wrong is reported then.
        let mut reader = Self { var: PathBuf::new(), rows: Vec::new(), layers };
        let var = reader.given(&keys::VAR).and_then(Result::ok);
        reader.var = var.unwrap_or_else(|| reader.layers.base.join(keys::VAR.about.default));
        reader
    }

    pub(super) fn read<T: Shown>(&mut self, key: &Key<T>) -> T {
        let place = Place::Var(&self.var);
        let default = Value::Text(key.about.default.to_owned());
        let default = (key.read)(&Given { value: &default, place });
        self.settle(key, default)
    }

    /// `var` is the one default that lies in no other.
    pub(super) fn read_var(&mut self, key: &Key<PathBuf>) -> PathBuf {
        let default = Ok(self.layers.base.join(key.about.default).components().collect());
        self.settle(key, default)
    }

    fn settle<T: Shown>(&mut self, key: &Key<T>, default: Result<T, Wrong>) -> T {
        let value = match self.given(key) {
            Some(Ok(value)) => value,
            given => {
                if let Some(Err(wrong)) = given {
                    self.refuse(key, &wrong);
                }
                default.expect("a default is a value, which a test makes sure of")
            }
        };
        self.rows.push(Row {
            key: key.about.name,
            value: value.shown(),
            origin: self.origin(key).to_string(),
        });
        value
    }

    fn given<T>(&self, key: &Key<T>) -> Option<Result<T, Wrong>> {
        let (value, _) = self.layers.given.get(key.about.name)?;
        Some((key.read)(&Given { value, place: Place::Base(&self.layers.base) }))
    }

    fn origin<T>(&self, key: &Key<T>) -> &Origin {
        self.layers.given.get(key.about.name).map_or(&Origin::Default, |(_, origin)| origin)
    }

    /// `wrong` continues a sentence that begins with the key.
    pub(super) fn refuse<T>(&mut self, key: &Key<T>, wrong: &str) {
        let name = key.about.name;
        let value = match self.layers.given.get(name) {
            // Commas may separate addresses, or stand in a password.
            Some((Value::Text(text), _)) if text.contains(',') && text.contains("://") => {
                "`…`".to_owned()
            }
            Some((Value::Text(text), _)) => format!("`{}`", withheld(text)),
            Some((Value::List(_), _)) => "a list".to_owned(),
            None => format!("`{}`", key.about.default),
        };
        let problem = format!("{}: `{name}` {wrong}; it is {value}", self.origin(key));
        self.layers.problem(problem);
    }

    pub(super) fn finish(self) -> Result<Vec<Row>, ConfigError> {
        let problems = self.layers.problems;
        if problems.is_empty() { Ok(self.rows) } else { Err(ConfigError { problems }) }
    }
}
