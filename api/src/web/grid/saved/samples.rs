//! What the pages of views say.

use domain::Timestamp;

use super::{
    changing::{self, Context},
    listing::{self, Listing},
    menu::{self, Current, ViewsMenu},
};
use crate::web::times::Time;

fn text() -> String {
    String::new()
}

pub(in crate::web::grid) fn menu() -> ViewsMenu {
    let item = || menu::Item {
        name: text(),
        url: text(),
        owner: Some(text()),
        shared: true,
        current: true,
        default: true,
    };
    ViewsMenu {
        own: vec![item()],
        shared: vec![item()],
        more: Some(text()),
        current: Some(Current {
            name: text(),
            owner: Some(text()),
            changed: true,
            stale: true,
            update_url: Some(text()),
            selection: text(),
            url: text(),
        }),
        missing: false,
        all_url: text(),
        save_url: text(),
        manage_url: text(),
    }
}

pub(in crate::web::grid) fn form() -> Context {
    Context {
        heading: "heading",
        words: vec![text()],
        form: changing::Form {
            action: text(),
            return_to: text(),
            error: None,
            name: text(),
            name_error: None,
            shared: true,
            default: true,
            query: text(),
        },
    }
}

pub(in crate::web::grid) fn listing() -> Listing {
    let moment = Timestamp::from_micros(1_795_000_000_000_000);
    let item = listing::Item {
        id: text(),
        name: text(),
        words: vec![text()],
        stale: false,
        owner: Some(text()),
        shared: true,
        default: true,
        changed: Time::of(moment, moment),
        url: text(),
        edit_url: Some(text()),
        delete_url: Some(text()),
    };
    Listing { views: vec![item], default_url: text(), applications_url: text() }
}
