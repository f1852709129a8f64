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
use letters::{AccountFacts, ApplicationFacts, By, Particulars, Recipient, Told};
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
    #[error("this release has no letter for it")]
    NoOccasion,
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
        let (occasion, told) = match &request.occasion {
            Occasion::ApplicationCreated { application, application_name } => {
                let told = self.about_application(request, account, *application, application_name);
                ("application_created", told.await?)
            }
            Occasion::UserInvited { invitation, until } => {
                let told = self.about_invitation(request, account, *invitation, *until);
                ("user_invited", told.await?)
            }
        };
        let occasion = letters::occasion(occasion).ok_or(Unwritable::NoOccasion)?;
        let choice =
            letters::choose(occasion, &account.locale, |_| None).ok_or(Unwritable::NoOccasion)?;
        let letter = letters::render(occasion, &choice.locale, &choice.source, &told)?;
        let (address, display_name) = (open(&account.email)?, open(&account.display_name)?);
        Ok(Mail { notification: id, address, display_name, letter, moment: told.at })
    }

    async fn about_application(
        &self,
        request: &Request,
        account: &Account,
        application: ApplicationId,
        application_name: &str,
    ) -> Result<Told, Unwritable> {
        let stream = StreamName::of::<Application>(&application);
        let recorded = self.event(&stream, request).await?.ok_or(Unwritable::NoEvent)?;
        let Event::Application(application::Event::Created {
            client_id,
            organization,
            active,
            grants,
            scopes,
            ..
        }) = &recorded.event
        else {
            return Err(Unwritable::NoEvent);
        };
        let organization = self.commands.log.history::<Organization>(organization).await?.state;
        let facts = ApplicationFacts {
            id: application,
            name: application_name.to_owned(),
            client_id: client_id.clone(),
            active: *active,
            grants: grants.clone(),
            scopes: scopes.clone(),
            description: String::new(),
            organization: organization
                .registered()
                .map(|registered| registered.name.to_string())
                .unwrap_or_default(),
            owner: facts(request, account)?,
        };
        let told = self.told(recorded, request, account).await?;
        Ok(Told { application: Some(facts), ..told })
    }

    /// An invitation that is used, expired or replaced by a later one is not sent.
    async fn about_invitation(
        &self,
        request: &Request,
        account: &Account,
        invitation: InvitationId,
        until: Timestamp,
    ) -> Result<Told, Unwritable> {
        account.admits(invitation, self.commands.clock.now())?;
        let stream = StreamName::of::<User>(&request.recipient);
        let recorded = self.event(&stream, request).await?.ok_or(Unwritable::NoEvent)?;
        let token = self.commands.invitation_token(request.recipient, invitation, until);
        let link = letters::invitation_page(&self.public_url, &token);
        let told = self.told(recorded, request, account).await?;
        let particulars = Particulars::InvitationLink(link);
        Ok(Told { account: Some(facts(request, account)?), particulars, ..told })
    }

    /// What every letter says.
    async fn told(
        &self,
        recorded: Recorded,
        request: &Request,
        account: &Account,
    ) -> Result<Told, Unwritable> {
        Ok(Told {
            at: recorded.metadata.occurred_at,
            by: self.by(&recorded, request).await?,
            reason: recorded.metadata.reason,
            event: recorded.event,
            public_url: self.public_url.clone(),
            recipient: Recipient {
                user: Some(request.recipient),
                display_name: open(&account.display_name)?,
            },
            application: None,
            account: None,
            particulars: Particulars::None,
        })
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

    async fn by(&self, told: &Recorded, request: &Request) -> Result<By, LogError> {
        let log = &self.commands.log;
        Ok(match told.metadata.actor {
            Actor::User { id } if id == request.recipient => By::You,
            Actor::User { id } => {
                let user = log.history::<User>(&id).await?.state;
                let name = user.account().ok().and_then(|account| account.display_name.as_open());
                By::Person(name.map(str::to_owned))
            }
            Actor::Application { id, .. } => {
                let state = log.history::<Application>(&id).await?.state;
                By::Application(state.living().ok().map(|living| living.name.to_string()))
            }
            Actor::Operator => By::Operator,
            Actor::System => By::System,
        })
    }
}

/// The recipient's own account, in a letter about it.
fn facts(request: &Request, account: &Account) -> Result<AccountFacts, Unwritable> {
    Ok(AccountFacts {
        id: request.recipient,
        display_name: open(&account.display_name)?,
        user_name: open(&account.user_name)?,
    })
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
