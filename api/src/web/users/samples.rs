//! Contexts as handlers make them, for the test that compares their shape with the fixtures.

use domain::Timestamp;
use serde_json::Value;

use super::{State, edit, invite, list, show};
use crate::web::{actions, choice::Choice, grid, roles, times::Time};

fn text() -> String {
    "text".to_owned()
}

fn time() -> Time {
    let moment = Timestamp::from_micros(1_795_000_000_000_000);
    Time::of(moment, moment)
}

fn membership() -> list::Membership {
    list::Membership { organization: text(), role: "Member" }
}

fn choice() -> Choice {
    Choice::new(text(), text(), true)
}

pub(in crate::web) fn state() -> State {
    State { label: "Enabled", good: true }
}

pub(in crate::web) fn list() -> Value {
    let head = || list::Head { url: text(), direction: None };
    let context = list::Context {
        rows: vec![list::Row {
            url: text(),
            display_name: text(),
            user_name: text(),
            email: text(),
            memberships: vec![membership()],
            state: state(),
            disabled: false,
            created: time(),
        }],
        summary: text(),
        filtered: true,
        actions: vec![actions::sample()],
        filters: list::Filters {
            text: text(),
            organizations: vec![choice()],
            roles: roles::filters(None),
            statuses: vec![choice()],
            url: text(),
        },
        sort: list::Sorts { name: head(), user_name: head(), email: head(), created: head() },
        pager: list::Pager { page: 1, pages: 1, previous_url: None, next_url: None },
    };
    serde_json::to_value(context).expect("JSON")
}

pub(in crate::web) fn user() -> Value {
    let person = show::Person {
        display_name: text(),
        user_name: text(),
        email: text(),
        locale: text(),
        state: state(),
        invited_until: Some(time()),
        invitation_expired: false,
        created: time(),
        updated: Some(time()),
    };
    let context = show::Context {
        person,
        memberships: vec![membership()],
        actions: vec![actions::sample()],
        grid: grid::samples::of_person(),
    };
    serde_json::to_value(context).expect("JSON")
}

pub(in crate::web) fn edit() -> Value {
    let form = edit::Form {
        action: text(),
        return_to: text(),
        error: None,
        own: false,
        user_name: text(),
        user_name_error: None,
        display_name: text(),
        display_name_error: None,
        email: text(),
        email_error: None,
        locale: text(),
        locale_error: None,
        old_password_error: None,
    };
    serde_json::to_value(edit::Context { title: "Edit user", form }).expect("JSON")
}

pub(in crate::web) fn invite() -> Value {
    let form = invite::Form {
        return_to: text(),
        error: None,
        user_name: text(),
        user_name_error: None,
        display_name: text(),
        display_name_error: None,
        email: text(),
        email_error: None,
        locale: text(),
        locale_error: None,
        organizations: vec![choice()],
        organization_error: None,
        roles: roles::filters(None),
        role_error: None,
        lifetime: text(),
    };
    serde_json::to_value(invite::Context { form }).expect("JSON")
}
