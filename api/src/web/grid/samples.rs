//! What the pages of the grid say, as JSON, for the comparison with the fixtures.

use serde_json::Value;

use super::{
    BulkForm, Frame, Grid, Shown, Wanted, bulk,
    column::Column,
    form::Form,
    furniture::{Chip, Exports, Head, Pager},
    names::Names,
    page::Context,
    row::Listed,
    saved,
};

fn json_of(content: impl serde::Serialize) -> Value {
    serde_json::to_value(content).expect("JSON")
}

fn everything() -> Frame {
    Frame {
        path: "/applications".to_owned(),
        owner: None,
        own: true,
        within: None,
        new_label: "label",
        usual: Column::ALL.to_vec(),
        several_organizations: true,
    }
}

pub(in crate::web) fn of_person() -> Grid {
    let owner = Some(domain::UserId::new(uuid::Uuid::nil()));
    grid(&Frame { owner, ..everything() })
}

fn grid(frame: &Frame) -> Grid {
    let wanted = Wanted::read("name=sync&view=none&created_op=before&created_to=x").tidied(frame);
    let (names, link) = (Names::sample(), |_: &Wanted| String::new());
    Grid {
        rows: vec![Listed::sample()],
        heads: Head::all(&wanted, &Column::ALL, &link),
        show: Shown {
            client_id: true,
            organization: true,
            owner: true,
            status: true,
            grant: true,
            scopes: true,
            created: true,
            last_used: true,
        },
        summary: String::new(),
        filtered: true,
        chips: Chip::all(&wanted, &names, &link),
        clear_url: String::new(),
        form: Form::of(String::new(), &wanted, &Column::ALL, frame, &names),
        exports: Exports::sample(),
        bulk: BulkForm {
            action: String::new(),
            query: String::new(),
            total: 2,
            several_pages: true,
            refusal: None,
        },
        new_url: None,
        new_label: "label",
        own: true,
        pager: Pager::sample(),
    }
}

pub(in crate::web) fn applications() -> Value {
    let views = saved::samples::menu();
    json_of(Context { purpose: String::new(), views, grid: grid(&everything()) })
}

pub(in crate::web) fn preview() -> Value {
    json_of(bulk::samples::preview())
}

pub(in crate::web) fn results() -> Value {
    json_of(bulk::samples::results())
}

pub(in crate::web) fn saved_view() -> Value {
    json_of(saved::samples::form())
}

pub(in crate::web) fn saved_views() -> Value {
    json_of(saved::samples::listing())
}
