//! The table: change it together with the routes.

use domain::authority::Action;

/// What using a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// It is for everybody, signed in or not.
    Nothing,
    /// What the browser keeps from before there was a session; what else it takes has tests of its own.
    OwnForm,
    SigningIn,
    /// Registering applications in one's own name.
    Creating,
    /// The right to do that to the application in the address.
    Application(Action),
    /// The right to change the saved view in the address: its owner has it.
    SavedView,
    /// Looking after the installation.
    Operating,
}

impl Needs {
    /// How many kinds of things it makes a difference for.
    pub(super) const fn kinds(self) -> usize {
        match self {
            Self::Application(_) | Self::SavedView => 3,
            Self::Nothing | Self::OwnForm | Self::SigningIn | Self::Creating | Self::Operating => 1,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Method and path as the sources have them.
    pub(super) route: &'static str,
    pub(super) needs: Needs,
    /// A form that is accepted. `{acme}` stands for the id of the organization the person works in.
    pub(super) fields: &'static [(&'static str, &'static str)],
}

impl Entry {
    pub(super) fn method(&self) -> &'static str {
        self.route.split_once(' ').expect("a method and a path").0
    }

    /// With the id of the thing it is about.
    pub(super) fn path(&self, id: &str) -> String {
        let (_, path) = self.route.split_once(' ').expect("a method and a path");
        path.replace("{id}", id).replace("{name}", id)
    }
}

const fn entry(
    route: &'static str,
    needs: Needs,
    fields: &'static [(&'static str, &'static str)],
) -> Entry {
    Entry { route, needs, fields }
}

const VIEW: Needs = Needs::Application(Action::View);
const CHANGE: Needs = Needs::Application(Action::Change);
const DELETE: Needs = Needs::Application(Action::Delete);

#[rustfmt::skip]
pub(super) const MATRIX: &[Entry] = &[
    entry("GET /", Needs::Nothing, &[]),
    entry("GET /sign-in", Needs::Nothing, &[]),
    entry("POST /sign-in", Needs::OwnForm, &[]),
    entry("POST /sign-out", Needs::OwnForm, &[]),
    entry("POST /organization", Needs::SigningIn, &[("organization", "{acme}")]),
    entry("GET /me", Needs::SigningIn, &[]),
    entry("GET /static/{name}", Needs::OwnForm, &[]),
    entry("GET /favicon.ico", Needs::Nothing, &[]),

    entry("GET /applications/new", Needs::Creating, &[]),
    entry("POST /applications", Needs::Creating, &[("name", "Target")]),
    entry("GET /applications/{id}", VIEW, &[]),
    entry("GET /applications/{id}/edit", CHANGE, &[]),
    entry("POST /applications/{id}/edit", CHANGE, &[("name", "Renamed"), ("active", "true")]),
    entry("GET /applications/{id}/deactivate", CHANGE, &[]),
    entry("POST /applications/{id}/deactivate", CHANGE, &[]),
    entry("POST /applications/{id}/activate", CHANGE, &[]),
    entry("GET /applications/{id}/delete", DELETE, &[]),
    entry("POST /applications/{id}/delete", DELETE, &[]),

    entry("GET /applications", Needs::SigningIn, &[]),
    entry("GET /applications/export", Needs::SigningIn, &[]),
    entry("POST /applications/bulk", Needs::SigningIn, &[("action", "deactivate")]),
    entry("POST /applications/bulk/confirm", Needs::SigningIn, &[("action", "deactivate"), ("form", "0199a0b4-3c5d-7e6f-8a1b-0000000000b1")]),
    entry("GET /applications/views", Needs::SigningIn, &[]),
    entry("POST /applications/views", Needs::SigningIn, &[("name", "Mine")]),
    entry("GET /applications/views/new", Needs::SigningIn, &[]),
    entry("POST /applications/views/default", Needs::SigningIn, &[]),
    entry("GET /applications/views/{id}/edit", Needs::SavedView, &[]),
    entry("POST /applications/views/{id}/edit", Needs::SavedView, &[("name", "Renamed")]),
    entry("POST /applications/views/{id}/selection", Needs::SavedView, &[("query", "name=sync")]),
    entry("GET /applications/views/{id}/delete", Needs::SavedView, &[]),
    entry("POST /applications/views/{id}/delete", Needs::SavedView, &[]),

    entry("GET /system/views", Needs::Operating, &[]),
    entry("POST /system/views/{name}/rebuild", Needs::Operating, &[]),
    entry("GET /system/views/{name}/rollback", Needs::Operating, &[]),
    entry("POST /system/views/{name}/rollback", Needs::Operating, &[]),
];
