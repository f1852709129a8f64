//! The routes of the pages, as their sources have them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// `GET /path`, for every method of every `.route("/path", …)`.
pub(super) fn of_pages() -> BTreeSet<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = routes_in(&sources.join("web.rs"));
    below(&sources.join("web"), &mut found);
    found
}

/// `file: path`, for every other route, its path as it is written there.
pub(super) fn of_everything_else() -> BTreeSet<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeSet::new();
    files_below(&sources, &mut files);
    let pages = [sources.join("web.rs"), sources.join("web")];
    let others = files.iter().filter(|file| !pages.iter().any(|page| file.starts_with(page)));
    let routes = others.flat_map(|file| {
        let source = fs::read_to_string(file).expect("a readable source");
        let name = file.strip_prefix(&sources).expect("a source").display().to_string();
        let written = source.split(".route(").skip(1).map(|rest| first(arguments(rest)));
        written.map(|path| format!("{name}: {path}")).collect::<Vec<_>>()
    });
    routes.collect()
}

/// The first of several arguments.
fn first(arguments: &str) -> String {
    let mut depth = 0;
    let end = arguments.find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0 && c == ','
    });
    arguments[..end.unwrap_or(arguments.len())].trim().to_owned()
}

fn files_below(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.insert(path);
        }
    }
}

fn below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            below(&path, found);
        } else {
            found.extend(routes_in(&path));
        }
    }
}

fn routes_in(path: &Path) -> BTreeSet<String> {
    let source = fs::read_to_string(path).expect("a readable source");
    source.split(".route(").skip(1).flat_map(|rest| routes_of(path, arguments(rest))).collect()
}

/// What stands inside the parenthesis that was opened just before.
fn arguments(rest: &str) -> &str {
    let mut depth = 1;
    let end = rest.find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    &rest[..end.expect("a closed parenthesis")]
}

fn routes_of(path: &Path, arguments: &str) -> Vec<String> {
    let what = || format!("{}: .route({arguments})", path.display());
    let literal = arguments.trim_start().strip_prefix('"').and_then(|it| it.split_once('"'));
    let (route, handlers) =
        literal.unwrap_or_else(|| panic!("a route's path is written out: {}", what()));
    let used = |method: &&str| {
        let (first, chained) = (format!("{method}("), format!(".{method}("));
        handlers.trim_start_matches([',', ' ', '\n']).starts_with(&first)
            || handlers.contains(&chained)
    };
    let found: Vec<_> = METHODS
        .into_iter()
        .filter(used)
        .map(|method| format!("{} {route}", method.to_uppercase()))
        .collect();
    assert!(!found.is_empty(), "a route has a method that the matrix knows: {}", what());
    found
}
