//! Templates of letters: what is shipped, what administrators made of it, and templates of their own.

mod edit;
mod events;
mod list;
mod new;
mod preview;
#[cfg(test)]
pub(in crate::web) mod samples;
mod switches;
mod versions;

use std::ops::Deref;

use axum::{
    Router,
    extract::{FromRequestParts, RawPathParams, RawQuery, State},
    http::request::Parts,
    response::Response,
    routing::{get, post},
};
use briefing::{KeptTemplate, template_name, wording};
use commands::{Failure, notifications::Refusal};
use domain::{
    EmailTemplateId,
    email_template::{self, Source},
    user::Locale,
};

use super::{Operator, Problem, permit, tabs};
use crate::{
    app::App,
    templates,
    web::{choice::Choice, form::asked, local, named, session::SignedIn, shell::see_other},
};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/emails/templates", get(list::show))
        .route("/emails/templates/new", get(new::form).post(new::create))
        .route("/emails/templates/{id}", get(lead))
        .route("/emails/templates/{id}/remove", get(switches::ask_remove).post(switches::remove))
        .route("/emails/templates/{id}/{locale}", get(edit::form).post(edit::save))
        .route("/emails/templates/{id}/{locale}/preview", get(preview::saved).post(preview::draft))
        .route("/emails/templates/{id}/{locale}/test", post(switches::test))
        .route(
            "/emails/templates/{id}/{locale}/reset",
            get(switches::ask_reset).post(switches::reset),
        )
        .route("/emails/templates/{id}/{locale}/versions", get(versions::show))
        .route("/emails/templates/{id}/{locale}/restore", post(versions::restore))
}

/// Somebody else was first, this time.
const OVERTAKEN: &str =
    "Another change to this template came first. Look at it again, then repeat yours.";

/// The template and the language that an address names. What names neither is not there.
struct Named {
    id: EmailTemplateId,
    locale: Locale,
}

impl FromRequestParts<App> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        let params = params.map_err(|_| Problem::NotFound)?;
        let value = |wanted: &str| {
            params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
        };
        let id = value("id").and_then(|id| id.parse().ok()).ok_or(Problem::NotFound)?;
        let locale = value("locale").unwrap_or_else(|| letters::LAST_RESORT.to_owned());
        Ok(Self { id, locale: recommended(&locale).ok_or(Problem::NotFound)? })
    }
}

/// The locale as letters look for it.
fn recommended(tag: &str) -> Option<Locale> {
    templates::locale(tag.trim()).ok()
}

/// A template as it is at the end of the log, in one language.
struct Found {
    kept: KeptTemplate,
    locale: Locale,
}

impl Deref for Found {
    type Target = KeptTemplate;

    fn deref(&self) -> &KeptTemplate {
        &self.kept
    }
}

/// Whence the words of a language come.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Whence {
    Own,
    Shipped,
    /// From another language.
    Inherited(Locale),
}

impl Named {
    async fn find(&self, app: &App) -> Result<Found, Problem> {
        let kept = KeptTemplate::find(&app.commands.log, self.id, None).await?;
        let kept = kept.ok_or(Problem::NotFound)?;
        Ok(Found { kept, locale: self.locale.clone() })
    }
}

impl Found {
    fn name(&self) -> &str {
        template_name(self.occasion, &self.template)
    }

    fn is_customized(&self) -> bool {
        self.template.customized.contains_key(&self.locale)
    }

    /// The words of the language, and whence they come.
    fn words(&self) -> Result<(Source, Whence), Problem> {
        let words = wording(self.id, &self.template, &self.locale);
        let letters::Choice { source, letter, .. } = words.ok_or(Problem::NotFound)?.choice;
        let whence = match letter == self.locale {
            true if self.is_customized() => Whence::Own,
            true => Whence::Shipped,
            false => Whence::Inherited(letter),
        };
        Ok((source, whence))
    }

    /// How dates and numbers are written in its words.
    fn written_as(&self, whence: &Whence) -> Locale {
        match whence {
            Whence::Own | Whence::Shipped => self.locale.clone(),
            Whence::Inherited(other) => letters::regional(&self.locale, other).clone(),
        }
    }

    /// Every language that has words, and the present one.
    fn locales(&self) -> Vec<Locale> {
        let shipped = letters::shipped_locales().filter(|_| self.is_shipped());
        let mut found: Vec<_> = shipped.collect();
        let others = self.template.customized.keys().chain([&self.locale]);
        for locale in others {
            if !found.contains(locale) {
                found.push(locale.clone());
            }
        }
        found
    }

    /// The address of a page about it in its language.
    fn address(&self, app: &App, rest: &str) -> String {
        address(app, self.id, &format!("/{}{rest}", self.locale.as_str()))
    }
}

/// The address of a page about a template; `rest` begins with a slash, or is nothing.
fn address(app: &App, id: EmailTemplateId, rest: &str) -> String {
    local::of(&app.settings, &format!("/emails/templates/{id}{rest}"))
}

/// To the language that is asked for, or the first there is.
async fn lead(
    State(app): State<App>,
    Operator(_): Operator,
    named::Named(id): named::Named<EmailTemplateId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let locale = asked(query.as_deref(), "locale");
    let wanted = match locale {
        Some(tag) => Some(recommended(&tag).ok_or(Problem::NotFound)?),
        None => recommended(letters::LAST_RESORT),
    };
    let named = Named { id, locale: wanted.ok_or(Problem::NotFound)? };
    let found = named.find(&app).await?;
    Ok(see_other(&found.address(&app, ""), []))
}

/// Why a template stays as it is, or the page that takes the form's place.
fn complaint(failure: Failure<Refusal>) -> Result<&'static str, Problem> {
    let refusal = match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Contended => return Ok(OVERTAKEN),
        Failure::Log(error) => return Err(error.into()),
    };
    match refusal {
        Refusal::Template(email_template::Error::LastLocale) => {
            Ok("A template keeps the words of one language at least. Delete it instead.")
        }
        Refusal::Template(email_template::Error::Exists) => Ok(OVERTAKEN),
        Refusal::Denied(_) => Err(Problem::Denied),
        Refusal::Template(email_template::Error::Absent | email_template::Error::Shipped)
        | Refusal::Rule(_)
        | Refusal::Delivery(_)
        | Refusal::UserNotFound
        | Refusal::OrganizationNotFound => Err(Problem::NotFound),
    }
}
