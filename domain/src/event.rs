//! Every fact of the book, whatever stream it stands in.

use std::{fmt, str::FromStr};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    application, email_template, installation, name_claim, notification, notification_preference,
    notification_rule, observation, organization, signing_key, user,
};

macro_rules! categories {
    ($($variant:ident = $name:literal in $module:ident),+ $(,)?) => {
        /// The kinds of streams, in the names the log knows them by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Category {
            $($variant),+
        }

        impl Category {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }

        /// One fact of any category.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Event {
            $($variant($module::Event)),+
        }

        impl Event {
            /// Of the streams that it stands in.
            pub const fn category(&self) -> Category {
                match self {
                    $(Self::$variant(_) => Category::$variant),+
                }
            }

            /// Reads a fact from the data stored under its tag.
            pub fn decode(category: Category, tag: &str, data: Value) -> Result<Self, UnknownTag> {
                match category {
                    $(Category::$variant => untag(tag, data).map(Self::$variant)),+
                }
            }
        }

        $(impl From<$module::Event> for Event {
            fn from(event: $module::Event) -> Self {
                Self::$variant(event)
            }
        })+
    };
}

categories! {
    Application = "application" in application,
    EmailTemplate = "email_template" in email_template,
    Installation = "installation" in installation,
    NameClaim = "name_claim" in name_claim,
    Notification = "notification" in notification,
    NotificationPreference = "notification_preference" in notification_preference,
    NotificationRule = "notification_rule" in notification_rule,
    Observation = "observation" in observation,
    Organization = "organization" in organization,
    SigningKey = "signing_key" in signing_key,
    User = "user" in user,
}

/// The tag is unknown to this release, or its data has another shape than the tag promises. What exactly is wrong is not
/// said: it would quote the data, and those may be personal.
#[derive(Debug, thiserror::Error)]
#[error("this release does not know events tagged {tag}, or not with such data")]
pub struct UnknownTag {
    pub tag: String,
}

/// Splits an event into its tag and data; the reverse of [`Event::decode`] for any aggregate's events.
pub fn tagged<E: Serialize>(event: &E) -> Result<(String, Value), serde_json::Error> {
    let mut whole = serde_json::to_value(event)?;
    let tag = whole.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let data = whole.get_mut("data").map(Value::take).unwrap_or_default();
    Ok((tag, data))
}

/// Joins a tag and data to an event of one aggregate.
pub fn untag<E: DeserializeOwned>(tag: &str, data: Value) -> Result<E, UnknownTag> {
    serde_json::from_value(json!({ "type": tag, "data": data }))
        .map_err(|_| UnknownTag { tag: tag.to_owned() })
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|category| category.as_str() == text)
            .ok_or_else(|| UnknownCategory(text.to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no category {0}")]
pub struct UnknownCategory(pub String);
