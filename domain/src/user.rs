//! A person with an account. What is personal about them is sealed, and can be erased.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Aggregate, Category, Decider, InvitationId, Personal, Timestamp, UserId,
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
    /// The latest one; earlier ones are void, and so is one that was not used before the address changed or the account
    /// was disabled: whoever has the link may not be who should have it.
    pub invitation: Option<Invitation>,
}

/// Leave to choose a password, given to whoever reads the account's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub until: Timestamp,
    /// Whether a password was set since.
    pub used: bool,
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

impl DisplayName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DisplayName(withheld)")
    }
}

/// A language tag of RFC 5646, at most 35 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// Several changes, all or none.
    Edit(Edit),
    /// `hash` is an argon2id PHC string.
    SetPassword {
        hash: Personal,
    },
    /// Lets whoever reads the account's mail choose a password; every earlier invitation is void from then on.
    Invite {
        invitation: InvitationId,
        until: Timestamp,
    },
    /// Sets the password and uses the invitation up.
    AcceptInvitation {
        invitation: InvitationId,
        at: Timestamp,
        hash: Personal,
    },
    /// Voids every session that began before.
    SignOutEverywhere,
    /// Gives up a claim to a user name that this account does not hold.
    ForfeitName {
        claim: String,
        name: String,
    },
}

/// What is given another value; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    pub user_name: Option<UserName>,
    pub display_name: Option<DisplayName>,
    pub email: Option<Email>,
    pub locale: Option<Locale>,
    pub enabled: Option<bool>,
}

impl Edit {
    /// Whether nothing is named.
    pub const fn is_empty(&self) -> bool {
        let Self { user_name, display_name, email, locale, enabled } = self;
        user_name.is_none()
            && display_name.is_none()
            && email.is_none()
            && locale.is_none()
            && enabled.is_none()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "user.registered.v1")]
    Registered { user_name: Personal, display_name: Personal, email: Personal, locale: Locale },
    #[serde(rename = "user.renamed.v1")]
    Renamed { user_name: Personal, display_name: Personal },
    #[serde(rename = "user.email_changed.v1")]
    EmailChanged { email: Personal },
    #[serde(rename = "user.locale_changed.v1")]
    LocaleChanged { locale: Locale },
    #[serde(rename = "user.password_set.v1")]
    PasswordSet { hash: Personal },
    #[serde(rename = "user.invited.v1")]
    Invited { invitation: InvitationId, until: Timestamp },
    #[serde(rename = "user.signed_out_everywhere.v1")]
    SignedOutEverywhere {},
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
    #[error("the account is disabled")]
    Disabled,
    #[error(
        "the invitation was never given, a later one has taken its place, or the account was changed since"
    )]
    InvitationVoid,
    #[error("the invitation has been used")]
    InvitationUsed,
    #[error("the invitation has expired")]
    InvitationExpired,
}

impl User {
    pub fn account(&self) -> Result<&Account, Error> {
        match self {
            Self::Registered(account) => Ok(account),
            Self::Absent => Err(Error::Absent),
            Self::Forfeited => Err(Error::Forfeited),
        }
    }

    fn enabled(&self) -> Result<&Account, Error> {
        let account = self.account()?;
        if account.enabled { Ok(account) } else { Err(Error::Disabled) }
    }

    /// Whether a claim of this account to the (normalised) user name counts for ever.
    pub fn holds(&self, name: &str) -> bool {
        matches!(self, Self::Registered(account) if account.user_name.as_open() == Some(name))
    }
}

impl Account {
    /// Whether a password may be chosen by this invitation now.
    pub fn admits(&self, invitation: InvitationId, at: Timestamp) -> Result<(), Error> {
        match self.invitation {
            Some(latest) if latest.id != invitation => Err(Error::InvitationVoid),
            None => Err(Error::InvitationVoid),
            Some(Invitation { used: true, .. }) => Err(Error::InvitationUsed),
            Some(Invitation { until, .. }) if until <= at => Err(Error::InvitationExpired),
            Some(_) if !self.enabled => Err(Error::Disabled),
            Some(_) => Ok(()),
        }
    }

    fn edit(&self, Edit { user_name, display_name, email, locale, enabled }: Edit) -> Vec<Event> {
        let open = |value: Option<&str>| value.map(Personal::new);
        let user_name = open(user_name.as_ref().map(UserName::as_str));
        let display_name = open(display_name.as_ref().map(DisplayName::as_str));
        let renamed = user_name.as_ref().is_some_and(|it| *it != self.user_name)
            || display_name.as_ref().is_some_and(|it| *it != self.display_name);
        let email = open(email.as_ref().map(Email::as_str)).filter(|it| *it != self.email);
        let locale = locale.filter(|it| *it != self.locale);
        let switched = enabled.filter(|enabled| *enabled != self.enabled);
        [
            renamed.then(|| Event::Renamed {
                user_name: user_name.unwrap_or_else(|| self.user_name.clone()),
                display_name: display_name.unwrap_or_else(|| self.display_name.clone()),
            }),
            email.map(|email| Event::EmailChanged { email }),
            locale.map(|locale| Event::LocaleChanged { locale }),
            switched.map(|on| if on { Event::Enabled {} } else { Event::Disabled {} }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn evolve(mut self, event: Event) -> Self {
        match event {
            Event::Renamed { user_name, display_name } => {
                self.user_name = user_name;
                self.display_name = display_name;
            }
            Event::EmailChanged { email } => {
                self.email = email;
                self.void_invitation();
            }
            Event::LocaleChanged { locale } => self.locale = locale,
            Event::PasswordSet { hash } => {
                self.password = Some(hash);
                self.invitation = self.invitation.map(|it| Invitation { used: true, ..it });
            }
            Event::Invited { invitation: id, until } => {
                self.invitation = Some(Invitation { id, until, used: false });
            }
            Event::Disabled {} => {
                self.enabled = false;
                self.void_invitation();
            }
            Event::Enabled {} => self.enabled = true,
            Event::Registered { .. }
            | Event::SignedOutEverywhere {}
            | Event::NameForfeited { .. } => {}
        }
        self
    }

    fn void_invitation(&mut self) {
        self.invitation = self.invitation.filter(|it| it.used);
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
            Command::Edit(edit) => Ok(self.account()?.edit(edit)),
            Command::SetPassword { hash } => {
                self.account().map(|_| vec![Event::PasswordSet { hash }])
            }
            Command::Invite { invitation, until } => {
                self.enabled().map(|_| vec![Event::Invited { invitation, until }])
            }
            Command::AcceptInvitation { invitation, at, hash } => {
                self.account()?.admits(invitation, at)?;
                Ok(vec![Event::PasswordSet { hash }])
            }
            Command::SignOutEverywhere => {
                self.account().map(|_| vec![Event::SignedOutEverywhere {}])
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
                    invitation: None,
                })
            }
            (Self::Absent, Event::NameForfeited { .. }) => Self::Forfeited,
            (Self::Registered(account), event) => Self::Registered(account.evolve(event)),
            (
                unchanged @ (Self::Absent | Self::Forfeited),
                Event::Registered { .. }
                | Event::Renamed { .. }
                | Event::EmailChanged { .. }
                | Event::LocaleChanged { .. }
                | Event::PasswordSet { .. }
                | Event::Invited { .. }
                | Event::SignedOutEverywhere {}
                | Event::Disabled {}
                | Event::Enabled {}
                | Event::NameForfeited { .. },
            ) => unchanged,
        }
    }
}

#[cfg(test)]
mod tests;
