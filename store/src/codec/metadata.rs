//! Who did it, when, from where, and because of what.

use domain::{ApplicationId, OrganizationId, Personal, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Recorded beside every event's data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    pub occurred_at: Timestamp,
    pub actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization: Option<OrganizationId>,
    /// Shared by everything that one request brought about.
    pub correlation: Uuid,
    /// The event that this one answers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub causation: Option<Uuid>,
    pub command: Uuid,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remote_address: Option<Personal>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_agent: Option<Personal>,
    /// What the actor gave as the reason.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// On whose behalf something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    User {
        id: UserId,
    },
    /// A program with a token; it acts for its owner.
    Application {
        id: ApplicationId,
        owner: UserId,
    },
    /// Whoever may run the binary on the machine.
    Operator,
    /// Oathbook itself, answering an event.
    System,
}

impl Actor {
    /// The person whose key seals what is personal about the request.
    pub const fn person(self) -> Option<UserId> {
        match self {
            Self::User { id } => Some(id),
            Self::Application { owner, .. } => Some(owner),
            Self::Operator | Self::System => None,
        }
    }
}
