//! Signing in and out.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use commands::password::Password;
use domain::{authority::Member, name::UserName};
use serde::Serialize;
use tracing::info;

use super::{
    cookies::Cookie,
    csrf::{self, Audience},
    errors::Problem,
    flash::Message,
    form::asked,
    going_back::signed_out,
    local, networks,
    render::Template,
    session::{self, SignedIn},
    shell::{Page, see_other},
    submission::{Submission, Unsigned},
    throttle::{Suspects, Throttle, TooMany},
    visit::Visit,
};
use crate::app::App;

const TITLE: &str = "Sign in";
const WRONG: &str = "Invalid user name or password.";
/// Characters of a wrong user name that are shown again.
const SHOWN_AGAIN: usize = 255;
/// How long a sign-in waits for the node to learn how things stand.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Context {
    form: Form,
}

#[derive(Serialize)]
struct Form {
    user_name: String,
    next: String,
    error: Option<String>,
}

/// A random value that ties the form to the browser it is shown in.
pub(super) struct Browser {
    pub(super) value: String,
    new: bool,
}

impl Browser {
    const BYTES: usize = 16;

    pub(super) fn of(visit: &Visit) -> Option<&str> {
        let value = visit.cookies.get(Cookie::Browser)?;
        let decoded = URL_SAFE_NO_PAD.decode(value).ok()?;
        (decoded.len() == Self::BYTES).then_some(value)
    }

    pub(super) fn of_or_new(app: &App, visit: &Visit) -> Self {
        if let Some(value) = Self::of(visit) {
            return Self { value: value.to_owned(), new: false };
        }
        let mut random = [0; Self::BYTES];
        app.commands.entropy.fill(&mut random);
        Self { value: URL_SAFE_NO_PAD.encode(random), new: true }
    }

    /// The answer, which sets the cookie of a new one beside whatever cookies it sets.
    pub(super) fn remembered_in(&self, app: &App, mut response: Response) -> Response {
        let cookie = self.new.then(|| Cookie::Browser.set(&app.settings, &self.value)).flatten();
        if let Some(cookie) = cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

pub(super) async fn form(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let next = next_of(&app, query.as_deref());
    match SignedIn::find(&app, visit.clone()).await {
        Ok(Some(_)) => return Ok(see_other(&next, [])),
        // Somebody else may sign in.
        Ok(None) | Err(Problem::Unreadable(_)) => {}
        Err(problem) => return Err(problem),
    }
    let form = Form { user_name: String::new(), next, error: None };
    show(&app, &visit, form, StatusCode::OK)
}

fn next_of(app: &App, query: Option<&str>) -> String {
    let next = asked(query, "next").and_then(|path| local::parse(&path));
    next.unwrap_or_else(|| local::home(&app.settings))
}

fn show(app: &App, visit: &Visit, form: Form, status: StatusCode) -> Result<Response, Problem> {
    let browser = Browser::of_or_new(app, visit);
    let csrf = csrf::token(app, Audience::Browser(&browser.value));
    let content = Context { form };
    let page = Page::new(Template::SignIn, TITLE, &content).with_status(status);
    Ok(browser.remembered_in(app, page.show_to_anybody(app, visit, csrf)?))
}

pub(super) async fn sign_in(
    State(app): State<App>,
    Extension(throttle): Extension<Arc<Throttle>>,
    Unsigned { visit, fields }: Unsigned,
) -> Result<Response, Problem> {
    let typed = fields.text("user_name");
    let name = UserName::parse(typed).ok();
    let known_as = name.as_ref().map_or(typed, UserName::as_str);
    let suspects = Suspects::of(&app.commands.key, known_as, visit.address);
    let now = app.commands.clock.now();
    let again = |error: String, status| {
        let user_name = typed.chars().take(SHOWN_AGAIN).collect();
        let next = local::parse(fields.text("next"));
        let next = next.unwrap_or_else(|| local::home(&app.settings));
        show(&app, &visit, Form { user_name, next, error: Some(error) }, status)
    };
    let attempt = match throttle.attempt(now, app.settings.throttle, suspects) {
        Ok(attempt) => attempt,
        Err(too_many) => {
            info!("Sign-in was refused without looking: too many attempts");
            let response = again(too_many.to_string(), StatusCode::TOO_MANY_REQUESTS)?;
            return Ok(too_many.told_in(response));
        }
    };
    let recognised = recognise(&app, name.as_ref(), fields.text("password")).await?;
    let Some((member, revision)) = recognised else {
        info!("Sign-in failed");
        return again(WRONG.to_owned(), StatusCode::UNPROCESSABLE_ENTITY);
    };
    attempt.succeeded();
    let id = session::renew(&app, &visit, member, revision).await?;
    networks::notice(&app, &visit, member.user).await;
    info!(user.id = %member.user, organization.id = %member.organization, "Signed in");
    let next = local::parse(fields.text("next")).unwrap_or_else(|| local::home(&app.settings));
    let cookies = [
        Cookie::Session.set(&app.settings, id.as_str()),
        Cookie::Browser.clear(&app.settings),
        Cookie::Flash.clear(&app.settings),
    ];
    Ok(see_other(&next, cookies))
}

/// Where the person works first, if the password is theirs and they may work anywhere, and the revision of the user that
/// has the password. Nobody and everybody costs one run of argon2id.
async fn recognise(
    app: &App,
    name: Option<&UserName>,
    password: &str,
) -> Result<Option<(Member, u64)>, Problem> {
    let records = app.commands.as_system(app.commands.mint());
    let user = match name {
        Some(name) => records.find_user(name).await?,
        None => None,
    };
    let account = match user {
        Some(user) => records.user_as_of(user).await?,
        None => None,
    };
    let hash = account.as_ref().and_then(|(account, _)| account.password.clone());
    // Longer than any password is wrong, and costs the same.
    let (attempt, possible) = match Password::attempt(password) {
        Some(attempt) => (Some(attempt), true),
        None => (Password::attempt(""), false),
    };
    let verified = match attempt {
        Some(attempt) => app.passwords.verify(attempt, hash).await? && possible,
        None => false,
    };
    let fresh = app.freshness.wait(&app.knowledge, PATIENCE).await;
    fresh.map_err(|_| Problem::Stale)?;
    let account = account.filter(|(account, _)| verified && account.enabled);
    let (Some(user), Some((_, revision))) = (user, account) else {
        return Ok(None);
    };
    let member = app.knowledge.member_somewhere(user, None)?;
    Ok(member.map(|member| (member, revision)))
}

impl TooMany {
    fn told_in(self, mut response: Response) -> Response {
        let seconds = HeaderValue::from(self.seconds());
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
        response
    }

    /// Rounded up.
    fn seconds(self) -> u64 {
        self.retry_after.as_secs() + u64::from(self.retry_after.subsec_nanos() > 0)
    }
}

impl std::fmt::Display for TooMany {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.seconds();
        let (number, unit) =
            if seconds > 90 { (seconds.div_ceil(60), "minute") } else { (seconds, "second") };
        let plural = if number == 1 { "" } else { "s" };
        write!(f, "Too many attempts. Try again in {number} {unit}{plural}.")
    }
}

pub(super) async fn sign_out(
    State(app): State<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let caller = &submission.caller;
    session::end(&app, &caller.visit).await?;
    info!(user.id = %caller.member.user, "Signed out");
    Ok(signed_out(&app, Message::SignedOut, &local::of(&app.settings, "/sign-in")))
}

#[cfg(test)]
pub(super) fn sample() -> serde_json::Value {
    let form = Form { user_name: String::new(), next: String::new(), error: None };
    serde_json::to_value(Context { form }).expect("JSON")
}
