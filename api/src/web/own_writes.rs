//! A browser sees what it wrote, whichever node answers: the position of its last write travels in a cookie, and the
//! next node waits until it shows and obeys that much. What could not be seen in time is not waited for again, page after
//! page; but a node that lacks it does not say that there is nothing.

use std::time::Duration;

use axum::http::HeaderValue;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use projections::views::READ_YOUR_WRITES;
use store::{Position, Purpose};
use subtle::ConstantTimeEq;

use super::cookies::{Cookie, Cookies};
use crate::app::App;

/// How long a page looks for a write that was waited for in vain before.
const GLANCE: Duration = Duration::from_millis(50);
/// Stands before the position of a write that was not seen in time.
const UNSEEN: char = '~';

/// What a browser wrote last, within the last minute.
#[derive(Clone, Copy)]
struct Write {
    position: Position,
    /// Whether the node that took it showed and obeyed it in time.
    settled: bool,
}

/// The header that remembers a write.
pub(super) fn remember(app: &App, position: Position, settled: bool) -> Option<HeaderValue> {
    Cookie::Position.set(&app.settings, &sign(app, Write { position, settled }))
}

/// Waits for what the browser wrote, bounded: whoever waited in vain sees an older page.
pub(super) async fn wait(app: &App, cookies: &Cookies) {
    if let Some(write) = last(app, cookies) {
        let at_most = if write.settled { READ_YOUR_WRITES } else { GLANCE };
        app.settled_within(write.position, at_most).await;
    }
}

/// Whether the browser wrote something that this node does not show yet.
pub(super) async fn are_missing(app: &App, cookies: &Cookies) -> bool {
    match last(app, cookies) {
        Some(write) => !app.settled_within(write.position, GLANCE).await,
        None => false,
    }
}

/// Signed, because nobody else is to decide how long a node waits.
fn sign(app: &App, write: Write) -> String {
    let unseen = if write.settled { String::new() } else { UNSEEN.to_string() };
    let text = format!("{unseen}{}", write.position);
    let parts: [&[u8]; 2] = [b"position", text.as_bytes()];
    let mac = URL_SAFE_NO_PAD.encode(app.commands.key.mac(Purpose::Forms, &parts));
    format!("{text}.{mac}")
}

fn last(app: &App, cookies: &Cookies) -> Option<Write> {
    let value = cookies.get(Cookie::Position)?;
    let (text, _) = value.rsplit_once('.')?;
    let unseen = text.strip_prefix(UNSEEN);
    let write = Write { position: unseen.unwrap_or(text).parse().ok()?, settled: unseen.is_none() };
    bool::from(sign(app, write).as_bytes().ct_eq(value.as_bytes())).then_some(write)
}
