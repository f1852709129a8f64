//! Notification rules: who is told when what happens.

mod describe;
mod edit;
mod entered;
mod list;
mod preview;
#[cfg(test)]
pub(in crate::web) mod samples;
mod switch;

use axum::{
    Router,
    routing::{get, post},
};
use briefing::Kept;
use commands::Permit;
use domain::{NotificationRuleId, authority::Deed};
use serde::Serialize;

use super::{Operator, Problem, SignedIn, masked, tabs};
use crate::{app::App, web::local};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/emails/rules", get(list::show))
        .route("/emails/rules/new", get(edit::blank).post(edit::create))
        .route("/emails/rules/{id}/edit", get(edit::form).post(edit::save))
        .route("/emails/rules/{id}/on", post(switch::on))
        .route("/emails/rules/{id}/off", post(switch::off))
        .route("/emails/rules/{id}/delete", get(switch::ask).post(switch::delete))
}

async fn find(app: &App, id: NotificationRuleId) -> Result<Kept, Problem> {
    Kept::find(&app.commands.log, id, None).await?.ok_or(Problem::NotFound)
}

/// Who may not keep rules is not told that there are any.
fn permit(caller: &SignedIn) -> Result<Permit, Problem> {
    Permit::for_deed(&caller.member, Deed::KeepNotifications).map_err(|_| Problem::NotFound)
}

/// `rest` begins with a slash, or is nothing.
fn address(app: &App, rest: &str) -> String {
    local::of(&app.settings, &format!("/emails/rules{rest}"))
}

/// One option of a select.
#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
    selected: bool,
}

impl Choice {
    fn new(value: String, label: String, chosen: &str) -> Self {
        Self { selected: value == chosen, value, label }
    }
}
