//! Scope tokens of RFC 6749, section 3.3.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One scope token: `1*( %x21 / %x23-5B / %x5D-7E )`, at most 255 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scope(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a scope is 1 to 255 printable ASCII characters without space, quotation mark and backslash"
)]
pub struct InvalidScope;

impl Scope {
    pub const MAX_LENGTH: usize = 255;

    pub fn parse(text: &str) -> Result<Self, InvalidScope> {
        let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        if text.is_empty() || text.len() > Self::MAX_LENGTH || !text.bytes().all(allowed) {
            return Err(InvalidScope);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_holds_only_the_characters_of_rfc_6749() {
        assert!(Scope::parse("applications:read").is_ok());
        for wrong in ["", "a b", "a\"b", "a\\b", "é", "a\u{0}", &"a".repeat(256)] {
            assert_eq!(Scope::parse(wrong), Err(InvalidScope));
        }
    }
}
