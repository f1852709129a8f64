//! Engines as they answer, before anything is opened or made.

use anyhow::Context;
use domain::Timestamp;

use super::open_log;
use crate::config::Engine;

/// What an engine says of itself.
#[derive(Debug)]
pub struct Seen {
    pub name: String,
    /// What its clock says, if it has one of its own.
    pub clock: Option<Timestamp>,
    /// How many connections it takes, and how many it has, if it counts them.
    pub connections: Option<(i64, i64)>,
    /// Whether there is anything yet: a file, or a server.
    pub exists: bool,
}

/// Asks an engine who it is. Nothing is made and nothing is changed.
pub async fn look_at(engine: &Engine) -> anyhow::Result<Seen> {
    let plain = |name: String, exists| Seen { name, clock: None, connections: None, exists };
    Ok(match engine {
        Engine::Memory => plain("memory".to_owned(), true),
        Engine::Sqlite(path) => {
            let version = sqlite_database::version().await?;
            if path.exists() {
                std::fs::File::open(path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
            }
            plain(format!("SQLite {version}"), path.exists())
        }
        Engine::Postgres(address) => {
            let server = postgres_database::look_at(address).await?;
            Seen {
                name: format!("PostgreSQL {}", server.version),
                clock: Some(Timestamp::from_micros(server.clock)),
                connections: Some(server.connections),
                exists: true,
            }
        }
        // Opening asks once, and makes nothing.
        Engine::Kurrent(_) => {
            open_log(engine).await?.close().await;
            plain("KurrentDB or EventStoreDB".to_owned(), true)
        }
    })
}
