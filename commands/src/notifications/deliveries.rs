//! Letters that somebody calls off, or wants to leave once more.

use domain::{
    NotificationId,
    authority::Deed,
    notification::{Command, Notification},
};
use tracing::info;

use super::Refusal;
use crate::{
    handle::{Done, Failure, Scribe},
    permit::Permit,
};

impl Scribe {
    /// Calls off a letter that has not left.
    pub async fn cancel_notification(
        &self,
        permit: &Permit,
        id: NotificationId,
    ) -> Result<Done, Failure<Refusal>> {
        self.deliver_otherwise(permit, id, Command::Cancel).await
    }

    /// Begins anew with a letter that was sent, abandoned or called off.
    pub async fn resend_notification(
        &self,
        permit: &Permit,
        id: NotificationId,
    ) -> Result<Done, Failure<Refusal>> {
        self.deliver_otherwise(permit, id, Command::Resend).await
    }

    async fn deliver_otherwise(
        &self,
        permit: &Permit,
        id: NotificationId,
        command: Command,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepNotifications])?;
        let wanted = if matches!(command, Command::Cancel) { "cancel" } else { "resend" };
        let done = self.handle::<Notification>(&id, command).await;
        let done = done.map_err(|failure| failure.refused_as(Refusal::from))?;
        info!(notification.id = %id, wanted, "Changed the way of a letter");
        Ok(done)
    }
}
