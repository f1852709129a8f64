//! Where a form leads back to, and what is said there.

use axum::response::Response;
use store::Position;

use super::{
    cookies::Cookie,
    flash::{Flash, Message, Shown},
    form::asked,
    local, own_writes,
    shell::see_other,
};
use crate::app::App;

/// The parameter `return_to` of an address, or else this page of ours.
pub(super) fn return_to(app: &App, query: Option<&str>, otherwise: &str) -> String {
    let path = asked(query, "return_to").and_then(|path| local::parse(&path));
    path.unwrap_or_else(|| local::of(&app.settings, otherwise))
}

/// Goes there when what was written is to be seen.
pub(super) async fn written(app: &App, position: Position, message: Message, to: &str) -> Response {
    let settled = app.settled(position).await;
    let flash = Flash { message, shown: Shown::after(settled) }.sign(app);
    let flash = Cookie::Flash.set(&app.settings, &flash);
    see_other(to, [flash, own_writes::remember(app, position, settled)])
}

/// Goes there and says what was done; nothing was written to the log.
pub(super) fn done(app: &App, message: Message, to: &str) -> Response {
    let flash = Flash::of(message).sign(app);
    see_other(to, [Cookie::Flash.set(&app.settings, &flash)])
}

/// The same for whoever has no session any more; their browser forgets it.
pub(super) fn signed_out(app: &App, message: Message, to: &str) -> Response {
    let flash = Flash::of(message).sign(app);
    see_other(to, [Cookie::Session.clear(&app.settings), Cookie::Flash.set(&app.settings, &flash)])
}
