//! How fast one is told of what is not about security.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use commands::{Failure, notifications::Refusal};
use domain::notification_preference::Pace;
use serde::Serialize;

use super::{Problem, SignedIn, permit};
use crate::{
    app::App,
    web::{
        choice::Choice,
        flash::Message,
        going_back::{return_to, written},
        local,
        render::Template,
        shell::Page,
        submission::Submission,
    },
};

const TITLE: &str = "Letters";

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) form: Form,
}

#[derive(Serialize)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) return_to: String,
    pub(super) error: Option<String>,
    pub(super) paces: Vec<Choice>,
    pub(super) pace_error: Option<String>,
}

const fn label(pace: Pace) -> &'static str {
    match pace {
        Pace::AtOnce => "At once",
        Pace::Daily => "Once a day, all in one mail",
        Pace::Off => "Not at all",
    }
}

impl Form {
    fn of(app: &App, return_to: String, present: Option<Pace>) -> Self {
        let choice = |pace: Pace| Choice::new(pace.as_str(), label(pace), Some(pace) == present);
        Self {
            action: local::of(&app.settings, "/me/letters"),
            return_to,
            error: None,
            paces: Pace::ALL.map(choice).into(),
            pace_error: None,
        }
    }

    fn show(self, app: &App, caller: &SignedIn, status: StatusCode) -> Result<Response, Problem> {
        Page::new(Template::MeLetters, TITLE, &Context { form: self })
            .with_status(status)
            .show_to(app, caller)
    }
}

pub(super) async fn form(
    State(app): State<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let back = return_to(&app, query.as_deref(), "/me");
    let standing = app.registry.now(&app.commands.log).await?;
    let present = standing.rules.pace(caller.member.user);
    Form::of(&app, back, Some(present)).show(&app, &caller, StatusCode::OK)
}

pub(super) async fn choose(
    State(app): State<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let Submission { caller, fields } = &submission;
    let back = fields.return_to(&app.settings);
    let chosen = Pace::ALL.into_iter().find(|pace| pace.as_str() == fields.text("pace"));
    let Some(pace) = chosen else {
        let pace_error = Some("Choose one of these.".to_owned());
        let form = Form { pace_error, ..Form::of(&app, back, None) };
        return form.show(&app, caller, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let user = caller.member.user;
    let permit = permit(caller)?;
    match app.scribe_for(&submission).choose_pace(&permit, user, pace).await {
        Ok(done) => Ok(written(&app, done.position, Message::Saved, &back).await),
        Err(Failure::Refused(Refusal::Denied(_))) => Err(Problem::Denied),
        Err(Failure::Refused(_)) => Err(Problem::NotFound),
        Err(Failure::Contended) => Err(Problem::Contended),
        Err(Failure::Log(error)) => Err(error.into()),
    }
}
