//! Contexts as handlers make them, for the test that compares their shape with the fixtures.

use domain::Timestamp;
use serde_json::Value;

use super::{edit, list, members, show};
use crate::web::{actions, roles, times::Time, users};

fn text() -> String {
    "text".to_owned()
}

fn time() -> Time {
    let moment = Timestamp::from_micros(1_795_000_000_000_000);
    Time::of(moment, moment)
}

pub(in crate::web) fn list() -> Value {
    let row = list::Row {
        url: text(),
        name: text(),
        enabled: true,
        global_access: true,
        members: Some(text()),
        created: time(),
    };
    let context = list::Context { rows: vec![row], actions: vec![actions::sample()] };
    serde_json::to_value(context).expect("JSON")
}

pub(in crate::web) fn organization() -> Value {
    let organization = show::Described {
        name: text(),
        enabled: true,
        global_access: true,
        created: time(),
        updated: Some(time()),
    };
    let member = show::Member {
        url: text(),
        display_name: text(),
        user_name: text(),
        role: "Member",
        state: users::samples::state(),
        disabled: false,
        change_url: None,
        remove_url: None,
    };
    let context = show::Context {
        organization,
        actions: vec![actions::sample()],
        members: Some(show::Members {
            rows: vec![member],
            count: text(),
            add: actions::sample(),
            previous_url: None,
            next_url: None,
        }),
    };
    serde_json::to_value(context).expect("JSON")
}

pub(in crate::web) fn form() -> Value {
    let form = edit::Form {
        action: text(),
        return_to: text(),
        error: None,
        name: text(),
        name_error: None,
    };
    serde_json::to_value(edit::Context { title: "Rename", form }).expect("JSON")
}

pub(in crate::web) fn member() -> Value {
    let form = members::Form {
        action: text(),
        return_to: text(),
        error: None,
        member: None,
        user_name: text(),
        user_name_error: None,
        roles: roles::filters(None),
        role_error: None,
        button: "Add",
    };
    let context = members::Context { title: "Add member", organization: text(), form };
    serde_json::to_value(context).expect("JSON")
}
