//! What callers may see of users, organizations and memberships.

use domain::{OrganizationId, UserId, authority::Acquaintance};
use projections::directory::{Organization, User};

use super::{call::Call, error::Error, operation::Needs};

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
        let found = self.app.knowledge.user(id).filter(|user| self.knows(user.id));
        found.ok_or_else(Error::not_found)
    }

    /// All users that the caller may see.
    pub(super) fn users(&self) -> Vec<User> {
        let member = &self.caller.member;
        let here = match member.acquaintance() {
            Acquaintance::Everybody => return self.app.knowledge.users(),
            Acquaintance::OnlyOneself => {
                return self.app.knowledge.user(member.user).into_iter().collect();
            }
            Acquaintance::Organization(organization) => {
                self.app.knowledge.organization(organization)
            }
        };
        let mut all = self.app.knowledge.users();
        all.retain(|user| {
            user.id == member.user
                || here.as_ref().is_some_and(|here| here.members.contains_key(&user.id))
        });
        all
    }

    /// Whether the caller may see who the user is.
    fn knows(&self, id: UserId) -> bool {
        let member = &self.caller.member;
        id == member.user
            || match member.acquaintance() {
                Acquaintance::Everybody => true,
                Acquaintance::OnlyOneself => false,
                Acquaintance::Organization(organization) => self
                    .app
                    .knowledge
                    .organization(organization)
                    .is_some_and(|here| here.members.contains_key(&id)),
            }
    }
}
