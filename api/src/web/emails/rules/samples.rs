//! Contexts as handlers make them, for the test that compares their shape with the fixtures.

use serde_json::Value;

use super::list;
use crate::web::navigation;

fn text() -> String {
    "text".to_owned()
}

fn choice() -> list::Choice {
    list::Choice { value: "value", label: "label", selected: true }
}

pub(in crate::web) fn list() -> Value {
    let row = list::Row {
        name: text(),
        shipped: true,
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
        filters: list::Filters {
            text: text(),
            occasions: vec![choice()],
            states: vec![choice()],
            url: text(),
        },
    };
    serde_json::to_value(context).expect("JSON")
}
