//! Working in another organization.

use axum::{extract::State, response::Response};
use domain::OrganizationId;
use tracing::info;

use super::{errors::Problem, local, shell::see_other, submission::Submission};
use crate::app::App;

/// Only into organizations that have the person as a member; others are not found, whether they exist or not.
pub(super) async fn switch(
    State(app): State<App>,
    Submission { caller, fields }: Submission,
) -> Result<Response, Problem> {
    let wanted = fields.text("organization").parse::<OrganizationId>();
    let member = wanted.ok().and_then(|id| app.knowledge.member(caller.member.user, id));
    let member = member.ok_or(Problem::NotFound)?;
    let now = app.commands.clock.now();
    app.state.touch_session(*caller.id_hash(), now, member.organization).await?;
    info!(user.id = %member.user, organization.id = %member.organization, "Switched organization");
    Ok(see_other(&local::home(&app.settings), []))
}
