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
use briefing::KeptRule;
use domain::NotificationRuleId;

use super::{Operator, Problem, SignedIn, masked, occasion, permit, tabs};
use crate::{
    app::App,
    web::{choice::Choice, local},
};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/emails/rules", get(list::show))
        .route("/emails/rules/new", get(edit::blank).post(edit::create))
        .route("/emails/rules/{id}/edit", get(edit::form).post(edit::save))
        .route("/emails/rules/{id}/on", post(switch::on))
        .route("/emails/rules/{id}/off", post(switch::off))
        .route("/emails/rules/{id}/delete", get(switch::ask).post(switch::delete))
}

async fn find(app: &App, id: NotificationRuleId) -> Result<KeptRule, Problem> {
    KeptRule::find(&app.commands.log, id, None).await?.ok_or(Problem::NotFound)
}

/// `rest` begins with a slash, or is nothing.
fn address(app: &App, rest: &str) -> String {
    local::of(&app.settings, &format!("/emails/rules{rest}"))
}
