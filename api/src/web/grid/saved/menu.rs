//! The menu of views beside the heading.

use projections::saved_views::{SavedView, Sharing};
use serde::Serialize;

use super::{Offered, address, form, is_stale};
use crate::{
    app::App,
    web::{
        applications,
        grid::{Frame, Wanted, address::View},
        local,
        session::SignedIn,
    },
};

/// The template's `views`.
#[derive(Serialize)]
pub(in super::super) struct ViewsMenu {
    pub(super) own: Vec<Item>,
    pub(super) shared: Vec<Item>,
    pub(super) current: Option<Current>,
    /// The address names a view that is not there for this person.
    pub(super) missing: bool,
    /// Everything, whichever view opens by itself.
    pub(super) all_url: String,
    pub(super) save_url: String,
    pub(super) manage_url: String,
}

#[derive(Serialize)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) url: String,
    /// Of a view that somebody else shares.
    pub(super) owner: Option<String>,
    pub(super) shared: bool,
    pub(super) current: bool,
    pub(super) default: bool,
}

/// The view that is open.
#[derive(Serialize)]
pub(super) struct Current {
    pub(super) name: String,
    pub(super) owner: Option<String>,
    /// Something else is selected by now.
    pub(super) changed: bool,
    /// Some of it is not understood any more.
    pub(super) stale: bool,
    /// Where the view gets what is selected now; for its owner, when that is something else.
    pub(super) update_url: Option<String>,
    pub(super) selection: String,
    pub(super) url: String,
}

impl ViewsMenu {
    pub(in super::super) fn of(
        app: &App,
        caller: &SignedIn,
        frame: &Frame,
        offered: &Offered,
        wanted: &Wanted,
    ) -> Self {
        let current = match wanted.view {
            View::Saved(id) => Some(id),
            View::Unsaid | View::Nothing => None,
        };
        let item = |view: &SavedView| Item {
            name: view.name.to_string(),
            url: address(app, frame, view),
            owner: owner(app, caller, view),
            shared: view.sharing == Sharing::Organization,
            current: current == Some(view.id),
            default: offered.default == Some(view.id),
        };
        let (own, shared): (Vec<_>, Vec<_>) =
            offered.views.iter().partition(|view| view.owner == caller.member.user);
        let found = current.and_then(|id| offered.find(id));
        let page = |path: &str| local::of(&app.settings, path);
        let selection = wanted.selection();
        let back = local::encoded(&caller.visit.path);
        let query = local::encoded(&selection);
        let everything = Wanted { view: View::Nothing, ..Wanted::default() };
        Self {
            own: own.into_iter().map(item).collect(),
            shared: shared.into_iter().map(item).collect(),
            missing: current.is_some() && found.is_none(),
            current: found.map(|view| Current::of(app, caller, frame, view, &selection)),
            all_url: frame.address(app, &everything),
            save_url: page(&format!("/applications/views/new?query={query}&return_to={back}")),
            manage_url: page("/applications/views"),
        }
    }
}

impl Current {
    fn of(app: &App, caller: &SignedIn, frame: &Frame, view: &SavedView, selection: &str) -> Self {
        let saved = Wanted::read(&view.query).tidied(frame).selection();
        let changed = saved != selection;
        let own = view.owner == caller.member.user;
        Self {
            name: view.name.to_string(),
            owner: owner(app, caller, view),
            changed,
            stale: is_stale(view),
            update_url: (own && changed).then(|| form(app, view.id, "selection")),
            selection: selection.to_owned(),
            url: address(app, frame, view),
        }
    }
}

/// Whose view it is, if it is somebody else's.
pub(super) fn owner(app: &App, caller: &SignedIn, view: &SavedView) -> Option<String> {
    (view.owner != caller.member.user).then(|| applications::person(app, view.owner))
}
