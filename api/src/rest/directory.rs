//! What callers may see of users, organizations and memberships.

use domain::{OrganizationId, UserId, authority::Acquaintance};
use projections::{
    directory::{Organization, User},
    roster::Roster,
};

use super::{call::Call, error::Error, operation::Needs, sight};

impl<S: Needs> Call<S> {
    /// The organization, if the caller may see it.
    pub(super) fn organization(&self, id: OrganizationId) -> Result<Organization, Error> {
        let seen = self.caller.member.sees_organization(id);
        let found = self.app.knowledge.organization(id).filter(|_| seen);
        found.ok_or_else(Error::not_found)
    }

    /// All organizations of the roster that the caller may see.
    pub(super) fn organizations<'a>(
        &self,
        roster: &'a Roster,
    ) -> impl Iterator<Item = &'a Organization> {
        let member = self.caller.member;
        roster.organizations().filter(move |it| member.sees_organization(it.id))
    }

    /// The user, if the caller may see them.
    pub(super) fn user(&self, id: UserId) -> Result<User, Error> {
        let seen = sight::knows(&self.app, &self.caller, id);
        let found = self.app.knowledge.user(id).filter(|_| seen);
        found.ok_or_else(Error::not_found)
    }

    /// All users of the roster that the caller may see.
    pub(super) fn users<'a>(&self, roster: &'a Roster) -> impl Iterator<Item = &'a User> {
        let caller = self.caller.clone();
        let single = caller.member.acquaintance() == Acquaintance::OnlyOneself;
        let oneself = single.then(|| roster.user(caller.member.user)).flatten();
        let others = (!single).then(|| roster.users()).into_iter().flatten();
        let known = others.filter(move |user| sight::is_known(roster, &caller, user.id));
        oneself.into_iter().chain(known)
    }
}
