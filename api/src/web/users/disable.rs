//! Disabling, which asks in words of consequence, and enabling, which does not ask.

use axum::{
    extract::{RawQuery, State as Extract},
    response::Response,
};
use projections::directory;

use super::{Named, Problem, SignedIn, address, called};
use crate::{
    app::App,
    web::{
        complaints::about_user,
        confirm::{Confirmation, Form, stops},
        flash::Message,
        going_back::{return_to, written},
        submission::Submission,
    },
};

pub(super) async fn ask(
    Extract(app): Extract<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (found, _) = named.find_to_keep(&app, &caller)?;
    let back = return_to(&app, query.as_deref(), &format!("/users/{}", found.user.id));
    question(&app, &found.user, back, None).show(&app, &caller)
}

fn question(
    app: &App,
    user: &directory::User,
    return_to: String,
    error: Option<String>,
) -> Confirmation {
    Confirmation {
        title: "Disable user",
        question: "Are you sure you want to disable this account?",
        subject: called(user),
        consequences: vec![
            "They are signed out everywhere and cannot sign in again.".to_owned(),
            stops(app.knowledge.active_applications_of(user.id)),
            "Nothing is deleted; enabling the account undoes it.".to_owned(),
        ],
        button: "Disable",
        danger: true,
        form: Form { action: address(app, user.id, "/disable"), return_to, error },
    }
}

pub(super) async fn disable(
    Extract(app): Extract<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let (found, permit) = named.find_to_keep(&app, caller)?;
    let back = fields.return_to(&app.settings);
    match app.scribe_for(&submission).disable_user(&permit, found.user.id).await {
        Ok(done) => {
            app.state.end_sessions(found.user.id, None).await?;
            Ok(written(&app, done.position, Message::UserDisabled, &back).await)
        }
        Err(failure) => {
            let complaint = about_user(failure)?;
            question(&app, &found.user, back, Some(complaint.text)).show(&app, caller)
        }
    }
}

pub(super) async fn enable(
    Extract(app): Extract<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let (found, permit) = named.find_to_keep(&app, caller)?;
    match app.scribe_for(&submission).enable_user(&permit, found.user.id).await {
        Ok(done) => {
            let back = fields.return_to(&app.settings);
            Ok(written(&app, done.position, Message::UserEnabled, &back).await)
        }
        Err(failure) => {
            about_user(failure)?;
            Err(Problem::Contended)
        }
    }
}
