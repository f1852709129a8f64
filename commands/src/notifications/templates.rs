//! The words of letters. Whether they render is checked before: see the crate `letters`.

use domain::{
    EmailTemplateId,
    authority::Deed,
    email_template::{Command, EmailTemplate, Source, TemplateName},
    user::Locale,
};
use store::Position;
use tracing::info;

use super::Refusal;
use crate::{
    handle::{Done, Failure, Scribe},
    permit::Permit,
};

impl Scribe {
    /// Makes a template of one's own, with its words in a first locale.
    pub async fn create_template(
        &self,
        permit: &Permit,
        name: TemplateName,
        occasion: &str,
        locale: Locale,
        source: Source,
    ) -> Result<(EmailTemplateId, Position), Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepNotifications])?;
        let id = EmailTemplateId::new(self.new_id());
        let command = Command::Create { name, occasion: occasion.to_owned(), locale, source };
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

    async fn word(&self, id: &EmailTemplateId, command: Command) -> Result<Done, Failure<Refusal>> {
        let done = self.handle::<EmailTemplate>(id, command).await;
        done.map_err(|failure| failure.refused_as(Refusal::from))
    }
}
