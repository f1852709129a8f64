//! My User: who one is, and one's applications.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde::Serialize;

use super::{
    errors::Problem,
    grid::{Frame, Grid, Wanted, shorter},
    local,
    render::Template,
    roles,
    session::SignedIn,
    shell::{Page, open, see_other},
};
use crate::app::App;

#[derive(Serialize)]
struct Context {
    me: Me,
    grid: Grid,
}

#[derive(Serialize)]
struct Me {
    display_name: String,
    user_name: String,
    email: String,
    role: &'static str,
    edit_url: String,
    letters_url: String,
}

/// The page one comes in by.
pub(crate) async fn home(State(app): State<App>) -> Response {
    see_other(&local::home(&app.settings), [])
}

pub(super) async fn show(
    State(app): State<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let me = Me {
        display_name: open(&caller.user.display_name),
        user_name: open(&caller.user.user_name),
        email: open(&caller.user.email),
        role: roles::label(caller.member.role),
        edit_url: local::of(&app.settings, "/me/edit"),
        letters_url: local::of(&app.settings, "/me/letters"),
    };
    let asked = query.unwrap_or_default();
    let frame = Frame::of_person(&app, &caller, caller.member.user, "/me".to_owned());
    let wanted = Wanted::read(&asked).tidied(&frame);
    if let Some(shorter) = shorter(&app, &frame, &asked, &wanted) {
        return Ok(shorter);
    }
    let grid = Grid::load(&app, &caller, &wanted, &frame);
    Page::new(Template::Me, "My User", &Context { me, grid }).show_to(&app, &caller)
}

#[cfg(test)]
pub(super) fn sample() -> serde_json::Value {
    let me = Me {
        display_name: String::new(),
        user_name: String::new(),
        email: String::new(),
        role: "Member",
        edit_url: String::new(),
        letters_url: String::new(),
    };
    let grid = super::grid::samples::of_person();
    serde_json::to_value(Context { me, grid }).expect("JSON")
}
