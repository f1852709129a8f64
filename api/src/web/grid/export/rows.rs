//! What an export says of an application: everything the grid shows, and nothing that must stay secret.

use domain::Timestamp;
use projections::register::{Entry, Status};
use serde::Serialize;

use crate::web::grid::filter::{grant_key, status_key};

/// One line. Moments are RFC 3339 in UTC.
#[derive(Serialize)]
pub(super) struct Exported {
    id: String,
    name: String,
    client_id: String,
    organization_id: String,
    organization: Option<String>,
    owner_id: String,
    /// `None` once the person was erased.
    owner: Option<String>,
    owner_user_name: Option<String>,
    status: &'static str,
    grant_types: Vec<&'static str>,
    scopes: Vec<String>,
    description: String,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    deleted_at: Option<Timestamp>,
}

impl Exported {
    pub(super) const COLUMNS: [&'static str; 15] = [
        "id",
        "name",
        "client_id",
        "organization_id",
        "organization",
        "owner_id",
        "owner",
        "owner_user_name",
        "status",
        "grant_types",
        "scopes",
        "description",
        "created_at",
        "last_used_at",
        "deleted_at",
    ];

    pub(super) fn of(entry: &Entry) -> Self {
        let Entry { row, .. } = entry;
        let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
        let status: Status = entry.status();
        Self {
            id: row.id.to_string(),
            name: row.name.to_string(),
            client_id: row.client_id.to_string(),
            organization_id: row.organization.to_string(),
            organization: text(&entry.organization_name),
            owner_id: row.owner.to_string(),
            owner: text(&entry.owner_name),
            owner_user_name: text(&entry.owner_user_name),
            status: status_key(status),
            grant_types: row.grants.iter().map(|grant| grant_key(*grant)).collect(),
            scopes: row.scopes.iter().map(ToString::to_string).collect(),
            description: row.description.to_string(),
            created_at: row.created_at,
            last_used_at: entry.last_used_at,
            deleted_at: row.deleted.as_ref().map(|deletion| deletion.at),
        }
    }

    /// In the order of the columns; what is not there is empty, and lists have spaces between their items.
    pub(super) fn cells(self) -> [String; Self::COLUMNS.len()] {
        let moment =
            |moment: Option<Timestamp>| moment.map_or_else(String::new, |it| it.to_string());
        [
            self.id,
            self.name,
            self.client_id,
            self.organization_id,
            self.organization.unwrap_or_default(),
            self.owner_id,
            self.owner.unwrap_or_default(),
            self.owner_user_name.unwrap_or_default(),
            self.status.to_owned(),
            self.grant_types.join(" "),
            self.scopes.join(" "),
            self.description,
            self.created_at.to_string(),
            moment(self.last_used_at),
            moment(self.deleted_at),
        ]
    }

    pub(super) fn json(&self) -> String {
        // Strings, lists and moments alone do not fail.
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}
