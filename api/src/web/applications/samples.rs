//! What the pages say, as JSON, for the comparison with the fixtures.

use serde_json::Value;

use super::{Subject, Time, created, delete, deleted, edit, new, restore, show, switch, transfer};

fn json_of(content: impl serde::Serialize) -> Value {
    serde_json::to_value(content).expect("JSON")
}

pub(super) fn time() -> Time {
    let moment = domain::Timestamp::from_micros(1_795_000_000_000_000);
    Time::of(moment, moment)
}

pub(super) fn text() -> String {
    "text".to_owned()
}

pub(super) fn subject() -> Subject {
    Subject { name: text(), client_id: text(), organization: text() }
}

pub(in crate::web) fn application() -> Value {
    json_of(show::sample())
}

pub(in crate::web) fn created() -> Value {
    json_of(created::sample())
}

pub(in crate::web) fn deactivate() -> Value {
    json_of(switch::sample())
}

pub(in crate::web) fn delete() -> Value {
    json_of(delete::sample())
}

pub(in crate::web) fn deleted() -> Value {
    json_of(deleted::sample())
}

pub(in crate::web) fn restore() -> Value {
    json_of(restore::sample())
}

pub(in crate::web) fn transfer() -> Value {
    json_of(transfer::sample())
}

pub(in crate::web) fn edit() -> Value {
    json_of(edit::sample())
}

pub(in crate::web) fn new() -> Value {
    json_of(new::sample())
}
