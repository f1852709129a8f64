//! The documents that the table of keys is written out in.

use std::fmt::Write;

use super::keys::ALL;

const PAGE: &str = include_str!("../../docs/configuration.md");
const EXAMPLE: &str = include_str!("../../config.example.yml");
const BEGIN: &str = "<!-- the table of src/config/keys.rs -->\n";
const END: &str = "<!-- end of the table -->";

fn table() -> String {
    let mut table = "| key | default | meaning |\n|---|---|---|\n".to_owned();
    for key in ALL {
        let default =
            if key.default.is_empty() { "none".to_owned() } else { format!("`{}`", key.default) };
        let _ = writeln!(table, "| `{}` | {default} | {} |", key.name, key.doc);
    }
    table
}

/// Every key with its default, commented out.
fn example() -> String {
    let mut example =
        "# Every key of Oathbook's configuration with its default; docs/configuration.md explains.\n"
            .to_owned();
    let mut section = "";
    for key in ALL {
        let (own, name) = key.name.split_once('.').unwrap_or(("", key.name));
        let indent = if own.is_empty() { "" } else { "  " };
        if own != section && !own.is_empty() {
            let _ = writeln!(example, "\n#{own}:");
        } else if own.is_empty() {
            example.push('\n');
        }
        section = own;
        let default = match key.default {
            "" => String::new(),
            default => format!(" {default}"),
        };
        let _ = writeln!(example, "#{indent}# {}\n#{indent}{name}:{default}", key.doc);
    }
    example
}

#[test]
fn the_documentation_has_every_key_and_no_other() {
    let (_, rest) = PAGE.split_once(BEGIN).expect("the page has the table");
    let (written, _) = rest.split_once(END).expect("the table ends");
    assert_eq!(written, table(), "write this table into docs/configuration.md:\n{}", table());
}

#[test]
fn the_example_has_every_key_and_no_other() {
    assert_eq!(EXAMPLE, example(), "write this into config.example.yml:\n{}", example());
}

#[test]
fn the_example_without_its_comment_signs_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let load = || {
        let flags = super::Flags::default();
        super::Config::load(&flags, [], directory.path()).unwrap()
    };
    let rows = |loaded: super::Loaded| -> Vec<_> {
        loaded.show().iter().map(|row| (row.key, row.value.clone())).collect()
    };
    let without = rows(load());
    let uncommented = EXAMPLE.lines().map(|line| line.strip_prefix('#').unwrap_or(line));
    let uncommented = uncommented.skip(1).collect::<Vec<_>>().join("\n");
    std::fs::write(directory.path().join("config.yml"), uncommented).unwrap();
    assert_eq!(rows(load()), without);
}
