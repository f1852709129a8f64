//! Doing it: each application by a command of its own, with the permit of whoever sent the form.
//!
//! The ids of the commands come from the form and the application, so that a form that is sent again repeats nothing. A
//! long list is done in parts: each answer says how far it is and asks for the next part.

use std::{collections::BTreeMap, error::Error};

use axum::{extract::State, http::header, response::Response};
use commands::{
    Failure, Permit,
    applications::{Refusal, Switch},
};
use domain::{ApplicationId, Reason, authority::Belonging};
use projections::register::Entry;
use serde::Serialize;
use store::Position;
use tracing::{error, info};
use uuid::Uuid;

use super::{
    LIMIT,
    action::{Bulk, Obstacle, Outcome},
    planning::{self, Errors, applications},
    selection::{self, Planned, Selected, outcome_field, row_field},
};
use crate::{
    app::App,
    web::{
        errors::Problem, form::Fields, local, own_writes, render::Template, session::SignedIn,
        shell::Page, submission::Submission,
    },
};

/// Applications that are dealt with in one request.
const PART: usize = 50;
const NOT_OURS: &str = "It is not one that was asked about before.";
const TOO_MANY: &str = "It names more applications than are done at once.";

/// The template's content.
#[derive(Serialize)]
pub(in super::super) struct Results {
    pub(super) heading: String,
    pub(super) dealt_with: usize,
    pub(super) all: usize,
    pub(super) done: Vec<Line>,
    pub(super) refused: Vec<Line>,
    pub(super) return_to: String,
    /// Asks for the next part, as long as there is one.
    pub(super) next: Option<Next>,
}

#[derive(Serialize)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) reason: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Next {
    pub(super) action: String,
    pub(super) bulk: &'static str,
    pub(super) id: String,
    pub(super) reason: String,
    pub(super) rows: Vec<Known>,
    pub(super) outcomes: Vec<Known>,
}

#[derive(Serialize)]
pub(super) struct Known {
    pub(super) name: String,
    pub(super) value: &'static str,
}

pub(super) async fn carry_out(
    State(app): State<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let bulk = Bulk::read(fields.text("action")).ok_or(Problem::Malformed(NOT_OURS))?;
    let form: Uuid = fields.text("form").parse().map_err(|_| Problem::Malformed(NOT_OURS))?;
    let plan = selection::plan(fields);
    let mut outcomes = selection::outcomes(fields);
    if plan.len() + outcomes.len() > LIMIT {
        return Err(Problem::Malformed(TOO_MANY));
    }
    let entries = selection::entries(&app, caller, plan.keys().copied().collect());
    let count = plan.values().filter(|planned| **planned == Planned::Will).count();
    let asked_first = outcomes.is_empty();
    let reason = match read_reason(fields, bulk, count, asked_first) {
        Ok(reason) => reason,
        Err(errors) => {
            let selected = Selected { asked_for: plan.len() as u64, entries };
            return planning::show(&app, &submission, bulk, selected, form.to_string(), errors);
        }
    };
    let work = Work { app: &app, submission: &submission, bulk, form, reason };
    let mut position = None;
    for (id, planned) in plan.iter().take(PART) {
        let entry = entries.iter().find(|entry| entry.row.id == *id);
        let (outcome, written) = work.deal_with(*id, entry, *planned).await;
        outcomes.insert(*id, outcome);
        position = position.max(written);
    }
    let rest: Vec<_> = plan.into_iter().skip(PART).collect();
    answer(&work, outcomes, rest, position).await
}

/// The reason, once the form is filled in as it must be. The number is asked for before the first part only.
fn read_reason(
    fields: &Fields,
    bulk: Bulk,
    count: usize,
    asked_first: bool,
) -> Result<Option<Reason>, Errors> {
    let counts = bulk == Bulk::Delete && asked_first;
    let wrong = counts && fields.text("count").trim() != count.to_string();
    let wrong = wrong.then(|| format!("Type {count} to delete {}.", applications(count)));
    match (Reason::parse(fields.text("reason")), wrong) {
        (Ok(reason), None) => Ok(reason),
        (Ok(_), count) => Err(Errors { reason: None, count }),
        (Err(error), count) => Err(Errors { reason: Some(error.to_string()), count }),
    }
}

/// What one form asks for.
struct Work<'a> {
    app: &'a App,
    submission: &'a Submission,
    bulk: Bulk,
    form: Uuid,
    reason: Option<Reason>,
}

impl Work<'_> {
    async fn deal_with(
        &self,
        id: ApplicationId,
        entry: Option<&Entry>,
        planned: Planned,
    ) -> (Outcome, Option<Position>) {
        let Some(entry) = entry else {
            return (Outcome::Absent, None);
        };
        let obstacle = self.bulk.obstacle(&self.submission.caller, entry);
        match (planned, obstacle) {
            (Planned::Not, obstacle) => {
                (obstacle.map_or(Outcome::NotAskedFor, Outcome::Refused), None)
            }
            // It is what it was to become, perhaps because this form was sent before.
            (Planned::Will, Some(Obstacle::AlreadyActive | Obstacle::AlreadyInactive)) => {
                (Outcome::Done, None)
            }
            (Planned::Will, Some(Obstacle::Deleted)) if self.bulk == Bulk::Delete => {
                (Outcome::Done, None)
            }
            (Planned::Will, Some(obstacle @ (Obstacle::Deleted | Obstacle::Denied))) => {
                (Outcome::Refused(obstacle), None)
            }
            (Planned::Will, None) => self.command(id, entry).await,
        }
    }

    async fn command(&self, id: ApplicationId, entry: &Entry) -> (Outcome, Option<Position>) {
        let member = &self.submission.caller.member;
        let belonging = Belonging { organization: entry.row.organization, owner: entry.row.owner };
        let Ok(permit) = Permit::for_application(member, self.bulk.action(), belonging) else {
            return (Outcome::Refused(Obstacle::Denied), None);
        };
        let words = format!("{} {} {id}", member.user, self.bulk.key());
        let command = Uuid::new_v5(&self.form, words.as_bytes());
        let scribe = self.app.scribe_with(self.submission, command).because(self.reason.clone());
        let done = match self.bulk {
            Bulk::Activate => scribe.switch_application(&permit, id, Switch::Activate).await,
            Bulk::Deactivate => scribe.switch_application(&permit, id, Switch::Deactivate).await,
            Bulk::Delete => scribe.delete_application(&permit, id).await,
        };
        match done {
            Ok(done) => (Outcome::Done, Some(done.position)),
            Err(failure) => (outcome(&failure), None),
        }
    }
}

/// A refusal of one application in the words of the list. What failed is logged, and does not stop the others.
fn outcome(failure: &Failure<Refusal>) -> Outcome {
    match failure {
        Failure::Refused(refusal) => match refusal {
            Refusal::NotFound => Outcome::Absent,
            Refusal::Denied(_) => Outcome::Refused(Obstacle::Denied),
            other => {
                info!(reason = %other, "One of many was refused");
                Outcome::Unavailable
            }
        },
        Failure::Contended => Outcome::Contended,
        Failure::Log(failed) => {
            error!(error = failed as &dyn Error, "One of many failed");
            Outcome::Failed
        }
    }
}

async fn answer(
    work: &Work<'_>,
    outcomes: BTreeMap<ApplicationId, Outcome>,
    rest: Vec<(ApplicationId, Planned)>,
    position: Option<Position>,
) -> Result<Response, Problem> {
    let Work { app, submission, bulk, form, .. } = work;
    let Submission { caller, fields } = *submission;
    // The next part waits for this one, so only what is looked at needs to be seen.
    let settled = match position {
        Some(position) if rest.is_empty() => app.settled(position).await,
        Some(_) | None => position.is_none(),
    };
    let dealt_with = outcomes.len();
    let all = dealt_with + rest.len();
    let next = (!rest.is_empty()).then(|| Next {
        action: local::of(&app.settings, "/applications/bulk/confirm"),
        bulk: bulk.key(),
        id: form.to_string(),
        reason: fields.text("reason").to_owned(),
        rows: rest
            .iter()
            .map(|(id, planned)| Known { name: row_field(*id), value: planned.key() })
            .collect(),
        outcomes: outcomes
            .iter()
            .map(|(id, outcome)| Known { name: outcome_field(*id), value: outcome.key() })
            .collect(),
    });
    let (done, refused) = lines(app, caller, &outcomes);
    let heading = if next.is_some() {
        format!("{dealt_with} of {all} dealt with")
    } else {
        format!("{} {}", applications(done.len()), bulk.done())
    };
    let return_to = fields.return_to(&app.settings);
    let content =
        Results { heading: heading.clone(), dealt_with, all, done, refused, return_to, next };
    let page = Page::new(Template::ApplicationsBulkResults, &heading, &content);
    let mut response = page.show_to(app, caller)?;
    let cookie = position.and_then(|position| own_writes::remember(app, position, settled));
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// What was done, and what was refused, by name.
fn lines(
    app: &App,
    caller: &SignedIn,
    outcomes: &BTreeMap<ApplicationId, Outcome>,
) -> (Vec<Line>, Vec<Line>) {
    let entries = selection::entries(app, caller, outcomes.keys().copied().collect());
    let mut unseen = outcomes.clone();
    let mut lines: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let outcome = unseen.remove(&entry.row.id)?;
            Some(line(app, entry.row.id, entry.row.name.to_string(), outcome))
        })
        .collect();
    lines.extend(unseen.iter().map(|(id, outcome)| line(app, *id, id.to_string(), *outcome)));
    lines.into_iter().partition(|line| line.reason.is_none())
}

fn line(app: &App, id: ApplicationId, name: String, outcome: Outcome) -> Line {
    let url = local::of(&app.settings, &format!("/applications/{id}"));
    Line { name, url, reason: outcome.reason() }
}
