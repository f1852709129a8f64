//! Logs that are made to try an engine and thrown away, in places of their own beside whatever is there.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use postgres_database::Address;
use store::{Entropy, EventStore};

use super::{Opened, SystemEntropy, open_log, open_postgres_log};
use crate::config::Engine;

/// An empty log.
#[derive(Debug)]
pub struct Trial {
    opened: Opened<dyn EventStore>,
    place: Place,
}

/// What is left of the trial when it is over.
#[derive(Debug)]
enum Place {
    Nowhere,
    Directory(PathBuf),
    Schema(Address, String),
    Streams(store_kurrent::Address),
}

impl Trial {
    /// A log of its own on the engine.
    pub async fn begin(engine: &Engine) -> anyhow::Result<Self> {
        let word = word();
        Ok(match engine {
            Engine::Memory => Self { opened: open_log(engine).await?, place: Place::Nowhere },
            Engine::Sqlite(path) => {
                let mut name = path.clone().into_os_string();
                name.push(format!(".trial-{word}"));
                let directory = PathBuf::from(name);
                let opened = open_log(&Engine::Sqlite(directory.join("events.db"))).await?;
                Self { opened, place: Place::Directory(directory) }
            }
            Engine::Postgres(address) => {
                let schema = format!("{}{word}", store_postgres::TRIAL);
                let opened = open_postgres_log(address, &schema).await?;
                Self { opened, place: Place::Schema(address.clone(), schema) }
            }
            Engine::Kurrent(address) => {
                let address = address.with_prefix(&format!("{}{word}", store_kurrent::TRIAL))?;
                let opened = open_log(&Engine::Kurrent(address.clone())).await?;
                Self { opened, place: Place::Streams(address) }
            }
        })
    }

    pub fn log(&self) -> Arc<dyn EventStore> {
        self.opened.port.clone()
    }

    /// Throws the log away.
    pub async fn end(self) -> anyhow::Result<()> {
        self.opened.close().await;
        match self.place {
            Place::Nowhere => Ok(()),
            Place::Directory(directory) => std::fs::remove_dir_all(&directory)
                .with_context(|| format!("{} cannot be removed", directory.display())),
            Place::Schema(address, schema) => {
                Ok(store_postgres::discard_trial(&address, &schema).await?)
            }
            Place::Streams(address) => Ok(store_kurrent::discard_trial(&address).await?),
        }
    }
}

/// A word that no other trial has.
fn word() -> String {
    let mut bytes = [0; 8];
    SystemEntropy.fill(&mut bytes);
    format!("{:016x}", u64::from_le_bytes(bytes))
}
