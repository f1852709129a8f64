//! What Oathbook notices by itself, noted once as a fact, so that people can be told of it as of any other.

use serde::{Deserialize, Serialize};

use crate::{Aggregate, ApplicationId, Category, Decider, ObservationId, Timestamp, UserId};

/// Whether it was noted.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Noted {
    #[default]
    Not,
    Yes,
}

/// What was noticed. The stream's id is derived from all of it ([`Observation::identity`]), so that two who notice the
/// same note it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Observation {
    /// No token was issued for so many days.
    ApplicationUnused {
        application: ApplicationId,
        days: u16,
        /// `None` if one never was.
        last_used_at: Option<Timestamp>,
    },
    /// Somebody signed in from a network from which they had not before. Whence, and with what, is in the metadata.
    SignedInFromNetwork {
        user: UserId,
        /// A keyed hash of user and network: whoever reads it learns no address.
        network: String,
    },
    /// Others than its owner can read the file of a private key.
    PrivateKeyUnsafe {
        /// Its name, without folders.
        file: String,
        /// Permission bits, such as 0o644.
        mode: u32,
        /// Days since 1970-01-01 of the Monday before: it is noted once a week as long as it is so.
        week: u32,
    },
}

impl Observation {
    /// What the id of its stream is derived from.
    pub fn identity(&self) -> String {
        match self {
            Self::ApplicationUnused { application, days, last_used_at } => {
                let since = last_used_at.map(|at| at.to_string()).unwrap_or_default();
                format!("application_unused {application} {days} {since}")
            }
            Self::SignedInFromNetwork { user, network } => {
                format!("signed_in_from_network {user} {network}")
            }
            Self::PrivateKeyUnsafe { file, mode, week } => {
                format!("private_key_unsafe {mode:o} {week} {file}")
            }
        }
    }
}

#[derive(Clone, Debug)]
pub enum Command {
    Note(Observation),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "observation.noted.v1")]
    Noted(Observation),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {}

impl Aggregate for Noted {
    const CATEGORY: Category = Category::Observation;
    type Id = ObservationId;
}

impl Decider for Noted {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, Command::Note(observation): Command) -> Result<Vec<Event>, Error> {
        match self {
            Self::Not => Ok(vec![Event::Noted(observation)]),
            Self::Yes => Ok(vec![]),
        }
    }

    fn evolve(self, Event::Noted(_): Event) -> Self {
        Self::Yes
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::testing::given;

    fn unused(days: u16, last_used_at: Option<Timestamp>) -> Observation {
        let application = ApplicationId::new(Uuid::nil());
        Observation::ApplicationUnused { application, days, last_used_at }
    }

    #[test]
    fn what_was_noted_is_not_noted_again() {
        let observation = unused(90, None);
        let note = Command::Note(observation.clone());
        given::<Noted>([]).when(note.clone()).then([Event::Noted(observation.clone())]);
        given::<Noted>([Event::Noted(observation)]).when(note).then([]);
    }

    #[test]
    fn an_application_is_unused_anew_once_it_was_used() {
        let never = unused(90, None).identity();
        assert_eq!(never, "application_unused 00000000-0000-0000-0000-000000000000 90 ");
        let used = unused(90, Some(Timestamp::from_micros(0))).identity();
        assert!(used != never && used != unused(30, None).identity());
    }
}
