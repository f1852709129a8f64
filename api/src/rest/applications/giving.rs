//! The owner of an application, and giving it to another one.

use axum::http::StatusCode;
use commands::Scribe;
use domain::{ApplicationId, UserId, authority::Action};
use projections::applications::Row;
use serde_json::{Value, json};
use store::Position;

use super::{
    super::{
        body::{self, check_members, identifier},
        call::Call,
        error::{Error, Errors},
        operation::{Needs, ReadApplications, WriteApplications},
        reply::Reply,
    },
    APPLICATIONS, Begun, Subject, begin, find, refusals, written,
};
use crate::scopes::Own;

pub(super) async fn show(call: Call<ReadApplications>) -> Result<Reply, Errors> {
    let entry = find(&call)?;
    let document = linkage(&call, &entry.row.id.to_string(), entry.row.owner);
    Ok(Reply::document(StatusCode::OK, document).revision(entry.row.revision))
}

pub(super) async fn give(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    let Subject { row, expected, permit, scribe } =
        match begin(&call, "transfer", Action::Transfer).await? {
            Begun::Now(subject) => subject,
            Begun::Before(scribe, id, position) => {
                return answer(&call, &scribe, id, position).await;
            }
        };
    let document = body::parse(&call.body)?;
    check_members(&document, "", &["jsonapi", "data", "links"])?;
    let owner: UserId = identifier(document.get("data"), "users", "/data")?;
    check_scopes(&call, &row).map_err(|error| error.at("/data"))?;
    let done = scribe.transfer_application(&permit, row.id, owner).await;
    let done = done.map_err(|failure| refusals::of(failure, expected).moved_to("/data"))?;
    answer(&call, &scribe, row.id, done.position).await
}

async fn answer(
    call: &Call<WriteApplications>,
    scribe: &Scribe,
    id: ApplicationId,
    position: Position,
) -> Result<Reply, Errors> {
    let row = written(call, scribe, id).await?;
    let document = linkage(call, &id.to_string(), row.owner);
    let reply = Reply::document(StatusCode::OK, document).revision(row.revision);
    call.written(position, reply).await
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
