//! An office in which a projector and a notifier run, until it is dropped.

use std::{sync::Arc, time::Duration};

use domain::Category;
use projections::Projections;
use smtp_stand_in::Server;
use store::{Categories, EventStore, Position};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::office::Office;

/// How long anything may take. Generous: machines are slow and busy.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct OpenOffice {
    pub(crate) office: Office,
    projections: Arc<Projections>,
    _until_dropped: DropGuard,
}

impl OpenOffice {
    /// Whose mail goes to the server.
    pub(crate) async fn start(server: &Server) -> Self {
        Self::of(Office::new().await, server).await
    }

    pub(crate) async fn of(office: Office, server: &Server) -> Self {
        let projections = Arc::new(office.projections());
        let notifier = office.notifier_by(&server.url()).await;
        let cancelled = CancellationToken::new();
        tokio::spawn(projections.clone().run(cancelled.clone()));
        tokio::spawn(notifier.run(cancelled.clone()));
        Self { office, projections, _until_dropped: cancelled.drop_guard() }
    }

    /// How many events about letters have the tag.
    pub(crate) async fn recorded(&self, tag: &str) -> usize {
        let categories = Categories::of(&[Category::Notification]);
        let (mut after, mut count) = (Position::START, 0);
        loop {
            let batch = self.office.ledger.read_all(after, &categories, 1_000).await.unwrap();
            count += batch.events.iter().filter(|event| event.tag == tag).count();
            after = batch.through;
            if batch.at_head {
                return count;
            }
        }
    }

    pub(crate) async fn until_recorded(&self, tag: &str, times: usize) {
        let waited = tokio::time::timeout(PATIENCE, async {
            while self.recorded(tag).await < times {
                self.office.ledger.changed(Duration::from_millis(100)).await;
            }
        });
        assert!(waited.await.is_ok(), "{tag}: {} of {times}", self.recorded(tag).await);
    }

    pub(crate) async fn until_projected(&self) {
        let head = self.office.ledger.head().await.unwrap();
        assert!(self.projections.wait_for(head, PATIENCE).await);
    }
}

/// Of the mails that the server took, in order.
pub(crate) fn subjects(server: &Server) -> Vec<String> {
    let subject = |mail: &String| {
        let line = mail.lines().find_map(|line| line.strip_prefix("Subject: "));
        line.unwrap_or_default().to_owned()
    };
    server.heard(|heard| heard.mails.iter().map(subject).collect())
}
