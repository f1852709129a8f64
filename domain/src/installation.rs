//! The installation: the first fact of every log.

use serde::{Deserialize, Serialize};

use crate::{Aggregate, Category, Decider, InstallationId, LogId};

/// Whether this log has been founded, and by which installation key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Installation {
    #[default]
    Unfounded,
    Founded {
        log: LogId,
        key_fingerprint: String,
    },
}

#[derive(Clone, Debug)]
pub enum Command {
    /// `key_fingerprint` is the hexadecimal SHA-256 of a value derived from the installation key.
    Found { log: LogId, key_fingerprint: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "installation.founded.v1")]
    Founded { log: LogId, key_fingerprint: String },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(
        "this log was founded with the installation key {founded_with}, not with {presented}; copy var/installation.key from the node that founded it"
    )]
    OtherKey { founded_with: String, presented: String },
}

impl Aggregate for Installation {
    const CATEGORY: Category = Category::Installation;
    type Id = InstallationId;
}

impl Decider for Installation {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        let Command::Found { log, key_fingerprint: presented } = command;
        match self {
            Self::Unfounded => Ok(vec![Event::Founded { log, key_fingerprint: presented }]),
            Self::Founded { key_fingerprint, .. } if *key_fingerprint == presented => Ok(vec![]),
            Self::Founded { key_fingerprint, .. } => {
                Err(Error::OtherKey { founded_with: key_fingerprint.clone(), presented })
            }
        }
    }

    fn evolve(self, event: Event) -> Self {
        let Event::Founded { log, key_fingerprint } = event;
        match self {
            Self::Unfounded => Self::Founded { log, key_fingerprint },
            Self::Founded { .. } => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::testing::given;

    fn found(key: &str) -> Command {
        Command::Found { log: LogId::new(Uuid::nil()), key_fingerprint: key.to_owned() }
    }

    fn founded(key: &str) -> Event {
        Event::Founded { log: LogId::new(Uuid::nil()), key_fingerprint: key.to_owned() }
    }

    #[test]
    fn an_unfounded_log_can_be_founded() {
        given::<Installation>([]).when(found("k")).then([founded("k")]);
    }

    #[test]
    fn founding_again_with_the_same_key_changes_nothing() {
        given::<Installation>([founded("k")]).when(found("k")).then([]);
    }

    #[test]
    fn another_installation_key_is_refused() {
        given::<Installation>([founded("k")]).when(found("other")).then_refused(Error::OtherKey {
            founded_with: "k".to_owned(),
            presented: "other".to_owned(),
        });
    }
}
