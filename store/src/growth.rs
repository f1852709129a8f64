//! A hint that a log has grown.

use tokio::sync::watch;

/// Where appends are announced and awaited.
#[derive(Debug, Default)]
pub struct Growth {
    announcement: watch::Sender<()>,
}

impl Growth {
    pub fn announce(&self) {
        self.announcement.send_replace(());
    }

    /// Waits for an announcement after the first poll of this future.
    pub async fn wait(&self) {
        let mut announcement = self.announcement.subscribe();
        // The sender lives beside this borrow.
        announcement.changed().await.ok();
    }
}
