//! Organizations and who belongs to them.

mod edit;
mod list;
mod members;
#[cfg(test)]
pub(super) mod samples;
mod show;
mod switches;

use axum::{
    Router,
    extract::{FromRequestParts, Path},
    http::request::Parts,
    routing::{get, post},
};
use domain::{OrganizationId, UserId, authority::Deed};
use projections::directory::Organization;

use super::{errors::Problem, local, named, session::SignedIn};
use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/organizations", get(list::show).post(edit::register))
        .route("/organizations/new", get(edit::blank))
        .route("/organizations/{id}", get(show::show))
        .route("/organizations/{id}/edit", get(edit::form).post(edit::rename))
        .route("/organizations/{id}/disable", get(switches::ask_disable).post(switches::disable))
        .route("/organizations/{id}/enable", post(switches::enable))
        .route("/organizations/{id}/global-access", get(switches::ask_grant).post(switches::grant))
        .route(
            "/organizations/{id}/local-access",
            get(switches::ask_withdraw).post(switches::withdraw),
        )
        .route("/organizations/{id}/members", post(members::add))
        .route("/organizations/{id}/members/new", get(members::blank))
        .route("/organizations/{id}/members/{user}", get(members::form).post(members::change))
        .route(
            "/organizations/{id}/members/{user}/remove",
            get(members::ask_remove).post(members::remove),
        )
}

/// The organization that the address names.
type Named = named::Named<OrganizationId>;

impl Named {
    /// The organization, if this person may see it.
    fn find(&self, app: &App, caller: &SignedIn) -> Result<Organization, Problem> {
        self.find_for(app, caller, Deed::ViewOrganization(self.0))
    }

    /// The organization, if this person may see who belongs to it.
    fn find_with_members(&self, app: &App, caller: &SignedIn) -> Result<Organization, Problem> {
        self.find_for(app, caller, Deed::ViewMembers(self.0))
    }

    fn find_for(&self, app: &App, caller: &SignedIn, deed: Deed) -> Result<Organization, Problem> {
        let visible = caller.member.may_do(deed);
        app.knowledge.organization(self.0).filter(|_| visible).ok_or(Problem::NotFound)
    }
}

/// The member of an organization that the address names.
struct NamedMember {
    organization: Named,
    user: UserId,
}

impl FromRequestParts<App> for NamedMember {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((id, user)) = path.map_err(|_| Problem::NotFound)?;
        let organization = id.parse().map(named::Named).map_err(|_| Problem::NotFound)?;
        let user = user.parse().map_err(|_| Problem::NotFound)?;
        Ok(Self { organization, user })
    }
}

/// The address of an organization's page, or of a form about it.
fn address(app: &App, id: OrganizationId, form: &str) -> String {
    local::of(&app.settings, &format!("/organizations/{id}{form}"))
}
