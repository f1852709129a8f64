//! Delivers letters that are due: lease, render, hand over, record.

use std::time::Duration;

use commands::{Failure, Scribe};
use domain::{
    Aggregate, ApplicationId, Event, InvitationId, NotificationId, Personal, Timestamp,
    application::{self, Application},
    notification::{self, Notification, Occasion, Request},
    organization::Organization,
    user::{self, Account, User},
};
use futures::StreamExt;
use letters::{AddedBy, Letter};
use projections::views::ViewsError;
use store::{
    Actor, Direction, LogError, Recorded, StreamName, limits, subscription::work_then_wait,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    Notifier, POLL, REST, pause,
    post::{Mail, Outlook, PostError},
};

/// Letters under way at once.
const AT_ONCE: usize = 8;
/// Letters looked up at once.
const BATCH: u32 = 64;

#[derive(Debug, thiserror::Error)]
enum DeliverError {
    #[error("the log cannot be read or written")]
    Log(#[from] LogError),
    #[error("the letters that are due cannot be read")]
    Views(#[from] ViewsError),
    #[error("the outcome of an attempt cannot be recorded")]
    Record(#[source] Failure<notification::Error>),
}

/// Why a letter has nothing to say, or nobody to say it to.
#[derive(Debug, thiserror::Error)]
enum Unwritable {
    #[error("the recipient's data were erased or never existed")]
    NoRecipient,
    #[error("the event that it tells of is not in the log")]
    NoEvent,
    #[error("{0}")]
    Overtaken(#[from] user::Error),
    #[error("the template failed: {0}")]
    Template(#[from] letters::RenderError),
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Notifier {
    /// Delivers what is due, a few at once, until cancelled.
    pub(crate) async fn deliver(&self, cancelled: &CancellationToken) {
        let store = self.commands.log.store().clone();
        while !cancelled.is_cancelled() {
            let outcome = work_then_wait(&*store, POLL, self.deliver_due(cancelled)).await;
            if let Err(error) = outcome {
                warn!(error = &error as &dyn std::error::Error, "The deliverer rests");
                pause(REST, cancelled).await;
            }
        }
    }

    async fn deliver_due(&self, cancelled: &CancellationToken) -> Result<(), DeliverError> {
        let now = self.commands.clock.now();
        let due = self.views.due_notifications(now, BATCH).await?;
        let mut attempts = futures::stream::iter(due)
            .take_while(|_| std::future::ready(!cancelled.is_cancelled()))
            .map(|row| self.attempt(row.id))
            .buffer_unordered(AT_ONCE);
        let mut failure = Ok(());
        while let Some(outcome) = attempts.next().await {
            failure = failure.and(outcome);
        }
        failure
    }

    /// One attempt, if no other worker is at it and the letter still is due.
    async fn attempt(&self, id: NotificationId) -> Result<(), DeliverError> {
        let scribe = self.commands.as_system(self.commands.mint());
        let at = self.commands.clock.now();
        let lease = notification::Command::Attempt { worker: self.worker, at };
        match scribe.handle::<Notification>(&id, lease).await {
            Ok(_) => {}
            // Somebody else has it, or had it: the view is a little behind.
            Err(Failure::Refused(_) | Failure::Contended) => return Ok(()),
            Err(failure @ Failure::Log(_)) => return Err(DeliverError::Record(failure)),
        }
        let state = self.commands.log.history::<Notification>(&id).await?.state;
        let Notification::Attempted { request, attempt, worker, .. } = state else {
            return Ok(());
        };
        if worker != self.worker {
            return Ok(());
        }
        let outcome = self.send(id, &request, attempt).await?;
        let scribe = self.commands.as_system(self.commands.mint());
        record(&scribe, id, outcome).await
    }

    /// Writes and posts the letter; the outcome is the command that records it.
    async fn send(
        &self,
        id: NotificationId,
        request: &Request,
        attempt: u32,
    ) -> Result<notification::Command, DeliverError> {
        let mail = match self.write(id, request).await {
            Ok(mail) => mail,
            Err(Unwritable::Log(error)) => return Err(error.into()),
            Err(error) => {
                warn!(notification.id = %id, %error, "Abandoned a letter");
                metrics::counter!("oathbook_mails_total", "outcome" => "abandoned").increment(1);
                return Ok(notification::Command::Abandon { attempt, reason: error.to_string() });
            }
        };
        let (outcome, command) = match self.post.deliver(&mail).await {
            Ok(delivered) => {
                info!(notification.id = %id, "Sent a letter");
                let (message_id, answer) = (delivered.message_id, delivered.answer);
                ("sent", notification::Command::Succeed { attempt, message_id, answer })
            }
            Err(error) => {
                warn!(notification.id = %id, %error, "A letter was not delivered");
                self.failure(attempt, &error)
            }
        };
        metrics::counter!("oathbook_mails_total", "outcome" => outcome).increment(1);
        Ok(command)
    }

    fn failure(&self, attempt: u32, error: &PostError) -> (&'static str, notification::Command) {
        let reason = error.to_string();
        match error.outlook {
            Outlook::Permanent => ("abandoned", notification::Command::Abandon { attempt, reason }),
            Outlook::Transient => {
                let mut random = [0; 2];
                self.commands.entropy.fill(&mut random);
                let jitter = Duration::from_millis(u64::from(u16::from_le_bytes(random)) % 1_000);
                let at = self.commands.clock.now();
                ("failed", notification::Command::Fail { attempt, reason, at, jitter })
            }
        }
    }

    /// Everything in a letter comes from the log: the event it tells of, and the recipient as of now.
    async fn write(&self, id: NotificationId, request: &Request) -> Result<Mail, Unwritable> {
        let log = &self.commands.log;
        let user = log.history::<User>(&request.recipient).await?.state;
        let account = user.account().map_err(|_| Unwritable::NoRecipient)?;
        let (letter, moment) = match &request.occasion {
            Occasion::ApplicationCreated { application, application_name } => {
                self.about_application(request, account, *application, application_name).await?
            }
            Occasion::UserInvited { invitation, until } => {
                self.about_invitation(request, account, *invitation, *until).await?
            }
        };
        let (address, display_name) = (open(&account.email)?, open(&account.display_name)?);
        let letter = letters::render(&letter)?;
        Ok(Mail { notification: id, address, display_name, letter, moment })
    }

    async fn about_application(
        &self,
        request: &Request,
        account: &Account,
        application: ApplicationId,
        application_name: &str,
    ) -> Result<(Letter, Timestamp), Unwritable> {
        let stream = StreamName::of::<Application>(&application);
        let told = self.event(&stream, request).await?.ok_or(Unwritable::NoEvent)?;
        let Event::Application(application::Event::Created { client_id, organization, .. }) =
            &told.event
        else {
            return Err(Unwritable::NoEvent);
        };
        let organization = self.commands.log.history::<Organization>(organization).await?.state;
        let letter = Letter::ApplicationCreated {
            recipient: open(&account.display_name)?,
            application,
            application_name: application_name.to_owned(),
            organization_name: organization
                .registered()
                .map(|registered| registered.name.to_string())
                .unwrap_or_default(),
            client_id: client_id.clone(),
            added_by: self.added_by(&told, request).await?,
            added_at: told.metadata.occurred_at,
            public_url: self.public_url.clone(),
        };
        Ok((letter, told.metadata.occurred_at))
    }

    /// An invitation that is used, expired or replaced by a later one is not sent.
    async fn about_invitation(
        &self,
        request: &Request,
        account: &Account,
        invitation: InvitationId,
        until: Timestamp,
    ) -> Result<(Letter, Timestamp), Unwritable> {
        account.admits(invitation, self.commands.clock.now())?;
        let stream = StreamName::of::<User>(&request.recipient);
        let told = self.event(&stream, request).await?.ok_or(Unwritable::NoEvent)?;
        let token = self.commands.invitation_token(request.recipient, invitation, until);
        let letter = Letter::UserInvited {
            recipient: open(&account.display_name)?,
            user_name: open(&account.user_name)?,
            invited_by: self.added_by(&told, request).await?,
            until,
            link: letters::invitation_page(&self.public_url, &token),
            public_url: self.public_url.clone(),
        };
        Ok((letter, told.metadata.occurred_at))
    }

    async fn event(
        &self,
        stream: &StreamName,
        request: &Request,
    ) -> Result<Option<Recorded>, LogError> {
        let log = &self.commands.log;
        let events = log.store().read(stream, 0, Direction::Forwards, limits::EVENTS).await?;
        match events.iter().find(|event| event.id == request.event) {
            Some(event) => log.decode(event).await.map(Some),
            None => Ok(None),
        }
    }

    async fn added_by(&self, told: &Recorded, request: &Request) -> Result<AddedBy, LogError> {
        let log = &self.commands.log;
        Ok(match told.metadata.actor {
            Actor::User { id } if id == request.recipient => AddedBy::Yourself,
            Actor::User { id } => {
                let user = log.history::<User>(&id).await?.state;
                let name = user.account().ok().and_then(|account| account.display_name.as_open());
                AddedBy::Person(name.unwrap_or("a former user").to_owned())
            }
            Actor::Application { id, .. } => {
                let state = log.history::<Application>(&id).await?.state;
                let name = state.living().map(|living| living.name.to_string());
                AddedBy::Application(name.unwrap_or_else(|_| "a former application".to_owned()))
            }
            Actor::Operator => AddedBy::Operator,
            Actor::System => AddedBy::System,
        })
    }
}

fn open(field: &Personal) -> Result<String, Unwritable> {
    field.as_open().map(str::to_owned).ok_or(Unwritable::NoRecipient)
}

/// Records what became of an attempt. A lease that ran out meanwhile is somebody else's to record.
async fn record(
    scribe: &Scribe,
    id: <Notification as Aggregate>::Id,
    outcome: notification::Command,
) -> Result<(), DeliverError> {
    match scribe.handle::<Notification>(&id, outcome).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused(refusal)) => {
            warn!(notification.id = %id, %refusal, "The outcome of an attempt came too late");
            Ok(())
        }
        Err(failure) => Err(DeliverError::Record(failure)),
    }
}
