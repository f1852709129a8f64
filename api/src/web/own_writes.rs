//! A browser sees what it wrote, whichever node answers: the position of its last write travels in a cookie, and the
//! next node waits until it shows and obeys that much.

use axum::http::HeaderValue;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use store::{Position, Purpose};
use subtle::ConstantTimeEq;

use super::cookies::{Cookie, Cookies};
use crate::app::App;

/// The header that remembers a write which this node shows and obeys already. What is not seen here within the bound
/// is not waited for elsewhere either: the page says so, and the next ones do not wait again.
pub(super) fn remember(app: &App, position: Position, settled: bool) -> Option<HeaderValue> {
    settled.then(|| Cookie::Position.set(&app.settings, &sign(app, position)))?
}

/// Waits for what the browser wrote within the last minute, bounded: whoever waited in vain sees an older page.
pub(super) async fn wait(app: &App, cookies: &Cookies) {
    if let Some(position) = cookies.get(Cookie::Position).and_then(|value| read(app, value)) {
        app.settled(position).await;
    }
}

/// Signed, because nobody else is to decide how long a node waits.
fn sign(app: &App, position: Position) -> String {
    let text = position.to_string();
    let parts: [&[u8]; 2] = [b"position", text.as_bytes()];
    let mac = URL_SAFE_NO_PAD.encode(app.commands.key.mac(Purpose::Forms, &parts));
    format!("{text}.{mac}")
}

fn read(app: &App, value: &str) -> Option<Position> {
    let (text, _) = value.rsplit_once('.')?;
    let position = text.parse().ok()?;
    bool::from(sign(app, position).as_bytes().ct_eq(value.as_bytes())).then_some(position)
}
