//! Identifiers. All but the derived ones are `UUIDv7`, minted by us and never reused.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            /// Accepts the hyphenated form only, so that an id has one spelling.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if text.len() == uuid::fmt::Hyphenated::LENGTH {
                    Uuid::try_parse(text).map(Self)
                } else {
                    Uuid::try_parse("").map(Self)
                }
            }
        }
    )+};
}

uuid_id! {
    /// One application, from creation for ever.
    ApplicationId,
    /// One set of words for letters. Shipped ones derive it from their name.
    EmailTemplateId,
    /// One event: `UUIDv5` of its command id over stream name, a zero byte and the index within the append.
    EventId,
    /// The stream id of the installation's one stream.
    InstallationId,
    /// One leave to choose a password.
    InvitationId,
    /// One log, told apart from every other; born with `installation.founded`.
    LogId,
    /// One letter to one person: `UUIDv5` of the event, the rule and the recipient.
    NotificationId,
    /// One rule about who is told of what. Shipped ones derive it from their occasion.
    NotificationRuleId,
    /// Something noticed: `UUIDv5` of what it says.
    ObservationId,
    /// One organization.
    OrganizationId,
    /// One client secret of an application.
    SecretId,
    /// One person with an account.
    UserId,
}

/// The name space of what is derived from names: templates and rules that are part of the product, and observations.
const NAMES: Uuid = Uuid::from_u128(0x6f61_7468_626f_6f6b_8000_6e61_6d65_7301);

impl EmailTemplateId {
    /// That of the shipped template with the name.
    pub fn shipped(name: &str) -> Self {
        Self(Uuid::new_v5(&NAMES, format!("email_template {name}").as_bytes()))
    }
}

impl NotificationRuleId {
    /// That of the shipped rule about the occasion.
    pub fn shipped(occasion: &str) -> Self {
        Self(Uuid::new_v5(&NAMES, format!("notification_rule {occasion}").as_bytes()))
    }
}

impl ObservationId {
    /// That of the observation with the identity.
    pub fn of(identity: &str) -> Self {
        Self(Uuid::new_v5(&NAMES, format!("observation {identity}").as_bytes()))
    }
}

impl InstallationId {
    /// Every log holds one installation, and its stream has one name, so that two founders collide.
    pub const SOLE: Self = Self(Uuid::nil());
}

/// The public half of an application's credentials: 32 characters of `A-Za-z0-9`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(String);

impl ClientId {
    pub const LENGTH: usize = 32;

    /// `None` unless the text has the exact length and alphabet.
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed =
            text.len() == Self::LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        well_formed.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names the stream of a claim: HMAC-SHA-256 (a key derived from the installation key) of scope and normalised name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NameClaimId([u8; 32]);

impl NameClaimId {
    pub const fn new(mac: [u8; 32]) -> Self {
        Self(mac)
    }
}

impl fmt::Display for NameClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for NameClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NameClaimId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = UserId::new(Uuid::nil());
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("00000000000000000000000000000000".parse::<UserId>().is_err());
        assert!("{00000000-0000-0000-0000-000000000000}".parse::<UserId>().is_err());
    }

    #[test]
    fn a_client_id_of_another_length_or_alphabet_is_none() {
        assert!(ClientId::parse(&"a".repeat(32)).is_some());
        for wrong in ["", &"a".repeat(31), &"a".repeat(33), &"-".repeat(32), &"é".repeat(16)] {
            assert_eq!(ClientId::parse(wrong), None);
        }
    }
}
