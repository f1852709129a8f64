//! A PostgreSQL database as the adapters use it: one schema for each store, connections that never wait for ever.
//!
//! Every connection finds its tables without naming the schema (`search_path`), reads what was committed last (READ
//! COMMITTED), and talks to a server that takes writes. Network and server may fall silent at any moment, so whoever
//! asks does it [`within`] a time.

mod address;
mod connecting;
mod migrating;

use std::time::Duration;

pub use address::{Address, InvalidAddress};
pub use migrating::{Schema, Standing, drop_schema, migrate, standing};
use sqlx::{PgConnection, PgPool, postgres::PgConnectOptions};

/// How long to wait for a connection.
pub(crate) const ACQUIRE: Duration = Duration::from_secs(4);

/// Connections to one schema. Clones share them.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    options: PgConnectOptions,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("PostgreSQL at {address} cannot be reached")]
    Unreachable {
        address: Address,
        #[source]
        source: sqlx::Error,
    },
    #[error("{address} takes no writes: it is a standby; name the primary")]
    Standby { address: Address },
    #[error(
        "the schema {schema} is not as this release needs it, and the role {role} may not change it: run `oathbook migrate` as its owner"
    )]
    MayNotMigrate { schema: String, role: String },
    #[error("the schema {schema} cannot be brought up to date")]
    Migration {
        schema: String,
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    #[error("PostgreSQL failed")]
    Engine(#[from] sqlx::Error),
}

impl Database {
    /// Opens the schema with up to so many connections; what it lacks is created if the role may do that.
    pub async fn open(
        address: &Address,
        schema: &Schema<'_>,
        connections: u32,
    ) -> Result<Self, OpenError> {
        let options = connecting::options(address, schema.name);
        let first = within(ACQUIRE, connecting::connect(&options)).await;
        let mut first = first.map_err(|source| cannot_reach(address, source))?;
        migrating::bring_up_to_date(&mut first, schema).await?;
        drop(first);
        let pool = connecting::pool(connections, ACQUIRE).connect_lazy_with(options.clone());
        Ok(Self { pool, options })
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// A connection that belongs to nobody else, prepared like those of the pool.
    pub async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        within(ACQUIRE, connecting::connect(&self.options)).await
    }

    /// Closes the connections of the pool. Whoever asks later is told [`sqlx::Error::PoolClosed`].
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A server as it answers.
#[derive(Clone, Debug)]
pub struct Server {
    /// Such as `15.14`.
    pub version: String,
    /// What its clock says, in microseconds since the Unix epoch.
    pub clock: i64,
    /// How many connections it takes, and how many it has.
    pub connections: (i64, i64),
}

/// Asks a server who it is, and changes nothing.
pub async fn look_at(address: &Address) -> Result<Server, OpenError> {
    let options = connecting::options(address, "pg_catalog");
    let connection = within(ACQUIRE, connecting::connect(&options)).await;
    let mut connection = connection.map_err(|source| cannot_reach(address, source))?;
    let asking = sqlx::query_as(
        "SELECT split_part(current_setting('server_version'), ' ', 1),
                (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
                current_setting('max_connections')::bigint,
                (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')",
    );
    let (version, clock, most, now): (String, i64, i64, i64) =
        within(ACQUIRE, asking.fetch_one(&mut connection)).await?;
    Ok(Server { version, clock, connections: (most, now) })
}

fn cannot_reach(address: &Address, source: sqlx::Error) -> OpenError {
    let address = address.clone();
    if connecting::is_standby(&source) {
        OpenError::Standby { address }
    } else {
        OpenError::Unreachable { address, source }
    }
}

/// Waits no longer than so long. What takes longer is an [`sqlx::Error::Io`] of the kind `TimedOut`; a connection that
/// was in use is given up.
pub async fn within<T>(
    at_most: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(at_most, work).await.unwrap_or_else(|_| Err(silent()))
}

fn silent() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(
        std::io::ErrorKind::TimedOut,
        "PostgreSQL did not answer in time",
    ))
}

/// Whether the error speaks of the surroundings (network, restart, overload, a standby) and may pass, not of us.
pub fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        // A wire that breaks in the middle of a greeting looks like nonsense.
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| passes(&code)),
        _ => false,
    }
}

/// SQLSTATE classes, <https://www.postgresql.org/docs/current/errcodes-appendix.html>: connection exceptions, rollbacks
/// by the engine, insufficient resources, objects in use, interventions of an operator, failures of the system, a
/// database that takes no connections, and a server that takes no writes.
fn passes(code: &str) -> bool {
    matches!(code.get(..2), Some("08" | "40" | "53" | "55" | "57" | "58"))
        || matches!(code, "25006" | "3D000")
}
