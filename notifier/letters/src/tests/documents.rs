//! `docs/letters.md` says what the code says. `UPDATE_EXPECT=1` writes its tables instead of comparing.

use std::{env, fs, path::PathBuf};

use crate::{About, OCCASIONS, Occasion, Variable};

fn document() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/letters.md")
}

fn occasions() -> String {
    let rows = OCCASIONS.iter().map(|occasion| {
        let Occasion { name, title, about, security, template, .. } = occasion;
        let about = match about {
            About::Application => "an application",
            About::Account => "an account",
            About::Installation => "the installation",
        };
        let security = if *security { "yes" } else { "" };
        format!("| `{name}` | {title} | {about} | {security} | `{template}` |\n")
    });
    let head = "| name | title | about | security | template |\n|---|---|---|---|---|\n";
    head.to_owned() + &rows.collect::<String>()
}

fn variables() -> String {
    let mut seen: Vec<&Variable> = Vec::new();
    for variable in OCCASIONS.iter().flat_map(|occasion| occasion.variables()) {
        if !seen.iter().any(|it| same(it, variable)) {
            seen.push(variable);
        }
    }
    let rows = seen.into_iter().map(|variable| {
        let Variable { name, meaning, kind, .. } = variable;
        format!("| `{name}` | {} | {} | {meaning} |\n", kind.as_str(), found_in(variable))
    });
    let head = "| variable | kind | in letters about | what it is |\n|---|---|---|---|\n";
    head.to_owned() + &rows.collect::<String>()
}

fn same(one: &Variable, other: &Variable) -> bool {
    (one.name, one.meaning) == (other.name, other.meaning)
}

/// The occasions that have it; all of a kind are named as such.
fn found_in(variable: &Variable) -> String {
    let has = |occasion: &&&Occasion| occasion.variables().any(|it| same(it, variable));
    let found: Vec<_> = OCCASIONS.iter().filter(has).map(|occasion| occasion.name).collect();
    let all = |about: &[About]| {
        let among = OCCASIONS.iter().filter(|occasion| about.contains(&occasion.about));
        among.map(|occasion| occasion.name).collect::<Vec<_>>()
    };
    if found == all(&[About::Application, About::Account, About::Installation]) {
        "everything".to_owned()
    } else if found == all(&[About::Application]) {
        "applications".to_owned()
    } else if found == all(&[About::Account]) {
        "accounts".to_owned()
    } else {
        found.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    }
}

#[test]
fn the_tables_of_the_document_are_those_of_the_code() {
    let written = fs::read_to_string(document()).unwrap();
    let mut expected = written.clone();
    for (mark, table) in [("occasions", occasions()), ("variables", variables())] {
        let begin = format!("<!-- {mark} -->\n");
        let (before, rest) = expected.split_once(&begin).unwrap();
        let (_, after) = rest.split_once("<!-- end -->").unwrap();
        expected = format!("{before}{begin}{table}<!-- end -->{after}");
    }
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(document(), &expected).unwrap();
    }
    assert_eq!(fs::read_to_string(document()).unwrap(), expected);
}
