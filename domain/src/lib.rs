//! What is true: the rules of the book of record, and nothing else.
//!
//! This crate never awaits, never reads a clock, never draws a random number and never does I/O. Time, ids and hashes
//! arrive inside commands, so every decision can be repeated from the log alone.

pub mod application;
pub mod authority;
pub mod email_template;
mod event;
mod ids;
pub mod installation;
pub mod name;
pub mod name_claim;
pub mod notification;
pub mod notification_preference;
pub mod notification_rule;
pub mod observation;
pub mod organization;
mod personal;
mod reason;
mod scope;
pub mod signing_key;
#[cfg(test)]
mod testing;
mod timestamp;
pub mod user;

use std::fmt::{Debug, Display};

use serde::{Serialize, de::DeserializeOwned};

pub use event::{Category, Event, UnknownCategory, UnknownTag, tagged, untag};
pub use ids::{
    ApplicationId, ClientId, EmailTemplateId, EventId, InstallationId, InvitationId, LogId,
    NameClaimId, NotificationId, NotificationRuleId, ObservationId, OrganizationId, SecretId,
    UserId,
};
pub use personal::Personal;
pub use reason::{InvalidReason, Reason};
pub use scope::{InvalidScope, Scope};
pub use timestamp::{InvalidTimestamp, Timestamp};

/// A consistency boundary: state is the fold of its events, and commands are decided against that state.
pub trait Decider: Default + Sized {
    type Command: Clone + Send;
    type Event;
    type Error: std::error::Error + Send + Sync + 'static;

    /// Decides what happens. No events means that the state already is what the command asks for.
    fn decide(&self, command: Self::Command) -> Result<Vec<Self::Event>, Self::Error>;

    /// Applies one fact. Total: any accepted history folds.
    #[must_use]
    fn evolve(self, event: Self::Event) -> Self;
}

/// A decider that has a stream of its own.
pub trait Aggregate:
    Decider<Event: Clone + Debug + Serialize + DeserializeOwned + Send + Sync> + Send + Sync
{
    /// The streams' category; a stream is named `category-id`.
    const CATEGORY: Category;
    type Id: Copy + Display + Send + Sync;
}
