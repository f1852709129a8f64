//! `oathbook events`.

mod copy;
mod list;

use clap::Subcommand;

use super::outcome::Outcome;
use crate::config::Config;

#[expect(clippy::large_enum_variant, reason = "there is one of it in a process")]
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print events as one JSON object a line, oldest first. Personal fields are opened, hashes withheld.
    List(list::Arguments),
    /// Copy a log to another engine, byte for byte, and verify the copy. Goes on where an earlier run ended.
    Copy(copy::Arguments),
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    match command {
        Command::List(arguments) => list::run(&arguments, config).await,
        Command::Copy(arguments) => copy::run(&arguments, config).await,
    }
}
