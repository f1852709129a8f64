//! The port of state: what is neither fact nor fold. Backed up, never rebuilt.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use domain::{ApplicationId, OrganizationId, SecretId, Timestamp, UserId};
use store::{BoxError, PersonKeys, VaultError, WrappedKey};

use crate::{Checkpoint, SavedViews, directory::User};

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
    /// From where it began; a JSON document, sealed with the user's key.
    pub device: Option<String>,
    /// Of the user's stream when it began, so that what was written behind it can void it; zero if it is unknown.
    pub user_revision: u64,
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
    /// Whether it has not ended by itself.
    pub fn is_valid(&self, now: Timestamp, expiry: SessionExpiry) -> bool {
        now.since(self.seen_at) < expiry.idle && now.since(self.created_at) < expiry.absolute
    }

    /// Whether nothing that voids it was written behind its beginning. Ending sessions in state says the same sooner; this
    /// holds also where a process dies in between, or the state is restored from a backup.
    pub const fn is_of(&self, user: &User) -> bool {
        self.user_revision >= user.sessions_void_before
    }
}

/// Which sessions of a user count.
#[derive(Clone, Copy, Debug)]
pub struct Valid {
    pub now: Timestamp,
    pub expiry: SessionExpiry,
    /// Those that began at an earlier revision of the user are void.
    pub void_before: u64,
}

/// Some of a user's sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sessions {
    pub newest: Vec<Session>,
    /// How many there are in all.
    pub total: u64,
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
    /// The same by day, whatever the reasons for refusals were.
    pub days: BTreeMap<Day, DayUsage>,
}

/// A day in UTC, counted from the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

impl Day {
    /// The day of the moment.
    pub const fn of(moment: Timestamp) -> Self {
        Self(moment.as_secs().div_euclid(86_400))
    }

    #[must_use]
    pub const fn days_before(self, days: u32) -> Self {
        Self(self.0.saturating_sub(days as i64))
    }
}

/// What an application was used for on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayUsage {
    pub issued: u64,
    pub refused: u64,
}

/// Last uses that a reader did not know, or may have known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUses {
    pub uses: Vec<(ApplicationId, Timestamp)>,
    /// What to ask behind the next time.
    pub through: UsesMark,
}

/// How far a reader of last uses has come; what it counts is the engine's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsesMark(i64);

impl UsesMark {
    /// For adapters.
    pub const fn new(mark: i64) -> Self {
        Self(mark)
    }

    /// For adapters.
    pub const fn get(self) -> i64 {
        self.0
    }
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

/// A write that may be sent again, recognised by the hashes of its key (and whose key that is) and of its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptRequest {
    pub key_hash: [u8; 32],
    pub fingerprint: [u8; 32],
    pub at: Timestamp,
}

/// A key while it stands for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyInUse {
    pub request: KeptRequest,
    /// When the first request came with the key since it was free; unknown where an earlier release began it. The same for
    /// all that is sent with the key until it is free again.
    pub since: Option<Timestamp>,
}

/// What is known of a write that may have been sent before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It was not, or whoever began it died or was refused: it is begun now.
    Now(KeyInUse),
    /// It is being carried out.
    UnderWay,
    /// The key belongs to another request.
    ByAnother,
    /// It was carried out; what was kept of the answer.
    Answered(Vec<u8>),
}

/// Networks of a person that are known at once.
pub const NETWORKS: u8 = 50;

/// From where a person signed in before, as seen from one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedInFrom {
    /// Never, as far as is known.
    Nowhere,
    /// From other networks alone.
    Elsewhere,
    /// From this one.
    Here,
}

impl SignedInFrom {
    /// For adapters: how many networks are known of the person, and how many of them are this one.
    pub const fn counted(all: i64, this: i64) -> Self {
        match (all, this) {
            (0, _) => Self::Nowhere,
            (_, 0) => Self::Elsewhere,
            _ => Self::Here,
        }
    }
}

/// Sessions, counters, keys of persons, saved views, answers, and how far listeners came.
#[async_trait]
pub trait State: SavedViews + fmt::Debug + Send + Sync {
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

    /// Lets the session hold good behind what was written about its user up to this revision.
    async fn raise_session(&self, id_hash: [u8; 32], user_revision: u64) -> Result<(), StateError>;

    async fn end_session(&self, id_hash: [u8; 32]) -> Result<(), StateError>;

    /// The user's sessions that count, the one used last first, at most so many of them.
    async fn sessions_of(
        &self,
        user: UserId,
        valid: Valid,
        limit: u32,
    ) -> Result<Sessions, StateError>;

    /// Ends every session of the user, except the one with this hash; answers how many there were.
    async fn end_sessions(&self, user: UserId, except: Option<[u8; 32]>)
    -> Result<u64, StateError>;

    /// Forgets sessions that are over.
    async fn sweep_sessions(
        &self,
        now: Timestamp,
        expiry: SessionExpiry,
    ) -> Result<u64, StateError>;

    /// From where the user signed in before, as seen from the network, which is a keyed hash.
    async fn signed_in_from(
        &self,
        user: UserId,
        network: [u8; 32],
    ) -> Result<SignedInFrom, StateError>;

    /// Notes that the user signed in from the network. Of more than [`NETWORKS`], the one that was not seen for longest is
    /// forgotten.
    async fn keep_network(
        &self,
        user: UserId,
        network: [u8; 32],
        at: Timestamp,
    ) -> Result<(), StateError>;

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

    /// What the application was used for on the day.
    async fn usage_on(&self, application: ApplicationId, day: Day) -> Result<DayUsage, StateError>;

    /// Forgets what happened on days before; answers with how many counts that were.
    async fn sweep_usage(&self, before: Day) -> Result<u64, StateError>;

    /// The last use of every application that was used since the reader came as far as `behind`, or ever. Uses that were
    /// written by an earlier release may be missing behind a mark: whoever follows reads everything now and then.
    async fn last_uses(&self, behind: Option<UsesMark>) -> Result<LastUses, StateError>;

    /// How far a listener came.
    async fn listener(&self, name: &str) -> Result<Option<Checkpoint>, StateError>;

    async fn advance_listener(&self, name: &str, checkpoint: Checkpoint) -> Result<(), StateError>;

    /// Begins a request, unless its key is in use, which it is for `kept` from its first request on. What was begun longer
    /// than `stale` ago and not answered is begun again, if it is the same request; what was released, by any.
    async fn begin_request(
        &self,
        request: KeptRequest,
        stale: Duration,
        kept: Duration,
    ) -> Result<Begun, StateError>;

    /// Keeps the answer to a request that was begun, if its key still stands for it.
    async fn finish_request(&self, key: KeyInUse, answer: Vec<u8>) -> Result<(), StateError>;

    /// Lets the request that was begun and not answered, or another one, be begun at once under the key, which stays in use.
    async fn release_request(&self, key: KeyInUse) -> Result<(), StateError>;

    /// Forgets requests whose keys are in use since before the moment.
    async fn sweep_requests(&self, before: Timestamp) -> Result<u64, StateError>;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        let day = |text: &str| Day::of(text.parse().unwrap());
        assert_eq!(day("1970-01-01T00:00:00Z"), Day(0));
        assert_eq!(day("1970-01-01T23:59:59.999999Z"), Day(0));
        assert_eq!(day("1969-12-31T23:59:59.999999Z"), Day(-1));
        assert_eq!(day("1970-02-01T01:00:00+02:00"), Day(30));
        assert_eq!(Day(30).days_before(31), Day(-1));
    }
}
