//! What became of every letter: who was told what, when, and what the mail server said.

mod changing;
mod list;
#[cfg(test)]
pub(in crate::web) mod samples;
mod seen;
mod show;
mod steps;
mod wanted;

use axum::{
    Router,
    routing::{get, post},
};
use domain::{NotificationId, notification::Notification};
use projections::{
    notifications::{Notifications, Row},
    row_of,
};
use store::StreamName;

use super::{Operator, Problem, local, permit, tabs};
use crate::{app::App, web::named};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/emails/deliveries", get(list::show))
        .route("/emails/deliveries/{id}", get(show::show))
        .route("/emails/deliveries/{id}/resend", get(changing::ask).post(changing::resend))
        .route("/emails/deliveries/{id}/cancel", post(changing::cancel))
}

pub(in crate::web) use self::seen::To;
pub(in crate::web) use super::occasion;

/// The letter that the address names.
type Named = named::Named<NotificationId>;

impl Named {
    /// The letter as the log has it now.
    async fn find(&self, app: &App) -> Result<Row, Problem> {
        let stream = StreamName::of::<Notification>(&self.0);
        let row = row_of::<Notifications>(&app.commands.log, &stream, None).await?;
        row.ok_or(Problem::NotFound)
    }
}

/// The address of a letter's page, or of a form about it.
pub(in crate::web) fn address(app: &App, id: NotificationId, form: &str) -> String {
    local::of(&app.settings, &format!("/emails/deliveries/{id}{form}"))
}
