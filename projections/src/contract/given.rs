//! Generations, rows and moments that the cases share.

use std::time::Duration;

use domain::{
    Aggregate, ApplicationId, ClientId, EmailTemplateId, EventId, LogId, NotificationId,
    NotificationRuleId, OrganizationId, SecretId, Timestamp, UserId,
    application::{Application, Contact, Description, Grant, Homepage},
    name::{ApplicationName, OrganizationName},
    notification::{Notification, Recipient, Request},
    organization::Organization,
};
use serde::Serialize;
use serde_json::Value;
use store::{Actor, Digest, Position, StreamName};
use uuid::Uuid;

use crate::{
    Checkpoint, Identity, Projection, Views,
    applications::{self, Applications},
    directory::{self, Directory},
    notifications::{self, Delivery, Notifications},
    views::{Change, Generation, ProjectorLease, Target, ViewsError},
};

/// How long a case waits for what must happen.
const PATIENCE: Duration = Duration::from_mins(1);

/// The place to project, as soon as it is free: whoever gives it up may need a moment to tell.
pub(super) async fn claimed(views: &dyn Views) -> ProjectorLease {
    let claiming = async {
        loop {
            if let Some(lease) = views.claim_projector().await.expect("views answer") {
                return lease;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, claiming).await.expect("the place is free soon")
}

pub(super) const APPLICATIONS: Identity = Applications::IDENTITY;

pub(super) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(super) fn user(number: u128) -> UserId {
    UserId::new(uuid(number))
}

pub(super) fn organization(number: u128) -> OrganizationId {
    OrganizationId::new(uuid(number))
}

pub(super) fn application(number: u128) -> ApplicationId {
    ApplicationId::new(uuid(number))
}

pub(super) fn secret(number: u128) -> SecretId {
    SecretId::new(uuid(number))
}

/// So many seconds, and a fraction with an awkward form, after some noon.
pub(super) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(1_795_456_800_000_100).plus(Duration::from_secs(seconds))
}

pub(super) fn key<A: Aggregate>(id: &A::Id) -> StreamName {
    StreamName::of::<A>(id)
}

/// The place in the log where the event number `minor` would be.
pub(super) fn checkpoint(minor: u64) -> Checkpoint {
    Checkpoint {
        log: LogId::new(uuid(1)),
        position: Position::new(0, minor),
        digest: Digest([u8::try_from(minor % 256).unwrap_or_default(); 32]),
    }
}

/// Rows written from one position to the next.
pub(super) fn change(behind: u64, rows: Vec<(StreamName, Option<String>)>) -> Change {
    Change {
        to: Target::Current,
        behind: Position::new(0, behind),
        checkpoint: checkpoint(behind + 1),
        rows,
        parked: vec![],
    }
}

/// A new generation before the first event.
pub(super) async fn begun(views: &dyn Views, identity: Identity) -> Generation {
    views.begin(identity, checkpoint(0)).await.expect("a generation begins")
}

/// A new generation with these rows, which is not live.
pub(super) async fn built(
    views: &dyn Views,
    identity: Identity,
    rows: Vec<(StreamName, Option<String>)>,
) -> Generation {
    let generation = begun(views, identity).await;
    views.commit(generation, change(0, rows)).await.expect("rows are written");
    generation
}

/// A live generation with these rows.
pub(super) async fn live(
    views: &dyn Views,
    identity: Identity,
    rows: Vec<(StreamName, Option<String>)>,
) -> Generation {
    let generation = built(views, identity, rows).await;
    views.switch(generation).await.expect("the generation becomes live");
    generation
}

/// The row of an aggregate as a change writes it.
pub(super) fn entry<A: Aggregate>(
    id: &A::Id,
    row: &impl Serialize,
) -> (StreamName, Option<String>) {
    (key::<A>(id), Some(serde_json::to_string(row).expect("a row is JSON")))
}

pub(super) fn parsed(document: &str) -> Value {
    serde_json::from_str(document).expect("a row is JSON")
}

/// An active application of user 1 in organization 1, named "Sync".
pub(super) fn row(number: u128) -> applications::Row {
    named(number, "Sync")
}

pub(super) fn named(number: u128, name: &str) -> applications::Row {
    let (name, at) = (ApplicationName::parse(name).expect("a name"), at(0));
    let created_by = Actor::User { id: user(1) };
    applications::Row {
        id: application(number),
        client_id: ClientId::parse(&format!("{number:032}")).expect("a client id"),
        name_key: applications::key_of(name.as_str()),
        name,
        organization: organization(1),
        owner: user(1),
        active: true,
        status_since: at,
        status_by: created_by,
        status_reason: None,
        grants: vec![Grant::ClientCredentials],
        scopes: vec![],
        secrets: vec![applications::Secret {
            id: secret(number),
            hint: "\u{1d11e}\"\\".to_owned(),
            created_at: at,
            created_by,
        }],
        created_at: at,
        created_by,
        description: Description::default(),
        contact: Contact::default(),
        homepage: Homepage::default(),
        updated_at: at,
        deleted: None,
        revision: 1,
    }
}

/// The rows as a change writes them.
pub(super) fn kept(rows: &[applications::Row]) -> Vec<(StreamName, Option<String>)> {
    rows.iter().map(|row| entry::<Application>(&row.id, row)).collect()
}

/// Makes these the applications that are there.
pub(super) async fn shown(views: &dyn Views, rows: &[applications::Row]) -> Generation {
    live(views, APPLICATIONS, kept(rows)).await
}

/// Makes these the organizations that are there.
pub(super) async fn known_organizations(views: &dyn Views, organizations: &[(u128, &str)]) {
    let rows = organizations.iter().map(|(number, name)| {
        let id = organization(*number);
        let name = OrganizationName::parse(name).expect("a name");
        let row = directory::Row::Organization(directory::Organization {
            id,
            name_key: name.normalised(),
            name,
            enabled: true,
            global_access: false,
            members: [].into(),
            suspended: [].into(),
            since: [].into(),
            tokens_void_before: 0,
            created_at: at(0),
            updated_at: None,
            revision: 0,
        });
        entry::<Organization>(&id, &row)
    });
    live(views, Directory::IDENTITY, rows.collect()).await;
}

/// The numbers of the applications that are live.
pub(super) async fn found(views: &dyn Views) -> Vec<u128> {
    loop {
        let live = views.live(APPLICATIONS).await.expect("views answer").expect("they are live");
        match views.page(live.generation, None, 5000).await {
            Ok(page) => return page.iter().map(|(key, _)| number_of(key)).collect(),
            // Others became live meanwhile.
            Err(ViewsError::Raced) => {}
            Err(error) => panic!("views answer: {error}"),
        }
    }
}

fn number_of(key: &StreamName) -> u128 {
    Uuid::parse_str(key.id()).expect("an id").as_u128()
}

pub(super) fn letter(number: u128, state: Delivery, due: Option<Timestamp>) -> notifications::Row {
    notifications::Row {
        id: NotificationId::new(uuid(number)),
        request: Request {
            occasion: "application_created".to_owned(),
            event: EventId::new(uuid(number)),
            stream: StreamName::of::<Application>(&application(1)).to_string(),
            rule: NotificationRuleId::shipped("application_created"),
            template: EmailTemplateId::shipped("oauth_application_created"),
            recipient: Recipient::User(user(1)),
            about: None,
            daily: false,
            test: None,
        },
        state,
        attempts: 0,
        due,
        requested_at: at(0),
        since: at(0),
        answer: None,
        message_id: None,
        changed_at: at(0),
        revision: 0,
    }
}

/// The letters as a change writes them.
pub(super) fn written(letters: &[notifications::Row]) -> Vec<(StreamName, Option<String>)> {
    letters.iter().map(|letter| entry::<Notification>(&letter.id, letter)).collect()
}

/// Makes these the letters that are there.
pub(super) async fn posted(views: &dyn Views, letters: &[notifications::Row]) -> Generation {
    live(views, Notifications::IDENTITY, written(letters)).await
}
