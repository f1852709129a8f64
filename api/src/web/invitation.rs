//! The page that the link of an invitation leads to: a password is chosen there, once.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use commands::{Failure, invitations::Invited, users::Refusal};
use domain::user::Account;
use serde::Serialize;
use tracing::info;

use super::{
    account::strong,
    complaints::{About, Complaint},
    cookies::Cookie,
    csrf::{self, Audience},
    errors::Problem,
    flash::{Flash, Message},
    local, networks, own_writes,
    render::Template,
    session,
    shell::{Page, open, see_other},
    sign_in::Browser,
    submission::Unsigned,
    throttle::{Suspects, Throttle},
    visit::Visit,
};
use crate::app::App;

const TITLE: &str = "Choose a password";

#[derive(Serialize)]
struct Context {
    form: Form,
}

#[derive(Serialize)]
struct Form {
    action: String,
    error: Option<String>,
    display_name: String,
    user_name: String,
    password_error: Option<String>,
}

/// Why the link does not lead to a form.
#[derive(Serialize)]
struct Void {
    title: &'static str,
    happened: &'static str,
    remedy: &'static str,
    sign_in_url: String,
}

/// The last part of the address.
pub(super) struct Token(String);

impl FromRequestParts<App> for Token {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        // What is not text is no link of ours, and is told so.
        Ok(Self(path.map(|Path(token)| token).unwrap_or_default()))
    }
}

/// The same whether the link was cut short, made up, or made by another installation.
const UNKNOWN: (&str, &str, &str) = (
    "This link is not complete",
    "It is not one that was sent from here, or a part of it is missing.",
    "Open the link in the letter again, or copy all of it into the address bar of your browser.",
);

fn reason(refusal: Refusal) -> Result<(&'static str, &'static str, &'static str), Problem> {
    Ok(match refusal {
        Refusal::InvitationUsed => (
            "This link has been used",
            "A password was chosen with it, and each link works once.",
            "Sign in with that password. If it was not you who chose it, tell your administrator at once.",
        ),
        Refusal::InvitationVoid => (
            "This link counts no more",
            "Another invitation was sent after this one, or the account was changed since: its address, or whether it is enabled.",
            "Look for the latest letter, and open the link in that; or ask your administrator to send the invitation again.",
        ),
        Refusal::InvitationExpired => (
            "This link has expired",
            "It was not used in time.",
            "Ask your administrator to send the invitation again.",
        ),
        Refusal::Disabled => (
            "This account is disabled",
            "Nobody can sign in with it at the moment.",
            "Ask your administrator to enable it.",
        ),
        Refusal::NotFound => UNKNOWN,
        Refusal::NameTaken
        | Refusal::OrganizationUnavailable
        | Refusal::LastAdministrator
        | Refusal::Denied(_) => return Err(Problem::Denied),
    })
}

fn show_void(
    app: &App,
    visit: &Visit,
    (title, happened, remedy): (&'static str, &'static str, &'static str),
) -> Result<Response, Problem> {
    let sign_in_url = local::of(&app.settings, "/sign-in");
    let content = Void { title, happened, remedy, sign_in_url };
    Page::new(Template::InvitationVoid, title, &content)
        .with_status(StatusCode::GONE)
        .show_to_anybody(app, visit, String::new())
}

fn show(
    app: &App,
    visit: &Visit,
    token: &Token,
    account: &Account,
    complaint: Option<Complaint>,
) -> Result<Response, Problem> {
    let status = complaint.as_ref().map_or(StatusCode::OK, |complaint| complaint.status);
    let (password_error, error) = match complaint {
        Some(Complaint { about: About::Password, text, .. }) => (Some(text), None),
        Some(Complaint { text, .. }) => (None, Some(text)),
        None => (None, None),
    };
    let form = Form {
        action: local::of(&app.settings, &format!("/invitation/{}", token.0)),
        error,
        display_name: open(&account.display_name),
        user_name: open(&account.user_name),
        password_error,
    };
    let content = Context { form };
    let page = Page::new(Template::Invitation, TITLE, &content).with_status(status);
    let browser = Browser::of_or_new(app, visit);
    let csrf = csrf::token(app, Audience::Browser(&browser.value));
    Ok(browser.remembered_in(app, page.show_to_anybody(app, visit, csrf)?))
}

/// The account that the link is for, or the page that says why there is none.
async fn find(
    app: &App,
    visit: &Visit,
    token: &Token,
) -> Result<Result<(Invited, Account), Response>, Problem> {
    let Some(invited) = app.commands.read_invitation(&token.0) else {
        return show_void(app, visit, UNKNOWN).map(Err);
    };
    let records = app.commands.as_system(app.commands.mint());
    match records.invited_account(&invited).await {
        Ok(account) => Ok(Ok((invited, account))),
        Err(Failure::Refused(refusal)) => show_void(app, visit, reason(refusal)?).map(Err),
        Err(Failure::Contended) => Err(Problem::Contended),
        Err(Failure::Log(error)) => Err(error.into()),
    }
}

pub(super) async fn form(
    State(app): State<App>,
    visit: Visit,
    token: Token,
) -> Result<Response, Problem> {
    match find(&app, &visit, &token).await? {
        Ok((_, account)) => show(&app, &visit, &token, &account, None),
        Err(void) => Ok(void),
    }
}

pub(super) async fn accept(
    State(app): State<App>,
    Extension(throttle): Extension<Arc<Throttle>>,
    token: Token,
    Unsigned { visit, fields }: Unsigned,
) -> Result<Response, Problem> {
    let (invited, account) = match find(&app, &visit, &token).await? {
        Ok(found) => found,
        Err(void) => return Ok(void),
    };
    let again = |complaint| show(&app, &visit, &token, &account, Some(complaint));
    // Each attempt costs a run of argon2id; those who hold a link are bounded like those who sign in.
    let suspects = Suspects::of(&app.commands.key, &token.0, visit.address);
    let now = app.commands.clock.now();
    let attempt = match throttle.attempt(now, app.settings.throttle, suspects) {
        Ok(attempt) => attempt,
        Err(too_many) => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            return again(Complaint { status, ..Complaint::invalid(About::Form, too_many) });
        }
    };
    let names = [&account.user_name, &account.display_name, &account.email];
    let password = match strong(fields.text("password"), &names) {
        Ok(password) => password,
        Err(complaint) => {
            attempt.succeeded();
            return again(complaint);
        }
    };
    let hash = app.passwords.hash(password, &*app.commands.entropy).await?;
    let scribe = app.scribe_of_visitor(&visit, invited.user());
    let position = match scribe.accept_invitation(&invited, hash).await {
        Ok(done) => done.position,
        Err(Failure::Refused(refusal)) => return show_void(&app, &visit, reason(refusal)?),
        Err(Failure::Contended) => return Err(Problem::Contended),
        Err(Failure::Log(error)) => return Err(error.into()),
    };
    attempt.succeeded();
    app.state.end_sessions(invited.user(), None).await?;
    let settled = app.settled(position).await;
    let mut cookies = vec![own_writes::remember(&app, position, settled)];
    // Whoever belongs nowhere yet has a password now, and nowhere to work.
    let member = app.knowledge.member_somewhere(invited.user(), None)?;
    let to = if let Some(member) = member {
        let revision = scribe.revision_written_to(invited.user()).await?;
        let id = session::renew(&app, &visit, member, revision).await?;
        networks::notice(&app, &visit, member.user).await;
        info!(user.id = %member.user, organization.id = %member.organization, "Signed in");
        cookies.push(Cookie::Session.set(&app.settings, id.as_str()));
        cookies.push(Cookie::Browser.clear(&app.settings));
        local::home(&app.settings)
    } else {
        local::of(&app.settings, "/sign-in")
    };
    let said = Flash::of(Message::PasswordChosen).sign(&app);
    cookies.push(Cookie::Flash.set(&app.settings, &said));
    Ok(see_other(&to, cookies))
}

#[cfg(test)]
pub(super) mod samples {
    use serde_json::Value;

    use super::*;

    pub(in crate::web) fn form() -> Value {
        let text = String::new;
        let form = Form {
            action: text(),
            error: None,
            display_name: text(),
            user_name: text(),
            password_error: None,
        };
        serde_json::to_value(Context { form }).expect("JSON")
    }

    pub(in crate::web) fn void() -> Value {
        let (title, happened, remedy) = UNKNOWN;
        let void = Void { title, happened, remedy, sign_in_url: String::new() };
        serde_json::to_value(void).expect("JSON")
    }
}
