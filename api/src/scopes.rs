//! The scopes an installation knows: Oathbook's own, and those of the services that take its tokens.

use std::{collections::BTreeMap, fmt};

use domain::{InvalidScope, Scope};

/// A scope of Oathbook's own web API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Own {
    ApplicationsRead,
    ApplicationsWrite,
    AuditRead,
    NotificationsRead,
    NotificationsWrite,
    OrganizationsRead,
    OrganizationsWrite,
    UsersRead,
    UsersWrite,
}

impl Own {
    pub const ALL: [Self; 9] = [
        Self::ApplicationsRead,
        Self::ApplicationsWrite,
        Self::AuditRead,
        Self::NotificationsRead,
        Self::NotificationsWrite,
        Self::OrganizationsRead,
        Self::OrganizationsWrite,
        Self::UsersRead,
        Self::UsersWrite,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationsRead => "applications:read",
            Self::ApplicationsWrite => "applications:write",
            Self::AuditRead => "audit:read",
            Self::NotificationsRead => "notifications:read",
            Self::NotificationsWrite => "notifications:write",
            Self::OrganizationsRead => "organizations:read",
            Self::OrganizationsWrite => "organizations:write",
            Self::UsersRead => "users:read",
            Self::UsersWrite => "users:write",
        }
    }

    /// What it allows, within the rights of the application's owner.
    pub const fn description(self) -> &'static str {
        match self {
            Self::ApplicationsRead => "See OAuth applications",
            Self::ApplicationsWrite => "Create, change and delete OAuth applications",
            Self::AuditRead => "Read who changed what",
            Self::NotificationsRead => "See notification rules, e-mail templates and letters",
            Self::NotificationsWrite => {
                "Change notification rules and e-mail templates, resend and cancel letters"
            }
            Self::OrganizationsRead => "See organizations and their members",
            Self::OrganizationsWrite => "Change organizations and memberships",
            Self::UsersRead => "See users",
            Self::UsersWrite => "Invite, change and disable users",
        }
    }

    /// The scope of ours that is spelt so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.as_str() == text)
    }
}

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Every scope an application may be given, with what people are told about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue(BTreeMap<Scope, String>);

/// The scope is not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The scope \"{0}\" is not known here: add it to `scopes` in config.yml.")]
pub struct UnknownScope(pub Scope);

impl Default for Catalogue {
    fn default() -> Self {
        let own = |own: Own| Some((Scope::parse(own.as_str()).ok()?, own.description().to_owned()));
        Self(Own::ALL.into_iter().filter_map(own).collect())
    }
}

impl Catalogue {
    /// Oathbook's own scopes and further ones, each with a description that may be empty. What our own mean stays.
    pub fn with(further: impl IntoIterator<Item = (Scope, String)>) -> Self {
        let mut all: BTreeMap<_, _> = further.into_iter().collect();
        all.extend(Self::default().0);
        Self(all)
    }

    /// One entry as configuration spells it: the scope, and after a space what it allows.
    pub fn entry(text: &str) -> Result<(Scope, String), InvalidScope> {
        let (scope, description) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        Ok((Scope::parse(scope)?, description.trim().to_owned()))
    }

    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains_key(scope)
    }

    /// Whether an application that has some scopes may be given these: what it has, it keeps.
    pub fn check(&self, wanted: &[Scope], present: &[Scope]) -> Result<(), UnknownScope> {
        let unknown = wanted.iter().find(|scope| !self.contains(scope) && !present.contains(scope));
        unknown.map_or(Ok(()), |scope| Err(UnknownScope(scope.clone())))
    }

    /// Scopes and descriptions, by scope.
    pub fn iter(&self) -> impl Iterator<Item = (&Scope, &str)> {
        self.0.iter().map(|(scope, description)| (scope, description.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).expect("a scope")
    }

    #[test]
    fn our_own_scopes_are_always_known_and_mean_the_same() {
        let redefined = Catalogue::entry("users:read Anything else").expect("an entry");
        let catalogue = Catalogue::with([redefined]);
        assert_eq!(catalogue, Catalogue::default());
        for own in Own::ALL {
            assert!(catalogue.contains(&scope(own.as_str())));
            assert_eq!(Own::parse(own.as_str()), Some(own));
        }
    }

    #[test]
    fn an_entry_is_a_scope_and_what_it_allows() {
        let entry = Catalogue::entry(" orders:read  Read all orders ");
        assert_eq!(entry, Ok((scope("orders:read"), "Read all orders".to_owned())));
        assert_eq!(Catalogue::entry("orders:read"), Ok((scope("orders:read"), String::new())));
        assert!(Catalogue::entry("").is_err());
    }

    #[test]
    fn an_unknown_scope_may_be_kept_and_not_be_given() {
        let (catalogue, old) = (Catalogue::default(), scope("old"));
        assert!(catalogue.check(std::slice::from_ref(&old), std::slice::from_ref(&old)).is_ok());
        assert_eq!(catalogue.check(std::slice::from_ref(&old), &[]), Err(UnknownScope(old)));
    }
}
