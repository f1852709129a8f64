//! One's own account: profile, letters, password, sessions.

mod device;
mod letters;
mod password;
mod profile;
#[cfg(test)]
pub(super) mod samples;
mod sessions;

use axum::{
    Router,
    routing::{get, post},
};

pub(super) use self::{device::Device, password::strong};
use commands::Permit;
use domain::authority::Deed;

use super::{errors::Problem, session::SignedIn};
use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/me/edit", get(profile::form).post(profile::save))
        .route("/me/letters", get(letters::form).post(letters::choose))
        .route("/me/password", get(password::form).post(password::change))
        .route("/me/sessions", get(sessions::show))
        .route("/me/sessions/end", post(sessions::end))
        .route("/me/sessions/end-all", post(sessions::end_all))
}

/// To change what is one's own.
fn permit(caller: &SignedIn) -> Result<Permit, Problem> {
    let deed = Deed::KeepOwnAccount(caller.member.user);
    Permit::for_deed(&caller.member, deed).map_err(|_| Problem::Denied)
}
