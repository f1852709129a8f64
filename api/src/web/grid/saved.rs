//! Saved views: offered beside the heading, kept and changed by forms.

mod changing;
mod listing;
mod menu;
#[cfg(test)]
pub(super) mod samples;

use axum::{
    Router,
    routing::{get, post},
};
use domain::authority::Deed;
use projections::saved_views::{SavedView, SavedViewId, Sharing};

pub(super) use self::menu::ViewsMenu;
use super::{Frame, Wanted, address::View};
use crate::{
    app::App,
    web::{errors::Problem, local, session::SignedIn},
};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/applications/views", get(listing::show).post(changing::create))
        .route("/applications/views/new", get(changing::ask))
        .route("/applications/views/default", post(listing::set_default))
        .route("/applications/views/{id}/edit", get(changing::edit).post(changing::change))
        .route("/applications/views/{id}/selection", post(changing::select))
        .route("/applications/views/{id}/delete", get(listing::ask).post(listing::delete))
}

/// The views that somebody may open where they work now, by name.
pub(super) struct Offered {
    pub(super) views: Vec<SavedView>,
    /// The one that opens by itself.
    pub(super) default: Option<SavedViewId>,
}

impl Offered {
    pub(super) async fn load(app: &App, caller: &SignedIn) -> Result<Self, Problem> {
        let (user, organization) = (caller.member.user, caller.member.organization);
        let views = app.state.saved_views(user, organization).await?;
        let default = app.state.default_view(user, organization).await?;
        let default = default.filter(|id| views.iter().any(|view| view.id == *id));
        Ok(Self { views, default })
    }

    pub(super) fn find(&self, id: SavedViewId) -> Option<&SavedView> {
        self.views.iter().find(|view| view.id == id)
    }

    /// The view, if this person may open it. What they may not open is not there.
    fn named(&self, id: &str) -> Result<&SavedView, Problem> {
        let found = id.parse().ok().and_then(|id| self.find(id));
        found.ok_or(Problem::NotFound)
    }

    /// The view, if this person may change it.
    fn owned(&self, id: &str, caller: &SignedIn) -> Result<&SavedView, Problem> {
        let view = self.named(id)?;
        if view.owner == caller.member.user { Ok(view) } else { Err(Problem::Denied) }
    }

    /// The view, if this person may take it away.
    fn removable(&self, id: &str, caller: &SignedIn) -> Result<&SavedView, Problem> {
        let view = self.named(id)?;
        if removes(caller, view) { Ok(view) } else { Err(Problem::Denied) }
    }
}

/// Whether somebody may take a view away that is open to them: their own, or one that is shared where they manage.
fn removes(caller: &SignedIn, view: &SavedView) -> bool {
    view.owner == caller.member.user
        || view.sharing == Sharing::Organization
            && caller.member.may_do(Deed::RemoveSharedView(view.organization))
}

/// Where a view opens.
fn address(app: &App, frame: &Frame, view: &SavedView) -> String {
    let selection = Wanted::read(&view.query).tidied(frame);
    frame.address(app, &Wanted { view: View::Saved(view.id), ..selection })
}

/// Where a form about a view is.
fn form(app: &App, id: SavedViewId, form: &str) -> String {
    local::of(&app.settings, &format!("/applications/views/{id}/{form}"))
}

/// Whether some of what the view was saved with is not understood any more.
fn is_stale(view: &SavedView) -> bool {
    let selection = Wanted::read(&view.query);
    !selection.mistakes.is_empty() || selection.selection() != view.query
}
