//! What `docs/performance.md` claims, measured in one run.
//!
//! ```sh
//! cargo bench                       # everything
//! cargo bench --bench speed tokens  # the parts whose names hold the word
//! ```
//!
//! Whatever is compared is measured in turns (A B A B …), so that a noisy moment hits both. A missed target is shown and
//! fails nothing: a figure without the machine it was measured on is no fault.

mod load;
mod log;
mod rebuild;
mod registrar;
mod report;
mod support;
mod tokens;
mod visibility;

use std::{env::args, future::Future};

use report::{Verdicts, heading};

const PARTS: [(&str, &str, Measure); 4] = [
    ("tokens", "tokens against bare RSA signatures", tokens::measure),
    ("log", "durable appends against bare commits", |verdicts| block_on(log::measure(verdicts))),
    ("rebuild", "a rebuild against writing its rows", |_| block_on(rebuild::measure())),
    ("visibility", "from acknowledged to visible", |verdicts| {
        block_on(visibility::measure(verdicts))
    }),
];

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
            println!("{name:12}{about}");
        }
        return Ok(());
    }
    if !options.iter().any(|option| *option == "--bench") {
        println!("measured by `cargo bench` only: figures of other builds mean nothing");
        return Ok(());
    }
    let mut verdicts = Verdicts::default();
    for (name, about, measure) in PARTS {
        if words.is_empty() || words.iter().any(|word| name.contains(word.as_str())) {
            heading(name, about);
            measure(&mut verdicts)?;
        }
    }
    verdicts.print();
    Ok(())
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
