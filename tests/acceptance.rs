//! What `docs/oro.md` says is shown by tests is shown by tests that exist.

use std::{collections::BTreeSet, fs, path::Path};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the checklist, cell by cell.
fn checklist() -> Vec<Vec<String>> {
    let page = fs::read_to_string(root().join("docs/oro.md")).expect("the page");
    let (_, section) = page.split_once("## Row by row").expect("the checklist");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    let cells =
        |row: &str| row.trim_matches('|').split('|').map(|it| it.trim().to_owned()).collect();
    rows.map(cells).collect()
}

/// What stands between the marks.
fn marked(text: &str, opening: char, closing: char) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once(opening) {
        let (inside, behind) = behind.split_once(closing).expect("a mark that is closed");
        found.push(inside);
        rest = behind;
    }
    found
}

/// The sources of tests with one of these endings, in one text.
fn sources(endings: &[&str]) -> String {
    let mut found = String::new();
    collect(root(), endings, &mut found);
    found
}

fn collect(folder: &Path, endings: &[&str], found: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !name.starts_with('.') && !matches!(name, "target" | "node_modules" | "var") {
                collect(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push_str(&fs::read_to_string(&path).expect("a readable source"));
        }
    }
}

#[test]
fn every_test_that_the_checklist_names_exists() {
    let (rust, scripts) = (sources(&[".rs"]), sources(&[".test.mjs", "_test.py"]));
    let mut unknown = BTreeSet::new();
    for row in checklist() {
        let shown_by = row.last().expect("a cell");
        for name in marked(shown_by, '`', '`') {
            if !rust.contains(&format!("fn {name}(")) && !scripts.contains(&format!("def {name}("))
            {
                unknown.insert(name.to_owned());
            }
        }
        for title in marked(shown_by, '“', '”') {
            if !scripts.contains(title) {
                unknown.insert(title.to_owned());
            }
        }
    }
    assert_eq!(unknown, BTreeSet::new());
}

#[test]
fn every_row_is_shown_by_a_test_or_says_why_not() {
    let rows = checklist();
    assert!(rows.len() > 40, "{} rows", rows.len());
    for row in rows {
        assert_eq!(row.len(), 3, "{row:?}");
        let reasoned = ["not offered", "comes with"].iter().any(|why| row[1].contains(why));
        assert!(!row[2].is_empty() || reasoned, "{row:?}");
    }
}
