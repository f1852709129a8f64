//! The words of letters. Whether they render is checked before: see the crate `letters`.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    EmailTemplateId, EventId, NotificationId, NotificationRuleId, UserId,
    authority::Deed,
    email_template::{Command, EmailTemplate, Source, TemplateName},
    notification::{self, Notification, Recipient, Request},
    user::Locale,
};
use store::{LogError, Position, Recorded, StreamName};
use tracing::info;
use uuid::Uuid;

use super::Refusal;
use crate::{
    handle::{Done, Failure, Scribe},
    permit::{Denied, Permit},
};

/// In which somebody may ask for one test letter.
const TESTED_ONCE_IN: Duration = Duration::from_secs(10);

/// Why no test letter is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TestRefusal {
    #[error("a test letter was asked for just now")]
    JustNow,
    #[error(transparent)]
    Letter(#[from] notification::Error),
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl From<Denied> for Failure<TestRefusal> {
    fn from(denied: Denied) -> Self {
        Self::Refused(denied.into())
    }
}

/// A letter to oneself, to see how a template comes out.
#[derive(Clone, Copy, Debug)]
pub struct Test<'a> {
    pub template: EmailTemplateId,
    pub locale: &'a Locale,
    pub occasion: &'a str,
    /// What the letter tells of; `None` for the occasion's sample.
    pub event: Option<&'a Recorded>,
}

impl Scribe {
    /// The template that this very command made when it was sent before, and where that stands in the log.
    pub async fn template_created_before(
        &self,
    ) -> Result<Option<(EmailTemplateId, Position)>, LogError> {
        let id = EmailTemplateId::new(self.new_id());
        let position = self.carried_out::<EmailTemplate>(&id).await?;
        Ok(position.map(|position| (id, position)))
    }

    /// Makes a template of one's own, with its words in one locale at least.
    pub async fn create_template(
        &self,
        permit: &Permit,
        name: TemplateName,
        occasion: &str,
        words: BTreeMap<Locale, Source>,
    ) -> Result<(EmailTemplateId, Position), Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepNotifications])?;
        let id = EmailTemplateId::new(self.new_id());
        let command = Command::Create { name, occasion: occasion.to_owned(), words };
        let done = self.word(&id, command).await?;
        info!(template.id = %id, "Created a template");
        Ok((id, done.position))
    }

    /// Gives a locale its own words. `shipped`: whether the id is that of a shipped template.
    pub async fn customize_template(
        &self,
        permit: &Permit,
        id: EmailTemplateId,
        locale: Locale,
        source: Source,
        shipped: bool,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepNotifications])?;
        let done = self.word(&id, Command::Customize { locale, source, shipped }).await?;
        info!(template.id = %id, "Customized a template");
        Ok(done)
    }

    /// The locale says again what is shipped, or what its parent locale says.
    pub async fn reset_template(
        &self,
        permit: &Permit,
        id: EmailTemplateId,
        locale: Locale,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepNotifications])?;
        let done = self.word(&id, Command::Reset { locale }).await?;
        info!(template.id = %id, "Reset a template");
        Ok(done)
    }

    /// Takes away a template of one's own.
    pub async fn remove_template(
        &self,
        permit: &Permit,
        id: EmailTemplateId,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepNotifications])?;
        let done = self.word(&id, Command::Remove).await?;
        info!(template.id = %id, "Removed a template");
        Ok(done)
    }

    /// Asks for a test letter to oneself. The letter's id is that of its reader and of a few seconds, so that whoever asks
    /// for another one meanwhile is refused, whichever node they ask.
    pub async fn test_template(
        &self,
        permit: &Permit,
        reader: UserId,
        test: Test<'_>,
    ) -> Result<Done, Failure<TestRefusal>> {
        permit.covers_one_of(&[Deed::KeepNotifications])?;
        let span = self.now().as_micros() / i64::try_from(TESTED_ONCE_IN.as_micros()).unwrap_or(1);
        let id = Uuid::new_v5(&reader.as_uuid(), format!("test {span}").as_bytes());
        let id = NotificationId::new(id);
        let request = test.request(reader);
        let asked = request.clone();
        let is_free = move |state: &Notification| match state {
            Notification::Requested(other) if other.request != asked => Err(TestRefusal::JustNow),
            Notification::Requested(_) | Notification::Absent => Ok(()),
        };
        let command = notification::Command::Request { request, not_before: None };
        let done = self.handle_if(&id, command, is_free).await?;
        info!(notification.id = %id, template.id = %test.template, "Requested a test letter");
        Ok(done)
    }

    async fn word(&self, id: &EmailTemplateId, command: Command) -> Result<Done, Failure<Refusal>> {
        let done = self.handle::<EmailTemplate>(id, command).await;
        done.map_err(|failure| failure.refused_as(Refusal::from))
    }
}

impl Test<'_> {
    fn request(&self, reader: UserId) -> Request {
        let of_template = || StreamName::of::<EmailTemplate>(&self.template);
        let nothing = EventId::new(Uuid::nil());
        let stream = self.event.map_or_else(of_template, |recorded| recorded.stream.clone());
        Request {
            occasion: self.occasion.to_owned(),
            event: self.event.map_or(nothing, |recorded| recorded.id),
            stream: stream.to_string(),
            rule: NotificationRuleId::shipped(self.occasion),
            template: self.template,
            recipient: Recipient::User(reader),
            about: None,
            daily: false,
            test: Some(self.locale.clone()),
        }
    }
}
