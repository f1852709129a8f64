//! Deleting an application, and bringing it back.

use domain::{authority::Action, name::ApplicationName};
use serde_json::Value;

use super::{
    super::{
        call::Call,
        error::{Error, Errors, Kind},
        operation::WriteApplications,
        reply::Reply,
        schema::Shape,
    },
    Begun, Subject, answer, begin, refusals,
    switching::{meta, reason, reason_schema},
};

pub(super) async fn delete(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    let Subject { row, expected, permit, scribe } =
        match begin(&call, "delete", Action::Delete).await? {
            Begun::Now(subject) => subject,
            Begun::Before(.., position) => return call.written(position, Reply::nothing()).await,
        };
    let scribe = scribe.because(reason(&mut meta(&call.body, row.id, &["reason"])?)?);
    let done = scribe.delete_application(&permit, row.id).await;
    let done = done.map_err(|failure| refusals::of(failure, expected))?;
    call.written(done.position, Reply::nothing()).await
}

pub(super) async fn restore(call: Call<WriteApplications>) -> Result<Reply, Errors> {
    let Subject { row, expected, permit, scribe } =
        match begin(&call, "restore", Action::Restore).await? {
            Begun::Now(subject) => subject,
            Begun::Before(scribe, id, position) => {
                return answer(&call, &scribe, id, position).await;
            }
        };
    let mut meta = meta(&call.body, row.id, &["reason", "name"])?;
    let scribe = scribe.because(reason(&mut meta)?);
    let wrong = |rule: String| Error::new(Kind::Invalid, rule).at("/meta/name");
    let name = match meta.remove("name") {
        None | Some(Value::Null) => row.name.clone(),
        Some(Value::String(text)) => {
            ApplicationName::parse(&text).map_err(|rule| wrong(rule.to_string()))?
        }
        Some(_) => return Err(wrong("This value should be text.".to_owned()).into()),
    };
    let within = call.app.settings.restorable_for;
    let done = scribe.restore_application(&permit, row.id, name, within).await;
    let done = done.map_err(|failure| refusals::of(failure, expected).moved_to("/meta/name"))?;
    answer(&call, &scribe, row.id, done.position).await
}

pub(super) fn restore_schema() -> Value {
    let mut schema = reason_schema();
    let mut name = Shape::Name.schema();
    name["description"] = "Another name, where the former one is taken by now.".into();
    schema["properties"]["meta"]["properties"]["name"] = name;
    schema
}
