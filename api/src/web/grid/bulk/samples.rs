//! What the pages of bulk actions say.

use super::{
    carrying_out::{self, Known, Next, Results},
    planning::{self, Form, Frozen, Preview},
};
use crate::web::times::Time;

fn time() -> Time {
    let moment = domain::Timestamp::from_micros(1_795_000_000_000_000);
    Time::of(moment, moment)
}

fn text() -> String {
    String::new()
}

pub(in crate::web::grid) fn preview() -> Preview {
    let line = || planning::Line {
        name: text(),
        client_id: text(),
        owner: text(),
        status: "Active",
        last_used: Some(time()),
        url: text(),
        reason: Some("reason"),
    };
    Preview {
        heading: text(),
        consequence: "consequence",
        tokens_until: Some(time()),
        will: vec![line()],
        will_not: vec![line()],
        cut: None,
        form: Form {
            action: text(),
            return_to: text(),
            error: None,
            bulk: "delete",
            id: text(),
            rows: vec![Frozen { name: text(), value: "will" }],
            button: text(),
            dangerous: true,
            asks_reason: true,
            reason: text(),
            reason_error: None,
            count: Some(2),
            count_typed: text(),
            count_error: None,
        },
    }
}

pub(in crate::web::grid) fn results() -> Results {
    let line = || carrying_out::Line { name: text(), url: text(), reason: Some("reason") };
    let known = || Known { name: text(), value: "done" };
    Results {
        heading: text(),
        dealt_with: 1,
        all: 2,
        done: vec![line()],
        refused: vec![line()],
        return_to: text(),
        next: Some(Next {
            action: text(),
            bulk: "delete",
            id: text(),
            reason: text(),
            rows: vec![known()],
            outcomes: vec![known()],
        }),
    }
}
