//! Names that must be unique, each with the normal form in which it is compared.

use std::fmt;

use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The rule a name breaks. The texts are those that people read beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    #[error("This value should not be blank.")]
    Blank,
    #[error("This value is too long. It should have 255 characters or less.")]
    TooLong,
    #[error("This value should not contain control characters.")]
    ControlCharacter,
    #[error(
        "This value is not a valid user name (RFC 8265: letters, digits and symbols, no spaces)."
    )]
    NotAUserName,
}

/// The greatest number of Unicode scalar values in any name.
pub const MAX_LENGTH: usize = 255;

/// An application's name: trimmed, NFC, case-sensitive, 1–255 scalar values without control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApplicationName(String);

impl ApplicationName {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        Ok(Self(plain(text)?))
    }

    /// The form in which names are compared: the name itself, it is kept normalised.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ApplicationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An organization's name: shown as given (trimmed, NFC), compared case-folded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrganizationName(String);

impl OrganizationName {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        Ok(Self(plain(text)?))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which names are compared.
    pub fn normalised(&self) -> String {
        folded(&self.0)
    }
}

impl fmt::Display for OrganizationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name to sign in with, in the form of RFC 8265 `UsernameCaseMapped`. Personal: it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct UserName(String);

impl UserName {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let text = plain(text)?;
        let mapped = UsernameCaseMapped::enforce(text).map_err(|_| InvalidName::NotAUserName)?;
        if mapped.chars().count() > MAX_LENGTH {
            return Err(InvalidName::TooLong);
        }
        Ok(Self(mapped.into_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserName(withheld)")
    }
}

/// The form in which texts that differ in case or composition alone are equal: NFC, case-folded, NFC again.
pub fn folded(text: &str) -> String {
    let composed: String = text.nfc().collect();
    caseless::default_case_fold_str(&composed).nfc().collect()
}

/// Trimmed, NFC, 1–255 scalar values, no control characters: also the rule for display names.
pub fn plain(text: &str) -> Result<String, InvalidName> {
    if text.len() > MAX_LENGTH * 16 {
        return Err(InvalidName::TooLong);
    }
    let name: String = text.trim().nfc().collect();
    if name.is_empty() {
        return Err(InvalidName::Blank);
    }
    if name.chars().any(char::is_control) {
        return Err(InvalidName::ControlCharacter);
    }
    if name.chars().count() > MAX_LENGTH {
        return Err(InvalidName::TooLong);
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_name_is_trimmed_and_composed() {
        let name = ApplicationName::parse("  Cafe\u{301} sync ").map(|name| name.0);
        assert_eq!(name.as_deref(), Ok("Café sync"));
    }

    #[test]
    fn an_application_name_keeps_its_case() {
        assert_ne!(ApplicationName::parse("sync"), ApplicationName::parse("Sync"));
    }

    #[test]
    fn a_name_of_255_scalar_values_is_the_longest() {
        assert!(ApplicationName::parse(&"𝄞".repeat(255)).is_ok());
        assert_eq!(ApplicationName::parse(&"a".repeat(256)), Err(InvalidName::TooLong));
        assert_eq!(ApplicationName::parse(&"a".repeat(1 << 20)), Err(InvalidName::TooLong));
    }

    #[test]
    fn a_name_of_nothing_but_space_is_blank() {
        for blank in ["", " ", "\u{a0}\t\n"] {
            assert_eq!(ApplicationName::parse(blank), Err(InvalidName::Blank));
        }
    }

    #[test]
    fn a_name_with_a_control_character_is_refused() {
        for control in ["a\u{0}b", "a\nb", "a\u{7f}b"] {
            assert_eq!(ApplicationName::parse(control), Err(InvalidName::ControlCharacter));
        }
    }

    #[test]
    fn organization_names_differ_only_beyond_case() {
        let normalised = |text| OrganizationName::parse(text).map(|name| name.normalised());
        assert_eq!(normalised("STRASSE GmbH"), normalised("Straße gmbh"));
        assert_ne!(normalised("Acme"), normalised("Acme 2"));
    }

    #[test]
    fn user_names_are_case_mapped_and_hold_no_space() {
        assert_eq!(UserName::parse("Ada"), UserName::parse("ada"));
        assert_eq!(UserName::parse("ada lovelace").err(), Some(InvalidName::NotAUserName));
    }
}
