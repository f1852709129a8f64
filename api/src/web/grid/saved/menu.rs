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

/// Views in the menu.
const SHOWN: usize = 10;

/// The template's `views`.
#[derive(Serialize)]
pub(in super::super) struct ViewsMenu {
    pub(super) own: Vec<Item>,
    pub(super) shared: Vec<Item>,
    /// How many there are in all, where the menu has no room for them.
    pub(super) more: Option<String>,
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
        let (room_for_own, room_for_shared) = rooms(own.len(), shared.len());
        let first = |view: &SavedView| current == Some(view.id) || offered.default == Some(view.id);
        let found = current.and_then(|id| offered.find(id));
        let total = offered.views.len();
        let page = |path: &str| local::of(&app.settings, path);
        let selection = wanted.selection();
        let back = local::encoded(&caller.visit.path);
        let query = local::encoded(&selection);
        let everything = Wanted { view: View::Nothing, ..Wanted::default() };
        Self {
            own: few(own, room_for_own, first).into_iter().map(item).collect(),
            shared: few(shared, room_for_shared, first).into_iter().map(item).collect(),
            more: (total > SHOWN).then(|| format!("All {total} views")),
            missing: current.is_some() && found.is_none(),
            current: found.map(|view| Current::of(app, caller, frame, view, &selection)),
            all_url: frame.address(app, &everything),
            save_url: page(&format!("/applications/views/new?query={query}&return_to={back}")),
            manage_url: page("/applications/views"),
        }
    }
}

/// How many of one's own and how many shared views are shown: half of the room each, or what the others leave.
fn rooms(own: usize, shared: usize) -> (usize, usize) {
    let for_shared = shared.min(SHOWN.saturating_sub(own).max(SHOWN / 2));
    (own.min(SHOWN - for_shared), for_shared)
}

/// As many as there is room for, in their order; those that matter most are among them.
fn few(views: Vec<&SavedView>, room: usize, first: impl Fn(&SavedView) -> bool) -> Vec<&SavedView> {
    let mut few: Vec<_> = views.into_iter().enumerate().collect();
    few.sort_by_key(|(place, view)| (!first(view), *place));
    few.truncate(room);
    few.sort_by_key(|(place, _)| *place);
    few.into_iter().map(|(_, view)| view).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_menu_has_room_for_ten_views_and_neither_kind_takes_all_of_it() {
        for (own, shared, expected) in [
            (0, 0, (0, 0)),
            (3, 4, (3, 4)),
            (5, 5, (5, 5)),
            (50, 100, (5, 5)),
            (50, 2, (8, 2)),
            (2, 100, (2, 8)),
            (50, 0, (10, 0)),
            (0, 100, (0, 10)),
        ] {
            assert_eq!(rooms(own, shared), expected, "{own} {shared}");
        }
    }
}
