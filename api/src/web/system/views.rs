//! The views: how far each is, what stopped, and how far a rebuild has come.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::Timestamp;
use projections::{
    projector::{ProjectorError, Status},
    views::{Pace, Parked, Progress, Rebuild, Work},
};
use serde::Serialize;

use super::Operator;
use crate::{
    app::App,
    web::{
        confirm::{Confirmation, Form},
        errors::Problem,
        flash::Message,
        going_back::done,
        local,
        render::Template,
        shell::Page,
        submission::Submission,
        times::Time,
    },
};

const TITLE: &str = "Views";
/// Streams that are named; the others are counted.
const NAMED: usize = 5;

#[derive(Serialize)]
struct Context {
    views: Vec<View>,
    /// Whether it is worth looking again soon.
    running: bool,
    url: String,
}

#[derive(Serialize)]
struct View {
    name: &'static str,
    meaning: &'static str,
    version: Option<u32>,
    former_version: Option<u32>,
    position: String,
    /// `None` at the head of the log.
    lag: Option<String>,
    parked: usize,
    stopped: Vec<Stopped>,
    last: Option<Last>,
    /// `None` while something is under way.
    rebuild_url: Option<String>,
    /// `None` while something is under way, or there is nothing to go back to.
    rollback_url: Option<String>,
}

#[derive(Serialize)]
struct Stopped {
    stream: String,
    revision: u64,
    reason: String,
}

/// The last rebuild.
#[derive(Serialize)]
struct Last {
    /// From 0 to 100 while it is running.
    percent: Option<u64>,
    words: String,
    failed: bool,
    at: Time,
}

pub(super) async fn show(
    State(app): State<App>,
    Operator(caller): Operator,
) -> Result<Response, Problem> {
    let now = app.commands.clock.now();
    let status = app.projections.status().await?;
    let rebuilds = app.projections.views().latest_rebuilds().await?;
    let of = |name: &str| rebuilds.iter().find(|rebuild| rebuild.projection == name);
    let views: Vec<_> = status.iter().map(|one| View::of(&app, one, of(one.name), now)).collect();
    let running = rebuilds.iter().any(is_under_way);
    let context = Context { views, running, url: address(&app, "") };
    Page::new(Template::SystemViews, TITLE, &context).show_to(&app, &caller)
}

impl View {
    fn of(app: &App, status: &Status, rebuild: Option<&Rebuild>, now: Timestamp) -> Self {
        let Status { name, live_version, former_version, position, lag, parked, version } = status;
        let idle = !rebuild.is_some_and(is_under_way);
        let back = idle && *former_version == Some(*version);
        Self {
            name,
            meaning: meaning(name),
            version: *live_version,
            former_version: *former_version,
            position: position.to_string(),
            lag: (!lag.is_zero()).then(|| seconds(lag.as_secs())),
            parked: parked.len(),
            stopped: parked.iter().take(NAMED).map(Stopped::of).collect(),
            last: rebuild.map(|rebuild| Last::of(rebuild, now)),
            rebuild_url: idle.then(|| address(app, &format!("/{name}/rebuild"))),
            rollback_url: back.then(|| address(app, &format!("/{name}/rollback"))),
        }
    }
}

impl Stopped {
    fn of(parked: &Parked) -> Self {
        let Parked { stream, revision, reason, .. } = parked;
        Self { stream: stream.to_string(), revision: *revision, reason: reason.clone() }
    }
}

impl Last {
    fn of(rebuild: &Rebuild, now: Timestamp) -> Self {
        let at = rebuild.ended_at.or(rebuild.began_at).unwrap_or(rebuild.requested_at);
        let percent = match &rebuild.progress {
            Progress::Running { events, of } => Some(events * 100 / (*of).max(1)),
            Progress::Requested | Progress::Done { .. } | Progress::Failed { .. } => None,
        };
        let failed = matches!(rebuild.progress, Progress::Failed { .. });
        Self { percent, words: words(rebuild, now), failed, at: Time::of(at, now) }
    }
}

const fn is_under_way(rebuild: &Rebuild) -> bool {
    matches!(rebuild.progress, Progress::Requested | Progress::Running { .. })
}

fn words(rebuild: &Rebuild, now: Timestamp) -> String {
    let (doing, done) = match rebuild.work {
        Work::Rebuild(_) => ("Rebuilding", "Rebuilt"),
        Work::RollBack => ("Going back", "Went back"),
    };
    match &rebuild.progress {
        Progress::Requested => format!("{doing}: waiting for a process with the role projector"),
        Progress::Running { events, of } => match rebuild.remaining(now) {
            Some(left) => {
                format!("{doing}: {events} of {of} events, {} left", seconds(left.as_secs()))
            }
            None => format!("{doing}: {events} of {of} events"),
        },
        Progress::Done { rows, differing: 0 } => {
            format!("{done}: {}, none of them other than before", counted(*rows))
        }
        Progress::Done { rows, differing } => {
            format!("{done}: {}, {differing} of them other than before", counted(*rows))
        }
        Progress::Failed { reason } => format!("Failed: {reason}"),
    }
}

fn counted(rows: u64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}

fn seconds(seconds: u64) -> String {
    match seconds {
        0 => "less than a second".to_owned(),
        1..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

/// What people lose sight of when the view stands still.
fn meaning(name: &str) -> &'static str {
    match name {
        "applications" => "The lists of applications",
        "credentials" => "What the token endpoint knows of clients",
        "directory" => "People, organizations and memberships",
        "notifications" => "Letters that wait or were sent",
        _ => "",
    }
}

/// `rest` begins with a slash, or is nothing.
fn address(app: &App, rest: &str) -> String {
    local::of(&app.settings, &format!("/system/views{rest}"))
}

pub(super) async fn ask(
    State(app): State<App>,
    Operator(caller): Operator,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let name = known(&app, &name)?;
    let confirmation = Confirmation {
        title: "Go back",
        question: "Show the former rows again?",
        subject: name.to_owned(),
        consequences: vec![
            format!(
                "{} will come from the rows that were shown before the last rebuild, brought to the present.",
                meaning(name)
            ),
            "The rows that are shown now are kept, to go back to in turn.".to_owned(),
        ],
        button: "Go back",
        danger: false,
        form: Form {
            action: address(&app, &format!("/{name}/rollback")),
            return_to: address(&app, ""),
            error: None,
        },
    };
    confirmation.show(&app, &caller)
}

pub(super) async fn rebuild(
    State(app): State<App>,
    Path(name): Path<String>,
    submission: Submission,
) -> Result<Response, Problem> {
    submission.operator()?;
    request(&app, &name, Work::Rebuild(Pace::Half), Message::RebuildRequested).await
}

pub(super) async fn roll_back(
    State(app): State<App>,
    Path(name): Path<String>,
    submission: Submission,
) -> Result<Response, Problem> {
    submission.operator()?;
    request(&app, &name, Work::RollBack, Message::RollBackRequested).await
}

async fn request(app: &App, name: &str, work: Work, message: Message) -> Result<Response, Problem> {
    app.projections.views().request_rebuild(known(app, name)?, work).await?;
    Ok(done(app, message, &address(app, "")))
}

fn known(app: &App, name: &str) -> Result<&'static str, Problem> {
    app.projections.names().into_iter().find(|known| *known == name).ok_or(Problem::NotFound)
}

impl From<ProjectorError> for Problem {
    fn from(error: ProjectorError) -> Self {
        match error {
            ProjectorError::Views(error) => error.into(),
            ProjectorError::Log(error) => error.into(),
            other => Self::Failed(other.into()),
        }
    }
}

#[cfg(test)]
pub(in crate::web) mod samples {
    use serde_json::Value;

    use super::*;

    fn text() -> String {
        "text".to_owned()
    }

    pub(in crate::web) fn views() -> Value {
        let moment = Timestamp::from_micros(1_795_000_000_000_000);
        let last =
            Last { percent: Some(50), words: text(), failed: false, at: Time::of(moment, moment) };
        let view = View {
            name: "applications",
            meaning: meaning("applications"),
            version: Some(1),
            former_version: Some(1),
            position: text(),
            lag: Some(text()),
            parked: 1,
            stopped: vec![Stopped { stream: text(), revision: 1, reason: text() }],
            last: Some(last),
            rebuild_url: Some(text()),
            rollback_url: Some(text()),
        };
        let context = Context { views: vec![view], running: true, url: text() };
        serde_json::to_value(context).expect("JSON")
    }
}
