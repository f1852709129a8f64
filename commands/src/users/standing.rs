//! Disabling and enabling, so that no organization is left without an administrator who can act.
//!
//! Whether an administrator may go is decided on the organization's stream, where two who disable each other meet. So a
//! user is suspended in every organization they administer first, and the account is disabled then; and whoever makes
//! somebody count as an administrator looks at their account afterwards, and whoever takes an administrator away at the
//! accounts of those who are left. Each looks after it has written, so one of two who are at it at once sees the other.

use domain::{
    Category, OrganizationId, UserId,
    authority::Role,
    organization::{self, Organization},
    user::{Edit, User},
};
use store::{Categories, LogError, Position};
use tracing::warn;

use super::Refusal;
use crate::{
    handle::{Done, Failure, Scribe},
    permit::Permit,
};

/// Events of organizations looked at in one reading.
const BATCH: usize = 500;

impl Scribe {
    /// Disables the account: no sign-in, no tokens for its applications. Refused while an organization has no other
    /// administrator who can act. Where it is refused, or others kept coming first, everything is as it was.
    pub async fn disable_user(
        &self,
        permit: &Permit,
        id: UserId,
    ) -> Result<Done, Failure<Refusal>> {
        self.edit_user(permit, id, Edit { enabled: Some(false), ..Edit::default() }).await
    }

    /// Enables the account again; where it was an administrator it counts as one again.
    pub async fn enable_user(&self, permit: &Permit, id: UserId) -> Result<Done, Failure<Refusal>> {
        self.edit_user(permit, id, Edit { enabled: Some(true), ..Edit::default() }).await
    }

    /// Suspends a member who counts as an administrator although the account is disabled: it was disabled while they
    /// were made one.
    pub(crate) async fn settle_standing(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<(), LogError> {
        if self.standing(user).await? == organization::Standing::Enabled {
            return Ok(());
        }
        let scribe = self.derived(format_args!("settle {user}"));
        let command = organization::Command::Suspend { user };
        match scribe.handle::<Organization>(&organization, command).await {
            Ok(_) | Err(Failure::Refused(organization::Error::NotAMember)) => Ok(()),
            Err(Failure::Log(error)) => Err(error),
            Err(error @ (Failure::Refused(_) | Failure::Contended)) => {
                warn!(organization.id = %organization, user.id = %user, %error,
                    "A disabled user is the only administrator");
                Ok(())
            }
        }
    }

    pub(crate) async fn standing(&self, user: UserId) -> Result<organization::Standing, LogError> {
        let state = self.log().history::<User>(&user).await?.state;
        let enabled = state.account().is_ok_and(|account| account.enabled);
        Ok(if enabled { organization::Standing::Enabled } else { organization::Standing::Disabled })
    }

    /// Whether somebody who counts as an administrator of the organization can act. Whoever takes one away looks
    /// afterwards: the one they relied on may have been disabled while they were made to count.
    pub(crate) async fn is_looked_after(&self, id: OrganizationId) -> Result<bool, LogError> {
        let state = self.log().history::<Organization>(&id).await?.state;
        let Ok(registered) = state.registered() else { return Ok(false) };
        for user in registered.members.keys().filter(|user| registered.counts(**user)) {
            if self.standing(*user).await? == organization::Standing::Enabled {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `when` tells apart what one command does to the same stream at several times.
    pub(super) async fn suspend_everywhere(
        &self,
        user: UserId,
        when: &str,
    ) -> Result<Position, Failure<Refusal>> {
        let mut position = Position::START;
        for id in self.organizations_that_name(user).await? {
            let state = self.log().history::<Organization>(&id).await?.state;
            let Ok(registered) = state.registered() else { continue };
            if registered.members.get(&user) != Some(&Role::Administrator) {
                continue;
            }
            let scribe = self.derived(format_args!("suspend {when}"));
            let command = organization::Command::Suspend { user };
            match scribe.handle::<Organization>(&id, command).await {
                Ok(done) => {
                    position = position.max(done.position);
                    if registered.counts(user) && !self.is_looked_after(id).await? {
                        return Err(Failure::Refused(Refusal::LastAdministrator));
                    }
                }
                // They left meanwhile.
                Err(Failure::Refused(organization::Error::NotAMember)) => {}
                Err(failure) => return Err(failure.refused_as(|_| Refusal::LastAdministrator)),
            }
        }
        Ok(position)
    }

    /// Goes on where an organization fails, and tells the first failure in the end.
    pub(super) async fn reinstate_everywhere(
        &self,
        user: UserId,
        when: &str,
    ) -> Result<Position, Failure<Refusal>> {
        let mut position = Position::START;
        if self.standing(user).await? == organization::Standing::Disabled {
            return Ok(position);
        }
        let mut failed = None;
        for id in self.organizations_that_name(user).await? {
            match self.reinstate(id, user, when).await {
                Ok(done) => position = position.max(done),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(position), Err)
    }

    async fn reinstate(
        &self,
        id: OrganizationId,
        user: UserId,
        when: &str,
    ) -> Result<Position, Failure<Refusal>> {
        let state = self.log().history::<Organization>(&id).await?.state;
        if !state.registered().is_ok_and(|it| it.suspended.contains(&user)) {
            return Ok(Position::START);
        }
        let scribe = self.derived(format_args!("reinstate {when}"));
        let command = organization::Command::Reinstate { user };
        let done = scribe.handle::<Organization>(&id, command).await;
        let done = done.map_err(|failure| failure.refused_as(|_| Refusal::NotFound))?;
        scribe.settle_standing(id, user).await?;
        Ok(done.position)
    }

    /// Every organization that ever had to do with the user, from the log itself: nobody whose going matters here may
    /// be missed. Ids of users stand in the clear in events.
    async fn organizations_that_name(&self, user: UserId) -> Result<Vec<OrganizationId>, LogError> {
        let needle = user.to_string();
        let categories = Categories::of(&[Category::Organization]);
        let (mut found, mut after) = (Vec::new(), Position::START);
        loop {
            let batch = self.log().store().read_all(after, &categories, BATCH).await?;
            let naming = batch.events.iter().filter(|event| {
                event.data.windows(needle.len()).any(|part| part == needle.as_bytes())
            });
            found.extend(
                naming.filter_map(|event| event.stream.id().parse::<OrganizationId>().ok()),
            );
            after = batch.through;
            if batch.at_head {
                found.sort_unstable();
                found.dedup();
                return Ok(found);
            }
        }
    }
}

#[cfg(test)]
mod tests;
