//! The map is true: paths exist, crates depend on each other as drawn, and each room keeps its rule.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Rust sources below a folder, with their text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a readable source");
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

#[test]
fn every_path_that_the_map_names_exists() {
    let map = read("ARCHITECTURE.md");
    let names = map.split('`').skip(1).step_by(2);
    let paths: Vec<_> = names.filter(|name| name.contains('/') && !name.contains(' ')).collect();
    assert!(paths.len() > 20);
    for path in paths {
        assert!(
            path.starts_with("var/") || root().join(path).exists(),
            "ARCHITECTURE.md names {path}, which does not exist"
        );
    }
}

/// Whom each crate may depend on, among ours.
const DEPENDENCIES: &[(&str, &str, &[&str])] = &[
    ("domain", "domain", &[]),
    ("store", "store", &["domain"]),
    ("sqlite-database", "store/sqlite/database", &[]),
    ("store-sqlite", "store/sqlite", &["sqlite-database", "store"]),
    ("postgres-database", "store/postgres/database", &[]),
    ("store-postgres", "store/postgres", &["postgres-database", "store"]),
    ("store-kurrent", "store/kurrent", &["domain", "store"]),
    ("commands", "commands", &["domain", "store"]),
    ("projections", "projections", &["domain", "store"]),
    (
        "projections-sqlite",
        "projections/sqlite",
        &["domain", "projections", "sqlite-database", "store"],
    ),
    (
        "projections-postgres",
        "projections/postgres",
        &["domain", "postgres-database", "projections", "store"],
    ),
    ("letters", "notifier/letters", &["domain"]),
    ("briefing", "notifier/briefing", &["domain", "letters", "store"]),
    (
        "notifier",
        "notifier",
        &["briefing", "commands", "domain", "letters", "projections", "store"],
    ),
    ("api", "api", &["briefing", "commands", "domain", "letters", "projections", "store"]),
];

#[test]
fn crates_depend_on_each_other_as_drawn() {
    let ours: BTreeSet<&str> = DEPENDENCIES.iter().map(|(name, _, _)| *name).collect();
    for (name, folder, allowed) in DEPENDENCIES {
        let manifest = read(format!("{folder}/Cargo.toml"));
        let product = manifest.split("[dev-dependencies]").next().expect("a manifest");
        let product = product.split_once("[dependencies]").expect("dependencies").1;
        for line in product.lines() {
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or_default();
            assert!(
                !ours.contains(dependency) || allowed.contains(&dependency),
                "{name} depends on {dependency}"
            );
        }
    }
}

#[test]
fn the_domain_never_awaits() {
    for (path, text) in sources("domain/src") {
        assert!(!text.contains("async ") && !text.contains(".await"), "{}", path.display());
    }
}

#[test]
fn only_adapters_write_sql() {
    for folder in
        ["domain", "store/src", "commands", "projections/src", "api/src", "notifier", "src"]
    {
        for (path, text) in sources(folder) {
            assert!(!text.contains("sqlx::"), "{} names sqlx", path.display());
        }
    }
}

#[test]
fn the_api_names_no_adapter() {
    for (path, text) in sources("api/src") {
        assert!(
            !text.contains("_sqlite") && !text.contains("_postgres"),
            "{} names an adapter",
            path.display()
        );
    }
}

#[test]
fn only_the_scribe_appends() {
    for folder in ["commands/src", "projections/src", "api/src", "notifier/src", "src"] {
        for (path, text) in sources(folder) {
            if path.ends_with("commands/src/handle.rs") {
                continue;
            }
            assert!(
                !text.contains("log().append") && !text.contains("store().append"),
                "{} appends",
                path.display()
            );
        }
    }
}
