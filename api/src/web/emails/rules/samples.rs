//! Contexts as handlers make them, for the test that compares their shape with the fixtures.

use domain::Timestamp;
use serde_json::Value;

use super::{Choice, edit, entered::Complaints, list, preview};
use crate::web::{navigation, times::Time};

fn text() -> String {
    "text".to_owned()
}

fn choice() -> Choice {
    Choice::among(text(), text(), "text")
}

pub(in crate::web) fn list() -> Value {
    let row = list::Row {
        name: text(),
        edit_url: text(),
        switch_url: text(),
        delete_url: Some(text()),
        occasion: text(),
        filter: vec![text()],
        template: Some(text()),
        recipients: vec![text()],
        active: true,
    };
    let context = list::Context {
        tabs: vec![navigation::sample()],
        rows: vec![row],
        summary: text(),
        filtered: true,
        new_url: text(),
        filters: list::Filters {
            text: text(),
            occasions: vec![choice()],
            states: vec![choice()],
            url: text(),
        },
    };
    serde_json::to_value(context).expect("JSON")
}

pub(in crate::web) fn form() -> Value {
    let moment = Timestamp::from_micros(1_795_000_000_000_000);
    let time = || Time::of(moment, moment);
    let row = preview::Row { time: time(), about: text(), url: Some(text()), people: vec![text()] };
    let form = edit::Form {
        action: text(),
        return_to: text(),
        revision: 1,
        name: text(),
        occasion_title: Some("title"),
        occasion: text(),
        occasions: vec![choice()],
        organizations: vec![choice()],
        application_name: text(),
        filter_owner: text(),
        templates: vec![choice()],
        owner: true,
        creator: true,
        roles: vec![edit::Check { field: "field", label: "label", chosen: true }],
        users: text(),
        addresses: text(),
        active: true,
        days: text(),
        complaints: Complaints::default(),
    };
    let context = edit::Context {
        title: "title",
        tabs: vec![navigation::sample()],
        form,
        preview: Some(preview::Preview {
            summary: text(),
            cut: true,
            since: Some(time()),
            rows: vec![row],
        }),
    };
    serde_json::to_value(context).expect("JSON")
}
