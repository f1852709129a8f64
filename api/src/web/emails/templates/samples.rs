//! Contexts as handlers make them, for the test that compares their shape with the fixtures.

use domain::Timestamp;
use serde_json::Value;

use super::{Choice, edit, list, new, preview, versions};
use crate::web::{navigation, times::Time};

fn text() -> String {
    "text".to_owned()
}

fn choice() -> Choice {
    Choice::new(text(), text(), true)
}

fn json(content: impl serde::Serialize) -> Value {
    serde_json::to_value(content).expect("JSON")
}

pub(in crate::web) fn templates() -> Value {
    let row = list::Row {
        name: text(),
        url: text(),
        occasion: "occasion",
        locales: vec![text()],
        state: "Changed",
        touched: true,
    };
    json(list::Context { tabs: vec![navigation::sample()], rows: vec![row], new_url: text() })
}

pub(in crate::web) fn new_template() -> Value {
    let form = new::Form {
        action: text(),
        return_to: text(),
        error: None,
        name: text(),
        name_error: None,
        occasions: vec![choice()],
        occasion_error: None,
    };
    json(new::Context { form })
}

pub(in crate::web) fn template() -> Value {
    let language = edit::Language { label: text(), url: text(), current: true, customized: true };
    let variable = edit::Variable { name: text(), kind: "text", meaning: "meaning", value: text() };
    let form = edit::Form {
        action: text(),
        return_to: text(),
        revision: Some(1),
        error: None,
        events: vec![choice()],
        subject: text(),
        subject_error: None,
        text: text(),
        text_error: None,
        html: text(),
        html_error: None,
    };
    json(edit::Context {
        tabs: vec![navigation::sample()],
        name: text(),
        occasion: "occasion",
        languages: vec![language],
        language: text(),
        whence: text(),
        variables: vec![variable],
        unknown: None,
        locale_url: text(),
        preview_url: text(),
        saved_preview_url: text(),
        test_url: text(),
        versions_url: text(),
        reset_url: None,
        remove_url: None,
        event: text(),
        form,
    })
}

pub(in crate::web) fn preview() -> Value {
    let letter = preview::Letter { subject: text(), text: text(), html: text() };
    json(preview::Context { draft: true, letter: Some(letter), problems: vec![text()] })
}

pub(in crate::web) fn versions() -> Value {
    let moment = Timestamp::from_micros(1_795_000_000_000_000);
    let line = versions::Line { kind: "same", sign: "", text: text() };
    let version = versions::Version {
        number: 1,
        time: Time::of(moment, moment),
        by: text(),
        what: text(),
        restorable: Some(text()),
        current: true,
        changes: vec![versions::Changes { part: "text", lines: vec![line] }],
    };
    json(versions::Context {
        tabs: vec![navigation::sample()],
        name: text(),
        language: text(),
        back_url: text(),
        versions: vec![version],
        cut: false,
        restore_url: text(),
        revision: 1,
        error: None,
    })
}
