//! Editing an account: names, e-mail and locale.

use axum::{
    extract::{RawQuery, State as Extract},
    http::StatusCode,
    response::Response,
};
use domain::{
    name::UserName,
    user::{DisplayName, Edit, Email, Locale},
};
use projections::directory;
use serde::Serialize;

use super::{Named, Problem, SignedIn, address, open};
use crate::{
    app::App,
    web::{
        complaints::{About, Complaint, about, about_user, status_of},
        flash::Message,
        form::Fields,
        going_back::{return_to, written},
        render::Template,
        shell::Page,
        submission::Submission,
    },
};

const TITLE: &str = "Edit user";

#[derive(Serialize)]
pub(in crate::web) struct Context {
    pub(in crate::web) title: &'static str,
    pub(in crate::web) form: Form,
}

#[derive(Serialize)]
pub(in crate::web) struct Form {
    pub(in crate::web) action: String,
    pub(in crate::web) return_to: String,
    pub(in crate::web) error: Option<String>,
    /// Whether people edit themselves: the user name stays, and another e-mail takes the password.
    pub(in crate::web) own: bool,
    pub(in crate::web) user_name: String,
    pub(in crate::web) user_name_error: Option<String>,
    pub(in crate::web) display_name: String,
    pub(in crate::web) display_name_error: Option<String>,
    pub(in crate::web) email: String,
    pub(in crate::web) email_error: Option<String>,
    pub(in crate::web) locale: String,
    pub(in crate::web) locale_error: Option<String>,
    pub(in crate::web) old_password_error: Option<String>,
}

impl Form {
    /// The account as it is.
    pub(in crate::web) fn of(user: &directory::User, action: String, return_to: String) -> Self {
        Self {
            action,
            return_to,
            error: None,
            own: false,
            user_name: open(&user.user_name),
            user_name_error: None,
            display_name: open(&user.display_name),
            display_name_error: None,
            email: open(&user.email),
            email_error: None,
            locale: user.locale.as_str().to_owned(),
            locale_error: None,
            old_password_error: None,
        }
    }

    /// What was entered, with what is wrong about it.
    pub(in crate::web) fn again(self, fields: &Fields, complaints: &[Complaint]) -> Self {
        let entered = |name: &str| fields.text(name).to_owned();
        Self {
            error: about(complaints, About::Form),
            user_name: if self.own { self.user_name } else { entered("user_name") },
            user_name_error: about(complaints, About::UserName),
            display_name: entered("display_name"),
            display_name_error: about(complaints, About::DisplayName),
            email: entered("email"),
            email_error: about(complaints, About::Email),
            locale: entered("locale"),
            locale_error: about(complaints, About::Locale),
            old_password_error: about(complaints, About::OldPassword),
            ..self
        }
    }
}

/// What everybody may enter.
pub(in crate::web) struct Entered {
    pub(in crate::web) display_name: DisplayName,
    pub(in crate::web) email: Email,
    pub(in crate::web) locale: Locale,
}

pub(in crate::web) fn read(fields: &Fields) -> Result<Entered, Vec<Complaint>> {
    let display_name = DisplayName::parse(fields.text("display_name"))
        .map_err(|error| Complaint::invalid(About::DisplayName, error));
    let email =
        Email::parse(fields.text("email")).map_err(|error| Complaint::invalid(About::Email, error));
    let locale = Locale::parse(fields.text("locale"))
        .map_err(|error| Complaint::invalid(About::Locale, error));
    match (display_name, email, locale) {
        (Ok(display_name), Ok(email), Ok(locale)) => Ok(Entered { display_name, email, locale }),
        (display_name, email, locale) => {
            Err([display_name.err(), email.err(), locale.err()].into_iter().flatten().collect())
        }
    }
}

pub(in crate::web) fn show(
    app: &App,
    caller: &SignedIn,
    title: &'static str,
    form: Form,
    status: StatusCode,
) -> Result<Response, Problem> {
    Page::new(Template::UserEdit, title, &Context { title, form })
        .with_status(status)
        .show_to(app, caller)
}

pub(super) async fn form(
    Extract(app): Extract<App>,
    caller: SignedIn,
    named: Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (found, _) = named.find_to_keep(&app, &caller)?;
    let back = return_to(&app, query.as_deref(), &format!("/users/{}", found.user.id));
    let form = Form::of(&found.user, address(&app, found.user.id, "/edit"), back);
    show(&app, &caller, TITLE, form, StatusCode::OK)
}

pub(super) async fn save(
    Extract(app): Extract<App>,
    named: Named,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let (found, permit) = named.find_to_keep(&app, caller)?;
    let id = found.user.id;
    let back = fields.return_to(&app.settings);
    let again = |complaints: Vec<Complaint>| {
        let form = Form::of(&found.user, address(&app, id, "/edit"), back.clone());
        show(&app, caller, TITLE, form.again(fields, &complaints), status_of(&complaints))
    };
    let user_name = UserName::parse(fields.text("user_name"))
        .map_err(|error| Complaint::invalid(About::UserName, error));
    let (user_name, entered) = match (user_name, read(fields)) {
        (Ok(user_name), Ok(entered)) => (user_name, entered),
        (user_name, entered) => {
            let wrong = user_name.err().into_iter();
            return again(wrong.chain(entered.err().unwrap_or_default()).collect());
        }
    };
    let Entered { display_name, email, locale } = entered;
    let edit = Edit {
        user_name: Some(user_name),
        display_name: Some(display_name),
        email: Some(email),
        locale: Some(locale),
        enabled: None,
    };
    match app.scribe_for(&submission).edit_user(&permit, id, edit).await {
        Ok(done) => Ok(written(&app, done.position, Message::Saved, &back).await),
        Err(failure) => again(vec![about_user(failure)?]),
    }
}
