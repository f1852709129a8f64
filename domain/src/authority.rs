//! Who may do what: the one place that decides it, for pages, programs and the command line alike.

mod agent;
mod deeds;

use serde::{Deserialize, Serialize};

use crate::{OrganizationId, UserId};

pub use self::{
    agent::Agent,
    deeds::{Acquaintance, Deed},
};

/// What a person is in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Works with their own applications.
    Member,
    /// Reads everything of the organization and changes nothing.
    Auditor,
    /// Works with all applications of the organization.
    Manager,
    /// Works with everything of the organization.
    Administrator,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Member, Self::Auditor, Self::Manager, Self::Administrator];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Auditor => "auditor",
            Self::Manager => "manager",
            Self::Administrator => "administrator",
        }
    }
}

/// A signed-in person at work in one organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    pub organization: OrganizationId,
    pub role: Role,
    /// Whether the organization reaches every other one.
    pub global_access: bool,
}

/// Somebody, or something in somebody's name, that may do some things.
pub trait Authority {
    fn may(&self, action: Action, application: Belonging) -> bool;

    fn may_do(&self, deed: Deed) -> bool;

    /// The highest role for which it may get to hold a secret that speaks for somebody in that role.
    fn speaks_up_to(&self) -> Role;
}

/// What is done to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    View,
    Create,
    Change,
    Delete,
    /// Brings back what was deleted.
    Restore,
    /// Gives it to another owner, for whom its secrets speak from then on.
    Transfer,
}

impl Action {
    pub const ALL: [Self; 6] =
        [Self::View, Self::Create, Self::Change, Self::Delete, Self::Restore, Self::Transfer];
}

/// Whose application it is, and where it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belonging {
    pub organization: OrganizationId,
    pub owner: UserId,
}

/// The applications a person may see: those of one organization or of all, of one owner or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// `None` is every organization.
    pub organization: Option<OrganizationId>,
    /// `None` is every owner.
    pub owner: Option<UserId>,
}

impl Reach {
    pub const EVERYTHING: Self = Self { organization: None, owner: None };

    pub fn covers(&self, application: Belonging) -> bool {
        self.organization.is_none_or(|organization| organization == application.organization)
            && self.owner.is_none_or(|owner| owner == application.owner)
    }
}

impl Member {
    /// The applications that [`Self::may`] lets the person view.
    pub fn reach(&self) -> Reach {
        let owner = match self.role {
            Role::Member => Some(self.user),
            Role::Auditor | Role::Manager | Role::Administrator => None,
        };
        Reach { organization: (!self.global_access).then_some(self.organization), owner }
    }

    /// Whether the person looks after what belongs to no organization: views, signing keys, templates for everybody.
    pub fn operates(&self) -> bool {
        self.role == Role::Administrator && self.global_access
    }

    /// Whether the person may get to hold a secret that speaks for somebody in this role.
    pub fn may_speak_for(&self, owner: Role) -> bool {
        owner <= self.role
    }

    pub fn may(&self, action: Action, application: Belonging) -> bool {
        let within_reach = self.global_access || self.organization == application.organization;
        let own = self.user == application.owner;
        within_reach
            && match self.role {
                Role::Auditor => action == Action::View,
                Role::Member => own && !matches!(action, Action::Restore | Action::Transfer),
                Role::Manager | Role::Administrator => true,
            }
    }
}

impl Authority for Member {
    fn may(&self, action: Action, application: Belonging) -> bool {
        Self::may(self, action, application)
    }

    fn may_do(&self, deed: Deed) -> bool {
        Self::may_do(self, deed)
    }

    fn speaks_up_to(&self) -> Role {
        self.role
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const HERE: OrganizationId = OrganizationId::new(Uuid::from_u128(1));
    const ELSEWHERE: OrganizationId = OrganizationId::new(Uuid::from_u128(2));
    const ME: UserId = UserId::new(Uuid::from_u128(3));
    const SOMEBODY: UserId = UserId::new(Uuid::from_u128(4));

    fn member(role: Role, global_access: bool) -> Member {
        Member { user: ME, organization: HERE, role, global_access }
    }

    fn belonging(organization: OrganizationId, owner: UserId) -> Belonging {
        Belonging { organization, owner }
    }

    #[test]
    fn a_member_works_with_own_applications_only() {
        for action in Action::ALL {
            let own = member(Role::Member, false).may(action, belonging(HERE, ME));
            assert_eq!(own, !matches!(action, Action::Restore | Action::Transfer));
            assert!(!member(Role::Member, false).may(action, belonging(HERE, SOMEBODY)));
        }
    }

    #[test]
    fn an_auditor_sees_everything_and_changes_nothing() {
        for owner in [ME, SOMEBODY] {
            for action in Action::ALL {
                let may = member(Role::Auditor, false).may(action, belonging(HERE, owner));
                assert_eq!(may, action == Action::View);
            }
        }
    }

    #[test]
    fn managers_and_administrators_work_with_all_applications() {
        for role in [Role::Manager, Role::Administrator] {
            for action in Action::ALL {
                assert!(member(role, false).may(action, belonging(HERE, SOMEBODY)));
            }
        }
    }

    #[test]
    fn nobody_speaks_for_somebody_with_more_rights() {
        for role in Role::ALL {
            for owner in Role::ALL {
                assert_eq!(member(role, false).may_speak_for(owner), owner <= role);
            }
        }
    }

    #[test]
    fn reach_is_what_may_be_viewed() {
        for role in Role::ALL {
            for global_access in [false, true] {
                let member = member(role, global_access);
                for organization in [HERE, ELSEWHERE] {
                    for owner in [ME, SOMEBODY] {
                        let application = belonging(organization, owner);
                        assert_eq!(
                            member.reach().covers(application),
                            member.may(Action::View, application)
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn only_administrators_with_global_access_operate_the_installation() {
        for role in Role::ALL {
            assert!(!member(role, false).operates());
            assert_eq!(member(role, true).operates(), role == Role::Administrator);
        }
    }

    #[test]
    fn nobody_reaches_another_organization_without_global_access() {
        for role in Role::ALL {
            for action in Action::ALL {
                for owner in [ME, SOMEBODY] {
                    assert!(!member(role, false).may(action, belonging(ELSEWHERE, owner)));
                    assert_eq!(
                        member(role, true).may(action, belonging(ELSEWHERE, owner)),
                        member(role, false).may(action, belonging(HERE, owner)),
                    );
                }
            }
        }
    }
}
