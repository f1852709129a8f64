//! Applications, one at a time: shown, created, edited, switched, transferred, deleted, restored.

mod actions;
mod complaint;
mod created;
mod delete;
mod deleted;
mod deletion;
mod describe;
mod edit;
mod inputs;
mod new;
mod owners;
mod restore;
#[cfg(test)]
pub(super) mod samples;
mod scopes;
mod show;
mod switch;
mod timeline;
mod told;
mod transfer;
mod used;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};
use commands::Permit;
use domain::{ApplicationId, authority::Action};
use projections::applications::Row;
use serde::Serialize;

pub(super) use self::describe::{actor, organization, person};
use super::{errors::Problem, going_back::written, local, named, session::SignedIn, times::Time};
use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/applications/new", get(new::form))
        .route("/applications", post(new::create))
        .route("/applications/deleted", get(deleted::list))
        .route("/applications/{id}", get(show::show))
        .route("/applications/{id}/edit", get(edit::form).post(edit::save))
        .route("/applications/{id}/deactivate", get(switch::ask).post(switch::deactivate))
        .route("/applications/{id}/activate", post(switch::activate))
        .route("/applications/{id}/transfer", get(transfer::ask).post(transfer::transfer))
        .route("/applications/{id}/delete", get(delete::ask).post(delete::delete))
        .route("/applications/{id}/restore", get(restore::ask).post(restore::restore))
}

/// The application that the address names.
type Named = named::Named<ApplicationId>;

impl Named {
    /// The application, living or deleted, if this person may see it.
    fn find(&self, app: &App, caller: &SignedIn) -> Result<Row, Problem> {
        let row = app.knowledge.application(self.0).map(|entry| Arc::unwrap_or_clone(entry.row));
        let visible = row.filter(|row| caller.may(Action::View, row.belonging()));
        visible.ok_or(Problem::NotFound)
    }

    /// The application and the permit, if this person may do that to it. What one may not even see is not there, nor is
    /// what is deleted for those who do anything but restore it.
    fn find_for(
        &self,
        app: &App,
        caller: &SignedIn,
        action: Action,
    ) -> Result<(Row, Permit), Problem> {
        let row = self.find(app, caller)?;
        let fits = match action {
            Action::Restore => row.deleted.is_some(),
            Action::Change | Action::Delete | Action::Transfer => row.deleted.is_none(),
            Action::View | Action::Create => true,
        };
        if !fits {
            return Err(Problem::NotFound);
        }
        let permit = Permit::for_application(&caller.member, action, row.belonging());
        Ok((row, permit.map_err(|_| Problem::Denied)?))
    }
}

/// What forms about an application say of it.
#[derive(Serialize)]
struct Subject {
    name: String,
    client_id: String,
    organization: String,
}

impl Subject {
    fn of(app: &App, row: &Row) -> Self {
        Self {
            name: row.name.to_string(),
            client_id: row.client_id.to_string(),
            organization: describe::organization(app, row.organization),
        }
    }
}

/// The address of an application's page, or of a form about it.
pub(super) fn address(app: &App, id: ApplicationId, form: &str) -> String {
    local::of(&app.settings, &format!("/applications/{id}{form}"))
}
