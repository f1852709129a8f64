//! The schemas of PostgreSQL that a configuration names.

use postgres_database::{Address, Schema, Standing};

use crate::config::{Config, Engine};

/// A schema of PostgreSQL that the configuration names.
#[derive(Debug)]
pub struct ConfiguredSchema<'a> {
    address: &'a Address,
    schema: Schema<'static>,
}

/// The schemas of PostgreSQL that the configuration names.
pub fn schemas(config: &Config) -> Vec<ConfiguredSchema<'_>> {
    [
        (&config.events, store_postgres::SCHEMA),
        (&config.views, projections_postgres::VIEWS),
        (&config.state, projections_postgres::STATE),
    ]
    .into_iter()
    .filter_map(|(engine, schema)| match engine {
        Engine::Postgres(address) => Some(ConfiguredSchema { address, schema }),
        Engine::Sqlite(_) | Engine::Kurrent(_) | Engine::Memory => None,
    })
    .collect()
}

impl ConfiguredSchema<'_> {
    pub fn name(&self) -> &str {
        self.schema.name
    }

    /// How many migrations are to be applied.
    pub async fn missing(&self) -> anyhow::Result<usize> {
        Ok(match postgres_database::standing(self.address, &self.schema).await? {
            Standing::Missing => self.schema.migrations.iter().count(),
            Standing::Behind(missing) => missing,
            Standing::Ready => 0,
        })
    }

    /// Applies what is missing, and says how many migrations that were.
    pub async fn bring_up_to_date(&self) -> anyhow::Result<usize> {
        Ok(postgres_database::migrate(self.address, &self.schema).await?)
    }
}
