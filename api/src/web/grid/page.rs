//! System > User Management > OAuth Applications: all that somebody may see.

use axum::{
    Router,
    extract::{RawQuery, State},
    response::Response,
    routing::get,
};
use serde::Serialize;
use url::form_urlencoded::parse;

use super::{
    Frame, Grid, Wanted,
    address::View,
    saved::{Offered, ViewsMenu},
};
use crate::{
    app::App,
    web::{
        errors::Problem,
        render::Template,
        session::SignedIn,
        shell::{Page, see_other},
    },
};

const TITLE: &str = "OAuth Applications";

pub(super) fn router() -> Router<App> {
    Router::new().route("/applications", get(show))
}

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) purpose: String,
    pub(super) views: ViewsMenu,
    pub(super) grid: Grid,
}

async fn show(
    State(app): State<App>,
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let asked = query.unwrap_or_default();
    let frame = Frame::everything(&app, &caller);
    let offered = Offered::load(&app, &caller).await?;
    let mut wanted = Wanted::read(&asked).tidied(&frame);
    if let Some(opened) = opened(&frame, &asked, &wanted, &offered) {
        wanted = opened;
    } else if matches!(wanted.view, View::Saved(_)) && !is_link_to_view(&asked) {
        wanted = wanted.speaking();
    }
    if let Some(shorter) = shorter(&app, &frame, &asked, &wanted) {
        return Ok(shorter);
    }
    let content = Context {
        purpose: purpose(&caller),
        views: ViewsMenu::of(&app, &caller, &frame, &offered, &wanted),
        grid: Grid::load(&app, &caller, &wanted, &frame),
    };
    Page::new(Template::Applications, TITLE, &content).show_to(&app, &caller)
}

/// What the view shows that the address names, or that opens when it names nothing at all.
fn opened(frame: &Frame, asked: &str, wanted: &Wanted, offered: &Offered) -> Option<Wanted> {
    let id = match wanted.view {
        View::Saved(id) if is_link_to_view(asked) => id,
        View::Unsaid if asked.is_empty() => offered.default?,
        View::Saved(_) | View::Unsaid | View::Nothing => return None,
    };
    let view = offered.find(id)?;
    let selection = Wanted::read(&view.query).tidied(frame);
    Some(Wanted { view: View::Saved(id), size: wanted.size, ..selection })
}

/// Whether the address names a view and nothing else. A form that was cleared names its empty fields as well.
fn is_link_to_view(asked: &str) -> bool {
    parse(asked.as_bytes()).all(|(name, _)| name == "view")
}

/// The way to the shortest address of the same. Where something could not be understood, the address stays as it is.
pub(in crate::web) fn shorter(
    app: &App,
    frame: &Frame,
    asked: &str,
    wanted: &Wanted,
) -> Option<Response> {
    let settled = wanted.mistakes.is_empty() && wanted.query() != asked;
    settled.then(|| see_other(&frame.address(app, wanted), []))
}

fn purpose(caller: &SignedIn) -> String {
    let reach = caller.member.reach();
    match (reach.organization, reach.owner) {
        (_, Some(_)) => "Programs that may use the web API in your name.".to_owned(),
        (None, None) => "Programs that may use the web API, of all organizations.".to_owned(),
        (Some(_), None) => {
            format!("Programs that may use the web API of {}.", caller.organization.name)
        }
    }
}
