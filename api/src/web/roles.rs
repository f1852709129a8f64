//! Roles, as pages name and offer them.

use domain::authority::Role;
use serde::Serialize;

/// One option of a select.
#[derive(Serialize)]
pub(super) struct Choice {
    value: &'static str,
    label: &'static str,
    selected: bool,
}

pub(super) const fn label(role: Role) -> &'static str {
    match role {
        Role::Member => "Member",
        Role::Auditor => "Auditor",
        Role::Manager => "Manager",
        Role::Administrator => "Administrator",
    }
}

/// What the role is for, in a few words that follow its name.
const fn described(role: Role) -> &'static str {
    match role {
        Role::Member => "Member: works with own applications",
        Role::Auditor => "Auditor: sees everything, changes nothing",
        Role::Manager => "Manager: works with all applications",
        Role::Administrator => "Administrator: works with everything",
    }
}

pub(super) fn parse(text: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.as_str() == text)
}

/// The roles that somebody in the role `up_to` may give.
pub(super) fn choices(up_to: Role, selected: Role) -> Vec<Choice> {
    let offered = Role::ALL.into_iter().filter(|role| *role <= up_to);
    let choice = |role: Role| Choice {
        value: role.as_str(),
        label: described(role),
        selected: role == selected,
    };
    offered.map(choice).collect()
}

/// All roles, to filter by.
pub(super) fn filters(selected: Option<Role>) -> Vec<Choice> {
    let choice = |role: Role| Choice {
        value: role.as_str(),
        label: label(role),
        selected: selected == Some(role),
    };
    Role::ALL.into_iter().map(choice).collect()
}
