//! The owner of an application, and giving it to another one.

use axum::http::StatusCode;
use domain::{UserId, application::Application, authority::Action};
use projections::applications::Row;
use serde_json::{Value, json};

use super::{
    super::{
        body::{self, check_members, identifier},
        call::{Call, Expected},
        error::{Error, Errors},
        operation::{Needs, ReadApplications, WriteApplications},
        reply::Reply,
    },
    APPLICATIONS, find, find_for, refusals,
};
use crate::scopes::Own;

pub(super) async fn show(call: Call<ReadApplications>) -> Result<Reply, Errors> {
    let entry = find(&call)?;
    let document = linkage(&call, &entry.row.id.to_string(), entry.row.owner);
    Ok(Reply::document(StatusCode::OK, document).revision(entry.row.revision))
}

pub(super) async fn give(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    let (entry, expected, permit) = find_for(&call, Action::Transfer)?;
    let document = body::parse(&call.body)?;
    check_members(&document, "", &["jsonapi", "data", "links"])?;
    let owner: UserId = identifier(document.get("data"), "users", "/data")?;
    check_scopes(&call, &entry.row).map_err(|error| error.at("/data"))?;
    let mut scribe = call.scribe("transfer");
    if let Expected::Exactly(revision) = expected {
        scribe = scribe.only_behind::<Application>(&entry.row.id, revision);
    }
    let done = scribe.transfer_application(&permit, entry.row.id, owner).await;
    let done = done.map_err(|failure| refusals::of(failure, expected).moved_to("/data"))?;
    let document = linkage(&call, &entry.row.id.to_string(), owner);
    call.written(done.position, Reply::document(StatusCode::OK, document)).await
}

/// A token makes nobody speak for another owner in scopes of ours that it does not have itself.
pub(super) fn check_scopes(call: &Call<WriteApplications>, row: &Row) -> Result<(), Error> {
    let own = row.scopes.iter().filter_map(|scope| Own::parse(scope.as_str()));
    match own.into_iter().find(|own| !call.caller.has(*own)) {
        Some(own) => Err(Error::denied(format!(
            "The application has the scope \"{own}\", which the token does not have itself."
        ))),
        None => Ok(()),
    }
}

fn linkage<S: Needs>(call: &Call<S>, id: &str, owner: UserId) -> Value {
    let base = call.base();
    let address = format!("{base}/{}/{id}/relationships/owner", APPLICATIONS.name);
    json!({
        "jsonapi": { "version": "1.1" },
        "links": { "self": address, "related": format!("{base}/users/{owner}") },
        "data": { "type": "users", "id": owner },
    })
}
