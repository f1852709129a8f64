//! The command line: what an operator can do beside the data, with or without a running server.

mod applications;
mod backup;
mod config;
mod doctor;
mod events;
mod keys;
mod lookup;
mod mail;
mod migrate;
mod notifications;
mod organizations;
mod outcome;
mod progress;
mod projections;
mod quickstart;
mod rules;
mod serve;
mod store;
mod templates;
mod users;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::{
    config::{Config, Flags, Loaded, Role},
    logging,
};
use outcome::{Exit, Outcome};

/// The book of record for OAuth 2.0 applications.
///
/// Exit status: 0 done · 1 failed · 2 wrong usage or configuration · 3 refused by a rule · 4 not found ·
/// 5 an engine, a file or a port is not available.
#[derive(Debug, Parser)]
#[command(name = "oathbook", version, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Debug)]
struct Global {
    /// The configuration file; `config.yml` in the working directory by default.
    #[arg(long, global = true, value_name = "FILE", env = "OATHBOOK_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make everything that is missing (keys, an organization, an administrator), then serve.
    Quickstart(quickstart::Arguments),
    /// Serve pages, tokens and mail, or a part of it.
    Serve(serve::Arguments),
    /// Send mail and nothing else, beside nodes that `serve --without notifier`: the same as `serve --roles notifier`.
    Notifier(serve::Notifier),
    /// The key pair that signs tokens.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Organizations and their members.
    #[command(subcommand)]
    Organizations(organizations::Command),
    /// People with accounts.
    #[command(subcommand)]
    Users(users::Command),
    /// Applications and their credentials.
    #[command(subcommand)]
    Applications(applications::Command),
    /// Letters, and what became of them.
    #[command(subcommand)]
    Notifications(notifications::Command),
    /// Who is told of what by mail.
    #[command(subcommand)]
    Rules(rules::Command),
    /// The words of letters.
    #[command(subcommand)]
    Templates(templates::Command),
    /// The log.
    #[command(subcommand)]
    Events(events::Command),
    /// The views that are folded from the log.
    #[command(subcommand)]
    Projections(projections::Command),
    /// The engine that keeps the log.
    #[command(subcommand)]
    Store(store::Command),
    /// Bring the schemas of PostgreSQL up to date, for roles that serve and may not alter tables.
    Migrate(migrate::Arguments),
    /// Look at the whole installation and say what is wrong with it, with a remedy. Changes nothing.
    ///
    /// Exit status 1 if something fails.
    Doctor(doctor::Arguments),
    /// How letters leave.
    #[command(subcommand)]
    Mail(mail::Command),
    /// Copy log and state into a directory, while servers run. For installations that keep them in files.
    Backup(backup::Backup),
    /// Put a backup in the place of what is there. No process of the installation may run.
    Restore(backup::Restore),
    /// The configuration in force.
    #[command(subcommand)]
    Config(config::Command),
}

impl Command {
    /// Whether it runs until it is told to stop.
    const fn serves(&self) -> bool {
        matches!(self, Self::Quickstart(_) | Self::Serve(_) | Self::Notifier(_))
    }
}

/// Parses the arguments, carries the command out, and says how it went.
pub fn main() -> ExitCode {
    // Several providers are compiled in, so whoever makes a TLS connection must be told which one it is.
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let cli = Cli::parse();
    let (listen, roles) = match &cli.command {
        Command::Quickstart(arguments) => (arguments.listen.clone(), None),
        Command::Serve(arguments) => (arguments.listen.clone(), arguments.roles()),
        Command::Notifier(arguments) => {
            (arguments.listen.clone(), Some(Role::Notifier.to_string()))
        }
        _ => (None, None),
    };
    let flags = Flags { config: cli.global.config, listen, roles };
    match run(cli.command, &flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => exit.report(),
    }
}

fn run(command: Command, flags: &Flags) -> Outcome {
    let loaded = load(flags)?;
    logging::init(loaded.config.log.format, &loaded.config.log.level)
        .map_err(|error| Exit::usage(&error))?;
    if command.serves() && loaded.config.roles.are_only(Role::Notifier) {
        serve::give_way();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Exit::unavailable(&error))?;
    runtime.block_on(carry_out(command, loaded))
}

fn load(flags: &Flags) -> Result<Loaded, Exit> {
    let directory = std::env::current_dir().map_err(|error| Exit::unavailable(&error))?;
    Config::load(flags, std::env::vars_os(), &directory).map_err(|error| Exit::usage(&error))
}

async fn carry_out(command: Command, loaded: Loaded) -> Outcome {
    let config = &loaded.config;
    match command {
        Command::Quickstart(arguments) => quickstart::run(&arguments, config).await,
        Command::Serve(_) | Command::Notifier(_) => serve::run(config).await,
        Command::Keys(command) => keys::run(command, config).await,
        Command::Organizations(command) => organizations::run(command, config).await,
        Command::Users(command) => users::run(command, config).await,
        Command::Applications(command) => applications::run(command, config).await,
        Command::Notifications(command) => notifications::run(command, config).await,
        Command::Rules(command) => rules::run(command, config).await,
        Command::Templates(command) => templates::run(command, config).await,
        Command::Events(command) => events::run(command, config).await,
        Command::Projections(command) => projections::run(command, config).await,
        Command::Store(command) => store::run(command).await,
        Command::Migrate(arguments) => migrate::run(&arguments, config).await,
        Command::Doctor(arguments) => doctor::run(&arguments, config).await,
        Command::Mail(command) => mail::run(command, config).await,
        Command::Backup(arguments) => backup::take(&arguments, config).await,
        Command::Restore(arguments) => backup::restore(&arguments, config).await,
        Command::Config(command) => config::run(&command, &loaded),
    }
}

/// The key files that the configuration names.
pub fn key_files(config: &Config) -> api::signing::KeyFiles {
    keys::files(config)
}

/// The whole command line, for tests that look at every command.
pub fn definition() -> clap::Command {
    Cli::command()
}
