//! Turns facts that concern people into requests for letters, as the rules say that held when they happened.

mod place;

use std::{collections::BTreeSet, sync::Arc};

use briefing::{INVITATION, Rules, Subject, audience, is_quiet, pace, readable};
use commands::{Failure, Origin};
use domain::{
    Category, EmailTemplateId, NotificationId, NotificationRuleId, Timestamp,
    notification::{self, Notification, Recipient, Request},
    notification_preference::Pace,
    notification_rule::Rule,
};
use futures::{StreamExt, TryStreamExt};
use letters::Occasion;
use projections::Checkpoint;
use store::{
    Actor, Categories, LogError, Recorded, RecordedEvent, StreamName, subscription::work_then_wait,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use self::place::Place;
use crate::{Notifier, POLL, REST, pause};

pub(crate) use self::place::LISTENER;
pub use self::place::{PlaceError, announce_behind, begin_announcing};

/// Events looked at between two notes of how far it came.
const BATCH: usize = 200;
/// Events that letters are asked for about at once: each waits for the disk, and waits for it together with others.
const AT_ONCE: usize = 32;

/// Whatever can concern people. What is missing are notifications themselves, and claims to names.
const CATEGORIES: [Category; 8] = [
    Category::Application,
    Category::Installation,
    Category::NotificationPreference,
    Category::NotificationRule,
    Category::Observation,
    Category::Organization,
    Category::SigningKey,
    Category::User,
];

#[derive(Debug, thiserror::Error)]
enum AnnounceError {
    #[error("the log cannot be read")]
    Log(#[from] LogError),
    #[error("the announcer has no place")]
    Place(#[from] PlaceError),
    #[error("the announcer's place in the log cannot be kept")]
    State(#[from] projections::state::StateError),
    #[error("a letter cannot be asked for")]
    Request(#[from] Failure<notification::Error>),
}

/// Of what people can be told, and the rules that say whom.
struct Told {
    recorded: Recorded,
    occasions: Vec<&'static Occasion>,
    rules: Arc<Rules>,
}

/// Because of what a letter is asked for.
struct Cause<'a> {
    recorded: &'a Recorded,
    occasion: &'static Occasion,
    rule: NotificationRuleId,
    template: EmailTemplateId,
    /// What it concerns, if that is not the stream of the event.
    about: Option<StreamName>,
}

impl AnnounceError {
    /// Whether it is about what the log says, for good, and not about whether it can be asked.
    const fn is_unreadable(&self) -> bool {
        match self {
            Self::Log(error) | Self::Request(Failure::Log(error)) => error.is_unreadable(),
            Self::Place(_) | Self::State(_) | Self::Request(_) => false,
        }
    }
}

impl Notifier {
    /// Follows the log from where any announcer of this installation left it.
    pub(crate) async fn announce(&self, cancelled: &CancellationToken) {
        let store = self.commands.log.store().clone();
        let mut place = None;
        while !cancelled.is_cancelled() {
            let round = work_then_wait(&*store, POLL, self.announce_to_head(&mut place));
            let outcome = tokio::select! {
                outcome = round => outcome,
                () = cancelled.cancelled() => return,
            };
            if let Err(error) = outcome {
                warn!(error = &error as &dyn std::error::Error, "The announcer rests");
                place = None;
                pause(REST, cancelled).await;
            }
        }
    }

    async fn announce_to_head(&self, kept: &mut Option<Place>) -> Result<(), AnnounceError> {
        let store = self.commands.log.store().clone();
        let categories = Categories::of(&CATEGORIES);
        let mut place = self.place(kept.take()).await?;
        loop {
            let after = place.checkpoint.position;
            let batch = store.read_all(after, &categories, BATCH).await.map_err(LogError::from)?;
            let told = self.told(&mut place.rules, &batch.events).await?;
            let announced = futures::stream::iter(told)
                .map(|told| async move { self.announce_event(&told).await })
                .buffered(AT_ONCE);
            announced.try_collect::<()>().await?;
            if batch.through > after {
                let event = store.event_at(batch.through).await.map_err(LogError::from)?;
                let digest = event.map_or(store::Digest::NONE, |event| event.digest);
                place.checkpoint =
                    Checkpoint { position: batch.through, digest, ..place.checkpoint };
                self.state.advance_listener(LISTENER, place.checkpoint).await?;
            }
            if batch.at_head {
                *kept = Some(place);
                return Ok(());
            }
        }
    }

    /// What of the events people can be told of, each with the rules as they are behind it.
    async fn told(
        &self,
        rules: &mut Arc<Rules>,
        events: &[RecordedEvent],
    ) -> Result<Vec<Told>, AnnounceError> {
        let mut told = Vec::new();
        for event in events {
            let Some(recorded) = readable(&self.commands.log, event).await? else {
                continue;
            };
            if Rules::CATEGORIES.iter().any(|it| it.as_str() == recorded.stream.category()) {
                Arc::make_mut(rules).follow(&recorded);
            }
            let occasions: Vec<_> = letters::told_by(&recorded.event)
                .filter(|occasion| !is_quiet(occasion, recorded.metadata.actor))
                .collect();
            if !occasions.is_empty() {
                told.push(Told { recorded, occasions, rules: rules.clone() });
            }
        }
        Ok(told)
    }

    async fn announce_event(&self, told: &Told) -> Result<(), AnnounceError> {
        let Told { recorded, occasions, rules } = told;
        for occasion in occasions {
            let outcome = self.announce_occasion(rules, recorded, occasion).await;
            past_unreadable(recorded, occasion, outcome)?;
        }
        Ok(())
    }

    async fn announce_occasion(
        &self,
        rules: &Rules,
        recorded: &Recorded,
        occasion: &'static Occasion,
    ) -> Result<(), AnnounceError> {
        let log = &self.commands.log;
        if occasion.name == INVITATION {
            let rule = NotificationRuleId::shipped(occasion.name);
            let template = EmailTemplateId::shipped(occasion.template);
            let invited = recorded.stream.id().parse().map(Recipient::User);
            let cause = Cause { recorded, occasion, rule, template, about: None };
            return self.request(rules, &cause, invited.into_iter().collect()).await;
        }
        let mut matching = rules.about(occasion.name).peekable();
        if matching.peek().is_none() {
            return Ok(());
        }
        let subject = Subject::of(log, recorded).await?;
        let about = subject.stream().filter(|about| *about != recorded.stream);
        for (id, rule) in matching.filter(|(_, rule)| subject.concerns(rule)) {
            let template = rule.template;
            let cause = Cause { recorded, occasion, rule: id, template, about: about.clone() };
            let outcome = self.request_by(rules, rule, &subject, &cause).await;
            past_unreadable(recorded, occasion, outcome)?;
        }
        Ok(())
    }

    /// Asks for a letter to everybody whom the rule tells.
    async fn request_by(
        &self,
        rules: &Rules,
        rule: &Rule,
        subject: &Subject,
        cause: &Cause<'_>,
    ) -> Result<(), AnnounceError> {
        let recipients = audience(&self.commands.log, rule, subject).await?;
        self.request(rules, cause, recipients).await
    }

    /// Asks for a letter to each of them, as fast as they want it.
    async fn request(
        &self,
        rules: &Rules,
        cause: &Cause<'_>,
        recipients: BTreeSet<Recipient>,
    ) -> Result<(), AnnounceError> {
        for recipient in recipients {
            let pace = pace(rules, cause.occasion, recipient);
            if pace != Pace::Off {
                self.request_letter(cause, recipient, pace).await?;
            }
        }
        Ok(())
    }

    async fn request_letter(
        &self,
        cause: &Cause<'_>,
        recipient: Recipient,
        pace: Pace,
    ) -> Result<(), AnnounceError> {
        let &Cause { recorded, occasion, rule, template, ref about } = cause;
        let id = notification_id(cause, recipient);
        let origin = Origin {
            organization: recorded.metadata.organization,
            correlation: recorded.metadata.correlation,
            causation: Some(recorded.id.as_uuid()),
            ..Origin::of(Actor::System, id.as_uuid())
        };
        let request = Request {
            occasion: occasion.name.to_owned(),
            event: recorded.id,
            stream: recorded.stream.to_string(),
            rule,
            template,
            recipient,
            about: about.as_ref().map(ToString::to_string),
            daily: pace == Pace::Daily,
            test: None,
        };
        let not_before = (pace == Pace::Daily)
            .then(|| self.digest_behind(recorded.metadata.occurred_at, recipient));
        let command = notification::Command::Request { request, not_before };
        let scribe = self.commands.on_behalf_of(origin);
        scribe.handle::<Notification>(&id, command).await?;
        info!(notification.id = %id, occasion = occasion.name, "Requested a letter");
        Ok(())
    }

    /// When the recipient's mail of the day leaves that comes next: within a minute from `digest_at`, everybody's at a
    /// moment of its own, so that letters to one reader are due one after the other.
    fn digest_behind(&self, moment: Timestamp, recipient: Recipient) -> Timestamp {
        const DAY: i64 = 24 * 60 * 60 * 1_000_000;
        const MINUTE: u128 = 60 * 1_000_000;
        let at = self.digest_at.as_micros() + recipient.as_uuid().as_u128() % MINUTE;
        let offset = i64::try_from(at).unwrap_or_default() % DAY;
        let midnight = (moment.as_micros() - offset).div_euclid(DAY) * DAY;
        Timestamp::from_micros(midnight + offset + DAY)
    }
}

/// What it takes to tell of an event may be unreadable for good, such as an earlier event of its stream: then it is left
/// out, and announcing goes on.
fn past_unreadable(
    recorded: &Recorded,
    occasion: &Occasion,
    outcome: Result<(), AnnounceError>,
) -> Result<(), AnnounceError> {
    match outcome {
        Err(error) if error.is_unreadable() => {
            warn!(stream = %recorded.stream, event.id = %recorded.id, occasion = occasion.name,
                error = &error as &dyn std::error::Error, "An event cannot be announced, and is left out");
            Ok(())
        }
        outcome => outcome,
    }
}

/// The same event, rule and recipient are the same letter, however often they are looked at.
fn notification_id(cause: &Cause<'_>, recipient: Recipient) -> NotificationId {
    let shipped = NotificationRuleId::shipped(cause.occasion.name) == cause.rule;
    let rule = if shipped { cause.occasion.template.to_owned() } else { cause.rule.to_string() };
    let name = format!("{rule} {}", recipient.as_uuid());
    NotificationId::new(Uuid::new_v5(&cause.recorded.id.as_uuid(), name.as_bytes()))
}
