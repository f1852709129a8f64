//! My User: who one is, and one's applications.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use domain::authority::Role;
use serde::Serialize;

use super::{
    errors::Problem,
    grid::{Grid, Wanted},
    local,
    render::Template,
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
        role: role(caller.member.role),
    };
    let wanted = Wanted::read(query.as_deref().unwrap_or_default());
    let grid = Grid::load(&app, &caller, wanted);
    Page::new(Template::Me, "My User", &Context { me, grid }).show_to(&app, &caller)
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Member => "Member",
        Role::Auditor => "Auditor",
        Role::Manager => "Manager",
        Role::Administrator => "Administrator",
    }
}

#[cfg(test)]
pub(super) fn sample() -> serde_json::Value {
    let me = Me {
        display_name: String::new(),
        user_name: String::new(),
        email: String::new(),
        role: role(Role::Member),
    };
    serde_json::to_value(Context { me, grid: Grid::sample() }).expect("JSON")
}
