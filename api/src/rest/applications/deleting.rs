//! Deleting an application, and bringing it back.

use domain::{application::Application, authority::Action, name::ApplicationName};
use serde_json::Value;

use super::{
    super::{
        call::{Call, Expected},
        error::{Error, Errors, Kind},
        operation::WriteApplications,
        reply::Reply,
        schema::Shape,
    },
    answer, find_for, refusals,
    switching::{meta, reason, reason_schema},
};

pub(super) async fn delete(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    let (entry, expected, permit) = find_for(&call, Action::Delete)?;
    let mut scribe = call.scribe("delete");
    if let Some(reason) = reason(&mut meta(&call.body, entry.row.id, &["reason"])?)? {
        scribe = scribe.because(reason);
    }
    if let Expected::Exactly(revision) = expected {
        scribe = scribe.only_behind::<Application>(&entry.row.id, revision);
    }
    let done = scribe.delete_application(&permit, entry.row.id).await;
    let done = done.map_err(|failure| refusals::of(failure, expected))?;
    call.written(done.position, Reply::nothing()).await
}

pub(super) async fn restore(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    let (entry, expected, permit) = find_for(&call, Action::Restore)?;
    let mut meta = meta(&call.body, entry.row.id, &["reason", "name"])?;
    let mut scribe = call.scribe("restore");
    if let Some(reason) = reason(&mut meta)? {
        scribe = scribe.because(reason);
    }
    if let Expected::Exactly(revision) = expected {
        scribe = scribe.only_behind::<Application>(&entry.row.id, revision);
    }
    let wrong = |rule: String| Error::new(Kind::Invalid, rule).at("/meta/name");
    let name = match meta.remove("name") {
        None | Some(Value::Null) => entry.row.name.clone(),
        Some(Value::String(text)) => {
            ApplicationName::parse(&text).map_err(|rule| wrong(rule.to_string()))?
        }
        Some(_) => return Err(wrong("This value should be text.".to_owned()).into()),
    };
    let within = call.app.settings.restorable_for;
    let done = scribe.restore_application(&permit, entry.row.id, name, within).await;
    let done = done.map_err(|failure| refusals::of(failure, expected).moved_to("/meta/name"))?;
    answer(&call, entry.row.id, done.position).await
}

pub(super) fn restore_schema() -> Value {
    let mut schema = reason_schema();
    let mut name = Shape::Name.schema();
    name["description"] = "Another name, where the former one is taken by now.".into();
    schema["properties"]["meta"]["properties"]["name"] = name;
    schema
}
