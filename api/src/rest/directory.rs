//! What callers may see of users, organizations and memberships.

use domain::{
    OrganizationId, UserId,
    authority::{Acquaintance, Authority, Deed},
};
use projections::{
    directory::{Organization, User},
    roster::Roster,
};

use super::{call::Call, error::Error, operation::Needs, sight};

impl<S: Needs> Call<S> {
    /// The organization, if the caller may see it.
    pub(super) fn organization(&self, id: OrganizationId) -> Result<Organization, Error> {
        let seen = self.caller.agent.may_do(Deed::ViewOrganization(id));
        let found = self.app.knowledge.organization(id).filter(|_| seen);
        found.ok_or_else(Error::not_found)
    }

    /// All organizations of the roster that the caller may see.
    pub(super) fn organizations<'a>(
        &self,
        roster: &'a Roster,
    ) -> impl Iterator<Item = &'a Organization> {
        let agent = self.caller.agent.clone();
        roster.organizations().filter(move |it| agent.may_do(Deed::ViewOrganization(it.id)))
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
        let mut bounds = self.caller.agent.members();
        let single = bounds.find(|it| it.acquaintance() == Acquaintance::OnlyOneself);
        let single = single.map(|it| it.user);
        let oneself = single.and_then(|id| roster.user(id));
        let others = single.is_none().then(|| roster.users()).into_iter().flatten();
        let candidates = oneself.into_iter().chain(others);
        candidates.filter(move |user| sight::is_known(roster, &caller, user.id))
    }
}
