//! Connections that are prepared alike, and a pool that lets go of those that fell silent.

use std::time::Duration;

use sqlx::{
    Acquire, ConnectOptions, Connection, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{Address, silent};

/// How long a connection that was idle may take to answer before another one is made.
const ANSWER: Duration = Duration::from_secs(1);
/// After how long an idle connection is asked whether it is still there.
const IDLE: Duration = Duration::from_secs(1);
/// After how long a connection is replaced, so that memory it holds on the server is given back.
const LIFETIME: Duration = Duration::from_mins(30);

/// A connection to this server cannot be used: it is a standby.
#[derive(Debug, thiserror::Error)]
#[error("the server is a standby and takes no writes")]
struct Standby;

/// sqlx 0.9 leaves `TCP_NODELAY` out. Each statement is one write that waits for its answer, so the kernel holds nothing
/// back; a second small write without an answer in between would cost 40 ms.
pub(crate) fn options(address: &Address, schema: &str) -> PgConnectOptions {
    address
        .options
        .clone()
        .application_name("oathbook")
        .options([
            // Temporary tables come last, so that nobody puts one in the place of another.
            ("search_path", &*format!("{schema}, pg_temp")),
            ("default_transaction_isolation", "read committed"),
            ("client_min_messages", "warning"),
            ("statement_timeout", "60s"),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "30s"),
            // A peer that went away without a word is forgotten, and with it the locks it holds.
            ("tcp_keepalives_idle", "5"),
            ("tcp_keepalives_interval", "2"),
            ("tcp_keepalives_count", "3"),
            ("tcp_user_timeout", "10s"),
        ])
        .disable_statement_logging()
}

pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let mut connection = options.connect().await?;
    prepare(&mut connection).await?;
    Ok(connection)
}

pub(crate) fn pool(connections: u32, acquire: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(acquire)
        .max_lifetime(LIFETIME)
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(prepare(connection)))
        .before_acquire(|connection, metadata| {
            Box::pin(async move {
                if metadata.idle_for < IDLE { Ok(true) } else { answers(connection).await }
            })
        })
        // Whoever gave up waiting hands back a connection that may never answer again.
        .after_release(|connection, _| Box::pin(answers(connection)))
}

/// What a database's own settings might spoil: an acknowledged commit is on the disk, and the server takes writes.
async fn prepare(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let standby: bool = sqlx::query_scalar(
        "SELECT pg_is_in_recovery() FROM (
             SELECT CASE WHEN current_setting('synchronous_commit') = 'off'
                    THEN set_config('synchronous_commit', 'on', false) END
         ) AS durable",
    )
    .fetch_one(connection.acquire().await?)
    .await?;
    if standby { Err(sqlx::Error::Configuration(Box::new(Standby))) } else { Ok(()) }
}

pub(crate) fn is_standby(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Configuration(source) if source.is::<Standby>())
}

async fn answers(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    tokio::time::timeout(ANSWER, connection.ping())
        .await
        .unwrap_or_else(|_| Err(silent()))
        .map(|()| true)
}
