//! A person with an account. What is personal about them is sealed, and can be erased.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Aggregate, Category, Decider, Personal, UserId,
    name::{self, InvalidName, UserName},
};

/// What an account is at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum User {
    #[default]
    Absent,
    /// Its user name was given away before it was registered; the id can never be used.
    Forfeited,
    Registered(Account),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub user_name: Personal,
    pub display_name: Personal,
    pub email: Personal,
    pub locale: Locale,
    /// An argon2id PHC string, once a password was set.
    pub password: Option<Personal>,
    pub enabled: bool,
}

/// An e-mail address as people give it. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This value is not a valid email address.")]
pub struct InvalidEmail;

impl Email {
    /// At most 254 bytes, one `@` with something before it and a domain behind it, and nothing that could end a
    /// header line. The mail server decides the rest (RFC 5321).
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        let forbidden = |c: char| {
            c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '"')
        };
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let well_formed = text.len() <= 254
            && !text.contains(forbidden)
            && !local.is_empty()
            && !local.contains('@')
            && !domain.is_empty()
            && !domain.starts_with(['.', '-'])
            && !domain.ends_with(['.', '-'])
            && !domain.contains("..");
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidEmail) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(withheld)")
    }
}

/// The name people see, under the rules of application names. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        name::plain(text).map(Self)
    }
}

impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DisplayName(withheld)")
    }
}

/// A language tag of RFC 5646, at most 35 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Locale(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This value is not a valid locale (RFC 5646, such as en or de-CH).")]
pub struct InvalidLocale;

impl Locale {
    pub fn parse(text: &str) -> Result<Self, InvalidLocale> {
        let subtag = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let language = text.split('-').next().unwrap_or_default();
        let well_formed = text.len() <= 35
            && (2..=8).contains(&language.len())
            && language.bytes().all(|byte| byte.is_ascii_alphabetic())
            && text.split('-').all(subtag);
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidLocale) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Debug)]
pub enum Command {
    Register {
        user_name: UserName,
        display_name: DisplayName,
        email: Email,
        locale: Locale,
    },
    /// `hash` is an argon2id PHC string.
    SetPassword {
        hash: Personal,
    },
    Disable,
    Enable,
    /// Gives up a claim to a user name that this account does not hold.
    ForfeitName {
        claim: String,
        name: String,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "user.registered.v1")]
    Registered { user_name: Personal, display_name: Personal, email: Personal, locale: Locale },
    #[serde(rename = "user.password_set.v1")]
    PasswordSet { hash: Personal },
    #[serde(rename = "user.disabled.v1")]
    Disabled {},
    #[serde(rename = "user.enabled.v1")]
    Enabled {},
    #[serde(rename = "user.name_forfeited.v1")]
    NameForfeited { claim: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the user does not exist")]
    Absent,
    #[error("the user exists already")]
    Exists,
    #[error("the name was given to another user before this one was registered")]
    Forfeited,
    #[error("the user holds that name")]
    NameHeld,
}

impl User {
    pub fn account(&self) -> Result<&Account, Error> {
        match self {
            Self::Registered(account) => Ok(account),
            Self::Absent => Err(Error::Absent),
            Self::Forfeited => Err(Error::Forfeited),
        }
    }

    /// Whether a claim of this account to the (normalised) user name counts for ever.
    pub fn holds(&self, name: &str) -> bool {
        matches!(self, Self::Registered(account) if account.user_name.as_open() == Some(name))
    }
}

impl Aggregate for User {
    const CATEGORY: Category = Category::User;
    type Id = UserId;
}

impl Decider for User {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Register { user_name, display_name, email, locale } => match self {
                Self::Absent => Ok(vec![Event::Registered {
                    user_name: Personal::new(user_name.as_str()),
                    display_name: Personal::new(display_name.0),
                    email: Personal::new(email.0),
                    locale,
                }]),
                Self::Forfeited => Err(Error::Forfeited),
                Self::Registered(_) => Err(Error::Exists),
            },
            Command::SetPassword { hash } => {
                self.account().map(|_| vec![Event::PasswordSet { hash }])
            }
            Command::Disable => {
                let enabled = self.account()?.enabled;
                Ok(enabled.then_some(Event::Disabled {}).into_iter().collect())
            }
            Command::Enable => {
                let enabled = self.account()?.enabled;
                Ok((!enabled).then_some(Event::Enabled {}).into_iter().collect())
            }
            Command::ForfeitName { claim, name } => match self {
                Self::Forfeited => Ok(vec![]),
                Self::Registered(_) if self.holds(&name) => Err(Error::NameHeld),
                Self::Absent | Self::Registered(_) => Ok(vec![Event::NameForfeited { claim }]),
            },
        }
    }

    fn evolve(self, event: Event) -> Self {
        match (self, event) {
            (Self::Absent, Event::Registered { user_name, display_name, email, locale }) => {
                Self::Registered(Account {
                    user_name,
                    display_name,
                    email,
                    locale,
                    password: None,
                    enabled: true,
                })
            }
            (Self::Absent, Event::NameForfeited { .. }) => Self::Forfeited,
            (Self::Registered(mut account), event) => {
                match event {
                    Event::PasswordSet { hash } => account.password = Some(hash),
                    Event::Disabled {} => account.enabled = false,
                    Event::Enabled {} => account.enabled = true,
                    Event::Registered { .. } | Event::NameForfeited { .. } => {}
                }
                Self::Registered(account)
            }
            (
                unchanged @ (Self::Absent | Self::Forfeited),
                Event::Registered { .. }
                | Event::PasswordSet { .. }
                | Event::Disabled {}
                | Event::Enabled {}
                | Event::NameForfeited { .. },
            ) => unchanged,
        }
    }
}

#[cfg(test)]
mod tests;
