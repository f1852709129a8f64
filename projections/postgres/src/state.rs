//! State in one schema.

mod networks;
mod requests;
mod saved_views;
mod secrets;
mod usage;

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use domain::{ApplicationId, OrganizationId, SecretId, Timestamp, UserId};
use postgres_database::{Address, Database, may_pass};
use projections::{
    Checkpoint, State,
    state::{
        Begun, Day, DayUsage, KeptRequest, KeyInUse, LastUses, Session, SessionExpiry, Sessions,
        SignedInFrom, StateError, Usage, UsageDelta, UsageKey, UsesMark, Valid,
    },
};
use sqlx::{Row, postgres::PgRow};
use store::BoxError;

use crate::{STATE, checkpoints, clamped, soon};

/// Connections that ask and write at the same time.
const CONNECTIONS: u32 = 4;

/// A handle on the state; clones share its connections.
#[derive(Clone, Debug)]
pub struct PostgresState {
    database: Database,
}

impl PostgresState {
    /// Opens the state of the installation; what is missing of its schema is created if the role may do that. What it
    /// acknowledges is on the disk.
    pub async fn open(address: &Address) -> Result<Self, StateError> {
        let database = Database::open(address, &STATE, CONNECTIONS).await;
        database.map(|database| Self { database }).map_err(|error| StateError::Engine(error.into()))
    }

    /// Closes every connection. Whoever asks later is told an error.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

#[async_trait]
impl State for PostgresState {
    async fn person_key(&self, person: UserId) -> Result<Option<Vec<u8>>, StateError> {
        let query = sqlx::query_scalar("SELECT key FROM person_keys WHERE person = $1")
            .bind(person.to_string());
        soon(query.fetch_optional(self.database.pool())).await.map_err(failure)
    }

    async fn keep_person_key(&self, person: UserId, key: Vec<u8>) -> Result<Vec<u8>, StateError> {
        // The second arm of the conflict changes nothing, and makes the row that is kept come back.
        let query = sqlx::query_scalar(
            "INSERT INTO person_keys (person, key) VALUES ($1, $2)
             ON CONFLICT (person) DO UPDATE SET key = person_keys.key
             RETURNING key",
        )
        .bind(person.to_string())
        .bind(key);
        soon(query.fetch_one(self.database.pool())).await.map_err(failure)
    }

    async fn keep_session(&self, session: &Session) -> Result<(), StateError> {
        let query = sqlx::query(
            "INSERT INTO sessions
                 (id_hash, person, organization, created_at, seen_at, device, person_revision)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(session.id_hash.as_slice())
        .bind(session.user.to_string())
        .bind(session.organization.to_string())
        .bind(session.created_at.as_micros())
        .bind(session.seen_at.as_micros())
        .bind(session.device.as_deref())
        .bind(clamped(session.user_revision));
        soon(query.execute(self.database.pool())).await.map_err(failure)?;
        Ok(())
    }

    async fn session(&self, id_hash: [u8; 32]) -> Result<Option<Session>, StateError> {
        let query = sqlx::query(
            "SELECT id_hash, person, organization, created_at, seen_at, device, person_revision
             FROM sessions WHERE id_hash = $1",
        )
        .bind(id_hash.as_slice());
        let row = soon(query.fetch_optional(self.database.pool())).await.map_err(failure)?;
        row.as_ref().map(session).transpose().map_err(StateError::Engine)
    }

    async fn touch_session(
        &self,
        id_hash: [u8; 32],
        seen_at: Timestamp,
        organization: OrganizationId,
    ) -> Result<(), StateError> {
        let query = sqlx::query(
            "UPDATE sessions SET seen_at = greatest(seen_at, $2), organization = $3
             WHERE id_hash = $1",
        )
        .bind(id_hash.as_slice())
        .bind(seen_at.as_micros())
        .bind(organization.to_string());
        soon(query.execute(self.database.pool())).await.map_err(failure)?;
        Ok(())
    }

    async fn raise_session(&self, id_hash: [u8; 32], user_revision: u64) -> Result<(), StateError> {
        let query = sqlx::query(
            "UPDATE sessions SET person_revision = greatest(person_revision, $2)
             WHERE id_hash = $1",
        )
        .bind(id_hash.as_slice())
        .bind(clamped(user_revision));
        soon(query.execute(self.database.pool())).await.map_err(failure)?;
        Ok(())
    }

    async fn end_session(&self, id_hash: [u8; 32]) -> Result<(), StateError> {
        let query = sqlx::query("DELETE FROM sessions WHERE id_hash = $1").bind(id_hash.as_slice());
        soon(query.execute(self.database.pool())).await.map_err(failure)?;
        Ok(())
    }

    async fn sessions_of(
        &self,
        user: UserId,
        valid: Valid,
        limit: u32,
    ) -> Result<Sessions, StateError> {
        let query = sqlx::query(
            "SELECT id_hash, person, organization, created_at, seen_at, device, person_revision,
                    count(*) OVER () AS total
             FROM sessions
             WHERE person = $1 AND person_revision >= $2
                 AND greatest($3 - seen_at, 0) < $4 AND greatest($3 - created_at, 0) < $5
             ORDER BY seen_at DESC, created_at DESC, id_hash LIMIT $6",
        )
        .bind(user.to_string())
        .bind(clamped(valid.void_before))
        .bind(valid.now.as_micros())
        .bind(micros(valid.expiry.idle))
        .bind(micros(valid.expiry.absolute))
        .bind(i64::from(limit));
        let rows = soon(query.fetch_all(self.database.pool())).await.map_err(failure)?;
        let total = rows.first().map_or(Ok(0), |row| row.try_get::<i64, _>("total"));
        let total = u64::try_from(total.map_err(failure)?).unwrap_or_default();
        let newest = rows.iter().map(session).collect::<Result<_, _>>();
        Ok(Sessions { newest: newest.map_err(StateError::Engine)?, total })
    }

    async fn end_sessions(
        &self,
        user: UserId,
        except: Option<[u8; 32]>,
    ) -> Result<u64, StateError> {
        let query =
            sqlx::query("DELETE FROM sessions WHERE person = $1 AND id_hash IS DISTINCT FROM $2")
                .bind(user.to_string())
                .bind(except.as_ref().map(<[u8; 32]>::as_slice));
        let ended = soon(query.execute(self.database.pool())).await.map_err(failure)?;
        Ok(ended.rows_affected())
    }

    async fn sweep_sessions(
        &self,
        now: Timestamp,
        expiry: SessionExpiry,
    ) -> Result<u64, StateError> {
        // `Session::is_valid`, the other way round: a moment that has not come yet is no time ago.
        let query = sqlx::query(
            "DELETE FROM sessions
             WHERE greatest($1 - seen_at, 0) >= $2 OR greatest($1 - created_at, 0) >= $3",
        )
        .bind(now.as_micros())
        .bind(micros(expiry.idle))
        .bind(micros(expiry.absolute));
        let swept = soon(query.execute(self.database.pool())).await.map_err(failure)?;
        Ok(swept.rows_affected())
    }

    async fn signed_in_from(
        &self,
        user: UserId,
        network: [u8; 32],
    ) -> Result<SignedInFrom, StateError> {
        networks::look_up(self.database.pool(), user, network).await.map_err(failure)
    }

    async fn keep_network(
        &self,
        user: UserId,
        network: [u8; 32],
        at: Timestamp,
    ) -> Result<(), StateError> {
        networks::keep(self.database.pool(), user, network, at).await.map_err(failure)
    }

    async fn add_usage(&self, deltas: &[(UsageKey, UsageDelta)]) -> Result<(), StateError> {
        usage::add(self.database.pool(), deltas).await.map_err(failure)
    }

    async fn usage(
        &self,
        applications: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Usage>, StateError> {
        usage::of(self.database.pool(), applications).await.map_err(failure)
    }

    async fn usage_of_secrets(
        &self,
        application: ApplicationId,
    ) -> Result<HashMap<SecretId, Usage>, StateError> {
        secrets::of(self.database.pool(), application).await.map_err(failure)
    }

    async fn usage_on(&self, application: ApplicationId, day: Day) -> Result<DayUsage, StateError> {
        usage::on(self.database.pool(), application, day).await.map_err(failure)
    }

    async fn sweep_usage(&self, before: Day) -> Result<u64, StateError> {
        usage::sweep(self.database.pool(), before).await.map_err(failure)
    }

    async fn last_uses(&self, behind: Option<UsesMark>) -> Result<LastUses, StateError> {
        usage::last(self.database.pool(), behind).await.map_err(failure)
    }

    async fn listener(&self, name: &str) -> Result<Option<Checkpoint>, StateError> {
        let query = sqlx::query(
            "SELECT log_id, position_major, position_minor, digest FROM listeners WHERE name = $1",
        )
        .bind(name);
        let row = soon(query.fetch_optional(self.database.pool())).await.map_err(failure)?;
        row.as_ref().map(checkpoints::checkpoint).transpose().map_err(StateError::Engine)
    }

    async fn begin_request(
        &self,
        request: KeptRequest,
        stale: Duration,
        kept: Duration,
    ) -> Result<Begun, StateError> {
        requests::begin(self.database.pool(), request, stale, kept).await.map_err(failure)
    }

    async fn finish_request(&self, key: KeyInUse, answer: Vec<u8>) -> Result<(), StateError> {
        requests::finish(self.database.pool(), key, answer).await.map_err(failure)
    }

    async fn release_request(&self, key: KeyInUse) -> Result<(), StateError> {
        requests::release(self.database.pool(), key).await.map_err(failure)
    }

    async fn sweep_requests(&self, before: Timestamp) -> Result<u64, StateError> {
        requests::sweep(self.database.pool(), before).await.map_err(failure)
    }

    async fn advance_listener(&self, name: &str, checkpoint: Checkpoint) -> Result<(), StateError> {
        let (major, minor) = checkpoints::columns(checkpoint.position);
        let query = sqlx::query(
            "INSERT INTO listeners (name, log_id, position_major, position_minor, digest)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (name) DO UPDATE SET
                 log_id = excluded.log_id,
                 position_major = excluded.position_major,
                 position_minor = excluded.position_minor,
                 digest = excluded.digest",
        )
        .bind(name)
        .bind(checkpoint.log.to_string())
        .bind(major)
        .bind(minor)
        .bind(checkpoint.digest.0.as_slice());
        soon(query.execute(self.database.pool())).await.map_err(failure)?;
        Ok(())
    }
}

fn session(row: &PgRow) -> Result<Session, BoxError> {
    Ok(Session {
        id_hash: row.try_get::<&[u8], _>("id_hash")?.try_into()?,
        user: row.try_get::<&str, _>("person")?.parse()?,
        organization: row.try_get::<&str, _>("organization")?.parse()?,
        created_at: Timestamp::from_micros(row.try_get("created_at")?),
        seen_at: Timestamp::from_micros(row.try_get("seen_at")?),
        device: row.try_get("device")?,
        user_revision: row.try_get::<i64, _>("person_revision")?.try_into()?,
    })
}

fn micros(duration: Duration) -> i64 {
    clamped(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}

fn failure(error: impl Into<BoxError>) -> StateError {
    let error = error.into();
    if error.downcast_ref().is_some_and(may_pass) {
        StateError::Unavailable(error)
    } else {
        StateError::Engine(error)
    }
}
