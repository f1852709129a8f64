//! Who may do what: the one place that decides it, for pages, programs and the command line alike.

use serde::{Deserialize, Serialize};

use crate::{OrganizationId, UserId};

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

/// What is done to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    View,
    Create,
    Change,
    Delete,
}

impl Action {
    pub const ALL: [Self; 4] = [Self::View, Self::Create, Self::Change, Self::Delete];
}

/// Whose application it is, and where it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belonging {
    pub organization: OrganizationId,
    pub owner: UserId,
}

/// What is done to people and organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Reads an organization and who belongs to it.
    ViewOrganization(OrganizationId),
    RenameOrganization(OrganizationId),
    /// Begins, changes or ends a membership. `None` is no membership.
    Appoint {
        organization: OrganizationId,
        from: Option<Role>,
        to: Option<Role>,
    },
    /// Makes an account for somebody who becomes a member in this role.
    Invite {
        organization: OrganizationId,
        role: Role,
    },
    /// Changes what the person may change about this account: display name, e-mail, locale and password, if it is theirs.
    KeepOwnAccount(UserId),
    /// Changes any fact of any account, and sends invitations again.
    KeepAccounts,
    /// Registers, disables and enables organizations, and decides which of them reach the others.
    KeepOrganizations,
}

/// Whom a person may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acquaintance {
    OnlyOneself,
    Organization(OrganizationId),
    Everybody,
}

impl Member {
    pub fn may_do(&self, deed: Deed) -> bool {
        match deed {
            Deed::ViewOrganization(organization) => {
                self.reaches(organization) && self.role != Role::Member
            }
            Deed::RenameOrganization(organization) => self.administers(organization),
            Deed::Appoint { organization, from, to } => {
                let appoints = matches!(self.role, Role::Manager | Role::Administrator);
                self.reaches(organization)
                    && appoints
                    && from.into_iter().chain(to).all(|role| role <= self.role)
            }
            Deed::Invite { organization, role } => {
                self.administers(organization) && role <= self.role
            }
            Deed::KeepOwnAccount(user) => self.user == user,
            Deed::KeepAccounts | Deed::KeepOrganizations => self.operates(),
        }
    }

    pub fn acquaintance(&self) -> Acquaintance {
        match self.role {
            Role::Member => Acquaintance::OnlyOneself,
            Role::Auditor | Role::Manager | Role::Administrator if self.global_access => {
                Acquaintance::Everybody
            }
            Role::Auditor | Role::Manager | Role::Administrator => {
                Acquaintance::Organization(self.organization)
            }
        }
    }

    fn reaches(&self, organization: OrganizationId) -> bool {
        self.global_access || self.organization == organization
    }

    fn administers(&self, organization: OrganizationId) -> bool {
        self.reaches(organization) && self.role == Role::Administrator
    }

    /// Whether the person looks after what belongs to no organization: views, signing keys, templates for everybody.
    pub fn operates(&self) -> bool {
        self.role == Role::Administrator && self.global_access
    }

    pub fn may(&self, action: Action, application: Belonging) -> bool {
        let within_reach = self.global_access || self.organization == application.organization;
        let own = self.user == application.owner;
        within_reach
            && match self.role {
                Role::Auditor => action == Action::View,
                Role::Member => own,
                Role::Manager | Role::Administrator => true,
            }
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
            assert!(member(Role::Member, false).may(action, belonging(HERE, ME)));
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
    fn organizations_are_seen_by_all_but_members_and_renamed_by_administrators() {
        for role in Role::ALL {
            for (global_access, organization, reached) in [
                (false, HERE, true),
                (false, ELSEWHERE, false),
                (true, HERE, true),
                (true, ELSEWHERE, true),
            ] {
                let me = member(role, global_access);
                let sees = me.may_do(Deed::ViewOrganization(organization));
                assert_eq!(sees, reached && role != Role::Member, "{me:?}");
                let renames = me.may_do(Deed::RenameOrganization(organization));
                assert_eq!(renames, reached && role == Role::Administrator, "{me:?}");
                for invited in Role::ALL {
                    let invites = me.may_do(Deed::Invite { organization, role: invited });
                    assert_eq!(invites, reached && role == Role::Administrator, "{me:?}");
                }
            }
        }
    }

    #[test]
    fn memberships_are_changed_up_to_the_own_role_within_reach() {
        let memberships = || Role::ALL.into_iter().map(Some).chain([None]);
        for role in Role::ALL {
            for (global_access, organization) in [(false, HERE), (true, HERE), (true, ELSEWHERE)] {
                let me = member(role, global_access);
                for (from, to) in memberships().flat_map(|it| memberships().map(move |to| (it, to)))
                {
                    let expected = match role {
                        Role::Member | Role::Auditor => false,
                        Role::Manager => {
                            from != Some(Role::Administrator) && to != Some(Role::Administrator)
                        }
                        Role::Administrator => true,
                    };
                    let appoints = me.may_do(Deed::Appoint { organization, from, to });
                    assert_eq!(appoints, expected, "{me:?} {from:?} {to:?}");
                    let organization = ELSEWHERE;
                    let local = member(role, false);
                    assert!(!local.may_do(Deed::Appoint { organization, from, to }));
                }
            }
        }
    }

    #[test]
    fn everybody_keeps_the_own_account_and_those_who_operate_keep_all() {
        for role in Role::ALL {
            for global_access in [false, true] {
                let me = member(role, global_access);
                assert!(me.may_do(Deed::KeepOwnAccount(ME)));
                assert!(!me.may_do(Deed::KeepOwnAccount(SOMEBODY)));
                for deed in [Deed::KeepAccounts, Deed::KeepOrganizations] {
                    assert_eq!(me.may_do(deed), me.operates(), "{me:?} {deed:?}");
                }
            }
        }
    }

    #[test]
    fn a_member_knows_nobody_and_the_others_know_whom_they_reach() {
        for global_access in [false, true] {
            let known = member(Role::Member, global_access).acquaintance();
            assert_eq!(known, Acquaintance::OnlyOneself);
        }
        for role in [Role::Auditor, Role::Manager, Role::Administrator] {
            assert_eq!(member(role, false).acquaintance(), Acquaintance::Organization(HERE));
            assert_eq!(member(role, true).acquaintance(), Acquaintance::Everybody);
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
