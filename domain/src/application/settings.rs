//! What people say about an application beside its name.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{Scope, user::Email};

/// The settings of an application. Text that is empty says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    #[serde(default)]
    pub description: Description,
    #[serde(default)]
    pub contact: Contact,
    #[serde(default)]
    pub homepage: Homepage,
    pub scopes: Vec<Scope>,
}

/// Settings that are given another value; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<Homepage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<Scope>>,
}

/// The rule a setting breaks. The texts are those that people read beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    #[error("This value is too long. It should have 2000 characters or less.")]
    DescriptionTooLong,
    #[error("This value should not contain control characters other than line breaks.")]
    ControlCharacter,
    #[error("This value is not a valid email address.")]
    NotAnAddress,
    #[error("This value is not a valid URL. It should begin with https:// or http://.")]
    NotAUrl,
    #[error("This value is too long. It should have 2048 characters or less.")]
    UrlTooLong,
}

/// What the application is for: trimmed, NFC, at most 2000 scalar values, line breaks as `\n`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Description(String);

impl Description {
    pub const MAX_LENGTH: usize = 2000;

    pub fn parse(text: &str) -> Result<Self, InvalidSetting> {
        if text.len() > Self::MAX_LENGTH * 16 {
            return Err(InvalidSetting::DescriptionTooLong);
        }
        let text: String = text.replace("\r\n", "\n").trim().nfc().collect();
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(InvalidSetting::ControlCharacter);
        }
        if text.chars().count() > Self::MAX_LENGTH {
            return Err(InvalidSetting::DescriptionTooLong);
        }
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address of those who look after the application, or nothing. It is not sealed: that of a team, rather than
/// of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Contact(String);

impl Contact {
    pub fn parse(text: &str) -> Result<Self, InvalidSetting> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let email = Email::parse(text).map_err(|_| InvalidSetting::NotAnAddress)?;
        Ok(Self(email.as_str().to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where to read about the application, or nothing: an absolute `http` or `https` URL of printable ASCII characters, so
/// that a link to it can do nothing but lead there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Homepage(String);

impl Homepage {
    pub const MAX_LENGTH: usize = 2048;

    pub fn parse(text: &str) -> Result<Self, InvalidSetting> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::default());
        }
        if text.len() > Self::MAX_LENGTH {
            return Err(InvalidSetting::UrlTooLong);
        }
        let rest = ["https://", "http://"].into_iter().find_map(|scheme| {
            let (given, rest) = text.split_at_checked(scheme.len())?;
            given.eq_ignore_ascii_case(scheme).then_some(rest)
        });
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
        let forbidden = |byte: u8| {
            !byte.is_ascii_graphic() || matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`')
        };
        // No user and password: a link that looks as if it led elsewhere is of no use to anybody.
        if host.is_empty() || host.contains('@') || text.bytes().any(forbidden) {
            return Err(InvalidSetting::NotAUrl);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! shown {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

shown!(Description, Contact, Homepage);

impl Settings {
    /// What of the wanted changes is another value than the present one.
    #[must_use]
    pub fn differing(&self, wanted: Changes) -> Changes {
        let Changes { description, contact, homepage, scopes } = wanted;
        Changes {
            description: description.filter(|it| *it != self.description),
            contact: contact.filter(|it| *it != self.contact),
            homepage: homepage.filter(|it| *it != self.homepage),
            scopes: scopes.filter(|it| *it != self.scopes),
        }
    }

    pub fn apply(&mut self, changes: Changes) {
        let Changes { description, contact, homepage, scopes } = changes;
        set(&mut self.description, description);
        set(&mut self.contact, contact);
        set(&mut self.homepage, homepage);
        set(&mut self.scopes, scopes);
    }
}

impl From<Settings> for Changes {
    fn from(settings: Settings) -> Self {
        let Settings { description, contact, homepage, scopes } = settings;
        Self {
            description: Some(description),
            contact: Some(contact),
            homepage: Some(homepage),
            scopes: Some(scopes),
        }
    }
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn set<T>(setting: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *setting = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_text_of_several_lines() {
        let parsed =
            Description::parse("  Fetches orders.\r\nEvery night. ").expect("a description");
        assert_eq!(parsed.as_str(), "Fetches orders.\nEvery night.");
        assert_eq!(Description::parse("a\u{7}b"), Err(InvalidSetting::ControlCharacter));
        assert!(Description::parse(&"é".repeat(2000)).is_ok());
        assert_eq!(Description::parse(&"é".repeat(2001)), Err(InvalidSetting::DescriptionTooLong));
    }

    #[test]
    fn a_homepage_leads_to_a_web_site_and_nowhere_else() {
        for right in ["", "https://app.example", "HTTP://app.example:8080/a?b=c#d", "http://[::1]/"]
        {
            assert_eq!(Homepage::parse(right).map(|it| it.0), Ok(right.to_owned()), "{right}");
        }
        for wrong in [
            "app.example",
            "javascript:alert(1)",
            "data:text/html,hello",
            "https://",
            "https:///path",
            "https://user@app.example",
            "https://a b",
            "https://app.example/\"onclick",
            "https://app.example/\n",
            "ftp://app.example",
            "//app.example",
        ] {
            let parsed = Homepage::parse(wrong);
            // What surrounds a value is trimmed.
            assert!(parsed.is_err() || wrong.ends_with('\n'), "{wrong}");
        }
        let long = format!("https://app.example/{}", "a".repeat(2048));
        assert_eq!(Homepage::parse(&long), Err(InvalidSetting::UrlTooLong));
    }

    #[test]
    fn a_contact_is_an_address_or_nothing() {
        assert_eq!(Contact::parse(" "), Ok(Contact::default()));
        assert!(Contact::parse("team@acme.example").is_ok());
        assert_eq!(Contact::parse("team"), Err(InvalidSetting::NotAnAddress));
    }

    #[test]
    fn only_what_differs_changes() {
        let mut settings = Settings::default();
        let wanted = Changes {
            description: Some(Description::default()),
            homepage: Some(Homepage::parse("https://app.example").expect("a URL")),
            ..Changes::default()
        };
        let differing = settings.differing(wanted.clone());
        assert_eq!(differing.description, None);
        assert!(!differing.is_empty());
        settings.apply(differing);
        assert!(settings.differing(wanted).is_empty());
    }
}
