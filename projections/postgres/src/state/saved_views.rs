//! Saved views.

use async_trait::async_trait;
use domain::{OrganizationId, Timestamp, UserId};
use projections::{
    SavedViews,
    saved_views::{Keeping, SavedView, SavedViewId, SavedViewName, Sharing},
    state::StateError,
};
use sqlx::{Row, postgres::PgRow};
use store::BoxError;

use super::{PostgresState, failure};
use crate::soon;

const COLUMNS: &str = "id, owner, organization, name, shared, query, changed_at";

#[async_trait]
impl SavedViews for PostgresState {
    async fn saved_views(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Vec<SavedView>, StateError> {
        let text = format!(
            "SELECT {COLUMNS} FROM saved_views
             WHERE organization = $1 AND (owner = $2 OR shared)
             ORDER BY name_key, id"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(organization.to_string())
            .bind(user.to_string());
        let rows = soon(query.fetch_all(self.database.pool())).await.map_err(failure)?;
        rows.iter().map(view).collect::<Result<_, _>>().map_err(StateError::Engine)
    }

    async fn saved_view(&self, id: SavedViewId) -> Result<Option<SavedView>, StateError> {
        let text = format!("SELECT {COLUMNS} FROM saved_views WHERE id = $1");
        let query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(id.to_string());
        let row = soon(query.fetch_optional(self.database.pool())).await.map_err(failure)?;
        row.as_ref().map(view).transpose().map_err(StateError::Engine)
    }

    async fn keep_saved_view(&self, view: &SavedView) -> Result<Keeping, StateError> {
        // Two who keep views in one organization at once are counted one after the other.
        let mut transaction = soon(self.database.pool().begin()).await.map_err(failure)?;
        let organization = view.organization.to_string();
        let lock = sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(format!("saved_views {organization}"));
        soon(lock.execute(&mut *transaction)).await.map_err(failure)?;
        // What is there already stays within its kind, however many there are.
        let upsert = sqlx::query(
            "INSERT INTO saved_views
                 (id, owner, organization, name, name_key, shared, query, changed_at)
             SELECT $1::text, $2::text, $3::text, $4::text, $5::text, $6::boolean, $7::text, $8::bigint
             WHERE (SELECT count(*) FROM saved_views
                    WHERE organization = $3 AND shared = $6 AND (shared OR owner = $2)) < $9
                OR EXISTS (SELECT 1 FROM saved_views WHERE id = $1 AND owner = $2 AND shared = $6)
             ON CONFLICT (id) DO UPDATE
             SET name = excluded.name, name_key = excluded.name_key, shared = excluded.shared,
                 query = excluded.query, changed_at = excluded.changed_at
             WHERE saved_views.owner = excluded.owner",
        )
        .bind(view.id.to_string())
        .bind(view.owner.to_string())
        .bind(organization)
        .bind(view.name.as_str())
        .bind(view.name.key())
        .bind(view.sharing == Sharing::Organization)
        .bind(&view.query)
        .bind(view.changed_at.as_micros())
        .bind(i64::from(view.sharing.bound()));
        let kept = match soon(upsert.execute(&mut *transaction)).await {
            Ok(done) if done.rows_affected() > 0 => Keeping::Kept,
            Ok(_) => Keeping::TooMany,
            Err(error) => return taken(error),
        };
        soon(transaction.commit()).await.map_err(failure)?;
        Ok(kept)
    }

    async fn forget_saved_view(&self, id: SavedViewId, owner: UserId) -> Result<(), StateError> {
        let view = sqlx::query("DELETE FROM saved_views WHERE id = $1 AND owner = $2")
            .bind(id.to_string())
            .bind(owner.to_string());
        soon(view.execute(self.database.pool())).await.map_err(failure)?;
        self.forget_defaults(id).await
    }

    async fn forget_shared_view(
        &self,
        id: SavedViewId,
        organization: OrganizationId,
    ) -> Result<(), StateError> {
        let view =
            sqlx::query("DELETE FROM saved_views WHERE id = $1 AND organization = $2 AND shared")
                .bind(id.to_string())
                .bind(organization.to_string());
        soon(view.execute(self.database.pool())).await.map_err(failure)?;
        self.forget_defaults(id).await
    }

    async fn default_view(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Option<SavedViewId>, StateError> {
        let query = sqlx::query_scalar::<_, String>(
            "SELECT view FROM default_views WHERE person = $1 AND organization = $2",
        )
        .bind(user.to_string())
        .bind(organization.to_string());
        let id = soon(query.fetch_optional(self.database.pool())).await.map_err(failure)?;
        id.map(|id| id.parse()).transpose().map_err(|error| StateError::Engine(Box::new(error)))
    }

    async fn set_default_view(
        &self,
        user: UserId,
        organization: OrganizationId,
        view: Option<SavedViewId>,
    ) -> Result<(), StateError> {
        let query = match view {
            Some(view) => sqlx::query(
                "INSERT INTO default_views (person, organization, view) VALUES ($1, $2, $3)
                 ON CONFLICT (person, organization) DO UPDATE SET view = excluded.view",
            )
            .bind(user.to_string())
            .bind(organization.to_string())
            .bind(view.to_string()),
            None => {
                sqlx::query("DELETE FROM default_views WHERE person = $1 AND organization = $2")
                    .bind(user.to_string())
                    .bind(organization.to_string())
            }
        };
        soon(query.execute(self.database.pool())).await.map_err(failure)?;
        Ok(())
    }
}

impl PostgresState {
    /// A view that is gone is nobody's default.
    async fn forget_defaults(&self, id: SavedViewId) -> Result<(), StateError> {
        let defaults = sqlx::query(
            "DELETE FROM default_views
             WHERE view = $1 AND NOT EXISTS (SELECT 1 FROM saved_views WHERE id = $1)",
        )
        .bind(id.to_string());
        soon(defaults.execute(self.database.pool())).await.map_err(failure)?;
        Ok(())
    }
}

/// A name that is there already is no failure.
fn taken(error: sqlx::Error) -> Result<Keeping, StateError> {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => Ok(Keeping::NameTaken),
        Some(_) | None => Err(failure(error)),
    }
}

fn view(row: &PgRow) -> Result<SavedView, BoxError> {
    let shared: bool = row.try_get("shared")?;
    Ok(SavedView {
        id: row.try_get::<&str, _>("id")?.parse()?,
        owner: row.try_get::<&str, _>("owner")?.parse()?,
        organization: row.try_get::<&str, _>("organization")?.parse()?,
        name: SavedViewName::parse(row.try_get("name")?)?,
        sharing: if shared { Sharing::Organization } else { Sharing::Private },
        query: row.try_get("query")?,
        changed_at: Timestamp::from_micros(row.try_get("changed_at")?),
    })
}
