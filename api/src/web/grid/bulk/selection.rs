//! Which applications were selected, and what became of those that were dealt with already.

use std::collections::BTreeMap;

use domain::ApplicationId;
use projections::register::{Choice, Entry, Filter, From, Query, Status};

use super::{LIMIT, action::Outcome};
use crate::{
    app::App,
    web::{
        form::Fields,
        grid::{Wanted, column::Sort},
        session::SignedIn,
    },
};

/// What stands before the id of a selected row in the name of its check box.
const ROW: &str = "row.";
const OUTCOME: &str = "outcome.";

/// The selected applications that this person may see, in the order of the grid.
pub(super) struct Selected {
    pub(super) entries: Vec<Entry>,
    /// How many were asked for.
    pub(super) asked_for: u64,
}

impl Selected {
    /// All that match, or those that were ticked.
    pub(super) fn read(app: &App, caller: &SignedIn, fields: &Fields) -> Self {
        let wanted = Wanted::read(fields.text("query"));
        let (filters, total) = if fields.filled("all").is_some() {
            (wanted.filters.asked(app.commands.clock.now()), None)
        } else {
            let ticked = ticked(fields);
            let total = ticked.len() as u64;
            (of(ticked), Some(total))
        };
        let page = look(app, caller, filters, wanted.sort);
        Self { entries: page.rows, asked_for: total.unwrap_or(page.total) }
    }
}

/// The applications with these ids, whatever their status, in an order of names.
pub(super) fn entries(app: &App, caller: &SignedIn, ids: Vec<ApplicationId>) -> Vec<Entry> {
    look(app, caller, of(ids), Sort::default()).rows
}

pub(super) fn of(ids: Vec<ApplicationId>) -> Vec<Filter> {
    let any_status = Choice::AnyOf(Status::ALL.to_vec());
    vec![Filter::Id(Choice::AnyOf(ids)), Filter::Status(any_status)]
}

fn look(
    app: &App,
    caller: &SignedIn,
    filters: Vec<Filter>,
    sort: Sort,
) -> projections::register::Page {
    app.knowledge.applications(&Query {
        reach: caller.member.reach(),
        filters,
        sort: sort.asked(),
        from: From::Start,
        limit: u32::try_from(LIMIT).unwrap_or(Query::LIMIT),
    })
}

/// The ids of the rows that were ticked, each once, in their order.
pub(super) fn ticked(fields: &Fields) -> Vec<ApplicationId> {
    let mut ids: Vec<_> =
        fields.below(ROW).filter_map(|(id, _)| id.parse::<ApplicationId>().ok()).collect();
    ids.sort_unstable();
    ids
}

/// What a form froze about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Planned {
    Will,
    /// It could not be done when it was asked about.
    Not,
}

impl Planned {
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Will => "will",
            Self::Not => "not",
        }
    }
}

/// The rows that were asked about, in the order of their ids.
pub(super) fn plan(fields: &Fields) -> BTreeMap<ApplicationId, Planned> {
    let planned = |(id, text): (&str, &str)| {
        let planned = [Planned::Will, Planned::Not].into_iter().find(|it| it.key() == text)?;
        Some((id.parse().ok()?, planned))
    };
    fields.below(ROW).filter_map(planned).collect()
}

/// What became of the rows that were dealt with before.
pub(super) fn outcomes(fields: &Fields) -> BTreeMap<ApplicationId, Outcome> {
    let outcome = |(id, text): (&str, &str)| Some((id.parse().ok()?, Outcome::read(text)?));
    fields.below(OUTCOME).filter_map(outcome).collect()
}

pub(super) fn row_field(id: ApplicationId) -> String {
    format!("{ROW}{id}")
}

pub(super) fn outcome_field(id: ApplicationId) -> String {
    format!("{OUTCOME}{id}")
}
