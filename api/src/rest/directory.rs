//! What callers may see of users, organizations and memberships.

use domain::{OrganizationId, UserId};
use projections::directory::{Organization, User};

use super::{error::Error, operation::Needs};
use crate::rest::call::Call;

impl<S: Needs> Call<S> {
    /// The organization, if the caller may see it.
    pub(super) fn organization(&self, id: OrganizationId) -> Result<Organization, Error> {
        let seen = self.caller.member.sees_organization(id);
        let found = self.app.knowledge.organization(id).filter(|_| seen);
        found.ok_or_else(Error::not_found)
    }

    /// All organizations that the caller may see.
    pub(super) fn organizations(&self) -> Vec<Organization> {
        let member = &self.caller.member;
        let mut all = self.app.knowledge.organizations();
        all.retain(|organization| member.sees_organization(organization.id));
        all
    }

    /// The user, if the caller may see them.
    pub(super) fn user(&self, id: UserId) -> Result<User, Error> {
        let found = self.app.knowledge.user(id).filter(|user| self.sees(user.id));
        found.ok_or_else(Error::not_found)
    }

    /// All users that the caller may see.
    pub(super) fn users(&self) -> Vec<User> {
        let member = &self.caller.member;
        let mut all = self.app.knowledge.users();
        if !(member.global_access && member.sees_members(member.organization)) {
            let here = self.app.knowledge.organization(member.organization);
            let here = here.filter(|_| member.sees_members(member.organization));
            all.retain(|user| {
                let of_here = here.as_ref().is_some_and(|it| it.members.contains_key(&user.id));
                user.id == member.user || of_here
            });
        }
        all
    }

    /// Whether the caller may see who the user is.
    fn sees(&self, id: UserId) -> bool {
        let member = &self.caller.member;
        id == member.user
            || member.sees_members(member.organization)
                && (member.global_access
                    || self
                        .app
                        .knowledge
                        .organization(member.organization)
                        .is_some_and(|here| here.members.contains_key(&id)))
    }
}
