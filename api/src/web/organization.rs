//! Working in another organization.

use axum::{extract::State, response::Response};
use domain::{
    OrganizationId,
    authority::{Deed, Member},
};
use tracing::info;

use super::{errors::Problem, local, shell::see_other, submission::Submission};
use crate::app::App;

/// Only into organizations that have the person as a member; others are not found, whether they exist or not.
pub(super) async fn switch(
    State(app): State<App>,
    Submission { caller, fields }: Submission,
) -> Result<Response, Problem> {
    let wanted: OrganizationId =
        fields.text("organization").parse().map_err(|_| Problem::NotFound)?;
    let member = app.knowledge.member(caller.member.user, wanted)?.ok_or(Problem::NotFound)?;
    let now = app.commands.clock.now();
    app.state.touch_session(*caller.id_hash(), now, member.organization).await?;
    info!(user.id = %member.user, organization.id = %member.organization, "Switched organization");
    Ok(see_other(&counterpart(&app, member, fields.text("return_to")), []))
}

/// The list that a page belongs to, without its filters: what it showed may not be there in the other organization.
fn counterpart(app: &App, member: Member, page: &str) -> String {
    let path = page.split(['?', '#']).next().unwrap_or_default();
    let may = |deed: fn(OrganizationId) -> Deed| member.may_do(deed(member.organization));
    let lists = [
        ("/applications", true),
        ("/users", may(Deed::ViewMembers)),
        ("/organizations", may(Deed::ViewOrganization)),
    ];
    lists
        .into_iter()
        .filter(|(_, may_be_seen)| *may_be_seen)
        .map(|(list, _)| local::of(&app.settings, list))
        .find(|list| path.strip_prefix(list).is_some_and(|it| it.is_empty() || it.starts_with('/')))
        .unwrap_or_else(|| local::home(&app.settings))
}
