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
    /// Looking after the installation.
    Operating,
}

impl Needs {
    /// How many kinds of things it makes a difference for.
    pub(super) const fn kinds(self) -> usize {
        match self {
            Self::Application(_) => 3,
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
const TRANSFER: Needs = Needs::Application(Action::Transfer);
const RESTORE: Needs = Needs::Application(Action::Restore);
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
    entry("GET /applications/deleted", Needs::SigningIn, &[]),
    entry("GET /applications/{id}", VIEW, &[]),
    entry("GET /applications/{id}/edit", CHANGE, &[]),
    entry("POST /applications/{id}/edit", CHANGE, &[("name", "Renamed"), ("active", "true")]),
    entry("GET /applications/{id}/deactivate", CHANGE, &[]),
    entry("POST /applications/{id}/deactivate", CHANGE, &[]),
    entry("POST /applications/{id}/activate", CHANGE, &[]),
    entry("GET /applications/{id}/transfer", TRANSFER, &[]),
    entry("POST /applications/{id}/transfer", TRANSFER, &[("owner", "ada")]),
    entry("GET /applications/{id}/delete", DELETE, &[]),
    entry("POST /applications/{id}/delete", DELETE, &[("name", "Target")]),
    entry("GET /applications/{id}/restore", RESTORE, &[]),
    entry("POST /applications/{id}/restore", RESTORE, &[("name", "Restored")]),

    entry("GET /system/views", Needs::Operating, &[]),
    entry("POST /system/views/{name}/rebuild", Needs::Operating, &[]),
    entry("GET /system/views/{name}/rollback", Needs::Operating, &[]),
    entry("POST /system/views/{name}/rollback", Needs::Operating, &[]),
];
