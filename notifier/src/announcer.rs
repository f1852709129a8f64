//! Turns facts that concern a person into requests for letters.

use commands::{Commands, Failure, Origin};
use domain::{
    Category, Event, NotificationId, UserId, application,
    notification::{self, Notification, Occasion, Request},
    user,
};
use projections::Checkpoint;
use store::{Actor, Categories, LogError, Recorded, subscription::work_then_wait};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::{Notifier, POLL, REST, pause};

/// The name under which the announcer keeps how far it came.
pub(crate) const LISTENER: &str = "announcer";
/// Events looked at between two notes of how far it came.
const BATCH: usize = 200;

#[derive(Debug, thiserror::Error)]
enum AnnounceError {
    #[error("the log cannot be read")]
    Log(#[from] LogError),
    #[error("the announcer's place in the log cannot be read or kept")]
    State(#[from] projections::state::StateError),
    #[error("a letter cannot be asked for")]
    Request(#[from] Failure<notification::Error>),
}

impl Notifier {
    /// Follows the log from where any announcer of this installation left it.
    pub(crate) async fn announce(&self, cancelled: &CancellationToken) {
        let store = self.commands.log.store().clone();
        while !cancelled.is_cancelled() {
            let round = work_then_wait(&*store, POLL, self.announce_to_head());
            let outcome = tokio::select! {
                outcome = round => outcome,
                () = cancelled.cancelled() => return,
            };
            if let Err(error) = outcome {
                warn!(error = &error as &dyn std::error::Error, "The announcer rests");
                pause(REST, cancelled).await;
            }
        }
    }

    async fn announce_to_head(&self) -> Result<(), AnnounceError> {
        let log = &self.commands.log;
        let categories = Categories::of(&[Category::Application, Category::User]);
        let mut checkpoint = self.checkpoint().await?;
        loop {
            let batch = log
                .store()
                .read_all(checkpoint.position, &categories, BATCH)
                .await
                .map_err(LogError::from)?;
            for event in &batch.events {
                match log.decode(event).await {
                    Ok(recorded) => self.request_letter(&recorded).await?,
                    Err(error @ LogError::Unreadable { .. }) => {
                        warn!(stream = %event.stream, error = &error as &dyn std::error::Error,
                            "An event cannot be announced");
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            if batch.through > checkpoint.position {
                let event = log.store().event_at(batch.through).await.map_err(LogError::from)?;
                let digest = event.map_or(store::Digest::NONE, |event| event.digest);
                checkpoint = Checkpoint { position: batch.through, digest, ..checkpoint };
                self.state.advance_listener(LISTENER, checkpoint).await?;
            }
            if batch.at_head {
                return Ok(());
            }
        }
    }

    /// Where the announcer left off; the beginning where the log is another one. Asking again for a letter that was
    /// asked for changes nothing.
    async fn checkpoint(&self) -> Result<Checkpoint, AnnounceError> {
        let start = Checkpoint::start(self.log_id);
        let Some(kept) = self.state.listener(LISTENER).await? else {
            return Ok(start);
        };
        let store = &**self.commands.log.store();
        let holds = kept.holds_in(self.log_id, store).await.map_err(LogError::from)?;
        Ok(if holds { kept } else { start })
    }

    async fn request_letter(&self, recorded: &Recorded) -> Result<(), AnnounceError> {
        let Some((recipient, occasion)) = occasion_of(recorded) else {
            return Ok(());
        };
        let id = notification_id(recorded, recipient, &occasion);
        let origin = Origin {
            organization: recorded.metadata.organization,
            correlation: recorded.metadata.correlation,
            causation: Some(recorded.id.as_uuid()),
            ..Origin::of(Actor::System, id.as_uuid())
        };
        let request = Request { event: recorded.id, recipient, occasion };
        let command = notification::Command::Request(request);
        let scribe = Commands::on_behalf_of(&self.commands, origin);
        scribe.handle::<Notification>(&id, command).await?;
        info!(notification.id = %id, user.id = %recipient, "Requested a letter");
        Ok(())
    }
}

/// Who is told of an event, and what: the owner learns of a created application, and who was invited of the invitation.
fn occasion_of(recorded: &Recorded) -> Option<(UserId, Occasion)> {
    match &recorded.event {
        Event::Application(application::Event::Created { owner, name, .. }) => {
            let application = recorded.stream.id().parse().ok()?;
            let application_name = name.to_string();
            Some((*owner, Occasion::ApplicationCreated { application, application_name }))
        }
        Event::User(user::Event::Invited { invitation, until }) => {
            let recipient = recorded.stream.id().parse().ok()?;
            Some((recipient, Occasion::UserInvited { invitation: *invitation, until: *until }))
        }
        Event::Application(_)
        | Event::Installation(_)
        | Event::NameClaim(_)
        | Event::Notification(_)
        | Event::Organization(_)
        | Event::EmailTemplate(_)
        | Event::NotificationPreference(_)
        | Event::NotificationRule(_)
        | Event::Observation(_)
        | Event::SigningKey(_)
        | Event::User(_) => None,
    }
}

/// The same event, rule and recipient are the same letter, however often they are looked at.
fn notification_id(recorded: &Recorded, recipient: UserId, occasion: &Occasion) -> NotificationId {
    let rule = match occasion {
        Occasion::ApplicationCreated { .. } => "oauth_application_created",
        Occasion::UserInvited { .. } => "user_invited",
    };
    let name = format!("{rule} {recipient}");
    NotificationId::new(Uuid::new_v5(&recorded.id.as_uuid(), name.as_bytes()))
}
