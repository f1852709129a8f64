//! Notices that the log has grown, whoever wrote to it.

use std::{sync::Arc, time::Duration};

use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{Notify, watch};

/// How often to look for commits of other processes while somebody waits for them.
const POLL: Duration = Duration::from_millis(25);

/// Where commits are announced and awaited.
#[derive(Debug, Default)]
pub(crate) struct Growth {
    announcement: watch::Sender<()>,
    wanted: Notify,
}

impl Growth {
    pub(crate) fn announce(&self) {
        self.announcement.send_replace(());
    }

    /// Waits for an announcement after the first poll of this future.
    pub(crate) async fn wait(&self) {
        let mut announcement = self.announcement.subscribe();
        self.wanted.notify_one();
        // The sender lives beside this borrow.
        announcement.changed().await.ok();
    }

    async fn wanted(&self) {
        while self.announcement.receiver_count() == 0 {
            self.wanted.notified().await;
        }
    }
}

/// Announces commits that another connection made. The version is comparable on one connection only, so this one is
/// not of the pool; a lost connection is replaced, and counts as growth because nobody knows better.
pub(crate) async fn watch(
    mut connection: SqliteConnection,
    options: SqliteConnectOptions,
    growth: Arc<Growth>,
) {
    let mut seen = None;
    loop {
        growth.wanted().await;
        match data_version(&mut connection).await {
            Ok(version) if seen == Some(version) => {}
            Ok(version) => {
                seen = Some(version);
                growth.announce();
            }
            Err(_) => {
                if let Ok(another) = options.connect().await {
                    connection = another;
                }
                seen = None;
            }
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Changes whenever another connection commits, of this process or of another one.
async fn data_version(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("PRAGMA data_version").fetch_one(connection).await
}
