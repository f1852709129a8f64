use application::{Changes, Event as Told};
use domain::EventId;
use store::{Metadata, Position, StreamName};
use uuid::Uuid;

use super::*;

/// The row after these events, one second apart; the reason of each is its number.
pub(crate) fn fold<P: Projection>(events: Vec<Told>) -> Option<P::Row> {
    events
        .into_iter()
        .zip(0..)
        .fold(None, |row, (event, number)| P::evolve(row, &recorded(event, number)))
}

/// The event of that number, of a command of its own.
pub(crate) fn recorded(event: Told, number: u64) -> Recorded {
    recorded_event(Event::Application(event), number)
}

/// The same with an event of any kind.
pub(crate) fn recorded_event(event: Event, number: u64) -> Recorded {
    let nil = Uuid::nil();
    Recorded {
        position: Position::new(0, number + 1),
        stream: StreamName::of::<application::Application>(&ApplicationId::new(nil)),
        revision: number,
        id: EventId::new(nil),
        event,
        metadata: Metadata {
            occurred_at: at(number),
            actor: Actor::Operator,
            organization: None,
            correlation: nil,
            causation: None,
            command: Uuid::from_u128(number.into()),
            remote_address: None,
            user_agent: None,
            reason: Some(number.to_string()),
        },
    }
}

fn at(number: u64) -> Timestamp {
    Timestamp::from_micros(0).plus(std::time::Duration::from_secs(number))
}

fn name(text: &str) -> ApplicationName {
    ApplicationName::parse(text).expect("a name")
}

pub(crate) fn created() -> Told {
    Told::Created {
        client_id: ClientId::parse(&"c".repeat(32)).expect("a client id"),
        organization: OrganizationId::new(Uuid::nil()),
        owner: UserId::new(Uuid::nil()),
        name: name("Sync"),
        active: true,
        grants: vec![Grant::ClientCredentials],
        scopes: vec![],
    }
}

/// Scopes, with blanks between them.
pub(crate) fn changed(scopes: &str) -> Told {
    let scopes = scopes.split(' ').map(|scope| Scope::parse(scope).expect("a scope")).collect();
    Told::SettingsChanged(Changes { scopes: Some(scopes), ..Changes::default() })
}

pub(crate) fn transferred_to(number: u128) -> (UserId, Told) {
    let owner = UserId::new(Uuid::from_u128(number));
    (owner, Told::Transferred { owner })
}

fn row(events: Vec<Told>) -> Row {
    fold::<Applications>(events).expect("a row")
}

#[test]
fn settings_are_those_said_last() {
    let described = Told::SettingsChanged(Changes {
        description: Some(Description::parse("Fetches orders.").expect("a description")),
        contact: Some(Contact::parse("team@acme.example").expect("an address")),
        homepage: Some(Homepage::parse("https://app.example").expect("a URL")),
        scopes: None,
    });
    let cleared =
        Told::SettingsChanged(Changes { contact: Some(Contact::default()), ..Changes::default() });
    let row = row(vec![created(), changed("a b"), described, cleared]);
    assert_eq!(row.description.as_str(), "Fetches orders.");
    assert_eq!((row.contact.as_str(), row.homepage.as_str()), ("", "https://app.example"));
    assert_eq!(row.scopes.len(), 2);
    assert_eq!((row.updated_at, row.status_since, row.revision), (at(3), at(0), 3));
}

#[test]
fn a_transfer_changes_the_owner_and_nothing_else() {
    let (owner, transferred) = transferred_to(7);
    let before = row(vec![created()]);
    let after = row(vec![created(), transferred]);
    assert_eq!(after, Row { owner, updated_at: at(1), revision: 1, ..before });
}

#[test]
fn a_deleted_application_keeps_its_row_and_comes_back_inactive_under_its_name() {
    let mut events = vec![created(), Told::Deleted {}];
    let deleted = row(events.clone());
    let deletion = Deletion { at: at(1), by: Actor::Operator, reason: Some("1".to_owned()) };
    assert_eq!((deleted.active, deleted.deleted), (false, Some(deletion)));
    assert_eq!(deleted.name, name("Sync"));
    events.push(Told::Restored { name: name("Sync of old") });
    let restored = row(events);
    assert_eq!((restored.active, restored.deleted), (false, None));
    assert_eq!((restored.name, &*restored.name_key), (name("Sync of old"), "sync of old"));
    assert_eq!((restored.status_since, restored.status_reason), (at(2), Some("2".to_owned())));
    assert_eq!(restored.created_at, at(0));
}

#[test]
fn a_forfeited_name_is_no_change_that_anybody_made() {
    let row = row(vec![created(), Told::NameForfeited { claim: "claim".to_owned() }]);
    assert_eq!((row.updated_at, row.revision), (at(0), 1));
}

#[test]
fn a_row_of_the_first_version_is_read() {
    let mut document = serde_json::to_value(row(vec![created()])).expect("JSON");
    let members = document.as_object_mut().expect("an object");
    for later in ["description", "contact", "homepage", "updated_at"] {
        members.remove(later);
    }
    let read: Row = serde_json::from_value(document).expect("a row");
    assert_eq!(read.updated_at, at(0));
}
