//! Activating and deactivating an application.

use commands::applications::Seen;
use domain::{ApplicationId, Reason, application::Edit, authority::Action};
use serde_json::{Map, Value, json};

use super::{
    super::{
        body::{self, check_members, identifier},
        call::Call,
        error::{Error, Errors, Kind},
        operation::WriteApplications,
        reply::Reply,
        schema,
    },
    APPLICATIONS, Begun, Subject, answer, begin, refusals,
};

pub(super) async fn activate(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    switch(call, true).await
}

pub(super) async fn deactivate(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    switch(call, false).await
}

async fn switch(call: Call<WriteApplications>, active: bool) -> Result<Reply, Errors> {
    let Subject { row, expected, permit, scribe } =
        match begin(&call, "switch", Action::Change).await? {
            Begun::Now(subject) => subject,
            Begun::Before(scribe, id, position) => {
                return answer(&call, &scribe, id, position).await;
            }
        };
    let scribe = scribe.because(reason(&mut meta(&call.body, row.id, &["reason"])?)?);
    let edit = Edit { active: Some(active), ..Edit::default() };
    let done = scribe.edit_application(&[permit], row.id, edit, Seen::Anything).await;
    let done = done.map_err(|failure| refusals::of(failure, expected))?;
    answer(&call, &scribe, row.id, done.position).await
}

/// The meta object of a body that has nothing else, but perhaps says again which application is meant, as some clients
/// do. It may be left out.
pub(super) fn meta(
    body: &[u8],
    id: ApplicationId,
    known: &[&str],
) -> Result<Map<String, Value>, Error> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let mut document = body::parse(body)?;
    let meta = document.remove("meta");
    check_members(&document, "", &["jsonapi", "data"])?;
    if let Some(data) = document.get("data") {
        let meant: ApplicationId = identifier(Some(data), APPLICATIONS.name, "/data")?;
        if meant != id {
            let text = "The id is not that of the address.";
            return Err(Error::new(Kind::Conflict, text).at("/data/id"));
        }
    }
    match meta {
        None => Ok(Map::new()),
        Some(Value::Object(meta)) => {
            check_members(&meta, "/meta", known)?;
            Ok(meta)
        }
        Some(_) => Err(Error::new(Kind::BadRequest, "This must be an object.").at("/meta")),
    }
}

/// What is written beside the change, for ever.
pub(super) fn reason(meta: &mut Map<String, Value>) -> Result<Option<Reason>, Error> {
    let wrong = |rule: String| Error::new(Kind::Invalid, rule).at("/meta/reason");
    match meta.remove("reason") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Reason::parse(&text).map_err(|rule| wrong(rule.to_string())),
        Some(_) => Err(wrong("This value should be text.".to_owned())),
    }
}

pub(super) fn reason_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "jsonapi": { "type": "object" },
            "data": schema::linkage(APPLICATIONS.name)["properties"]["data"],
            "meta": {
                "type": "object",
                "properties": {
                    "reason": {
                        "type": "string",
                        "maxLength": Reason::MAX_LENGTH,
                        "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
                        "description": "Written beside the change, for ever.",
                        "examples": ["Suspicious traffic"],
                    },
                },
                "additionalProperties": false,
            },
        },
        "additionalProperties": false,
    })
}
