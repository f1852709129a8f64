//! What somebody may do, unless nobody can know: a stream with an event that cannot be applied is parked, and whoever it
//! is about may have lost by that event what the rows before it say.

use domain::{OrganizationId, UserId, authority::Member, organization::Organization, user::User};
use store::StreamName;

use super::{Facts, Knowledge};

/// An event of the user or of the organization cannot be applied: neither yes nor no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the user or of the organization cannot be applied")]
pub struct Unknowable;

impl Knowledge {
    /// What the user may do in the organization; `None` where either is disabled or they do not belong together.
    pub fn member(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Option<Member>, Unknowable> {
        self.facts.read().member(user, organization)
    }

    /// What the user may do where they want to work, or else in the first organization, by name, that has them.
    pub fn member_somewhere(
        &self,
        user: UserId,
        wanted: Option<OrganizationId>,
    ) -> Result<Option<Member>, Unknowable> {
        let others = self.organizations_of(user).into_iter().map(|it| it.id);
        let facts = self.facts.read();
        let mut unknowable = None;
        for id in wanted.into_iter().chain(others) {
            match facts.member(user, id) {
                Ok(Some(member)) => return Ok(Some(member)),
                Ok(None) => {}
                // Nobody is moved elsewhere because of what nobody knows.
                Err(error) if wanted == Some(id) => return Err(error),
                Err(error) => unknowable = Some(error),
            }
        }
        unknowable.map_or(Ok(None), Err)
    }
}

impl Facts {
    pub(super) fn member(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Option<Member>, Unknowable> {
        self.check_readable(user, organization)?;
        let found = self.user(user).filter(|user| user.enabled);
        let organization = self.organization(organization).filter(|found| found.enabled);
        let (Some(found), Some(organization)) = (found, organization) else {
            return Ok(None);
        };
        Ok(organization.members.get(&found.id).map(|role| Member {
            user,
            organization: organization.id,
            role: *role,
            global_access: organization.global_access,
        }))
    }

    pub(super) fn check_readable(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<(), Unknowable> {
        let parked = &self.directory.parked;
        let unreadable = parked.contains(&StreamName::of::<User>(&user))
            || parked.contains(&StreamName::of::<Organization>(&organization));
        if unreadable { Err(Unknowable) } else { Ok(()) }
    }
}
