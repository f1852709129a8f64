//! Contexts as handlers make them, for the test that compares their shape with the fixtures.

use domain::Timestamp;
use serde_json::Value;

use super::{letters, password, sessions};
use crate::web::{choice::Choice, times::Time};

fn text() -> String {
    "text".to_owned()
}

pub(in crate::web) fn letters() -> Value {
    let choice = Choice::new("value", "label", true);
    let form = letters::Form {
        action: text(),
        return_to: text(),
        error: None,
        paces: vec![choice],
        pace_error: None,
    };
    serde_json::to_value(letters::Context { form }).expect("JSON")
}

pub(in crate::web) fn password() -> Value {
    let form = password::Form {
        action: text(),
        return_to: text(),
        error: None,
        user_name: text(),
        old_password_error: None,
        password_error: None,
    };
    serde_json::to_value(password::Context { form }).expect("JSON")
}

pub(in crate::web) fn sessions() -> Value {
    let moment = Timestamp::from_micros(1_795_000_000_000_000);
    let session = sessions::Session {
        id: text(),
        device: text(),
        address: None,
        started: Time::of(moment, moment),
        seen: Time::of(moment, moment),
        current: true,
    };
    let context = sessions::Context {
        sessions: vec![session],
        more: Some(text()),
        end_url: text(),
        end_all_url: text(),
    };
    serde_json::to_value(context).expect("JSON")
}
