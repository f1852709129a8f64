//! System: what belongs to the installation and to no organization, for its administrators.

mod views;

use axum::{
    Router,
    extract::FromRequestParts,
    http::request::Parts,
    routing::{get, post},
};

use super::{errors::Problem, session::SignedIn, submission::Submission};
use crate::app::App;

#[cfg(test)]
pub(super) use self::views::samples;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/system/views", get(views::show))
        .route("/system/views/{name}/rebuild", post(views::rebuild))
        .route("/system/views/{name}/rollback", get(views::ask).post(views::roll_back))
}

/// An administrator in an organization with global access. For everybody else nothing is here.
pub(super) struct Operator(pub(super) SignedIn);

impl Operator {
    fn of(caller: SignedIn) -> Result<Self, Problem> {
        if caller.member.operates() { Ok(Self(caller)) } else { Err(Problem::NotFound) }
    }
}

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Self::of(SignedIn::from_request_parts(parts, app).await?)
    }
}

impl Submission {
    /// The one who sent the form, if they may operate the installation.
    pub(super) fn operator(self) -> Result<Operator, Problem> {
        Operator::of(self.caller)
    }
}
