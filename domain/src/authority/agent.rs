//! Whoever acts in somebody's name by a secret that others came to know.

use super::{Action, Authority, Belonging, Deed, Member, Reach, Role};

/// A program at work in the name of its owner. It does what the owner may, and everybody else may who came to know its
/// secret when that was made: a secret lends nobody a right that they do not have now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    owner: Member,
    /// The others.
    makers: Vec<Member>,
}

impl Agent {
    /// `None` where they share no application.
    pub fn of(owner: Member, makers: Vec<Member>) -> Option<Self> {
        let agent = Self { owner, makers };
        // Two who see their own applications alone have none in common.
        let mut owners: Vec<_> = agent.members().filter_map(|it| it.reach().owner).collect();
        owners.dedup();
        (owners.len() < 2).then_some(agent)
    }

    /// In whose name it acts, and where.
    pub const fn owner(&self) -> &Member {
        &self.owner
    }

    /// Everybody whose rights bound it.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        std::iter::once(&self.owner).chain(&self.makers)
    }

    /// Whether each of them is allowed.
    pub fn all(&self, allows: impl Fn(&Member) -> bool) -> bool {
        self.members().all(allows)
    }

    /// The applications that [`Authority::may`] lets it view.
    pub fn reach(&self) -> Reach {
        let reaches = || self.members().map(Member::reach);
        Reach {
            organization: reaches().find_map(|reach| reach.organization),
            owner: reaches().find_map(|reach| reach.owner),
        }
    }
}

impl Authority for Agent {
    fn may(&self, action: Action, application: Belonging) -> bool {
        self.all(|member| member.may(action, application))
    }

    fn may_do(&self, deed: Deed) -> bool {
        self.all(|member| member.may_do(deed))
    }

    fn speaks_up_to(&self) -> Role {
        self.members().map(|member| member.role).min().unwrap_or(self.owner.role)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{OrganizationId, UserId};

    const HERE: OrganizationId = OrganizationId::new(Uuid::from_u128(1));
    const ELSEWHERE: OrganizationId = OrganizationId::new(Uuid::from_u128(2));
    const OWNER: UserId = UserId::new(Uuid::from_u128(3));
    const MAKER: UserId = UserId::new(Uuid::from_u128(4));
    const SOMEBODY: UserId = UserId::new(Uuid::from_u128(5));

    /// Everybody who can be a maker of a secret in that organization: a member there, or of one that reaches it.
    fn makers(of: &Member) -> Vec<Member> {
        let both = |role| {
            let here = Member { user: MAKER, role, ..*of };
            [here, Member { organization: ELSEWHERE, global_access: true, ..here }]
        };
        Role::ALL.into_iter().flat_map(both).collect()
    }

    fn pairs() -> Vec<(Member, Member)> {
        let owners = Role::ALL.into_iter().flat_map(|role| {
            [false, true].map(|global_access| Member {
                user: OWNER,
                organization: HERE,
                role,
                global_access,
            })
        });
        owners
            .flat_map(|owner| makers(&owner).into_iter().map(move |maker| (owner, maker)))
            .collect()
    }

    fn applications() -> Vec<Belonging> {
        let owners = [OWNER, MAKER, SOMEBODY];
        let places = [HERE, ELSEWHERE];
        let of = |organization| owners.map(|owner| Belonging { organization, owner });
        places.into_iter().flat_map(of).collect()
    }

    #[test]
    fn an_agent_does_what_its_owner_and_whoever_made_its_secret_both_may() {
        for (owner, maker) in pairs() {
            let agent = Agent::of(owner, vec![maker]);
            for application in applications() {
                for action in Action::ALL {
                    let both = owner.may(action, application) && maker.may(action, application);
                    let does = agent.as_ref().is_some_and(|agent| agent.may(action, application));
                    assert_eq!(does, both, "{owner:?} {maker:?} {action:?} {application:?}");
                }
            }
        }
    }

    #[test]
    fn the_reach_of_an_agent_is_what_it_may_view() {
        for (owner, maker) in pairs() {
            let Some(agent) = Agent::of(owner, vec![maker]) else { continue };
            for application in applications() {
                let viewed = agent.may(Action::View, application);
                assert_eq!(agent.reach().covers(application), viewed, "{agent:?} {application:?}");
            }
        }
    }

    #[test]
    fn no_deed_is_done_that_one_of_them_may_not_do() {
        for (owner, maker) in pairs() {
            let Some(agent) = Agent::of(owner, vec![maker]) else { continue };
            for deed in [
                Deed::ViewOrganization(HERE),
                Deed::ViewMembers(HERE),
                Deed::ViewOrganization(ELSEWHERE),
                Deed::RenameOrganization(HERE),
                Deed::Invite { organization: HERE, role: Role::Member },
                Deed::KeepOwnAccount(OWNER),
                Deed::KeepAccounts,
                Deed::KeepOrganizations,
            ] {
                let both = owner.may_do(deed) && maker.may_do(deed);
                assert_eq!(agent.may_do(deed), both, "{agent:?} {deed:?}");
            }
            assert_eq!(agent.speaks_up_to(), owner.role.min(maker.role));
        }
    }

    #[test]
    fn without_others_an_agent_is_its_owner() {
        for (owner, _) in pairs() {
            let agent = Agent::of(owner, vec![]).expect("somebody");
            assert_eq!(agent.reach(), owner.reach());
            assert!(agent.may_do(Deed::KeepOwnAccount(OWNER)));
        }
    }
}
