//! Deleted applications, the last ones first, for those who bring them back.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use projections::register::{Choice, Cursor, Filter, From, Order, Query, Sort, SortBy, Status};
use serde::Serialize;

use super::{
    Problem, SignedIn, address,
    deletion::{Deletion, why_not_restored},
    describe,
};
use crate::{
    app::App,
    sealed::{self, Use},
    web::{form::asked, local, render::Template, shell::Page},
};

const TITLE: &str = "Deleted OAuth Applications";
/// Rows on a page.
const SIZE: u32 = 25;

#[derive(Serialize)]
struct Context {
    rows: Vec<Deleted>,
    total: u64,
    show_organization: bool,
    show_owner: bool,
    /// How long what is deleted can be restored; `None` for never.
    days: Option<u64>,
    next_url: Option<String>,
    first_url: Option<String>,
}

#[derive(Serialize)]
struct Deleted {
    name: String,
    client_id: String,
    organization: String,
    owner: String,
    deletion: Option<Deletion>,
    show_url: String,
    restore_url: Option<String>,
    /// Why it cannot be restored.
    reason: Option<String>,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let here = local::of(&app.settings, "/applications/deleted");
    let after = asked(query.as_deref(), "after");
    let cursor =
        after.and_then(|text| sealed::open::<Cursor>(&app, Use::ApplicationsCursor, &text));
    let began = cursor.is_some();
    let reach = caller.member.reach();
    let page = app.knowledge.applications(&Query {
        reach,
        filters: vec![Filter::Status(Choice::AnyOf(vec![Status::Deleted]))],
        sort: Sort { by: SortBy::Updated, order: Order::Descending },
        from: cursor.map_or(From::Start, From::After),
        limit: SIZE,
    });
    let now = app.commands.clock.now();
    let row = |entry: &projections::register::Entry| {
        let row = &entry.row;
        let reason = why_not_restored(&app, &caller, row, now);
        let restore = format!("/restore?return_to={}", local::encoded(&caller.visit.path));
        Deleted {
            name: row.name.to_string(),
            client_id: row.client_id.to_string(),
            organization: describe::organization(&app, row.organization),
            owner: describe::person(&app, row.owner),
            deletion: Deletion::of(&app, row, now),
            show_url: address(&app, row.id, ""),
            restore_url: reason.is_none().then(|| address(&app, row.id, &restore)),
            reason,
        }
    };
    let restorable_for = app.settings.restorable_for;
    let content = Context {
        rows: page.rows.iter().map(row).collect(),
        total: page.total,
        show_organization: reach.organization.is_none(),
        show_owner: reach.owner.is_none(),
        days: (!restorable_for.is_zero()).then(|| restorable_for.as_secs().div_ceil(86_400)),
        next_url: page.next.map(|cursor| {
            let sealed = sealed::seal(&app, Use::ApplicationsCursor, &cursor);
            format!("{here}?after={sealed}")
        }),
        first_url: began.then_some(here),
    };
    Page::new(Template::ApplicationsDeleted, TITLE, &content).show_to(&app, &caller)
}

#[cfg(test)]
pub(super) fn sample() -> impl Serialize {
    use super::{deletion, samples::text};
    let row = Deleted {
        name: text(),
        client_id: text(),
        organization: text(),
        owner: text(),
        deletion: Some(deletion::sample()),
        show_url: text(),
        restore_url: Some(text()),
        reason: None,
    };
    Context {
        rows: vec![row],
        total: 1,
        show_organization: true,
        show_owner: true,
        days: Some(30),
        next_url: Some(text()),
        first_url: Some(text()),
    }
}
