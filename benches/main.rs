//! What `docs/performance.md` claims, measured in one run.
//!
//! ```sh
//! cargo bench                                         # everything that needs no PostgreSQL
//! cargo bench --bench speed tokens                    # the parts whose names hold the word
//! bin/with-postgres cargo bench                       # everything
//! bin/with-postgres cargo bench --bench speed postgres
//! ```
//!
//! Whatever is compared is measured in turns (A B A B …), so that a noisy moment hits both. A missed target is shown and
//! fails nothing: a figure without the machine it was measured on is no fault.

mod grid;
mod load;
mod log;
mod mail;
mod nodes;
mod rebuild;
mod registrar;
mod report;
mod support;
mod tokens;
mod visibility;

use std::{env::args, future::Future};

use anyhow::ensure;
use report::{Verdicts, heading};

const PARTS: [(&str, &str, Measure); 9] = [
    ("tokens", "tokens against bare RSA signatures", tokens::measure),
    ("log", "durable appends against bare commits", |verdicts| block_on(log::measure(verdicts))),
    ("rebuild", "a rebuild against writing its rows", |_| block_on(rebuild::measure())),
    ("visibility", "from acknowledged to visible", |verdicts| {
        block_on(visibility::measure(verdicts))
    }),
    ("grid", "questions about 100 000 applications", |verdicts| block_on(grid::measure(verdicts))),
    ("mail", "10 000 letters into a mail server on this machine", |verdicts| {
        block_on(mail::measure(verdicts))
    }),
    ("postgres log", "durable appends against bare commits", |verdicts| {
        block_on(log::measure_on_postgres(verdicts))
    }),
    ("postgres rebuild", "a rebuild against inserting its rows", |verdicts| {
        block_on(rebuild::measure_on_postgres(verdicts))
    }),
    ("postgres tokens", "three nodes against one", |verdicts| {
        block_on(tokens::measure_on_postgres(verdicts))
    }),
];
/// How the names begin of what is measured on servers of PostgreSQL that are started for it.
const POSTGRES: &str = "postgres";
/// Said of such parts.
const MISSING: &str =
    "PostgreSQL is missing; run `bin/with-postgres cargo bench --bench speed postgres`";

type Measure = fn(&mut Verdicts) -> anyhow::Result<()>;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = args().skip(1).collect();
    if let Some(("load", arguments)) = arguments.split_first().map(|(first, rest)| (&**first, rest))
    {
        return load::main(arguments);
    }
    let (options, words): (Vec<_>, Vec<_>) =
        arguments.iter().partition(|argument| argument.starts_with('-'));
    if options.iter().any(|option| *option == "--list" || *option == "--help") {
        for (name, about, _) in PARTS {
            println!("{name:18}{about}");
        }
        return Ok(());
    }
    if !options.iter().any(|option| *option == "--bench") {
        println!("measured by `cargo bench` only: figures of other builds mean nothing");
        return Ok(());
    }
    let mut verdicts = Verdicts::default();
    let mut left_out = Vec::new();
    let has_postgres = std::env::var_os("POSTGRES_BIN").is_some();
    for (name, about, measure) in PARTS {
        let asked = |word: &&String| name.contains(word.as_str());
        let word = words.iter().copied().find(asked);
        if word.is_none() && !words.is_empty() {
            continue;
        }
        if name.starts_with(POSTGRES) && !has_postgres {
            ensure!(word.is_none_or(|word| !word.contains(POSTGRES)), "{name}: {MISSING}");
            left_out.push(name);
            continue;
        }
        heading(name, about);
        measure(&mut verdicts)?;
    }
    verdicts.print();
    if !left_out.is_empty() {
        println!("\nNOT MEASURED: {}: {MISSING}", left_out.join(", "));
    }
    Ok(())
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
