//! The keys that sign tokens, as the log knows them: public halves only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Aggregate, Category, Decider, InstallationId, Timestamp};

/// All signing keys of the installation; at most one is active.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keyring {
    pub active: Option<KeyId>,
    pub keys: BTreeMap<KeyId, PublicKey>,
    /// When each key that signs no more stopped.
    pub retired: BTreeMap<KeyId, Timestamp>,
}

/// An RFC 7638 thumbprint, base64url without padding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub String);

/// An RSA public key as in RFC 7518, section 6.3.1: big-endian integers, base64url without padding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    pub n: String,
    pub e: String,
}

#[derive(Clone, Debug)]
pub enum Command {
    /// Makes the key the active one of a keyring that has none.
    Introduce { id: KeyId, key: PublicKey },
    /// Makes the key the active one whatever was before.
    Replace { id: KeyId, key: PublicKey, at: Timestamp },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "signing_key.published.v1")]
    Published { id: KeyId, key: PublicKey },
    #[serde(rename = "signing_key.activated.v1")]
    Activated { id: KeyId },
    #[serde(rename = "signing_key.retired.v1")]
    Retired { id: KeyId, at: Timestamp },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(
        "the log says that key {} signs; copy that key pair from the node that has it, or make this one the signing key with `oathbook keys activate`",
        active.0
    )]
    OtherKeyActive { active: KeyId },
}

impl Aggregate for Keyring {
    const CATEGORY: Category = Category::SigningKey;
    type Id = InstallationId;
}

impl Keyring {
    fn publish_and_activate(&self, id: KeyId, key: PublicKey) -> Vec<Event> {
        let published =
            (!self.keys.contains_key(&id)).then(|| Event::Published { id: id.clone(), key });
        published.into_iter().chain([Event::Activated { id }]).collect()
    }
}

impl Decider for Keyring {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match (&self.active, command) {
            (Some(active), Command::Introduce { ref id, .. } | Command::Replace { ref id, .. })
                if active == id =>
            {
                Ok(vec![])
            }
            (Some(active), Command::Introduce { .. }) => {
                Err(Error::OtherKeyActive { active: active.clone() })
            }
            (None, Command::Introduce { id, key } | Command::Replace { id, key, .. }) => {
                Ok(self.publish_and_activate(id, key))
            }
            (Some(active), Command::Replace { id, key, at }) => {
                let mut events = self.publish_and_activate(id, key);
                events.push(Event::Retired { id: active.clone(), at });
                Ok(events)
            }
        }
    }

    fn evolve(mut self, event: Event) -> Self {
        match event {
            Event::Published { id, key } => {
                self.keys.insert(id, key);
            }
            Event::Activated { id } => {
                self.retired.remove(&id);
                self.active = Some(id);
            }
            Event::Retired { id, at } => {
                if self.active.as_ref() == Some(&id) {
                    self.active = None;
                }
                self.retired.insert(id, at);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    const NOON: Timestamp = Timestamp::from_micros(43_200_000_000);

    fn id(text: &str) -> KeyId {
        KeyId(text.to_owned())
    }

    fn key() -> PublicKey {
        PublicKey { n: "n".to_owned(), e: "AQAB".to_owned() }
    }

    fn published(text: &str) -> Event {
        Event::Published { id: id(text), key: key() }
    }

    fn activated(text: &str) -> Event {
        Event::Activated { id: id(text) }
    }

    fn introduce(text: &str) -> Command {
        Command::Introduce { id: id(text), key: key() }
    }

    fn replace(text: &str) -> Command {
        Command::Replace { id: id(text), key: key(), at: NOON }
    }

    #[test]
    fn the_first_key_becomes_active() {
        for command in [introduce("a"), replace("a")] {
            given::<Keyring>([]).when(command).then([published("a"), activated("a")]);
        }
    }

    #[test]
    fn the_active_key_is_known_already() {
        for command in [introduce("a"), replace("a")] {
            given::<Keyring>([published("a"), activated("a")]).when(command).then([]);
        }
    }

    #[test]
    fn another_key_is_not_introduced_beside_the_active_one() {
        given::<Keyring>([published("a"), activated("a")])
            .when(introduce("b"))
            .then_refused(Error::OtherKeyActive { active: id("a") });
    }

    #[test]
    fn replacing_retires_the_active_key() {
        given::<Keyring>([published("a"), activated("a")]).when(replace("b")).then([
            published("b"),
            activated("b"),
            Event::Retired { id: id("a"), at: NOON },
        ]);
    }

    #[test]
    fn a_retired_key_can_come_back_without_being_published_again() {
        let retired = Event::Retired { id: id("a"), at: NOON };
        let history = [published("a"), activated("a"), published("b"), activated("b"), retired];
        given::<Keyring>(history)
            .when(replace("a"))
            .then([activated("a"), Event::Retired { id: id("b"), at: NOON }]);
    }
}
