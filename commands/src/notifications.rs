//! What people are told of, in which words, and what became of it.

mod deliveries;
mod rules;
mod templates;

use domain::{
    email_template, notification, notification_rule,
    observation::{self, Noted, Observation},
};

use crate::{
    handle::{Done, Failure, Scribe},
    permit::Denied,
};

pub use rules::NewRule;
pub use templates::{Test, TestRefusal};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Rule(notification_rule::Error),
    #[error(transparent)]
    Template(email_template::Error),
    #[error(transparent)]
    Delivery(notification::Error),
    #[error("the user does not exist")]
    UserNotFound,
    #[error("the organization does not exist")]
    OrganizationNotFound,
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl From<notification_rule::Error> for Refusal {
    fn from(error: notification_rule::Error) -> Self {
        Self::Rule(error)
    }
}

impl From<email_template::Error> for Refusal {
    fn from(error: email_template::Error) -> Self {
        Self::Template(error)
    }
}

impl From<notification::Error> for Refusal {
    fn from(error: notification::Error) -> Self {
        Self::Delivery(error)
    }
}

impl From<Denied> for Failure<Refusal> {
    fn from(denied: Denied) -> Self {
        Self::Refused(denied.into())
    }
}

impl Scribe {
    /// Notes what Oathbook noticed by itself, once, however many notice it.
    pub async fn note(
        &self,
        observation: Observation,
    ) -> Result<Done, Failure<observation::Error>> {
        let id = domain::ObservationId::of(&observation.identity());
        self.handle::<Noted>(&id, observation::Command::Note(observation)).await
    }
}
