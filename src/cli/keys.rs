//! `oathbook keys`.

use api::signing::{self, Exposure, KeyFiles, KeySize, Overwrite};
use clap::{Args, Subcommand, ValueEnum};
use commands::Permit;
use serde::Serialize;

use super::outcome::{Exit, Outcome, print_json, print_line};
use crate::{
    compose::{House, SystemEntropy},
    config::{Config, Engine},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key pair and write it where `keys.private` and `keys.public` say.
    Generate(Generate),
    /// Say whether the key pair can sign, and if not, what to do.
    Check(Check),
    /// Make the key pair in the files the one that signs, instead of the one the log names.
    ///
    /// Tokens signed before stay verifiable through the JWKS until they expire.
    Activate,
}

#[derive(Args, Debug)]
pub(super) struct Generate {
    /// The length of the modulus in bits.
    #[arg(long, value_enum, default_value_t = Bits::Rsa2048)]
    bits: Bits,
    /// Replace a pair that is there, and make the new one the one that signs.
    #[arg(long)]
    force: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Check {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Bits {
    #[value(name = "2048")]
    Rsa2048,
    #[value(name = "3072")]
    Rsa3072,
    #[value(name = "4096")]
    Rsa4096,
}

#[derive(Serialize)]
struct Pair {
    kid: String,
    private: String,
    public: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    match command {
        Command::Generate(arguments) => generate(&arguments, config).await,
        Command::Check(arguments) => check(&arguments, config),
        Command::Activate => activate(config).await,
    }
}

pub(super) fn files(config: &Config) -> KeyFiles {
    KeyFiles {
        private: config.keys.private.clone(),
        public: config.keys.public.clone(),
        allow_world_readable: config.keys.allow_world_readable,
    }
}

async fn generate(arguments: &Generate, config: &Config) -> Outcome {
    let size = match arguments.bits {
        Bits::Rsa2048 => KeySize::Rsa2048,
        Bits::Rsa3072 => KeySize::Rsa3072,
        Bits::Rsa4096 => KeySize::Rsa4096,
    };
    let overwrite = if arguments.force { Overwrite::Force } else { Overwrite::Never };
    let files = files(config);
    let kid =
        signing::generate(&files, size, overwrite, &SystemEntropy).map_err(
            |error| match error {
                signing::GenerateError::Exists { .. } => Exit::refused(error),
                error => Exit::unavailable(&error),
            },
        )?;
    if arguments.force && log_exists(config) {
        activate(config).await?;
    }
    let [private, public] = [&files.private, &files.public].map(|path| path.display().to_string());
    if arguments.json {
        let (bits, warning) = (None, None);
        return print_json(&Pair { kid: kid.0, private, public, bits, warning });
    }
    print_line(&format!("Made the key pair {}", kid.0))?;
    print_line(&format!("  private  {private}"))?;
    print_line(&format!("  public   {public}"))
}

fn log_exists(config: &Config) -> bool {
    match &config.events {
        Engine::Sqlite(path) => path.exists(),
        // Whoever has a server has prepared it.
        Engine::Postgres(_) | Engine::Kurrent(_) => true,
        Engine::Memory => false,
    }
}

fn check(arguments: &Check, config: &Config) -> Outcome {
    let files = files(config);
    let key = signing::load(&files).map_err(|error| Exit::failed(&error))?;
    let warning = match key.exposure() {
        Exposure::Private => None,
        Exposure::Group { .. } | Exposure::World { .. } => Some(signing::EXPOSED),
    };
    if arguments.json {
        return print_json(&Pair {
            kid: key.kid().0.clone(),
            private: files.private.display().to_string(),
            public: files.public.display().to_string(),
            bits: Some(key.bits()),
            warning,
        });
    }
    print_line(&format!("The key pair {} of {} bits can sign.", key.kid().0, key.bits()))?;
    warning.map_or(Ok(()), print_line)
}

async fn activate(config: &Config) -> Outcome {
    let key = signing::load(&files(config)).map_err(|error| Exit::failed(&error))?;
    let house = House::open(config).await?;
    let scribe = house.commands.as_operator();
    let (id, jwk) = (key.kid().clone(), key.public_jwk().clone());
    scribe.replace_signing_key(&Permit::operator(), id, jwk).await?;
    Ok(())
}
