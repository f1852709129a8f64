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
    /// The right to take the shared view in the address away.
    RemovingView,
    /// Looking after the installation.
    Operating,
    /// The same, for the notification rule in the address.
    Rule,
    /// The same, for the letter in the address.
    KeepingLetters,
    /// The same, about a template of letters.
    Template,
    /// Seeing people besides oneself.
    SeeingPeople,
    /// The same, and the right to do that.
    Deed(Wanted),
    /// The right to do that to the person in the address, who is there for those who may see them.
    Person(Wanted),
    /// Making an organization.
    Registering,
    /// The right to do that to the organization in the address.
    Organization(Wanted),
    /// The right to appoint members of the organization in the address, which is there for those who may see them.
    Appointing,
    /// The right to do that to a membership of somebody who is a manager there.
    Membership(Wanted),
}

/// What one wants to do to people and organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    View,
    ViewMembers,
    Rename,
    Invite,
    Appoint,
    RemoveView,
    KeepAccounts,
    KeepOrganizations,
}

impl Needs {
    /// How many kinds of things it makes a difference for.
    pub(super) const fn kinds(self) -> usize {
        match self {
            Self::Application(_)
            | Self::SavedView
            | Self::RemovingView
            | Self::Person(_)
            | Self::Organization(_)
            | Self::Appointing
            | Self::Membership(_) => 3,
            Self::Nothing
            | Self::OwnForm
            | Self::SigningIn
            | Self::Creating
            | Self::Operating
            | Self::Rule
            | Self::Template
            | Self::Registering
            | Self::SeeingPeople
            | Self::Deed(_)
            | Self::KeepingLetters => 1,
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

    /// With the id of the thing it is about; of a membership, that of the organization and that of the user.
    pub(super) fn path(&self, id: &str) -> String {
        let (_, path) = self.route.split_once(' ').expect("a method and a path");
        let (id, user) = id.split_once('/').unwrap_or((id, ""));
        let path = path.replace("{id}", id).replace("{name}", id).replace("{user}", user);
        path.replace("{locale}", "en")
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
const ACCOUNT: Needs = Needs::Person(Wanted::KeepAccounts);
const ORGANIZATION: Needs = Needs::Organization(Wanted::KeepOrganizations);
const RENAME: Needs = Needs::Organization(Wanted::Rename);
const APPOINT: Needs = Needs::Appointing;
const MEMBERSHIP: Needs = Needs::Membership(Wanted::Appoint);
const REGISTER: Needs = Needs::Registering;
const INVITE: Needs = Needs::Deed(Wanted::Invite);

/// A profile that leaves everything as it is but the display name.
const PROFILE: &[(&str, &str)] =
    &[("display_name", "Bob"), ("email", "bob@acme.test"), ("locale", "en")];
const RULE: &[(&str, &str)] =
    &[("name", "Mine"), ("occasion", "application_created"), ("owner", "true"), ("revision", "1")];
const INVITEE: &[(&str, &str)] = &[
    ("user_name", "zoe"),
    ("display_name", "Zoe"),
    ("email", "zoe@acme.test"),
    ("locale", "en"),
    ("role", "member"),
];

const WORDS: &[(&str, &str)] = &[
    ("revision", "5"),
    ("subject", "New"),
    ("text", "{{application}}"),
    ("html", "<p>{{application}}</p>"),
];

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
    entry("GET /api/doc", Needs::Nothing, &[]),

    entry("GET /applications/new", Needs::Creating, &[]),
    entry("POST /applications", Needs::Creating, &[("name", "Target")]),
    entry("GET /applications/deleted", Needs::SigningIn, &[]),
    entry("GET /applications/{id}", VIEW, &[]),
    entry("GET /applications/{id}/edit", CHANGE, &[]),
    entry("POST /applications/{id}/edit", CHANGE, &[("name", "Renamed"), ("active", "true"), ("revision", "2")]),
    entry("GET /applications/{id}/deactivate", CHANGE, &[]),
    entry("POST /applications/{id}/deactivate", CHANGE, &[]),
    entry("POST /applications/{id}/activate", CHANGE, &[]),
    entry("GET /applications/{id}/transfer", TRANSFER, &[]),
    entry("POST /applications/{id}/transfer", TRANSFER, &[("owner", "ada")]),
    entry("GET /applications/{id}/delete", DELETE, &[]),
    entry("POST /applications/{id}/delete", DELETE, &[("name", "Target")]),
    entry("GET /applications/{id}/restore", RESTORE, &[]),
    entry("POST /applications/{id}/restore", RESTORE, &[("name", "Restored")]),

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
    entry("GET /applications/views/{id}/delete", Needs::RemovingView, &[]),
    entry("POST /applications/views/{id}/delete", Needs::RemovingView, &[]),

    entry("GET /me/edit", Needs::SigningIn, &[]),
    entry("POST /me/edit", Needs::SigningIn, PROFILE),
    entry("GET /me/letters", Needs::SigningIn, &[]),
    entry("POST /me/letters", Needs::SigningIn, &[("pace", "daily")]),
    entry("GET /me/password", Needs::SigningIn, &[]),
    entry("POST /me/password", Needs::SigningIn, &[]),
    entry("GET /me/sessions", Needs::SigningIn, &[]),
    entry("POST /me/sessions/end", Needs::SigningIn, &[("session", "none")]),
    entry("POST /me/sessions/end-all", Needs::OwnForm, &[]),
    entry("GET /invitation/{token}", Needs::OwnForm, &[]),
    entry("POST /invitation/{token}", Needs::OwnForm, &[]),

    entry("GET /users", Needs::SeeingPeople, &[]),
    entry("POST /users", INVITE, INVITEE),
    entry("GET /users/invite", INVITE, &[]),
    entry("GET /users/{id}", Needs::Person(Wanted::View), &[]),
    entry("GET /users/{id}/edit", ACCOUNT, &[]),
    entry("POST /users/{id}/edit", ACCOUNT, &[("user_name", "x")]),
    entry("GET /users/{id}/disable", ACCOUNT, &[]),
    entry("POST /users/{id}/disable", ACCOUNT, &[]),
    entry("POST /users/{id}/enable", ACCOUNT, &[]),
    entry("POST /users/{id}/invite", ACCOUNT, &[]),

    entry("GET /organizations", Needs::SigningIn, &[]),
    entry("POST /organizations", REGISTER, &[("name", "Fresh")]),
    entry("GET /organizations/new", REGISTER, &[]),
    entry("GET /organizations/{id}", Needs::Organization(Wanted::View), &[]),
    entry("GET /organizations/{id}/edit", RENAME, &[]),
    entry("POST /organizations/{id}/edit", RENAME, &[("name", "Renamed")]),
    entry("GET /organizations/{id}/disable", ORGANIZATION, &[]),
    entry("GET /organizations/{id}/global-access", ORGANIZATION, &[]),
    entry("GET /organizations/{id}/local-access", ORGANIZATION, &[]),
    entry("POST /organizations/{id}/enable", ORGANIZATION, &[]),
    entry("POST /organizations/{id}/global-access", ORGANIZATION, &[]),
    entry("GET /organizations/{id}/members/new", APPOINT, &[]),
    entry("POST /organizations/{id}/members", APPOINT, &[("user_name", "ada"), ("role", "member")]),
    entry("GET /organizations/{id}/members/{user}", MEMBERSHIP, &[]),
    entry("POST /organizations/{id}/members/{user}", MEMBERSHIP, &[("role", "member")]),
    entry("GET /organizations/{id}/members/{user}/remove", MEMBERSHIP, &[]),
    entry("POST /organizations/{id}/members/{user}/remove", MEMBERSHIP, &[]),
    // Last, since they take away what the others stand on.
    entry("POST /organizations/{id}/local-access", ORGANIZATION, &[]),
    entry("POST /organizations/{id}/disable", ORGANIZATION, &[]),

    entry("GET /emails/rules", Needs::Operating, &[]),
    entry("GET /emails/rules/new", Needs::Operating, &[]),
    entry("POST /emails/rules/new", Needs::Operating, RULE),
    entry("GET /emails/rules/{id}/edit", Needs::Rule, &[]),
    entry("POST /emails/rules/{id}/edit", Needs::Rule, RULE),
    entry("POST /emails/rules/{id}/on", Needs::Rule, &[]),
    entry("POST /emails/rules/{id}/off", Needs::Rule, &[]),
    entry("GET /emails/rules/{id}/delete", Needs::Rule, &[]),
    entry("POST /emails/rules/{id}/delete", Needs::Rule, &[]),
    entry("GET /emails/deliveries", Needs::Operating, &[]),
    entry("GET /emails/deliveries/{id}", Needs::KeepingLetters, &[]),
    entry("GET /emails/deliveries/{id}/resend", Needs::KeepingLetters, &[]),
    entry("POST /emails/deliveries/{id}/resend", Needs::KeepingLetters, &[]),
    entry("POST /emails/deliveries/{id}/cancel", Needs::KeepingLetters, &[]),
    entry("GET /emails/templates", Needs::Operating, &[]),
    entry("GET /emails/templates/new", Needs::Operating, &[]),
    entry("POST /emails/templates/new", Needs::Operating, &[("name", "Ours"), ("occasion", "application_created")]),
    entry("GET /emails/templates/{id}", Needs::Template, &[]),
    entry("GET /emails/templates/{id}/remove", Needs::Template, &[]),
    entry("POST /emails/templates/{id}/remove", Needs::Template, &[]),
    entry("GET /emails/templates/{id}/{locale}", Needs::Template, &[]),
    entry("POST /emails/templates/{id}/{locale}", Needs::Template, WORDS),
    entry("GET /emails/templates/{id}/{locale}/preview", Needs::Template, &[]),
    entry("POST /emails/templates/{id}/{locale}/preview", Needs::Template, WORDS),
    entry("POST /emails/templates/{id}/{locale}/test", Needs::Template, &[("event", "sample")]),
    entry("GET /emails/templates/{id}/{locale}/reset", Needs::Template, &[]),
    entry("POST /emails/templates/{id}/{locale}/reset", Needs::Template, &[]),
    entry("GET /emails/templates/{id}/{locale}/versions", Needs::Template, &[]),
    // Behind the event that made it stand those of its languages in their order, of which English is the second.
    entry("POST /emails/templates/{id}/{locale}/restore", Needs::Template, &[("revision", "5"), ("version", "2")]),

    entry("GET /system/views", Needs::Operating, &[]),
    entry("POST /system/views/{name}/rebuild", Needs::Operating, &[]),
    entry("GET /system/views/{name}/rollback", Needs::Operating, &[]),
    entry("POST /system/views/{name}/rollback", Needs::Operating, &[]),
];

/// Routes that are no pages, where they are made and why they are not in the table above.
#[rustfmt::skip]
pub(super) const ELSEWHERE: &[(&str, &str)] = &[
    ("lib.rs: &format!(\"{path}/\")", "leads where `/` leads"),
    ("oauth.rs: JWKS_PATH", "public keys are for everybody"),
    ("oauth.rs: METADATA_PATH", "for everybody"),
    ("oauth.rs: TOKEN_PATH", "clients authenticate there: the matrix of states is in the tests of tokens"),
    ("oauth.rs: &format!(\"{METADATA_PATH}/{{*path}}\")", "for everybody"),
    ("oauth.rs: RESOURCE_PATH", "for everybody"),
    ("oauth.rs: &format!(\"{RESOURCE_PATH}/{{*path}}\")", "for everybody"),
    ("operations.rs: \"/livez\"", "for everybody, and says nothing"),
    ("operations.rs: \"/readyz\"", "for everybody, and says nothing of anybody"),
    ("operations.rs: \"/metrics\"", "for everybody who reaches the node: numbers alone"),
    ("rest.rs: path", "every operation of the web API: the matrix of the tests of the web API"),
    ("rest.rs: \"/openapi.json\"", "what can be called, for everybody"),
    ("rest.rs: PATH", "nothing is there"),
    ("rest.rs: &bare", "nothing is there"),
];
