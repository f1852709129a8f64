//! Editing what is one's own: display name, locale, and e-mail for those who prove that they know the password.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use domain::user::Edit;

use super::{Problem, SignedIn, password::proves_to_be, permit};
use crate::{
    app::App,
    web::{
        complaints::{About, Complaint, about_user, status_of},
        flash::Message,
        going_back::{return_to, written},
        local,
        submission::Submission,
        throttle::Throttle,
        users::edit::{Entered, Form, read, show},
    },
};

const TITLE: &str = "Edit my profile";

fn own_form(app: &App, caller: &SignedIn, return_to: String) -> Form {
    let action = local::of(&app.settings, "/me/edit");
    Form { own: true, ..Form::of(&caller.user, action, return_to) }
}

pub(super) async fn form(
    State(app): State<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let form = own_form(&app, &caller, return_to(&app, query.as_deref(), "/me"));
    show(&app, &caller, TITLE, form, StatusCode::OK)
}

pub(super) async fn save(
    State(app): State<App>,
    Extension(throttle): Extension<Arc<Throttle>>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let back = fields.return_to(&app.settings);
    let again = |complaints: Vec<Complaint>| {
        let form = own_form(&app, caller, back.clone()).again(fields, &complaints);
        show(&app, caller, TITLE, form, status_of(&complaints))
    };
    let Entered { display_name, email, locale } = match read(fields) {
        Ok(entered) => entered,
        Err(complaints) => return again(complaints),
    };
    let id = caller.member.user;
    let permit = permit(caller)?;
    let moves = caller.user.email.as_open() != Some(email.as_str());
    if moves {
        let proof = proves_to_be(&app, &throttle, caller, fields.text("old_password")).await?;
        if let Err(wrong) = proof {
            return again(vec![Complaint { about: About::OldPassword, ..wrong }]);
        }
    }
    let edit = Edit {
        display_name: Some(display_name),
        email: moves.then_some(email),
        locale: Some(locale),
        ..Edit::default()
    };
    match app.scribe_for(&submission).edit_user(&permit, id, edit).await {
        Ok(done) => Ok(written(&app, done.position, Message::Saved, &back).await),
        Err(failure) => again(vec![about_user(failure)?]),
    }
}
