//! Where one is signed in, and how to end that.

use std::fmt::Write;

use axum::{extract::State, response::Response};
use projections::state::Valid;
use serde::Serialize;
use tracing::info;

use super::{Device, Problem, SignedIn, permit};
use crate::{
    app::App,
    web::{
        complaints::about_user,
        flash::Message,
        going_back::{done, signed_out},
        local,
        render::Template,
        shell::Page,
        submission::Submission,
        times::Time,
    },
};

const TITLE: &str = "Sessions";

/// Sessions on the page.
const SHOWN: u32 = 50;

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) sessions: Vec<Session>,
    /// How many more there are, in words.
    pub(super) more: Option<String>,
    pub(super) end_url: String,
    pub(super) end_all_url: String,
}

#[derive(Serialize)]
pub(super) struct Session {
    /// The hash by which it is found, in hexadecimal: no browser can use it.
    pub(super) id: String,
    pub(super) device: String,
    pub(super) address: Option<String>,
    pub(super) started: Time,
    pub(super) seen: Time,
    pub(super) current: bool,
}

pub(super) async fn show(State(app): State<App>, caller: SignedIn) -> Result<Response, Problem> {
    let now = app.commands.clock.now();
    let valid =
        Valid { now, expiry: app.settings.sessions, void_before: caller.user.sessions_void_before };
    let kept = app.state.sessions_of(caller.member.user, valid, SHOWN).await?;
    let more = match kept.total.saturating_sub(kept.newest.len() as u64) {
        0 => None,
        1 => Some("1 more session is not listed.".to_owned()),
        more => Some(format!("{more} more sessions are not listed.")),
    };
    let mut sessions = Vec::new();
    for session in &kept.newest {
        let device = Device::open(&app, session.device.as_deref()).await?;
        sessions.push(Session {
            id: hexadecimal(&session.id_hash),
            device: device.in_words(),
            address: device.address(),
            started: Time::of(session.created_at, now),
            seen: Time::of(session.seen_at, now),
            current: session.id_hash == *caller.id_hash(),
        });
    }
    let url = |path| local::of(&app.settings, path);
    let (end_url, end_all_url) = (url("/me/sessions/end"), url("/me/sessions/end-all"));
    let context = Context { sessions, more, end_url, end_all_url };
    Page::new(Template::MeSessions, TITLE, &context).show_to(&app, &caller)
}

/// What [`hexadecimal`] has written.
fn hash_in(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, place) in hash.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[place..place + 2], 16).ok()?;
    }
    Some(hash)
}

fn hexadecimal(hash: &[u8; 32]) -> String {
    hash.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Ends one of one's own sessions. One that is over already is ended, too.
pub(super) async fn end(
    State(app): State<App>,
    Submission { caller, fields }: Submission,
) -> Result<Response, Problem> {
    let user = caller.member.user;
    if let Some(hash) = hash_in(fields.text("session"))
        && let Some(session) = app.state.session(hash).await?
        && session.user == user
    {
        app.state.end_session(hash).await?;
        info!(user.id = %user, "Ended a session");
    }
    Ok(done(&app, Message::SessionClosed, &local::of(&app.settings, "/me/sessions")))
}

/// Ends all of one's sessions, this one too.
pub(super) async fn end_all(
    State(app): State<App>,
    submission: Submission,
) -> Result<Response, Problem> {
    let user = submission.caller.member.user;
    let permit = permit(&submission.caller)?;
    if let Err(failure) = app.scribe_for(&submission).sign_out_everywhere(&permit, user).await {
        about_user(failure)?;
        return Err(Problem::Contended);
    }
    let ended = app.state.end_sessions(user, None).await?;
    info!(user.id = %user, sessions = ended, "Ended all sessions");
    let sign_in = local::of(&app.settings, "/sign-in");
    Ok(signed_out(&app, Message::SignedOutEverywhere, &sign_in))
}
