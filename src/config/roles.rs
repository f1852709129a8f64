//! What a serving node does.

use std::{collections::BTreeSet, fmt, str::FromStr};

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
    pub const ALL: [Self; 3] = [Self::Api, Self::Projector, Self::Notifier];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Projector => "projector",
            Self::Notifier => "notifier",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = NoRole;

    fn from_str(name: &str) -> Result<Self, NoRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == name).ok_or(NoRole)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a list of api, projector and notifier")]
pub struct NoRole;

impl Roles {
    pub fn include(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether there is no other.
    pub fn are_only(&self, role: Role) -> bool {
        self.0.iter().all(|other| *other == role)
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
    let roles: Result<BTreeSet<_>, _> = given.list().iter().map(|name| name.parse()).collect();
    match roles {
        Ok(roles) if !roles.is_empty() => Ok(Roles(roles)),
        Ok(_) | Err(NoRole) => Err(NoRole.to_string()),
    }
}
