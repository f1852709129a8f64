//! Changing one's password: the old one is asked for, the new one must be hard to guess, and other sessions end.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use commands::password::Password;
use domain::Personal;
use serde::Serialize;
use tracing::info;

use super::{Problem, SignedIn, permit};
use crate::{
    app::App,
    web::{
        complaints::{About, Complaint, about, about_user, status_of},
        flash::Message,
        going_back::{return_to, written},
        local,
        render::Template,
        shell::Page,
        submission::Submission,
        throttle::{Suspects, Throttle},
    },
};

const TITLE: &str = "Change password";

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) form: Form,
}

#[derive(Serialize)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) return_to: String,
    pub(super) error: Option<String>,
    /// So that programs that keep passwords know whose it is.
    pub(super) user_name: String,
    pub(super) old_password_error: Option<String>,
    pub(super) password_error: Option<String>,
}

fn show(
    app: &App,
    caller: &SignedIn,
    return_to: String,
    complaints: &[Complaint],
    status: StatusCode,
) -> Result<Response, Problem> {
    let form = Form {
        action: local::of(&app.settings, "/me/password"),
        return_to,
        error: about(complaints, About::Form),
        user_name: crate::web::shell::open(&caller.user.user_name),
        old_password_error: about(complaints, About::OldPassword),
        password_error: about(complaints, About::Password),
    };
    Page::new(Template::MePassword, TITLE, &Context { form })
        .with_status(status)
        .show_to(app, caller)
}

pub(super) async fn form(
    State(app): State<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let back = return_to(&app, query.as_deref(), "/me");
    show(&app, &caller, back, &[], StatusCode::OK)
}

pub(super) async fn change(
    State(app): State<App>,
    Extension(throttle): Extension<Arc<Throttle>>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let back = fields.return_to(&app.settings);
    let again = |complaint: Complaint| {
        let complaints = [complaint];
        show(&app, caller, back.clone(), &complaints, status_of(&complaints))
    };
    let names = [&caller.user.user_name, &caller.user.display_name, &caller.user.email];
    let password = match strong(fields.text("password"), &names) {
        Ok(password) => password,
        Err(complaint) => return again(complaint),
    };
    let proof = proves_to_be(&app, &throttle, caller, fields.text("old_password")).await?;
    if let Err(complaint) = proof {
        return again(complaint);
    }
    let id = caller.member.user;
    let permit = permit(caller)?;
    let hash = app.passwords.hash(password, &*app.commands.entropy).await?;
    let scribe = app.scribe_for(&submission);
    match scribe.set_password(&permit, id, hash).await {
        Ok(done) => {
            let revision = scribe.revision_written_to(id).await?;
            app.state.raise_session(*caller.id_hash(), revision).await?;
            let ended = app.state.end_sessions(id, Some(*caller.id_hash())).await?;
            info!(user.id = %id, sessions = ended, "Changed the password; other sessions ended");
            Ok(written(&app, done.position, Message::PasswordChanged, &back).await)
        }
        Err(failure) => again(about_user(failure)?),
    }
}

/// Whether the password is that of whoever is signed in. Wrong ones count as failed sign-ins do.
pub(in crate::web) async fn proves_to_be(
    app: &App,
    throttle: &Throttle,
    caller: &SignedIn,
    password: &str,
) -> Result<Result<(), Complaint>, Problem> {
    let wrong = |text: String| Complaint::invalid(About::OldPassword, text);
    let name = caller.user.user_name.as_open().unwrap_or_default();
    let suspects = Suspects::of(&app.commands.key, name, caller.visit.address);
    let now = app.commands.clock.now();
    let attempt = match throttle.attempt(now, app.settings.throttle, suspects) {
        Ok(attempt) => attempt,
        Err(too_many) => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Ok(Err(Complaint { status, ..wrong(too_many.to_string()) }));
        }
    };
    let records = app.commands.as_system(app.commands.mint());
    let account = records.user(caller.member.user).await?;
    let hash = account.and_then(|account| account.password);
    let verified = match Password::attempt(password) {
        Some(typed) => app.passwords.verify(typed, hash).await?,
        None => false,
    };
    if verified {
        attempt.succeeded();
        Ok(Ok(()))
    } else {
        Ok(Err(wrong("This is not your current password.".to_owned())))
    }
}

/// A password that is hard to guess also for those who know these names.
pub(in crate::web) fn strong(text: &str, names: &[&Personal]) -> Result<Password, Complaint> {
    let names: Vec<_> = names.iter().filter_map(|name| name.as_open()).collect();
    Password::choose(text, &names).map_err(|error| Complaint::invalid(About::Password, error))
}
