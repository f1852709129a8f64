//! How somebody wants to be told of what is not about security.

use serde::{Deserialize, Serialize};

use crate::{Aggregate, Category, Decider, UserId};

/// Chosen in My User; the stream has the user's id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preference(pub Pace);

/// When letters leave.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    #[default]
    AtOnce,
    /// All of a day in one mail.
    Daily,
    /// Only what is about security, and that at once.
    Off,
}

impl Pace {
    pub const ALL: [Self; 3] = [Self::AtOnce, Self::Daily, Self::Off];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtOnce => "at_once",
            Self::Daily => "daily",
            Self::Off => "off",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Command {
    Choose(Pace),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "notification_preference.chosen.v1")]
    Chosen { pace: Pace },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {}

impl Aggregate for Preference {
    const CATEGORY: Category = Category::NotificationPreference;
    type Id = UserId;
}

impl Decider for Preference {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, Command::Choose(pace): Command) -> Result<Vec<Event>, Error> {
        if self.0 == pace { Ok(vec![]) } else { Ok(vec![Event::Chosen { pace }]) }
    }

    fn evolve(self, Event::Chosen { pace }: Event) -> Self {
        Self(pace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    #[test]
    fn a_pace_that_is_chosen_already_is_no_event() {
        let chosen = Event::Chosen { pace: Pace::Daily };
        given::<Preference>([]).when(Command::Choose(Pace::AtOnce)).then([]);
        given::<Preference>([]).when(Command::Choose(Pace::Daily)).then([chosen.clone()]);
        given::<Preference>([chosen.clone()]).when(Command::Choose(Pace::Daily)).then([]);
        given::<Preference>([chosen])
            .when(Command::Choose(Pace::Off))
            .then([Event::Chosen { pace: Pace::Off }]);
    }
}
