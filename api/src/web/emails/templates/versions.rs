//! What the words of a template in one language have been, who changed them, and what exactly.

use std::time::Duration;

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    EmailTemplateId, Event,
    email_template::{self, EmailTemplate, Part, Source},
    user::Locale,
};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use store::{Direction, LogError, Recorded, StreamName, limits};

use super::{App, Found, Named, OVERTAKEN, Operator, Problem, SignedIn, complaint, permit, tabs};
use crate::web::{
    applications::actor, flash::Message, form::Seen, going_back::written, navigation::Link,
    render::Template, shell::Page, submission::Submission, times::Time,
};

/// Versions on the page.
const SHOWN: usize = 50;
/// How long a difference may be looked for; later on it is coarser, and as true.
const DILIGENCE: Duration = Duration::from_millis(50);
/// Unchanged lines around a change.
const AROUND: usize = 3;

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) tabs: Vec<Link>,
    pub(super) name: String,
    pub(super) language: String,
    pub(super) back_url: String,
    /// The latest first.
    pub(super) versions: Vec<Version>,
    /// Whether there are older ones.
    pub(super) cut: bool,
    pub(super) restore_url: String,
    pub(super) revision: u64,
    pub(super) error: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Version {
    /// Counted from the first one, which is 1.
    pub(super) number: usize,
    pub(super) time: Time,
    pub(super) by: String,
    pub(super) what: String,
    /// Where its event stands in the stream, if it can be restored.
    pub(super) restorable: Option<String>,
    pub(super) current: bool,
    /// Against the version before.
    pub(super) changes: Vec<Changes>,
}

/// What was changed in one part.
#[derive(Serialize)]
pub(super) struct Changes {
    pub(super) part: &'static str,
    pub(super) lines: Vec<Line>,
}

#[derive(Serialize)]
pub(super) struct Line {
    /// `added`, `removed`, `same` or `gap`.
    pub(super) kind: &'static str,
    pub(super) sign: &'static str,
    pub(super) text: String,
}

/// An event that changed the words of the language.
struct Change {
    recorded: Recorded,
    /// `None` where they were reset.
    source: Option<Source>,
}

pub(super) async fn show(
    State(app): State<App>,
    Operator(caller): Operator,
    named: Named,
) -> Result<Response, Problem> {
    let found = named.find(&app).await?;
    page(&app, &caller, &found, None).await
}

async fn page(
    app: &App,
    caller: &SignedIn,
    found: &Found,
    error: Option<String>,
) -> Result<Response, Problem> {
    let status = if error.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let changes = changes(app, found.id, &found.locale).await?;
    let versions = versions(app, found, &changes);
    let context = Context {
        tabs: tabs(app, caller),
        name: found.name().to_owned(),
        language: found.locale.as_str().to_owned(),
        back_url: found.address(app, ""),
        cut: changes.len() > SHOWN,
        versions: versions.into_iter().rev().collect(),
        restore_url: found.address(app, "/restore"),
        revision: found.expected.next_revision(),
        error,
    };
    Page::new(Template::EmailsTemplateVersions, "Versions", &context)
        .with_status(status)
        .show_to(app, caller)
}

/// Takes the words of an earlier version up again.
pub(super) async fn restore(
    State(app): State<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let permit = permit(caller)?;
    let found = named.find(&app).await?;
    if fields.seen(found.expected) == Seen::Overtaken {
        return page(&app, caller, &found, Some(OVERTAKEN.to_owned())).await;
    }
    let changes = changes(&app, found.id, &found.locale).await?;
    let wanted = fields.text("version").parse::<u64>().ok();
    let source = changes
        .into_iter()
        .find(|change| Some(change.recorded.revision) == wanted)
        .and_then(|change| change.source)
        .ok_or(Problem::NotFound)?;
    if let Err(wrong) = letters::check(found.occasion, &source) {
        let first = wrong.first().map(ToString::to_string).unwrap_or_default();
        let error = format!("These words cannot be used any more: {first}");
        return page(&app, caller, &found, Some(error)).await;
    }
    let scribe = app.scribe_for(&submission).only_at::<EmailTemplate>(&found.id, found.expected);
    let (locale, shipped) = (found.locale.clone(), found.is_shipped());
    match scribe.customize_template(&permit, found.id, locale, source, shipped).await {
        Ok(done) => {
            let back = found.address(&app, "");
            Ok(written(&app, done.position, Message::Saved, &back).await)
        }
        Err(failure) => {
            let error = complaint(failure)?.to_owned();
            page(&app, caller, &found, Some(error)).await
        }
    }
}

/// Every change of the words in the language, in order.
async fn changes(app: &App, id: EmailTemplateId, locale: &Locale) -> Result<Vec<Change>, Problem> {
    let log = &app.commands.log;
    let stream = StreamName::of::<EmailTemplate>(&id);
    let (mut found, mut from) = (Vec::new(), 0);
    loop {
        let read = log.store().read(&stream, from, Direction::Forwards, limits::EVENTS).await;
        let read = read.map_err(LogError::from)?;
        for event in &read {
            found.extend(change(log.decode(event).await?, locale));
        }
        if read.len() < limits::EVENTS {
            return Ok(found);
        }
        from += read.len() as u64;
    }
}

/// `None` where the event is about something else.
fn change(recorded: Recorded, wanted: &Locale) -> Option<Change> {
    let Event::EmailTemplate(event) = &recorded.event else { return None };
    let source = match event {
        email_template::Event::Customized { locale, source } if locale == wanted => {
            Some(source.clone())
        }
        email_template::Event::Reset { locale } if locale == wanted => None,
        email_template::Event::Customized { .. }
        | email_template::Event::Reset { .. }
        | email_template::Event::Created { .. }
        | email_template::Event::Removed {} => return None,
    };
    Some(Change { recorded, source })
}

/// The latest changes as versions, each against the one before; the first one against what is shipped.
fn versions(app: &App, found: &Found, changes: &[Change]) -> Vec<Version> {
    let now = app.commands.clock.now();
    let shipped = letters::shipped(found.occasion, &found.locale).filter(|_| found.is_shipped());
    let default = shipped.unwrap_or_default();
    let words = |change: &'_ Change| change.source.clone().unwrap_or_else(|| default.clone());
    let first = changes.len().saturating_sub(SHOWN);
    let mut before = match first.checked_sub(1) {
        Some(earlier) => words(&changes[earlier]),
        None => default.clone(),
    };
    let mut versions = Vec::new();
    for (index, change) in changes.iter().enumerate().skip(first) {
        let Change { recorded, source } = change;
        let words = words(change);
        versions.push(Version {
            number: index + 1,
            time: Time::of(recorded.metadata.occurred_at, now),
            by: actor(app, recorded.metadata.actor),
            what: if source.is_some() { "Changed" } else { "Default used again" }.to_owned(),
            restorable: source.is_some().then(|| recorded.revision.to_string()),
            current: index + 1 == changes.len(),
            changes: Part::ALL.iter().filter_map(|part| changed(*part, &before, &words)).collect(),
        });
        before = words;
    }
    versions
}

/// `None` where the part stayed as it was.
fn changed(part: Part, before: &Source, after: &Source) -> Option<Changes> {
    let (old, new) = (before.part(part), after.part(part));
    if old == new {
        return None;
    }
    let difference = TextDiff::configure().timeout(DILIGENCE).diff_lines(old, new);
    let mut lines = Vec::new();
    for group in difference.grouped_ops(AROUND) {
        if !lines.is_empty() {
            lines.push(Line { kind: "gap", sign: "", text: String::new() });
        }
        let changes = group.iter().flat_map(|operation| difference.iter_changes(operation));
        lines.extend(changes.map(|change| line(change.tag(), change.value())));
    }
    Some(Changes { part: part.as_str(), lines })
}

fn line(tag: ChangeTag, text: &str) -> Line {
    let (kind, sign) = match tag {
        ChangeTag::Insert => ("added", "+"),
        ChangeTag::Delete => ("removed", "-"),
        ChangeTag::Equal => ("same", ""),
    };
    Line { kind, sign, text: text.trim_end_matches('\n').to_owned() }
}
