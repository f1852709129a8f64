//! State in one SQLite file. Precious: a commit is on the disk before it is acknowledged.

use std::{collections::HashMap, path::Path};

use async_trait::async_trait;
use domain::{ApplicationId, OrganizationId, Timestamp, UserId};
use projections::{
    Checkpoint, State,
    state::{Session, SessionExpiry, StateError, Usage, UsageDelta, UsageKey},
};
use sqlx::{
    Row,
    migrate::Migrator,
    sqlite::{SqliteRow, SqliteSynchronous},
};
use store::BoxError;
use uuid::Uuid;

use crate::{
    checkpoint::{checkpoint, counters},
    opening::Connections,
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite/state");

/// A handle on the state; clones share its connections.
#[derive(Clone, Debug)]
pub struct SqliteState {
    connections: Connections,
}

fn engine(error: impl Into<BoxError>) -> StateError {
    StateError(error.into())
}

impl SqliteState {
    /// Opens the state at `path`. What is missing is created: directories (mode 0700), the file (0600), the schema.
    pub async fn open(path: &Path) -> Result<Self, StateError> {
        let opened = Connections::open(path, SqliteSynchronous::Full, &MIGRATIONS).await;
        Ok(Self { connections: opened.map_err(StateError)? })
    }

    /// State that is gone with the process.
    pub async fn open_in_memory() -> Result<Self, StateError> {
        let opened = Connections::in_memory(&MIGRATIONS).await;
        Ok(Self { connections: opened.map_err(StateError)? })
    }
}

fn id(row: &SqliteRow, column: &str) -> Result<Uuid, BoxError> {
    Ok(Uuid::from_slice(row.try_get::<&[u8], _>(column)?)?)
}

fn session(row: &SqliteRow) -> Result<Session, BoxError> {
    Ok(Session {
        id_hash: row.try_get::<&[u8], _>("id_hash")?.try_into()?,
        user: UserId::new(id(row, "user")?),
        organization: OrganizationId::new(id(row, "organization")?),
        created_at: Timestamp::from_micros(row.try_get("created_at")?),
        seen_at: Timestamp::from_micros(row.try_get("seen_at")?),
    })
}

fn micros(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[async_trait]
impl State for SqliteState {
    async fn person_key(&self, person: UserId) -> Result<Option<Vec<u8>>, StateError> {
        sqlx::query_scalar("SELECT wrapped FROM person_keys WHERE person = ?")
            .bind(&person.as_uuid().as_bytes()[..])
            .fetch_optional(&self.connections.readers)
            .await
            .map_err(engine)
    }

    async fn keep_person_key(&self, person: UserId, key: Vec<u8>) -> Result<Vec<u8>, StateError> {
        sqlx::query_scalar(
            "INSERT INTO person_keys VALUES (?, ?)
             ON CONFLICT DO UPDATE SET wrapped = wrapped RETURNING wrapped",
        )
        .bind(&person.as_uuid().as_bytes()[..])
        .bind(key)
        .fetch_one(&self.connections.writer)
        .await
        .map_err(engine)
    }

    async fn keep_session(&self, session: &Session) -> Result<(), StateError> {
        sqlx::query("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)")
            .bind(&session.id_hash[..])
            .bind(&session.user.as_uuid().as_bytes()[..])
            .bind(&session.organization.as_uuid().as_bytes()[..])
            .bind(session.created_at.as_micros())
            .bind(session.seen_at.as_micros())
            .execute(&self.connections.writer)
            .await
            .map_err(engine)?;
        Ok(())
    }

    async fn session(&self, id_hash: [u8; 32]) -> Result<Option<Session>, StateError> {
        let row = sqlx::query("SELECT * FROM sessions WHERE id_hash = ?")
            .bind(&id_hash[..])
            .fetch_optional(&self.connections.readers)
            .await
            .map_err(engine)?;
        row.map(|row| session(&row).map_err(StateError)).transpose()
    }

    async fn touch_session(
        &self,
        id_hash: [u8; 32],
        seen_at: Timestamp,
        organization: OrganizationId,
    ) -> Result<(), StateError> {
        sqlx::query(
            "UPDATE sessions SET seen_at = max(seen_at, ?), organization = ? WHERE id_hash = ?",
        )
        .bind(seen_at.as_micros())
        .bind(&organization.as_uuid().as_bytes()[..])
        .bind(&id_hash[..])
        .execute(&self.connections.writer)
        .await
        .map_err(engine)?;
        Ok(())
    }

    async fn end_session(&self, id_hash: [u8; 32]) -> Result<(), StateError> {
        sqlx::query("DELETE FROM sessions WHERE id_hash = ?")
            .bind(&id_hash[..])
            .execute(&self.connections.writer)
            .await
            .map_err(engine)?;
        Ok(())
    }

    async fn sweep_sessions(
        &self,
        now: Timestamp,
        expiry: SessionExpiry,
    ) -> Result<u64, StateError> {
        let swept = sqlx::query("DELETE FROM sessions WHERE seen_at <= ? OR created_at <= ?")
            .bind(now.as_micros().saturating_sub(micros(expiry.idle)))
            .bind(now.as_micros().saturating_sub(micros(expiry.absolute)))
            .execute(&self.connections.writer)
            .await
            .map_err(engine)?;
        Ok(swept.rows_affected())
    }

    async fn add_usage(&self, deltas: &[(UsageKey, UsageDelta)]) -> Result<(), StateError> {
        let writer = &self.connections.writer;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(engine)?;
        for (UsageKey { application, secret }, delta) in deltas {
            let (application, secret) = (application.as_uuid(), secret.as_uuid());
            sqlx::query(
                "INSERT INTO usage VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
                     issued = issued + excluded.issued,
                     last_address = CASE
                         WHEN excluded.last_used_at >= coalesce(last_used_at, 0)
                         THEN coalesce(excluded.last_address, last_address) ELSE last_address END,
                     last_used_at = coalesce(
                         max(last_used_at, excluded.last_used_at), last_used_at, excluded.last_used_at)",
            )
            .bind(&application.as_bytes()[..])
            .bind(&secret.as_bytes()[..])
            .bind(delta.issued.cast_signed())
            .bind(delta.last_used_at.map(Timestamp::as_micros))
            .bind(&delta.last_address)
            .execute(&mut *transaction)
            .await
            .map_err(engine)?;
            for (reason, count) in &delta.refused {
                sqlx::query(
                    "INSERT INTO refusals VALUES (?, ?, ?, ?)
                     ON CONFLICT DO UPDATE SET count = count + excluded.count",
                )
                .bind(&application.as_bytes()[..])
                .bind(&secret.as_bytes()[..])
                .bind(reason.as_str())
                .bind(count.cast_signed())
                .execute(&mut *transaction)
                .await
                .map_err(engine)?;
            }
        }
        transaction.commit().await.map_err(engine)
    }

    async fn usage(
        &self,
        applications: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Usage>, StateError> {
        let mut found = HashMap::new();
        for application in applications {
            let key = application.as_uuid();
            let rows = sqlx::query(
                "SELECT issued, last_used_at, last_address FROM usage WHERE application = ?
                 ORDER BY last_used_at",
            )
            .bind(&key.as_bytes()[..])
            .fetch_all(&self.connections.readers)
            .await
            .map_err(engine)?;
            let mut usage = Usage::default();
            for row in &rows {
                let issued: i64 = row.try_get("issued").map_err(engine)?;
                usage.issued += issued.cast_unsigned();
                if let Some(at) = row.try_get::<Option<i64>, _>("last_used_at").map_err(engine)? {
                    usage.last_used_at = Some(Timestamp::from_micros(at));
                    usage.last_address = row.try_get("last_address").map_err(engine)?;
                }
            }
            let refused: Option<i64> =
                sqlx::query_scalar("SELECT sum(count) FROM refusals WHERE application = ?")
                    .bind(&key.as_bytes()[..])
                    .fetch_one(&self.connections.readers)
                    .await
                    .map_err(engine)?;
            usage.refused = refused.unwrap_or_default().cast_unsigned();
            if usage != Usage::default() {
                found.insert(*application, usage);
            }
        }
        Ok(found)
    }

    async fn listener(&self, name: &str) -> Result<Option<Checkpoint>, StateError> {
        let row = sqlx::query("SELECT * FROM listeners WHERE name = ?")
            .bind(name)
            .fetch_optional(&self.connections.readers)
            .await
            .map_err(engine)?;
        row.map(|row| checkpoint(&row).map_err(StateError)).transpose()
    }

    async fn advance_listener(&self, name: &str, checkpoint: Checkpoint) -> Result<(), StateError> {
        let (major, minor) = counters(checkpoint.position);
        sqlx::query("INSERT OR REPLACE INTO listeners VALUES (?, ?, ?, ?, ?)")
            .bind(name)
            .bind(checkpoint.log.to_string())
            .bind(major)
            .bind(minor)
            .bind(&checkpoint.digest.0[..])
            .execute(&self.connections.writer)
            .await
            .map_err(engine)?;
        Ok(())
    }
}
