//! What goes wrong, as a page: what happened, what it means, what to do.

use std::{error::Error, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use commands::password::HashingFailed;
use domain::Category;
use projections::{knowledge::Unknowable, state::StateError, views::ViewsError};
use serde::Serialize;
use store::{LogError, StreamName, VaultError};
use tracing::{error, info};

use super::{
    cookies::Cookie,
    flash::Message,
    going_back::signed_out,
    local, own_writes,
    render::Template,
    session::SignedIn,
    shell::{Page, see_other},
    visit::Visit,
};
use crate::{app::App, http::BodyError};

/// Why a page is not shown, or a form not accepted.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("nobody is signed in")]
    SignedOut,
    #[error("there is nothing here, or nothing that this person may see")]
    NotFound,
    #[error("this method is not for this address")]
    WrongMethod,
    #[error("this person may not do that")]
    Denied,
    #[error("the form was made for another session")]
    ForeignForm,
    #[error("the form came from another site")]
    ForeignSite,
    #[error("the form cannot be read: {0}")]
    Malformed(&'static str),
    #[error("the body is not a form")]
    NotAForm,
    #[error("{0}")]
    Body(BodyError),
    #[error("others were changing the same thing")]
    Contended,
    #[error("this node does not know how things stand")]
    Stale,
    /// What somebody may do depends on an event that this release cannot apply.
    #[error("an event cannot be read")]
    Unreadable(#[source] Box<dyn Error + Send + Sync>),
    #[error("an engine cannot be reached")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    #[error("something failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    #[error("a handler gave up")]
    GaveUp,
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

macro_rules! failures {
    ($($error:ty),+) => {$(
        impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                Self::Failed(error.into())
            }
        }
    )+};
}

failures!(HashingFailed, handlebars::RenderError);

/// What speaks of the surroundings passes; the rest is our fault.
macro_rules! outages {
    ($($error:ty: $passes:expr);+) => {$(
        impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                let passes: fn(&$error) -> bool = $passes;
                if passes(&error) {
                    Self::Unavailable(error.into())
                } else {
                    Self::Failed(error.into())
                }
            }
        }
    )+};
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Unreadable { ref stream, .. } if decides_rights(stream) => {
                Self::Unreadable(error.into())
            }
            error if error.may_pass() => Self::Unavailable(error.into()),
            error => Self::Failed(error.into()),
        }
    }
}

fn decides_rights(stream: &StreamName) -> bool {
    [Category::User, Category::Organization].iter().any(|it| stream.category() == it.as_str())
}

impl From<Unknowable> for Problem {
    fn from(error: Unknowable) -> Self {
        Self::Unreadable(error.into())
    }
}

outages!(
    StateError: |error| matches!(error, StateError::Unavailable(_));
    ViewsError: |error| matches!(error, ViewsError::Unavailable(_));
    VaultError: |error| matches!(error, VaultError::Unavailable(_))
);

/// The template's `error`.
#[derive(Serialize)]
struct Context {
    error: Words,
}

#[derive(Serialize)]
struct Words {
    status: u16,
    title: &'static str,
    happened: String,
    meaning: &'static str,
    remedy: &'static str,
    /// `None` where operators could add nothing.
    reference: Option<String>,
    action_url: String,
    action_label: &'static str,
}

const UNCHANGED: &str = "Nothing was changed.";
const SEND_AGAIN: &str = "Go back, load the page again, and send the form once more.";

impl Problem {
    const fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::SEE_OTHER,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Denied | Self::ForeignForm | Self::ForeignSite => StatusCode::FORBIDDEN,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Body(error) => error.status(),
            Self::Contended => StatusCode::CONFLICT,
            Self::Stale | Self::Unreadable(_) | Self::Unavailable(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Failed(_) | Self::GaveUp => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn title(&self) -> &'static str {
        match self {
            Self::SignedOut => "Sign in",
            Self::NotFound => "There is nothing at this address",
            Self::WrongMethod => "This address is used otherwise",
            Self::Denied => "You are not allowed to do this",
            Self::ForeignForm => "The form has expired",
            Self::ForeignSite => "The form came from elsewhere",
            Self::Malformed(_) | Self::NotAForm => "The form cannot be read",
            Self::Body(BodyError::TooLarge { .. }) => "The form is too long",
            Self::Body(BodyError::Incomplete) => "The form did not arrive whole",
            Self::Contended => "Two changes met",
            Self::Stale => "Oathbook is not sure how things stand",
            Self::Unreadable(_) => "A record cannot be read",
            Self::Unavailable(_) => "A part of Oathbook cannot be reached",
            Self::Failed(_) | Self::GaveUp => "Something failed on our side",
        }
    }

    fn happened(&self) -> String {
        let text = match self {
            Self::SignedOut => "You are not signed in.",
            Self::NotFound => "No page or application was found here.",
            Self::WrongMethod => "The page was called in a way it does not know.",
            Self::Denied => "Your role in this organization does not include this.",
            Self::ForeignForm => "This form was made for another session, so it was not accepted.",
            Self::ForeignSite => {
                "Your browser says that the form was sent from another site, so it was not accepted."
            }
            Self::Malformed(detail) => {
                return format!("What was sent is not what our forms send. {detail}");
            }
            Self::NotAForm => "What was sent is not a form.",
            Self::Body(error) => return error.to_string(),
            Self::Contended => "Somebody else was changing the same application at the same time.",
            Self::Stale => "This node could not learn in time what was changed elsewhere.",
            Self::Unreadable(_) => {
                "The records of a user or of an organization hold something that this release of Oathbook does not understand."
            }
            Self::Unavailable(_) | Self::Failed(_) | Self::GaveUp => {
                "The page could not be made because a part of Oathbook did not answer."
            }
        };
        text.to_owned()
    }

    const fn meaning(&self) -> &'static str {
        match self {
            Self::NotFound => {
                "It may have been deleted, or it belongs to an organization you are not working in."
            }
            Self::Unreadable(_) => {
                "Nothing was lost. Until it can be read, nobody can know what you may do here, so nothing is shown."
            }
            Self::Unavailable(_) => {
                "Nothing was lost. If you were changing something, look whether it happened before you repeat it."
            }
            Self::Failed(_) | Self::GaveUp => {
                "Nothing was changed by this request unless you were told so before."
            }
            Self::SignedOut
            | Self::WrongMethod
            | Self::Denied
            | Self::ForeignForm
            | Self::ForeignSite
            | Self::Malformed(_)
            | Self::NotAForm
            | Self::Body(_)
            | Self::Contended
            | Self::Stale => UNCHANGED,
        }
    }

    const fn remedy(&self, signed_in: bool) -> &'static str {
        match self {
            Self::SignedOut => "Sign in.",
            Self::NotFound if signed_in => {
                "Check the address, or start again from your applications."
            }
            Self::NotFound => "Check the address, or sign in.",
            Self::WrongMethod => "Start again from your applications.",
            Self::Denied => {
                "Ask an administrator of the organization, or switch to another organization."
            }
            Self::ForeignForm if signed_in => SEND_AGAIN,
            Self::ForeignForm => "Sign in again and repeat what you wanted to do.",
            Self::ForeignSite => {
                "If you did not come here from another site, open Oathbook by its own address and try again."
            }
            Self::Malformed(_) | Self::NotAForm | Self::Body(BodyError::Incomplete) => SEND_AGAIN,
            Self::Body(BodyError::TooLarge { .. }) => "Go back and shorten what you entered.",
            Self::Contended => "Go back, look at the application again, and repeat your change.",
            Self::Unreadable(_) => {
                "Give the reference below to your administrator. Operators find what cannot be read, and why, with `oathbook projections status`; a release that knows the event reads it."
            }
            Self::Stale | Self::Unavailable(_) | Self::Failed(_) | Self::GaveUp => {
                "Try again in a moment. If it stays like this, give the reference below to your administrator."
            }
        }
    }

    fn words(&self, app: &App, visit: &Visit, signed_in: bool) -> Words {
        let without_reference = matches!(self, Self::NotFound | Self::WrongMethod);
        let (page, action_label) =
            if signed_in { ("/me", "Go to My User") } else { ("/sign-in", "Sign in") };
        Words {
            status: self.status().as_u16(),
            title: self.title(),
            happened: self.happened(),
            meaning: self.meaning(),
            remedy: self.remedy(signed_in),
            reference: (!without_reference).then(|| visit.id.to_string()),
            action_url: local::of(&app.settings, page),
            action_label,
        }
    }

    fn log(&self) {
        if self.status().is_server_error() {
            error!(error = self as &dyn Error, "A page failed");
        } else {
            info!(http.status = self.status().as_u16(), reason = %self, "A page was refused");
        }
    }
}

/// The status alone; [`dress`] makes a page of it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

pub(super) async fn not_found() -> Problem {
    Problem::NotFound
}

pub(super) async fn wrong_method() -> Problem {
    Problem::WrongMethod
}

/// Makes pages of problems, around all handlers.
pub(super) async fn dress(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visit = Visit::of(&app, &parts);
    let asked = Asked { method: parts.method.clone(), html: wants_html(&parts.headers) };
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let problem = response.extensions_mut().remove::<Arc<Problem>>();
    let problem = match problem {
        Some(problem) => problem,
        // A panic was logged where it was caught.
        None if response.status().is_server_error() => Arc::new(Problem::GaveUp),
        None => return response,
    };
    let unseen = matches!(*problem, Problem::NotFound)
        && own_writes::are_missing(&app, &visit.cookies).await;
    let problem = if unseen { Arc::new(Problem::Stale) } else { problem };
    if !matches!(*problem, Problem::GaveUp) {
        problem.log();
    }
    let mut page = asked.answer(&app, visit, &problem).await;
    // What axum says about the methods that are allowed.
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, allow);
    }
    page
}

/// How the page was asked for.
struct Asked {
    method: Method,
    html: bool,
}

impl Asked {
    async fn answer(&self, app: &App, visit: Visit, problem: &Problem) -> Response {
        let brief = matches!(problem, Problem::NotFound | Problem::WrongMethod) && !self.html;
        if matches!(problem, Problem::SignedOut) {
            self.to_sign_in(app, &visit)
        } else if brief {
            (problem.status(), format!("{}.\n", problem.title())).into_response()
        } else {
            page(app, visit, problem).await
        }
    }

    /// To the sign-in page, and from there back to where somebody wanted to look.
    fn to_sign_in(&self, app: &App, visit: &Visit) -> Response {
        let sign_in = local::of(&app.settings, "/sign-in");
        let wanted = (self.method == Method::GET || self.method == Method::HEAD)
            .then(|| local::parse(&visit.path))
            .flatten()
            .filter(|path| *path != local::home(&app.settings));
        let location = wanted
            .map_or(sign_in.clone(), |path| format!("{sign_in}?next={}", local::encoded(&path)));
        match visit.cookies.get(Cookie::Session) {
            Some(_) => signed_out(app, Message::SessionEnded, &location),
            None => see_other(&location, []),
        }
    }
}

async fn page(app: &App, visit: Visit, problem: &Problem) -> Response {
    // Whether somebody is signed in decides what can be offered; where that cannot be found out, nobody is.
    let caller = if unknowable(problem) {
        None
    } else {
        SignedIn::find(app, visit.clone()).await.ok().flatten()
    };
    let content = Context { error: problem.words(app, &visit, caller.is_some()) };
    let status = problem.status();
    let page = Page::new(Template::Error, problem.title(), &content).with_status(status);
    let shown = match &caller {
        Some(caller) => page.show_to(app, caller),
        None => page.show_to_anybody(app, &visit, String::new()),
    };
    let mut response = shown.unwrap_or_else(|error| {
        error.log();
        (status, format!("{}. {}\n", problem.title(), problem.happened())).into_response()
    });
    let headers = response.headers_mut();
    if matches!(problem, Problem::Stale | Problem::Unavailable(_)) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if matches!(problem, Problem::Body(_)) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether nobody can say who is asking.
const fn unknowable(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::Stale
            | Problem::Unreadable(_)
            | Problem::Unavailable(_)
            | Problem::Failed(_)
            | Problem::GaveUp
    )
}

fn wants_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT);
    accepted.iter().filter_map(|value| value.to_str().ok()).any(|it| it.contains("text/html"))
}

#[cfg(test)]
pub(super) fn sample() -> serde_json::Value {
    let error = Words {
        status: 500,
        title: "title",
        happened: String::new(),
        meaning: "meaning",
        remedy: "remedy",
        reference: None,
        action_url: String::new(),
        action_label: "label",
    };
    serde_json::to_value(Context { error }).expect("JSON")
}
