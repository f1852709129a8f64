//! Rules and templates as they are now, for whoever shows or changes them.

use std::sync::Arc;

use domain::Category;
use store::{Categories, Log, LogError, Position, limits};
use tokio::sync::Mutex;

use crate::{Rules, Templates, reading::readable};

/// Keeps what it read of the log, so that every question reads only what is new since the one before. There is no view of
/// it: rules and templates are few, and whoever changes them wants to see them as they are.
#[derive(Debug, Default)]
pub struct Registry(Mutex<Standing>);

/// Rules, preferences and templates as of a place in the log.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    pub rules: Arc<Rules>,
    pub templates: Arc<Templates>,
    pub through: Position,
}

impl Standing {
    const CATEGORIES: [Category; 3] =
        [Category::NotificationRule, Category::NotificationPreference, Category::EmailTemplate];

    async fn catch_up(&mut self, log: &Log) -> Result<(), LogError> {
        let categories = Categories::of(&Self::CATEGORIES);
        loop {
            let batch = log.store().read_all(self.through, &categories, limits::EVENTS).await?;
            for event in &batch.events {
                if let Some(recorded) = readable(log, event).await? {
                    Arc::make_mut(&mut self.rules).follow(&recorded);
                    Arc::make_mut(&mut self.templates).follow(&recorded);
                }
                self.through = event.position;
            }
            self.through = batch.through;
            if batch.at_head {
                return Ok(());
            }
        }
    }
}

impl Registry {
    /// As of the end of the log.
    pub async fn now(&self, log: &Log) -> Result<Standing, LogError> {
        let mut standing = self.0.lock().await;
        standing.catch_up(log).await?;
        Ok(standing.clone())
    }
}
