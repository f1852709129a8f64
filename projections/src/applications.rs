//! Which applications are there, and what are they? The grid and the application's page.

use domain::{
    ApplicationId, Category, ClientId, Event, OrganizationId, Scope, SecretId, Timestamp, UserId,
    application::{self, Grant},
    name::ApplicationName,
};
use serde::{Deserialize, Serialize};
use store::{Actor, Recorded};

use crate::{Identity, Projection};

/// The grid of applications.
#[derive(Debug)]
pub struct Applications;

/// One living application.
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
    /// Of the last event applied.
    pub revision: u64,
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
    const IDENTITY: Identity = Identity { name: "applications", version: 1 };
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
                revision: recorded.revision,
            });
        }
        let mut row = row?;
        row.revision = recorded.revision;
        match event {
            application::Event::Renamed { name } => {
                row.name_key = key_of(name.as_str());
                row.name = name.clone();
            }
            application::Event::SecretAdded(secret) => row.secrets.push(Secret {
                id: secret.id,
                hint: secret.hint.clone(),
                created_at: at,
                created_by: by,
            }),
            application::Event::Activated {} | application::Event::Deactivated {} => {
                row.active = matches!(event, application::Event::Activated {});
                row.status_since = at;
                row.status_by = by;
                row.status_reason.clone_from(&recorded.metadata.reason);
            }
            application::Event::Deleted {} => return None,
            application::Event::Created { .. } | application::Event::NameForfeited { .. } => {}
        }
        Some(row)
    }

    fn revision(row: &Row) -> u64 {
        row.revision
    }
}

/// The form in which names are sorted and searched.
pub fn key_of(name: &str) -> String {
    domain::name::folded(name)
}

/// Whether to show active applications, inactive ones, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    #[default]
    All,
    Active,
    Inactive,
}

/// By what the grid is sorted. The id decides between equals, so that pages never overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    #[default]
    Name,
    Organization,
    ClientId,
    Active,
    Created,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Ascending,
    Descending,
}

/// What somebody wants to see. Filters are combined with AND; `None` filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub owner: Option<UserId>,
    /// Only applications of these organizations.
    pub organizations: Option<Vec<OrganizationId>>,
    /// A part of the name, whatever its case.
    pub name: Option<String>,
    pub status: Status,
    pub sort: SortBy,
    pub order: Order,
    /// How many to skip.
    pub offset: u64,
    /// At most 1000.
    pub limit: u32,
}

/// Some of the applications that match.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub rows: Vec<Row>,
    /// How many match.
    pub total: u64,
}
