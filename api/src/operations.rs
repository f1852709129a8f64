//! What operators and their machines ask: is it alive, can it work, what are the numbers.

use std::{fmt::Display, future::Future, time::Duration};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use projections::{projector::Status, views::Progress};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::{
    app::{App, Surface},
    signing::Condition,
};

/// How far behind the log a view may be before the node counts as not ready.
const LAG_BOUND: Duration = Duration::from_secs(10);
/// How long a component has to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// A name that no listener has: asking for it proves that the state answers.
const NO_LISTENER: &str = "readiness";

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/livez", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(measure))
}

/// Tells the recorder what the numbers mean. Harmless when repeated.
pub(crate) fn describe() {
    describe_counter!("oathbook_tokens_total", "Token requests, by outcome.");
    describe_counter!(
        "oathbook_tokens_on_last_knowledge_total",
        "Tokens issued on knowledge past the bound, because tokens.availability is last_known."
    );
    describe_counter!("oathbook_token_refusals_total", "Refusals of known clients, by reason.");
    describe_counter!("oathbook_argon2_runs_total", "Runs of argon2id, by purpose.");
    describe_counter!("oathbook_usage_dropped_total", "Uses of secrets that were not counted.");
    describe_counter!("oathbook_commits_total", "Durable commits of the log.");
    describe_counter!("oathbook_events_appended_total", "Events appended by this process.");
    describe_counter!("oathbook_mails_total", "Attempts to deliver a mail, by outcome.");
    describe_histogram!("oathbook_append_seconds", Unit::Seconds, "How long an append takes.");
    describe_gauge!(
        "oathbook_projection_lag_seconds",
        Unit::Seconds,
        "How long the oldest event that is not projected yet has waited, by projection."
    );
    describe_gauge!("oathbook_parked_streams", "Streams that stopped, by projection.");
    describe_gauge!(
        "oathbook_rebuild_done_ratio",
        "How much of the last rebuild of a projection is done, from 0 to 1."
    );
    describe_gauge!(
        "oathbook_rebuild_remaining_seconds",
        Unit::Seconds,
        "How long a running rebuild still takes at its pace so far; 0 when none is running."
    );
    describe_gauge!("oathbook_mails", "Mails, by state.");
    describe_gauge!(
        "oathbook_knowledge_age_seconds",
        Unit::Seconds,
        "How old what the token endpoint knows is."
    );
    describe_gauge!("oathbook_signing_key_ready", "1 when tokens can be signed, otherwise 0.");
}

async fn alive() -> &'static str {
    "alive\n"
}

#[derive(Deserialize)]
struct Asked {
    /// `web` leaves out what only tokens need.
    role: Option<String>,
}

/// How a component does.
#[derive(Serialize)]
struct Component {
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<serde_json::Value>,
}

impl Component {
    const READY: Self = Self { ready: true, reason: None, details: None };

    fn unready(reason: impl Display) -> Self {
        Self { ready: false, reason: Some(reason.to_string()), details: None }
    }

    fn of(reason: Option<String>) -> Self {
        Self { ready: reason.is_none(), reason, details: None }
    }

    fn with(self, details: serde_json::Value) -> Self {
        Self { details: Some(details), ..self }
    }
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    components: Components,
}

#[derive(Serialize)]
struct Components {
    log: Component,
    projections: Component,
    #[serde(skip_serializing_if = "Option::is_none")]
    knowledge: Option<Component>,
    state: Component,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<Component>,
}

impl Components {
    fn are_ready(&self) -> bool {
        [&self.log, &self.projections, &self.state]
            .into_iter()
            .chain(&self.knowledge)
            .chain(&self.keys)
            .all(|component| component.ready)
    }
}

async fn ready(State(app): State<App>, Query(asked): Query<Asked>) -> Response {
    let (log, projections, state) = tokio::join!(
        within(async { app.commands.log.store().head().await.map(|_| Component::READY) }),
        within(async { app.projections.status().await.map(|all| judge(&all)) }),
        within(async { app.state.listener(NO_LISTENER).await.map(|_| Component::READY) }),
    );
    let answers = app.settings.surface == Surface::Everything;
    let knowledge = answers.then(|| knowledge(&app));
    let signs = answers && asked.role.as_deref() != Some("web");
    let keys = signs.then(|| keys(&app.keys.condition()));
    let components = Components { log, projections, knowledge, state, keys };
    let ready = components.are_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let no_store = HeaderValue::from_static("no-store");
    (status, [(header::CACHE_CONTROL, no_store)], Json(Readiness { ready, components }))
        .into_response()
}

async fn within<E: std::error::Error>(
    check: impl Future<Output = Result<Component, E>>,
) -> Component {
    match timeout(PATIENCE, check).await {
        Ok(Ok(component)) => component,
        // What is wrong inside is for the log; whoever may ask here need not learn it.
        Ok(Err(error)) => {
            tracing::warn!(%error, "A component is not ready");
            Component::unready("it failed; the log of the process says how")
        }
        Err(_) => Component::unready(format_args!("no answer within {PATIENCE:?}")),
    }
}

fn judge(all: &[Status]) -> Component {
    let reasons: Vec<String> = all.iter().filter_map(wrong_with).collect();
    let details = all
        .iter()
        .map(|status| {
            let details = serde_json::json!({
                "position": status.position.to_string(),
                "lag_seconds": status.lag.as_secs_f64(),
                "live_version": status.live_version,
                "parked_streams": status.parked.len(),
            });
            (status.name.to_owned(), details)
        })
        .collect::<serde_json::Map<_, _>>();
    let reason = (!reasons.is_empty()).then(|| reasons.join("; "));
    Component::of(reason).with(details.into())
}

fn wrong_with(Status { name, live_version, lag, .. }: &Status) -> Option<String> {
    if live_version.is_none() {
        return Some(format!("{name} is being built"));
    }
    (*lag > LAG_BOUND).then(|| format!("{name} lags {:.1} s behind the log", lag.as_secs_f64()))
}

fn knowledge(app: &App) -> Component {
    let (bound, age) = (app.freshness.bound(), app.knowledge.age());
    let fresh = app.knowledge.is_fresh(bound);
    let stale = (!fresh).then(|| format!("what this node knows is older than {bound:?}"));
    Component::of(stale).with(serde_json::json!({
        "age_seconds": age.as_secs_f64(),
        "position": app.knowledge.position().to_string(),
        "parked_streams": app.knowledge.parked(),
    }))
}

fn keys(condition: &Condition) -> Component {
    match condition {
        Condition::Ready(_) => Component::READY,
        Condition::Missing(reason) | Condition::Faulty(reason) | Condition::Refused(_, reason) => {
            Component::unready(reason)
        }
    }
}

async fn measure(State(app): State<App>) -> Response {
    gauge!("oathbook_knowledge_age_seconds").set(app.knowledge.age().as_secs_f64());
    let signs = matches!(app.keys.condition(), Condition::Ready(_));
    gauge!("oathbook_signing_key_ready").set(if signs { 1.0 } else { 0.0 });
    let (projections, rebuilds, mails) = tokio::join!(
        timeout(PATIENCE, app.projections.status()),
        timeout(PATIENCE, app.projections.views().latest_rebuilds()),
        timeout(PATIENCE, app.projections.views().deliveries()),
    );
    for status in projections.into_iter().flatten().flatten() {
        gauge!("oathbook_projection_lag_seconds", "projection" => status.name)
            .set(status.lag.as_secs_f64());
        gauge!("oathbook_parked_streams", "projection" => status.name)
            .set(precise(status.parked.len() as u64));
    }
    let now = app.commands.clock.now();
    for rebuild in rebuilds.into_iter().flatten().flatten() {
        let remaining = rebuild.remaining(now).unwrap_or_default();
        gauge!("oathbook_rebuild_remaining_seconds", "projection" => rebuild.projection.clone())
            .set(remaining.as_secs_f64());
        gauge!("oathbook_rebuild_done_ratio", "projection" => rebuild.projection.clone())
            .set(done(&rebuild.progress));
    }
    for (delivery, count) in mails.into_iter().flatten().flatten() {
        gauge!("oathbook_mails", "state" => delivery.as_str()).set(precise(count));
    }
    let text_form = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, text_form)], (app.metrics.0)()).into_response()
}

fn done(progress: &Progress) -> f64 {
    match progress {
        Progress::Requested | Progress::Failed { .. } => 0.0,
        Progress::Running { events, of } => precise(*events) / precise((*of).max(1)),
        Progress::Done { .. } => 1.0,
    }
}

/// Prometheus knows floating-point numbers only; counts of ours stay far below their limit.
fn precise(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
