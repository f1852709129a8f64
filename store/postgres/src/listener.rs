//! Hears that the log has grown, whoever appended. A notification that is lost costs time and nothing else: whoever
//! waits reads again when the time is up.

use std::{sync::Arc, time::Duration};

use postgres_database::Database;
use sqlx::postgres::PgListener;
use store::growth::Growth;

/// How long to rest before listening again.
const REST: Duration = Duration::from_millis(500);
/// How long the server may take to say that it listens.
const ANSWER: Duration = Duration::from_secs(4);
/// How often a silent connection is asked whether it is still there.
const PULSE: Duration = Duration::from_secs(5);

/// Announces what is notified on the channel, for ever. A lost connection is replaced, and counts as growth because
/// nobody knows better.
pub(crate) async fn listen(database: Database, channel: String, growth: Arc<Growth>) {
    loop {
        if let Ok(Ok(listener)) = tokio::time::timeout(ANSWER, begin(&database, &channel)).await {
            growth.announce();
            follow(listener, &growth).await;
        }
        growth.announce();
        tokio::time::sleep(REST).await;
    }
}

async fn begin(database: &Database, channel: &str) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(database.pool()).await?;
    listener.eager_reconnect(false);
    listener.listen(channel).await?;
    Ok(listener)
}

/// Until the connection fails or falls silent.
async fn follow(mut listener: PgListener, growth: &Growth) {
    loop {
        match tokio::time::timeout(PULSE, listener.try_recv()).await {
            Ok(Ok(Some(_))) => growth.announce(),
            Ok(Ok(None) | Err(_)) => return,
            Err(_) => {
                let pulse = sqlx::query("SELECT 1").execute(&mut listener);
                if !matches!(tokio::time::timeout(ANSWER, pulse).await, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}
