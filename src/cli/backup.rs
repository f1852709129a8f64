//! `oathbook backup` and `oathbook restore`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use store::chains;

use super::{
    outcome::{Exit, Outcome, print_json, print_line},
    progress::Progress,
};
use crate::{
    backup::{self, BackupError},
    config::Config,
};

#[derive(Args, Debug)]
pub(super) struct Backup {
    /// Where to; missing or empty.
    directory: PathBuf,
    /// Copy the keys, too. Whoever has such a backup can read personal data and sign tokens.
    #[arg(long)]
    with_keys: bool,
    /// Print the manifest as one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Restore {
    /// A directory that `oathbook backup` made.
    directory: PathBuf,
    /// Move what is there aside instead of refusing.
    #[arg(long)]
    force: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn take(arguments: &Backup, config: &Config) -> Outcome {
    let Backup { directory, with_keys, json } = arguments;
    let verified = Progress::of("verified", "events");
    let report = |done: chains::Progress| verified.show(done.events, done.of);
    let manifest = backup::take(config, directory, *with_keys, &report).await.map_err(exit)?;
    drop(verified);
    if *json {
        return print_json(&manifest);
    }
    print_line(&format!(
        "{} events in {} streams, verified, up to {}.",
        manifest.events, manifest.streams, manifest.digest
    ))?;
    print_line(&format!("The backup is in {}.", directory.display()))?;
    if *with_keys {
        print_line("It holds the keys: keep it where nobody else comes.")
    } else {
        let var = config.var.display();
        print_line(&format!(
            "The keys are not in it. Keep copies of {var}/installation.key and {} elsewhere: without the first one \
             nothing personal can be read.",
            config.keys.private.display()
        ))
    }
}

pub(super) async fn restore(arguments: &Restore, config: &Config) -> Outcome {
    let Restore { directory, force, json } = arguments;
    let verified = Progress::of("verified", "events");
    let report = |done: chains::Progress| verified.show(done.events, done.of);
    let restored = backup::restore(config, directory, *force, &report).await.map_err(exit)?;
    drop(verified);
    let manifest = &restored.manifest;
    if *json {
        return print_json(&json!({
            "events": manifest.events,
            "digest": manifest.digest,
            "taken_at": manifest.taken_at,
            "aside": restored.aside,
            "installation_key": restored.has_installation_key,
        }));
    }
    print_line(&format!(
        "{} events are back, as they were at {}.",
        manifest.events, manifest.taken_at
    ))?;
    for aside in &restored.aside {
        print_line(&format!("What was there before is in {}.", aside.display()))?;
    }
    if !restored.has_installation_key {
        print_line(&format!(
            "Copy installation.key of this installation to {} before you start it.",
            config.var.display()
        ))?;
    }
    print_line("The views follow by themselves at the next start. Then look at `oathbook doctor`.")
}

fn exit(error: BackupError) -> Exit {
    match error {
        BackupError::Refused(rule) => Exit::refused(rule),
        BackupError::NotFound(what) => Exit::not_found(what),
        BackupError::Failed(error) => Exit::from(error),
    }
}
