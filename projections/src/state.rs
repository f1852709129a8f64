//! The port of state: what is neither fact nor fold. Backed up, never rebuilt.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{ApplicationId, OrganizationId, SecretId, Timestamp, UserId};
use store::{BoxError, PersonKeys, VaultError, WrappedKey};

use crate::Checkpoint;

#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("the state cannot be reached")]
    Unavailable(#[source] BoxError),
    #[error("the state failed")]
    Engine(#[source] BoxError),
}

/// A signed-in browser. Found by the SHA-256 of its id; the id itself is known to the browser alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id_hash: [u8; 32],
    pub user: UserId,
    /// The organization the user works in.
    pub organization: OrganizationId,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
}

/// When sessions end.
#[derive(Clone, Copy, Debug)]
pub struct SessionExpiry {
    /// After the last request.
    pub idle: Duration,
    /// After sign-in.
    pub absolute: Duration,
}

impl Session {
    pub fn is_valid(&self, now: Timestamp, expiry: SessionExpiry) -> bool {
        now.since(self.seen_at) < expiry.idle && now.since(self.created_at) < expiry.absolute
    }
}

/// Why no token was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    WrongSecret,
    Inactive,
    OwnerUnavailable,
    OrganizationUnavailable,
    Scope,
}

impl Refusal {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongSecret => "wrong_secret",
            Self::Inactive => "inactive",
            Self::OwnerUnavailable => "owner_unavailable",
            Self::OrganizationUnavailable => "organization_unavailable",
            Self::Scope => "scope",
        }
    }
}

/// What a secret was used for since the last flush.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageDelta {
    pub issued: u64,
    pub last_used_at: Option<Timestamp>,
    /// From where the last token was asked for; a JSON document, sealed with the owner's key.
    pub last_address: Option<String>,
    pub refused: HashMap<Refusal, u64>,
}

/// Whose usage: an application's secret. A refusal that fits no secret is counted under the nil id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UsageKey {
    pub application: ApplicationId,
    pub secret: SecretId,
}

/// What an application's secrets were used for in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub issued: u64,
    pub refused: u64,
    pub last_used_at: Option<Timestamp>,
    /// As it was recorded, sealed.
    pub last_address: Option<String>,
}

/// Sessions, counters, keys of persons, and how far listeners came.
#[async_trait]
pub trait State: fmt::Debug + Send + Sync {
    async fn person_key(&self, person: UserId) -> Result<Option<Vec<u8>>, StateError>;

    /// Keeps the key unless there is one; answers with the one that is kept. Durable when it returns.
    async fn keep_person_key(&self, person: UserId, key: Vec<u8>) -> Result<Vec<u8>, StateError>;

    async fn keep_session(&self, session: &Session) -> Result<(), StateError>;

    async fn session(&self, id_hash: [u8; 32]) -> Result<Option<Session>, StateError>;

    /// Notes that the session was used, and where its user works now.
    async fn touch_session(
        &self,
        id_hash: [u8; 32],
        seen_at: Timestamp,
        organization: OrganizationId,
    ) -> Result<(), StateError>;

    async fn end_session(&self, id_hash: [u8; 32]) -> Result<(), StateError>;

    /// Forgets sessions that are over.
    async fn sweep_sessions(
        &self,
        now: Timestamp,
        expiry: SessionExpiry,
    ) -> Result<u64, StateError>;

    /// Adds counts to those that are kept, in one transaction.
    async fn add_usage(&self, deltas: &[(UsageKey, UsageDelta)]) -> Result<(), StateError>;

    /// Usage per application, of those among the given ones that were ever used.
    async fn usage(
        &self,
        applications: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Usage>, StateError>;

    /// Usage of each of the application's secrets that was ever used, without refusals.
    async fn usage_of_secrets(
        &self,
        application: ApplicationId,
    ) -> Result<HashMap<SecretId, Usage>, StateError>;

    /// How far a listener came.
    async fn listener(&self, name: &str) -> Result<Option<Checkpoint>, StateError>;

    async fn advance_listener(&self, name: &str, checkpoint: Checkpoint) -> Result<(), StateError>;
}

/// Lets the vault find the keys of persons in state.
#[derive(Clone, Debug)]
pub struct StatePersonKeys(pub Arc<dyn State>);

#[async_trait]
impl PersonKeys for StatePersonKeys {
    async fn find(&self, person: UserId) -> Result<Option<WrappedKey>, VaultError> {
        let key = self.0.person_key(person).await;
        Ok(key.map_err(|error| VaultError::Unavailable(error.into()))?.map(WrappedKey))
    }

    async fn keep(
        &self,
        person: UserId,
        WrappedKey(key): WrappedKey,
    ) -> Result<WrappedKey, VaultError> {
        let key = self.0.keep_person_key(person, key).await;
        key.map(WrappedKey).map_err(|error| VaultError::Unavailable(error.into()))
    }
}
