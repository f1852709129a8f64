//! `oauthapplications`: created, read, listed, changed, switched, transferred, deleted, restored.

mod creating;
mod deleting;
mod giving;
mod listing;
mod refusals;
mod switching;
mod table;
mod updating;

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use commands::{Permit, Scribe};
use domain::{
    ApplicationId, Timestamp,
    application::Application,
    authority::{Action, Authority},
};
use projections::{
    applications::{self, Row},
    register::Status,
};
use serde_json::{Value, json};
use store::Position;

pub(super) use self::table::APPLICATIONS;
use self::table::{LIST, ONE};
use super::{
    call::{Call, Expected},
    document::{self, Resource},
    error::{Error, Errors, Kind},
    operation::{Body, Gives, Needs, Operation, ReadApplications, WriteApplications},
    organizations,
    reply::Reply,
    schema::{self, Purpose},
    users,
};
use crate::scopes::Own;

const MANY: &str = "/oauthapplications";
const SOLE: &str = "/oauthapplications/{id}";

pub(super) fn operations() -> Vec<Operation> {
    let one = Gives::One(StatusCode::OK, &APPLICATIONS);
    let owner = "/oauthapplications/{id}/relationships/owner";
    vec![
        Operation::new(Method::GET, MANY, "listApplications", listing::list)
            .summary("List the applications that the caller may see; deleted ones when a filter names their status")
            .accepting(&LIST)
            .giving(Gives::Many(&APPLICATIONS)),
        Operation::new(Method::POST, MANY, "createApplication", creating::create)
            .summary("Create an application; the answer is the only one that has its clientSecret")
            .accepting(&ONE)
            .body(Body::Needed(APPLICATIONS.body(Purpose::Create)))
            .giving(Gives::One(StatusCode::CREATED, &APPLICATIONS)),
        Operation::new(Method::GET, SOLE, "getApplication", show)
            .summary("Get an application, also a deleted one")
            .accepting(&ONE)
            .giving(one),
        Operation::new(Method::PATCH, SOLE, "updateApplication", updating::update)
            .summary("Change an application, all that is named or nothing")
            .accepting(&ONE)
            .body(Body::Needed(APPLICATIONS.body(Purpose::Update)))
            .giving(one),
        Operation::new(Method::DELETE, SOLE, "deleteApplication", deleting::delete)
            .summary("Delete an application; its tokens end at once, and it can be restored for some time")
            .body(Body::Possible(switching::reason_schema())),
        Operation::new(
            Method::POST,
            "/oauthapplications/{id}/activate",
            "activateApplication",
            switching::activate,
        )
        .summary("Let an application have tokens")
        .accepting(&ONE)
        .body(Body::Possible(switching::reason_schema()))
        .giving(one),
        Operation::new(
            Method::POST,
            "/oauthapplications/{id}/deactivate",
            "deactivateApplication",
            switching::deactivate,
        )
        .summary("Refuse tokens to an application, and its present ones here, at once")
        .accepting(&ONE)
        .body(Body::Possible(switching::reason_schema()))
        .giving(one),
        Operation::new(
            Method::POST,
            "/oauthapplications/{id}/restore",
            "restoreApplication",
            deleting::restore,
        )
        .summary("Bring a deleted application back, inactive, under its name or another one")
        .accepting(&ONE)
        .body(Body::Possible(deleting::restore_schema()))
        .giving(one),
        Operation::new(Method::GET, owner, "getApplicationOwner", giving::show)
            .summary("Get the owner of an application")
            .giving(Gives::Linkage("users")),
        Operation::new(Method::PATCH, owner, "transferApplication", giving::give)
            .summary("Give an application to another member of its organization")
            .body(Body::Needed(schema::linkage("users")))
            .giving(Gives::Linkage("users")),
    ]
}

async fn show(call: Call<ReadApplications>) -> Result<Reply, Errors> {
    let entry = find(&call)?;
    let resource = resource(&entry.row, entry.last_used_at);
    let included = included(&call, &entry.row);
    let document = document::one(&resource, &included, &call.base(), &call.query);
    Ok(Reply::document(StatusCode::OK, document).revision(resource.revision))
}

/// The application of the address, if the caller may see it.
fn find<S: Needs>(call: &Call<S>) -> Result<projections::register::Entry, Error> {
    let id: ApplicationId = call.id()?;
    let found = call.app.knowledge.application(id);
    let seen = |row: &Row| call.caller.agent.may(Action::View, row.belonging());
    found.filter(|entry| seen(&entry.row)).ok_or_else(Error::not_found)
}

/// What a write finds.
enum Begun {
    Now(Subject),
    /// This very request was carried out before, and wrote up to this position.
    Before(Scribe, ApplicationId, Position),
}

/// An application that may be written to.
struct Subject {
    row: Arc<Row>,
    expected: Expected,
    permit: Permit,
    /// Writes to the application behind the expected revision only.
    scribe: Scribe,
}

/// Begins to carry out a request. What was carried out before asks for no more than to see it.
async fn begin(
    call: &Call<WriteApplications>,
    step: &str,
    action: Action,
) -> Result<Begun, Errors> {
    let row = find(call)?.row;
    let scribe = call.scribe(step);
    if let Some(position) = call.sent_before::<Application>(&scribe, &row.id).await? {
        return Ok(Begun::Before(scribe, row.id, position));
    }
    let permit = Permit::for_application(&call.caller.agent, action, row.belonging());
    let permit = permit.map_err(|denied| Error::denied(denied.to_string()))?;
    let expected = call.check_revision(row.revision)?;
    if row.deleted.is_some() && !matches!(action, Action::Restore | Action::View) {
        let text = "The application is deleted: restore it first.";
        return Err(Error::new(Kind::Conflict, text).into());
    }
    let scribe = expected.behind::<Application>(scribe, &row.id);
    Ok(Begun::Now(Subject { row, expected, permit, scribe }))
}

/// Answers a write with the application as the events of the command left it, read from the log itself: they are there
/// whatever this node knows.
async fn answer(
    call: &Call<WriteApplications>,
    scribe: &Scribe,
    id: ApplicationId,
    position: Position,
) -> Result<Reply, Errors> {
    let row = written(call, scribe, id).await?;
    let used = call.app.knowledge.application(id).and_then(|entry| entry.last_used_at);
    let resource = resource(&row, used);
    let included = included(call, &row);
    let document = document::one(&resource, &included, &call.base(), &call.query);
    let reply = Reply::document(StatusCode::OK, document).revision(resource.revision);
    call.written(position, reply).await
}

/// The application as the command left it; as it is where the command had nothing to change.
async fn written(
    call: &Call<WriteApplications>,
    scribe: &Scribe,
    id: ApplicationId,
) -> Result<Row, Errors> {
    let as_of = scribe.carried_out::<Application>(&id).await.map_err(super::refusals::log)?;
    let row = applications::read_as_of(&call.app.commands.log, id, as_of).await;
    Ok(row.map_err(super::refusals::log)?.ok_or_else(Error::not_found)?)
}

/// Owners and organizations are only included where the token may read them.
fn included<S: Needs>(call: &Call<S>, row: &Row) -> Vec<Resource> {
    let mut related = Vec::new();
    if call.query.include.contains(&"organization") && call.caller.has(Own::OrganizationsRead) {
        let found = call.organization(row.organization).ok();
        related.extend(found.as_ref().map(organizations::resource));
    }
    if call.query.include.contains(&"owner") && call.caller.has(Own::UsersRead) {
        related.extend(call.user(row.owner).ok().as_ref().map(users::resource));
    }
    related
}

fn resource(row: &Row, last_used_at: Option<Timestamp>) -> Resource {
    let secrets: Vec<_> = row
        .secrets
        .iter()
        .map(|it| json!({ "id": it.id, "hint": it.hint, "createdAt": it.created_at }))
        .collect();
    Resource {
        of: &APPLICATIONS,
        id: row.id.to_string(),
        revision: row.revision,
        attributes: json!({
            "name": row.name,
            "clientId": row.client_id,
            "active": row.active,
            "status": status(Status::of(row)),
            "grants": row.grants,
            "scopes": row.scopes,
            "description": said(row.description.as_str()),
            "contactEmail": said(row.contact.as_str()),
            "homepageUrl": said(row.homepage.as_str()),
            "secrets": secrets,
            "createdAt": row.created_at,
            "updatedAt": row.updated_at,
            "deletedAt": row.deleted.as_ref().map(|deletion| deletion.at),
        }),
        relationships: vec![
            ("owner", "users", row.owner.to_string()),
            ("organization", "organizations", row.organization.to_string()),
        ],
        meta: json!({ "lastUsedAt": last_used_at }),
    }
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Inactive => "inactive",
        Status::Deleted => "deleted",
    }
}

/// What says nothing is null.
fn said(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}
