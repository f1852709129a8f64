//! What happened to a letter, in words.

use domain::notification::{Event, Request};
use projections::notifications::history::{History, Step};
use serde::Serialize;
use store::LogError;

use super::Problem;
use crate::{
    app::App,
    masked,
    web::{applications, times::Time},
};

/// Steps on a letter's page.
const SHOWN: usize = 100;

/// The template's `steps`.
#[derive(Serialize)]
pub(super) struct Steps {
    pub(super) entries: Vec<Entry>,
    /// Whether there is more than is shown.
    pub(super) cut: bool,
    /// An event cannot be read, so nothing is told.
    pub(super) unreadable: bool,
}

#[derive(Serialize)]
pub(super) struct Entry {
    pub(super) time: Time,
    pub(super) text: String,
    /// What was said about it.
    pub(super) said: Option<String>,
    /// When it was to end, or goes on.
    pub(super) then: Option<Then>,
    pub(super) message_id: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Then {
    pub(super) words: &'static str,
    pub(super) time: Time,
}

impl Steps {
    pub(super) async fn of(
        app: &App,
        id: domain::NotificationId,
        request: &Request,
    ) -> Result<Self, Problem> {
        use projections::notifications::history;
        match history::of(&app.commands.log, id, SHOWN).await {
            Ok(History { steps, more }) => Ok(Self {
                entries: steps.iter().map(|step| entry(app, request, step)).collect(),
                cut: more,
                unreadable: false,
            }),
            Err(error @ LogError::Unreadable { .. }) => {
                tracing::error!(notification.id = %id, error = &error as &dyn std::error::Error, "Its history cannot be told");
                Ok(Self { entries: vec![], cut: false, unreadable: true })
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn entry(app: &App, request: &Request, step: &Step) -> Entry {
    let now = app.commands.clock.now();
    let then = |words, at| Some(Then { words, time: Time::of(at, now) });
    let (text, said, then) = match &step.event {
        Event::Requested { not_before, .. } => {
            ("Asked for".to_owned(), None, not_before.and_then(|at| then("not before", at)))
        }
        Event::Attempted { attempt, worker, until } => (
            format!("Attempt {attempt} began, by the worker {worker}"),
            None,
            then("with a lease until", *until),
        ),
        Event::Failed { attempt, reason, next } => {
            (format!("Attempt {attempt} failed"), Some(reason), then("next attempt", *next))
        }
        Event::Sent { attempt, answer, .. } => {
            (format!("Sent by attempt {attempt}"), Some(answer), None)
        }
        Event::Abandoned { attempt, reason } => {
            (format!("Abandoned after attempt {attempt}"), Some(reason), None)
        }
        Event::Canceled {} => (by(app, "Canceled", step), None, None),
        Event::Resent {} => (by(app, "To be sent again, as asked for", step), None, None),
    };
    let message_id = match &step.event {
        Event::Sent { message_id, .. } => Some(message_id.clone()),
        _ => None,
    };
    let said = said.map(|text| masked::answer(request, text));
    Entry { time: Time::of(step.at, now), text, said, then, message_id }
}

fn by(app: &App, what: &str, step: &Step) -> String {
    format!("{what} by {}", applications::actor(app, step.by))
}
