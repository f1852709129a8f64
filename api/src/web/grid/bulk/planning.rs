//! The page that says what will happen to which applications, before anything does.

use axum::{extract::State, http::StatusCode, response::Response};
use projections::register::Entry;
use serde::Serialize;

use super::{
    LIMIT,
    action::{Bulk, Obstacle},
    selection::{self, Planned, Selected, row_field},
};
use crate::{
    app::App,
    web::{
        errors::Problem,
        grid::{Wanted, export, filter::status_label},
        local,
        render::Template,
        session::SignedIn,
        shell::Page,
        submission::Submission,
        times::Time,
    },
};

const UNKNOWN: &str = "It does not say what is to be done.";

/// The template's content.
#[derive(Serialize)]
pub(in super::super) struct Preview {
    pub(super) heading: String,
    pub(super) consequence: &'static str,
    /// When the last token that one of them has expires, if one may still be valid and they are to get no more.
    pub(super) tokens_until: Option<Time>,
    /// What will be done, and what will not.
    pub(super) will: Vec<Line>,
    pub(super) will_not: Vec<Line>,
    /// More were asked for than are done at once.
    pub(super) cut: Option<String>,
    pub(super) form: Form,
}

/// One application, and why nothing will be done to it.
#[derive(Serialize)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) client_id: String,
    pub(super) owner: String,
    pub(super) status: &'static str,
    pub(super) last_used: Option<Time>,
    pub(super) url: String,
    pub(super) reason: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) return_to: String,
    pub(super) error: Option<String>,
    pub(super) bulk: &'static str,
    /// Sent again it is the same form, and does nothing twice.
    pub(super) id: String,
    /// The fields that freeze the list.
    pub(super) rows: Vec<Frozen>,
    pub(super) button: String,
    pub(super) dangerous: bool,
    /// Whether it may be said why.
    pub(super) asks_reason: bool,
    pub(super) reason: String,
    pub(super) reason_error: Option<String>,
    /// The number to type, where it must be typed.
    pub(super) count: Option<usize>,
    pub(super) count_typed: String,
    pub(super) count_error: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Frozen {
    pub(super) name: String,
    pub(super) value: &'static str,
}

/// What was entered and cannot be accepted.
#[derive(Debug, Default)]
pub(super) struct Errors {
    pub(super) reason: Option<String>,
    pub(super) count: Option<String>,
}

pub(super) async fn preview(
    State(app): State<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let export = match fields.text("action") {
        "export_csv" => Some(export::Format::Csv),
        "export_jsonl" => Some(export::Format::JsonLines),
        _ => None,
    };
    if let Some(format) = export {
        return Ok(exported(&app, &submission, format));
    }
    let bulk = Bulk::read(fields.text("action")).ok_or(Problem::Malformed(UNKNOWN))?;
    let selected = Selected::read(&app, caller, fields);
    let id = app.commands.mint().to_string();
    show(&app, &submission, bulk, selected, id, Errors::default())
}

/// The selected rows as a file; all that match without a limit.
fn exported(app: &App, submission: &Submission, format: export::Format) -> Response {
    let Submission { caller, fields } = submission;
    let wanted = Wanted::read(fields.text("query"));
    let filters = if fields.filled("all").is_some() {
        wanted.filters.asked(app.commands.clock.now())
    } else {
        selection::of(selection::ticked(fields))
    };
    export::answer(app, caller, format, &filters, wanted.sort)
}

pub(super) fn show(
    app: &App,
    submission: &Submission,
    bulk: Bulk,
    selected: Selected,
    id: String,
    errors: Errors,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = submission;
    let Selected { entries, asked_for } = selected;
    let frozen = |entry: &Entry| {
        let stands_in_the_way = bulk.obstacle(caller, entry).is_some();
        let planned = if stands_in_the_way { Planned::Not } else { Planned::Will };
        Frozen { name: row_field(entry.row.id), value: planned.key() }
    };
    let rows = entries.iter().map(frozen).collect();
    let (will, will_not): (Vec<_>, Vec<_>) = entries
        .iter()
        .map(|entry| line(app, caller, bulk, entry))
        .partition(|it| it.reason.is_none());
    let count = will.len();
    let cut = (asked_for > entries.len() as u64).then(|| cut(entries.len(), asked_for));
    let status = if errors.reason.is_some() || errors.count.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let heading = format!("{} {}", bulk.label(), applications(count));
    let form = Form {
        action: local::of(&app.settings, "/applications/bulk/confirm"),
        return_to: fields.return_to(&app.settings),
        error: None,
        bulk: bulk.key(),
        id,
        rows,
        button: heading.clone(),
        dangerous: bulk != Bulk::Activate,
        asks_reason: bulk != Bulk::Activate,
        reason: fields.text("reason").to_owned(),
        reason_error: errors.reason,
        count: (bulk == Bulk::Delete).then_some(count),
        count_typed: fields.text("count").to_owned(),
        count_error: errors.count,
    };
    let content = Preview {
        heading: heading.clone(),
        consequence: bulk.consequence(),
        tokens_until: tokens_until(app, caller, bulk, &entries),
        will,
        will_not,
        cut,
        form,
    };
    Page::new(Template::ApplicationsBulk, &heading, &content)
        .with_status(status)
        .show_to(app, caller)
}

fn tokens_until(app: &App, caller: &SignedIn, bulk: Bulk, entries: &[Entry]) -> Option<Time> {
    if bulk == Bulk::Activate {
        return None;
    }
    let now = app.commands.clock.now();
    let will = entries.iter().filter(|entry| bulk.obstacle(caller, entry).is_none());
    let last = will.filter_map(|entry| entry.last_used_at).max()?;
    let until = last.plus(app.settings.token_lifetime);
    (until > now).then(|| Time::of(until, now))
}

fn cut(shown: usize, asked_for: u64) -> String {
    if shown == LIMIT {
        format!(
            "{asked_for} applications match. The first {LIMIT} are done now; come back for the rest."
        )
    } else {
        format!("{} of the selected applications are not there any more.", asked_for - shown as u64)
    }
}

fn line(app: &App, caller: &SignedIn, bulk: Bulk, entry: &Entry) -> Line {
    Line {
        name: entry.row.name.to_string(),
        client_id: entry.row.client_id.to_string(),
        owner: entry.owner_name.as_deref().unwrap_or("Erased user").to_owned(),
        status: status_label(entry.status()),
        last_used: entry.last_used_at.map(|at| Time::of(at, app.commands.clock.now())),
        url: local::of(&app.settings, &format!("/applications/{}", entry.row.id)),
        reason: bulk.obstacle(caller, entry).map(Obstacle::words),
    }
}

pub(super) fn applications(count: usize) -> String {
    if count == 1 { "1 application".to_owned() } else { format!("{count} applications") }
}
