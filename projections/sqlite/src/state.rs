//! State in one SQLite file.

mod networks;
mod requests;
mod saved_views;
mod secrets;
mod usage;

use std::{collections::HashMap, path::Path, time::Duration};

use async_trait::async_trait;
use domain::{ApplicationId, OrganizationId, SecretId, Timestamp, UserId};
use projections::{
    Checkpoint, State,
    state::{
        Begun, Day, DayUsage, KeptRequest, KeyInUse, LastUses, Session, SessionExpiry, Sessions,
        SignedInFrom, StateError, Usage, UsageDelta, UsageKey, UsesMark, Valid,
    },
};
use sqlx::{
    Row,
    migrate::Migrator,
    sqlite::{SqliteRow, SqliteSynchronous},
};
use store::BoxError;

use crate::{checkpoints, clamped, opening::Database};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite/state");

/// A handle on the state; clones share its connections.
#[derive(Clone, Debug)]
pub struct SqliteState {
    database: Database,
}

impl SqliteState {
    /// Opens the state at `path`, with everything that is missing created. What it acknowledges is on the disk.
    pub async fn open(path: &Path) -> Result<Self, StateError> {
        let database = Database::open(path, &MIGRATIONS, SqliteSynchronous::Full).await;
        database.map(|database| Self { database }).map_err(StateError::Engine)
    }

    /// State that is forgotten with the handle.
    pub async fn memory() -> Result<Self, StateError> {
        let database = Database::memory(&MIGRATIONS).await;
        database.map(|database| Self { database }).map_err(StateError::Engine)
    }

    /// How many migrations a state lacks, without changing anything.
    pub async fn missing_migrations(path: &Path) -> Result<usize, StateError> {
        let missing = sqlite_database::missing_migrations(path, &MIGRATIONS).await;
        missing.map_err(|error| StateError::Engine(error.into()))
    }

    /// Closes every connection. Whoever asks later is told an error.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

#[async_trait]
impl State for SqliteState {
    async fn person_key(&self, person: UserId) -> Result<Option<Vec<u8>>, StateError> {
        sqlx::query_scalar("SELECT key FROM person_keys WHERE person = ?1")
            .bind(person.to_string())
            .fetch_optional(&self.database.readers)
            .await
            .map_err(failure)
    }

    async fn keep_person_key(&self, person: UserId, key: Vec<u8>) -> Result<Vec<u8>, StateError> {
        // The second arm of the conflict changes nothing, and makes the row that is kept come back.
        sqlx::query_scalar(
            "INSERT INTO person_keys (person, key) VALUES (?1, ?2)
             ON CONFLICT (person) DO UPDATE SET key = person_keys.key
             RETURNING key",
        )
        .bind(person.to_string())
        .bind(key)
        .fetch_one(&self.database.writer)
        .await
        .map_err(failure)
    }

    async fn keep_session(&self, session: &Session) -> Result<(), StateError> {
        sqlx::query(
            "INSERT INTO sessions
                 (id_hash, person, organization, created_at, seen_at, device, person_revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .bind(session.id_hash.as_slice())
        .bind(session.user.to_string())
        .bind(session.organization.to_string())
        .bind(session.created_at.as_micros())
        .bind(session.seen_at.as_micros())
        .bind(session.device.as_deref())
        .bind(clamped(session.user_revision))
        .execute(&self.database.writer)
        .await
        .map_err(failure)?;
        Ok(())
    }

    async fn session(&self, id_hash: [u8; 32]) -> Result<Option<Session>, StateError> {
        let row = sqlx::query(
            "SELECT id_hash, person, organization, created_at, seen_at, device, person_revision
             FROM sessions WHERE id_hash = ?1",
        )
        .bind(id_hash.as_slice())
        .fetch_optional(&self.database.readers)
        .await
        .map_err(failure)?;
        row.as_ref().map(session).transpose().map_err(StateError::Engine)
    }

    async fn touch_session(
        &self,
        id_hash: [u8; 32],
        seen_at: Timestamp,
        organization: OrganizationId,
    ) -> Result<(), StateError> {
        sqlx::query(
            "UPDATE sessions SET seen_at = max(seen_at, ?2), organization = ?3
             WHERE id_hash = ?1",
        )
        .bind(id_hash.as_slice())
        .bind(seen_at.as_micros())
        .bind(organization.to_string())
        .execute(&self.database.writer)
        .await
        .map_err(failure)?;
        Ok(())
    }

    async fn raise_session(&self, id_hash: [u8; 32], user_revision: u64) -> Result<(), StateError> {
        sqlx::query(
            "UPDATE sessions SET person_revision = max(person_revision, ?2) WHERE id_hash = ?1",
        )
        .bind(id_hash.as_slice())
        .bind(clamped(user_revision))
        .execute(&self.database.writer)
        .await
        .map_err(failure)?;
        Ok(())
    }

    async fn end_session(&self, id_hash: [u8; 32]) -> Result<(), StateError> {
        sqlx::query("DELETE FROM sessions WHERE id_hash = ?1")
            .bind(id_hash.as_slice())
            .execute(&self.database.writer)
            .await
            .map_err(failure)?;
        Ok(())
    }

    async fn sessions_of(
        &self,
        user: UserId,
        valid: Valid,
        limit: u32,
    ) -> Result<Sessions, StateError> {
        let rows = sqlx::query(
            "SELECT id_hash, person, organization, created_at, seen_at, device, person_revision,
                    count(*) OVER () AS total
             FROM sessions
             WHERE person = ?1 AND person_revision >= ?2
                 AND max(?3 - seen_at, 0) < ?4 AND max(?3 - created_at, 0) < ?5
             ORDER BY seen_at DESC, created_at DESC, id_hash LIMIT +?6",
        )
        .bind(user.to_string())
        .bind(clamped(valid.void_before))
        .bind(valid.now.as_micros())
        .bind(micros(valid.expiry.idle))
        .bind(micros(valid.expiry.absolute))
        .bind(i64::from(limit))
        .fetch_all(&self.database.readers)
        .await
        .map_err(failure)?;
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
        let ended = sqlx::query("DELETE FROM sessions WHERE person = ?1 AND id_hash IS NOT ?2")
            .bind(user.to_string())
            .bind(except.as_ref().map(<[u8; 32]>::as_slice))
            .execute(&self.database.writer)
            .await
            .map_err(failure)?;
        Ok(ended.rows_affected())
    }

    async fn sweep_sessions(
        &self,
        now: Timestamp,
        expiry: SessionExpiry,
    ) -> Result<u64, StateError> {
        // `Session::is_valid`, the other way round: a moment that has not come yet is no time ago.
        let swept = sqlx::query(
            "DELETE FROM sessions
             WHERE max(?1 - seen_at, 0) >= ?2 OR max(?1 - created_at, 0) >= ?3",
        )
        .bind(now.as_micros())
        .bind(micros(expiry.idle))
        .bind(micros(expiry.absolute))
        .execute(&self.database.writer)
        .await
        .map_err(failure)?;
        Ok(swept.rows_affected())
    }

    async fn signed_in_from(
        &self,
        user: UserId,
        network: [u8; 32],
    ) -> Result<SignedInFrom, StateError> {
        networks::look_up(&self.database.readers, user, network).await.map_err(failure)
    }

    async fn keep_network(
        &self,
        user: UserId,
        network: [u8; 32],
        at: Timestamp,
    ) -> Result<(), StateError> {
        networks::keep(&self.database.writer, user, network, at).await.map_err(failure)
    }

    async fn add_usage(&self, deltas: &[(UsageKey, UsageDelta)]) -> Result<(), StateError> {
        usage::add(&self.database.writer, deltas).await.map_err(failure)
    }

    async fn usage(
        &self,
        applications: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Usage>, StateError> {
        usage::of(&self.database.readers, applications).await.map_err(StateError::Engine)
    }

    async fn usage_of_secrets(
        &self,
        application: ApplicationId,
    ) -> Result<HashMap<SecretId, Usage>, StateError> {
        secrets::of(&self.database.readers, application).await.map_err(StateError::Engine)
    }

    async fn usage_on(&self, application: ApplicationId, day: Day) -> Result<DayUsage, StateError> {
        usage::on(&self.database.readers, application, day).await.map_err(failure)
    }

    async fn sweep_usage(&self, before: Day) -> Result<u64, StateError> {
        usage::sweep(&self.database.writer, before).await.map_err(failure)
    }

    async fn last_uses(&self, behind: Option<UsesMark>) -> Result<LastUses, StateError> {
        usage::last(&self.database.readers, behind).await.map_err(StateError::Engine)
    }

    async fn listener(&self, name: &str) -> Result<Option<Checkpoint>, StateError> {
        let row = sqlx::query(
            "SELECT log_id, position_major, position_minor, digest FROM listeners WHERE name = ?1",
        )
        .bind(name)
        .fetch_optional(&self.database.readers)
        .await
        .map_err(failure)?;
        row.as_ref().map(checkpoints::checkpoint).transpose().map_err(StateError::Engine)
    }

    async fn begin_request(
        &self,
        request: KeptRequest,
        stale: Duration,
        kept: Duration,
    ) -> Result<Begun, StateError> {
        requests::begin(&self.database.writer, request, stale, kept).await.map_err(failure)
    }

    async fn finish_request(&self, key: KeyInUse, answer: Vec<u8>) -> Result<(), StateError> {
        requests::finish(&self.database.writer, key, answer).await.map_err(failure)
    }

    async fn release_request(&self, key: KeyInUse) -> Result<(), StateError> {
        requests::release(&self.database.writer, key).await.map_err(failure)
    }

    async fn sweep_requests(&self, before: Timestamp) -> Result<u64, StateError> {
        requests::sweep(&self.database.writer, before).await.map_err(failure)
    }

    async fn advance_listener(&self, name: &str, checkpoint: Checkpoint) -> Result<(), StateError> {
        let (major, minor) = checkpoints::columns(checkpoint.position);
        sqlx::query(
            "INSERT INTO listeners (name, log_id, position_major, position_minor, digest)
             VALUES (?1, ?2, ?3, ?4, ?5)
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
        .bind(checkpoint.digest.0.as_slice())
        .execute(&self.database.writer)
        .await
        .map_err(failure)?;
        Ok(())
    }
}

fn session(row: &SqliteRow) -> Result<Session, BoxError> {
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

fn failure(error: sqlx::Error) -> StateError {
    StateError::Engine(error.into())
}
