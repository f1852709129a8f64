//! Who may have a token? The clients, as the token endpoint needs them.

use domain::{
    ApplicationId, Category, ClientId, Event, OrganizationId, Scope, SecretId, UserId,
    application::{self, Grant, SecretHash},
};
use serde::{Deserialize, Serialize};
use store::{Actor, Recorded};

use crate::{Identity, Projection};

/// The credentials of applications. Those of a deleted one are kept, since it can be restored.
#[derive(Debug)]
pub struct Credentials;

/// One client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub application: ApplicationId,
    pub client_id: ClientId,
    pub organization: OrganizationId,
    pub owner: UserId,
    pub active: bool,
    /// What is deleted is inactive as well.
    #[serde(default)]
    pub deleted: bool,
    pub grants: Vec<Grant>,
    pub scopes: Vec<Scope>,
    pub secrets: Vec<Secret>,
    /// Tokens whose `rev` is less were issued before the application was last switched off: Oathbook takes them no more.
    #[serde(default)]
    pub void_before: u64,
    /// Of the last event applied; a token names it as `rev`.
    pub revision: u64,
}

/// A secret that may be presented.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Secret {
    pub id: SecretId,
    pub hash: SecretHash,
    /// Who came to know it when it was made.
    #[serde(default = "nobody_in_particular")]
    pub made_by: Actor,
}

/// Rows of version 2 do not say it; they are not read, but parsed.
const fn nobody_in_particular() -> Actor {
    Actor::Operator
}

impl Projection for Credentials {
    const IDENTITY: Identity = Identity { name: "credentials", version: 3 };
    const CATEGORIES: &'static [Category] = &[Category::Application];
    type Row = Row;

    fn evolve(row: Option<Row>, recorded: &Recorded) -> Option<Row> {
        let Event::Application(event) = &recorded.event else {
            return row;
        };
        if let application::Event::Created {
            client_id,
            organization,
            owner,
            active,
            grants,
            scopes,
            name: _,
        } = event
        {
            return Some(Row {
                application: recorded.stream.id().parse().ok()?,
                client_id: client_id.clone(),
                organization: *organization,
                owner: *owner,
                active: *active,
                deleted: false,
                grants: grants.clone(),
                scopes: scopes.clone(),
                secrets: vec![],
                void_before: 0,
                revision: recorded.revision,
            });
        }
        let mut row = row?;
        row.revision = recorded.revision;
        match event {
            application::Event::SecretAdded(application::Secret { id, hash, hint: _ }) => {
                let made_by = recorded.metadata.actor;
                row.secrets.push(Secret { id: *id, hash: hash.clone(), made_by });
            }
            application::Event::SettingsChanged(changes) => {
                row.scopes = changes.scopes.clone().unwrap_or(row.scopes);
            }
            application::Event::Transferred { owner } => {
                row.owner = *owner;
                row.void_before = recorded.revision;
            }
            application::Event::Activated {} => row.active = true,
            application::Event::Deactivated {} => {
                row.active = false;
                row.void_before = recorded.revision;
            }
            application::Event::Deleted {} => {
                row.active = false;
                row.deleted = true;
                row.void_before = recorded.revision;
            }
            application::Event::Restored { .. } => {
                row.deleted = false;
                row.void_before = recorded.revision;
            }
            application::Event::Created { .. }
            | application::Event::Renamed { .. }
            | application::Event::NameForfeited { .. } => {}
        }
        Some(row)
    }

    fn revision(row: &Row) -> u64 {
        row.revision
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::applications::tests::{changed, created, fold, transferred_to};

    fn row(events: Vec<application::Event>) -> Row {
        fold::<Credentials>(events).expect("a row")
    }

    #[test]
    fn a_transfer_changes_in_whose_name_tokens_are() {
        let (owner, transferred) = transferred_to(7);
        let row = row(vec![created(), transferred]);
        assert_eq!((row.owner, row.revision), (owner, 1));
    }

    #[test]
    fn scopes_are_those_said_last() {
        let scopes = row(vec![created(), changed("a"), changed("b c")]).scopes;
        assert_eq!(scopes.iter().map(Scope::as_str).collect::<Vec<_>>(), ["b", "c"]);
        let described = application::Event::SettingsChanged(application::Changes::default());
        assert_eq!(row(vec![created(), changed("a"), described]).scopes.len(), 1);
    }

    #[test]
    fn what_is_deleted_has_no_tokens_and_what_is_restored_has_none_yet() {
        use application::Event::{Activated, Deleted, Restored};
        let name = domain::name::ApplicationName::parse("Sync").expect("a name");
        let mut events = vec![created(), Deleted {}];
        let state = |row: Row| (row.active, row.deleted);
        assert_eq!(state(row(events.clone())), (false, true));
        events.push(Restored { name });
        assert_eq!(state(row(events.clone())), (false, false));
        events.push(Activated {});
        assert_eq!(state(row(events)), (true, false));
    }
}
