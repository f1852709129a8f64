//! What may be done to people and organizations.

use super::{Member, Role};
use crate::{OrganizationId, UserId};

/// What is done to people and organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Reads that an organization is there, and what it is.
    ViewOrganization(OrganizationId),
    /// Reads who belongs to an organization, besides oneself.
    ViewMembers(OrganizationId),
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
    /// Takes away a view of the applications that somebody else shares with the organization.
    RemoveSharedView(OrganizationId),
    /// Shapes rules and templates, and sees and changes the way of every letter.
    KeepNotifications,
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
            Deed::ViewOrganization(organization) => self.reaches(organization),
            Deed::ViewMembers(organization) => {
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
            Deed::KeepAccounts | Deed::KeepOrganizations | Deed::KeepNotifications => {
                self.operates()
            }
            Deed::RemoveSharedView(organization) => {
                self.reaches(organization)
                    && matches!(self.role, Role::Manager | Role::Administrator)
            }
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

    #[test]
    fn organizations_are_seen_by_whoever_reaches_them_and_their_members_by_all_but_members() {
        for role in Role::ALL {
            for (global_access, organization, reached) in [
                (false, HERE, true),
                (false, ELSEWHERE, false),
                (true, HERE, true),
                (true, ELSEWHERE, true),
            ] {
                let me = member(role, global_access);
                let sees = me.may_do(Deed::ViewOrganization(organization));
                assert_eq!(sees, reached, "{me:?}");
                let sees_members = me.may_do(Deed::ViewMembers(organization));
                assert_eq!(sees_members, reached && role != Role::Member, "{me:?}");
                let manages = matches!(role, Role::Manager | Role::Administrator);
                let removes = me.may_do(Deed::RemoveSharedView(organization));
                assert_eq!(removes, reached && manages, "{me:?}");
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
                for deed in [Deed::KeepAccounts, Deed::KeepOrganizations, Deed::KeepNotifications] {
                    assert_eq!(me.may_do(deed), me.operates(), "{me:?} {deed:?}");
                }
            }
        }
    }

    #[test]
    fn whoever_sees_the_members_of_an_organization_is_acquainted_with_them() {
        for role in Role::ALL {
            for global_access in [false, true] {
                let me = member(role, global_access);
                for organization in [HERE, ELSEWHERE] {
                    let known = match me.acquaintance() {
                        Acquaintance::OnlyOneself => false,
                        Acquaintance::Organization(known) => known == organization,
                        Acquaintance::Everybody => true,
                    };
                    assert_eq!(me.may_do(Deed::ViewMembers(organization)), known, "{me:?}");
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
}
