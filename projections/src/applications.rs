//! Which applications are there, and what are they?

use std::mem::take;

use domain::{
    ApplicationId, Category, ClientId, Event, OrganizationId, Scope, SecretId, Timestamp, UserId,
    application::{self, Application, Contact, Description, Grant, Homepage},
    authority::Belonging,
    name::ApplicationName,
};
use serde::{Deserialize, Serialize};
use store::{Actor, Log, LogError, Position, Recorded, StreamName};

use crate::{Identity, Projection, row_of};

/// All applications.
#[derive(Debug)]
pub struct Applications;

/// One application, living or deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub id: ApplicationId,
    pub client_id: ClientId,
    pub name: ApplicationName,
    /// The name case-folded, for sorting and searching.
    pub name_key: String,
    pub organization: OrganizationId,
    pub owner: UserId,
    pub active: bool,
    /// When the application was last activated or deactivated (or created), and by whom.
    pub status_since: Timestamp,
    pub status_by: Actor,
    /// What was given as the reason for it.
    pub status_reason: Option<String>,
    pub grants: Vec<Grant>,
    pub scopes: Vec<Scope>,
    pub secrets: Vec<Secret>,
    pub created_at: Timestamp,
    pub created_by: Actor,
    #[serde(default)]
    pub description: Description,
    #[serde(default)]
    pub contact: Contact,
    #[serde(default)]
    pub homepage: Homepage,
    /// When anything about it was changed the last time. Rows of the first version do not say.
    #[serde(default = "unsaid")]
    pub updated_at: Timestamp,
    /// What is deleted is inactive as well, and can be restored for some time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Deletion>,
    /// Of the last event applied.
    pub revision: u64,
}

/// When and by whom an application was deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deletion {
    pub at: Timestamp,
    pub by: Actor,
    pub reason: Option<String>,
}

/// A secret's record, without its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Secret {
    pub id: SecretId,
    pub hint: String,
    pub created_at: Timestamp,
    pub created_by: Actor,
}

impl Projection for Applications {
    const IDENTITY: Identity = Identity { name: "applications", version: 2 };
    const CATEGORIES: &'static [Category] = &[Category::Application];
    type Row = Row;

    fn evolve(row: Option<Row>, recorded: &Recorded) -> Option<Row> {
        let Event::Application(event) = &recorded.event else {
            return row;
        };
        let (at, by) = (recorded.metadata.occurred_at, recorded.metadata.actor);
        if let application::Event::Created {
            client_id,
            organization,
            owner,
            name,
            active,
            grants,
            scopes,
        } = event
        {
            return Some(Row {
                id: recorded.stream.id().parse().ok()?,
                client_id: client_id.clone(),
                name: name.clone(),
                name_key: key_of(name.as_str()),
                organization: *organization,
                owner: *owner,
                active: *active,
                status_since: at,
                status_by: by,
                status_reason: recorded.metadata.reason.clone(),
                grants: grants.clone(),
                scopes: scopes.clone(),
                secrets: vec![],
                created_at: at,
                created_by: by,
                description: Description::default(),
                contact: Contact::default(),
                homepage: Homepage::default(),
                updated_at: at,
                deleted: None,
                revision: recorded.revision,
            });
        }
        let mut row = row?;
        row.revision = recorded.revision;
        if !matches!(event, application::Event::NameForfeited { .. }) {
            row.updated_at = at;
        }
        match event {
            application::Event::Renamed { name } => row.rename(name),
            application::Event::SettingsChanged(changes) => row.change_settings(changes),
            application::Event::Transferred { owner } => row.owner = *owner,
            application::Event::SecretAdded(secret) => row.secrets.push(Secret {
                id: secret.id,
                hint: secret.hint.clone(),
                created_at: at,
                created_by: by,
            }),
            application::Event::Activated {} | application::Event::Deactivated {} => {
                row.switch(matches!(event, application::Event::Activated {}), recorded);
            }
            application::Event::Deleted {} => {
                row.switch(false, recorded);
                let reason = recorded.metadata.reason.clone();
                row.deleted = Some(Deletion { at, by, reason });
            }
            application::Event::Restored { name } => {
                row.rename(name);
                row.switch(false, recorded);
                row.deleted = None;
            }
            application::Event::Created { .. } | application::Event::NameForfeited { .. } => {}
        }
        Some(row)
    }

    fn revision(row: &Row) -> u64 {
        row.revision
    }
}

impl Row {
    fn rename(&mut self, name: &ApplicationName) {
        self.name_key = key_of(name.as_str());
        self.name = name.clone();
    }

    fn switch(&mut self, active: bool, recorded: &Recorded) {
        self.active = active;
        self.status_since = recorded.metadata.occurred_at;
        self.status_by = recorded.metadata.actor;
        self.status_reason.clone_from(&recorded.metadata.reason);
    }

    fn change_settings(&mut self, changes: &application::Changes) {
        let application::Changes { description, contact, homepage, scopes } = changes.clone();
        self.description = description.unwrap_or_else(|| take(&mut self.description));
        self.contact = contact.unwrap_or_else(|| take(&mut self.contact));
        self.homepage = homepage.unwrap_or_else(|| take(&mut self.homepage));
        self.scopes = scopes.unwrap_or_else(|| take(&mut self.scopes));
    }

    /// Whose application it is, and where it works.
    pub const fn belonging(&self) -> Belonging {
        Belonging { organization: self.organization, owner: self.owner }
    }
}

fn unsaid() -> Timestamp {
    Timestamp::from_micros(0)
}

/// The application as the log has it now, whatever the views know.
pub async fn read(log: &Log, id: ApplicationId) -> Result<Option<Row>, LogError> {
    read_as_of(log, id, None).await
}

/// The same as of a position.
pub async fn read_as_of(
    log: &Log,
    id: ApplicationId,
    as_of: Option<Position>,
) -> Result<Option<Row>, LogError> {
    row_of::<Applications>(log, &StreamName::of::<Application>(&id), as_of).await
}

/// The form in which names are sorted and searched.
pub fn key_of(name: &str) -> String {
    domain::name::folded(name)
}

#[cfg(test)]
pub(crate) mod tests;
