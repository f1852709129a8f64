//! What a serving node does.

use std::{collections::BTreeSet, fmt};

use super::value::{Given, Shown, Wrong};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Answers people and clients.
    Api,
    /// Keeps the views.
    Projector,
    /// Asks for letters and sends them.
    Notifier,
}

/// At least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles(BTreeSet<Role>);

impl Role {
    const ALL: [Self; 3] = [Self::Api, Self::Projector, Self::Notifier];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Projector => "projector",
            Self::Notifier => "notifier",
        }
    }
}

impl Roles {
    pub fn include(&self, role: Role) -> bool {
        self.0.contains(&role)
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|role| role.as_str()).collect();
        f.write_str(&names.join(","))
    }
}

impl Shown for Roles {
    fn shown(&self) -> String {
        self.to_string()
    }
}

pub(super) fn read(given: &Given<'_>) -> Result<Roles, Wrong> {
    let rule = || "must be a list of api, projector and notifier".to_owned();
    let find = |name: String| Role::ALL.into_iter().find(|role| role.as_str() == name);
    let roles: Option<BTreeSet<_>> = given.list().into_iter().map(find).collect();
    roles.filter(|roles| !roles.is_empty()).map(Roles).ok_or_else(rule)
}
