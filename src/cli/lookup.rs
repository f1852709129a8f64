//! Users, organizations and templates are accepted by id or by name, applications by id.

use briefing::{Templates, template_name};
use commands::Scribe;
use domain::{
    ApplicationId, EmailTemplateId, OrganizationId, UserId,
    name::{OrganizationName, UserName},
};

use super::outcome::{Exit, Outcome};

/// The user with this id or name.
pub(super) async fn user(scribe: &Scribe, text: &str) -> Outcome<UserId> {
    if let Ok(id) = text.parse::<UserId>()
        && scribe.user(id).await?.is_some()
    {
        return Ok(id);
    }
    let found = match UserName::parse(text) {
        Ok(name) => scribe.find_user(&name).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| {
        Exit::not_found(format_args!("there is no user {text:?}; `oathbook users list` shows all"))
    })
}

/// The organization with this id or name.
pub(super) async fn organization(scribe: &Scribe, text: &str) -> Outcome<OrganizationId> {
    if let Ok(id) = text.parse::<OrganizationId>()
        && scribe.organization(id).await?.is_some()
    {
        return Ok(id);
    }
    let found = match OrganizationName::parse(text) {
        Ok(name) => scribe.find_organization(&name).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| {
        Exit::not_found(format_args!(
            "there is no organization {text:?}; `oathbook organizations list` shows all"
        ))
    })
}

/// The template of letters with this id or name.
pub(super) fn template(templates: &Templates, text: &str) -> Outcome<EmailTemplateId> {
    let mut found = templates.all().filter(|(id, occasion, template)| {
        id.to_string() == text || template_name(occasion, template) == text
    });
    let found = found.next().map(|(id, ..)| id);
    found.ok_or_else(|| {
        Exit::not_found(format_args!(
            "there is no template {text:?}; `oathbook templates list` shows all"
        ))
    })
}

/// An application's id, in its one spelling.
pub(super) fn application(text: &str) -> Result<ApplicationId, String> {
    text.parse().map_err(|_| {
        "an application's id looks like 0198c2f4-7d1e-7a3b-9c55-0f2e4b6a8d10; `oathbook applications list` shows all"
            .to_owned()
    })
}
