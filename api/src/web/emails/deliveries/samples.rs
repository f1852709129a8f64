//! Contexts as handlers make them, for the test that compares their shape with the fixtures.

use domain::Timestamp;
use projections::notifications::Delivery;
use serde_json::Value;

use super::{
    list,
    seen::{Link, State, To},
    show, steps,
};
use crate::web::{actions, choice::Choice, navigation, times::Time};

fn text() -> String {
    "text".to_owned()
}

fn time() -> Time {
    let moment = Timestamp::from_micros(1_795_000_000_000_000);
    Time::of(moment, moment)
}

fn link() -> Link {
    Link { name: text(), url: Some(text()) }
}

fn recipient() -> To {
    To { who: link(), detail: Some(text()) }
}

fn choice() -> Choice {
    Choice::new("sent", "Sent", true)
}

pub(in crate::web) fn list() -> Value {
    let context = list::Context {
        tabs: vec![navigation::sample()],
        rows: vec![list::Row {
            url: text(),
            state: State::of(Delivery::Waiting),
            due: Some(time()),
            occasion: text(),
            subject: link(),
            recipient: recipient(),
            attempts: 1,
            answer: Some(text()),
            requested: time(),
            changed: time(),
        }],
        summary: text(),
        filtered: true,
        chips: vec![list::Chip { words: text(), remove_url: text() }],
        filters: list::Filters {
            url: text(),
            states: vec![choice()],
            states_in_use: Some(1),
            occasions: vec![choice()],
            recipient: text(),
            recipient_error: Some("text"),
            application: Some(text()),
        },
        pager: list::Pager { as_of: text(), previous_url: Some(text()), next_url: Some(text()) },
    };
    serde_json::to_value(context).expect("JSON")
}

pub(in crate::web) fn letter() -> Value {
    let letter = show::Properties {
        id: text(),
        occasion: text(),
        state: State::of(Delivery::Sent),
        due: Some(time()),
        daily: true,
        subject: link(),
        recipient: recipient(),
        rule: link(),
        template: link(),
        event: text(),
        attempts: 1,
        answer: Some(text()),
        message_id: Some(text()),
        requested: time(),
        changed: time(),
    };
    let entry = steps::Entry {
        time: time(),
        text: text(),
        said: Some(text()),
        then: Some(steps::Then { words: "until", time: time() }),
        message_id: Some(text()),
    };
    let context = show::Context {
        tabs: vec![navigation::sample()],
        letter,
        actions: vec![actions::sample()],
        steps: steps::Steps { entries: vec![entry], cut: true, unreadable: false },
    };
    serde_json::to_value(context).expect("JSON")
}
