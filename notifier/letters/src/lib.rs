//! What a mail says: pure rendering, from typed variables to subject, text and HTML.
//!
//! This crate never sends, never looks anything up and never reads a clock. No variable of any letter can hold a
//! secret. The templates lie beside the crate, one folder per letter, and are compiled in.

mod templates;
#[cfg(test)]
mod tests;

use domain::{ApplicationId, ClientId, Timestamp};
use serde::Serialize;
use time::{OffsetDateTime, macros::format_description};
use url::Url;

pub use templates::RenderError;

/// A letter and everything it says. Names may be anything a person typed: they are shown as one line and escaped.
#[derive(Clone, Debug)]
pub enum Letter {
    /// To the owner: an application now carries their name.
    ApplicationCreated {
        /// How the recipient is greeted.
        recipient: String,
        application: ApplicationId,
        application_name: String,
        organization_name: String,
        client_id: ClientId,
        added_by: AddedBy,
        added_at: Timestamp,
        /// As configured; links are never built from anything else.
        public_url: Url,
    },
    /// To whom an account belongs: they may choose its password.
    UserInvited {
        recipient: String,
        user_name: String,
        invited_by: AddedBy,
        until: Timestamp,
        /// See [`invitation_page`].
        link: Url,
        public_url: Url,
    },
}

/// Who did it, as the recipient should read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddedBy {
    /// The recipient.
    Yourself,
    /// Another person, by display name.
    Person(String),
    /// A program with a token, by its application's name.
    Application(String),
    /// Whoever may run the binary on the machine.
    Operator,
    /// Oathbook itself.
    System,
}

/// A letter in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line, without control characters.
    pub subject: String,
    pub text: String,
    /// A whole document with inline styles only.
    pub html: String,
}

impl Letter {
    /// The name under which people know the template.
    pub const fn template(&self) -> &'static str {
        match self {
            Self::ApplicationCreated { .. } => "oauth_application_created",
            Self::UserInvited { .. } => "user_invited",
        }
    }
}

/// Puts a letter into words.
pub fn render(letter: &Letter) -> Result<Rendered, RenderError> {
    match letter {
        Letter::ApplicationCreated {
            recipient,
            application,
            application_name,
            organization_name,
            client_id,
            added_by,
            added_at,
            public_url,
        } => templates::render(
            letter.template(),
            &ApplicationCreated {
                recipient: one_line(recipient),
                application: one_line(application_name),
                organization: one_line(organization_name),
                client_id: client_id.as_str(),
                added_by: added_by.in_words(),
                added_at: in_words(*added_at)?,
                page: application_page(public_url, *application).as_str(),
                site: public_url.as_str(),
            },
        ),
        Letter::UserInvited { recipient, user_name, invited_by, until, link, public_url } => {
            templates::render(
                letter.template(),
                &UserInvited {
                    recipient: one_line(recipient),
                    user_name: one_line(user_name),
                    invited_by: invited_by.in_words(),
                    until: in_words(*until)?,
                    link: link.as_str(),
                    site: public_url.as_str(),
                },
            )
        }
    }
}

/// The address of an application's page in the back office.
pub fn application_page(public_url: &Url, application: ApplicationId) -> Url {
    below(public_url, &format!("applications/{application}"))
}

/// The address at which whoever was invited chooses a password.
pub fn invitation_page(public_url: &Url, token: &str) -> Url {
    below(public_url, &format!("invitation/{token}"))
}

fn below(public_url: &Url, path: &str) -> Url {
    let mut page = public_url.clone();
    page.set_query(None);
    page.set_fragment(None);
    page.set_path(&format!("{}/{path}", page.path().trim_end_matches('/')));
    page
}

/// The variables of `oauth_application_created`.
#[derive(Serialize)]
struct ApplicationCreated<'a> {
    recipient: String,
    application: String,
    organization: String,
    client_id: &'a str,
    added_by: String,
    added_at: String,
    page: &'a str,
    site: &'a str,
}

/// The variables of `user_invited`.
#[derive(Serialize)]
struct UserInvited<'a> {
    recipient: String,
    user_name: String,
    invited_by: String,
    until: String,
    link: &'a str,
    site: &'a str,
}

impl AddedBy {
    fn in_words(&self) -> String {
        match self {
            Self::Yourself => "you".to_owned(),
            Self::Person(name) => one_line(name),
            Self::Application(name) => format!("the application \"{}\"", one_line(name)),
            Self::Operator => "an operator, on the command line".to_owned(),
            Self::System => "Oathbook".to_owned(),
        }
    }
}

/// Such as `3 November 2026, 09:05:00 UTC`.
fn in_words(moment: Timestamp) -> Result<String, RenderError> {
    let format = format_description!(
        "[day padding:none] [month repr:long] [year], [hour]:[minute]:[second] UTC"
    );
    OffsetDateTime::from(moment).format(format).map_err(RenderError::Moment)
}

/// Whatever could begin a new line becomes a space, so that a name cannot pretend to be a line of the letter.
fn one_line(name: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    name.split(breaks).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
