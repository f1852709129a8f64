//! Organizations and their members.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::{
    OrganizationId, UserId,
    authority::{Deed, Role},
    name::OrganizationName,
    organization::{self, Edit, Organization, Registration},
    user::User,
};
use store::{History, LogError, Position};
use tracing::info;

use crate::{
    claims::{ScopedName, Taken},
    handle::{Done, Failure, Scribe},
    permit::{Denied, Permit},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("The organization with the given name already exists.")]
    NameTaken,
    #[error("the organization does not exist")]
    NotFound,
    #[error("the user does not exist")]
    UserNotFound,
    #[error("the user is not a member of the organization")]
    NotAMember,
    #[error(
        "the last administrator of an organization stays; make another member administrator first"
    )]
    LastAdministrator,
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl From<Taken> for Refusal {
    fn from(Taken: Taken) -> Self {
        Self::NameTaken
    }
}

impl From<organization::Error> for Refusal {
    fn from(error: organization::Error) -> Self {
        match error {
            organization::Error::Absent | organization::Error::Exists => Self::NotFound,
            organization::Error::Forfeited | organization::Error::NameHeld => Self::NameTaken,
            organization::Error::NotAMember => Self::NotAMember,
            organization::Error::LastAdministrator => Self::LastAdministrator,
        }
    }
}

impl From<Denied> for Failure<Refusal> {
    fn from(denied: Denied) -> Self {
        Self::Refused(denied.into())
    }
}

/// Whether a switch of an organization is turned on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    GrantGlobalAccess,
    WithdrawGlobalAccess,
    Disable,
    Enable,
}

impl From<Change> for Edit {
    fn from(change: Change) -> Self {
        match change {
            Change::GrantGlobalAccess => Self { global_access: Some(true), ..Self::default() },
            Change::WithdrawGlobalAccess => Self { global_access: Some(false), ..Self::default() },
            Change::Disable => Self { enabled: Some(false), ..Self::default() },
            Change::Enable => Self { enabled: Some(true), ..Self::default() },
        }
    }
}

impl Scribe {
    /// Registers an organization without members: enabled, and reaching no other one.
    pub async fn register_organization(
        &self,
        permit: &Permit,
        name: OrganizationName,
    ) -> Result<(OrganizationId, Position), Failure<Refusal>> {
        self.register_organization_as(permit, Registration::of(name)).await
    }

    /// The same, of which more is known than the name.
    pub async fn register_organization_as(
        &self,
        permit: &Permit,
        registration: Registration,
    ) -> Result<(OrganizationId, Position), Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepOrganizations])?;
        let id = OrganizationId::new(self.new_id());
        let scoped = ScopedName::organization(&registration.name);
        let command = organization::Command::Register(registration);
        let (position, _) = self.use_name::<Organization, Refusal>(&id, &scoped, command).await?;
        info!(organization.id = %id, "Registered");
        Ok((id, position))
    }

    /// What this very command registered before, if it can be sent again at all.
    pub async fn organization_registered_before(
        &self,
    ) -> Result<Option<(OrganizationId, Position)>, LogError> {
        let id = OrganizationId::new(self.new_id());
        Ok(self.carried_out::<Organization>(&id).await?.map(|position| (id, position)))
    }

    /// Turns one of the organization's switches.
    pub async fn change_organization(
        &self,
        permit: &Permit,
        id: OrganizationId,
        change: Change,
    ) -> Result<Done, Failure<Refusal>> {
        // A derived command id, since one request may turn several switches of one organization.
        let scribe = self.derived(format_args!("{change:?}"));
        scribe.edit_organization(&[*permit], id, change.into()).await
    }

    /// Changes several things about the organization, all or none of them; a former name is free again. Another name and
    /// turned switches take a permit each.
    pub async fn edit_organization(
        &self,
        permits: &[Permit],
        id: OrganizationId,
        edit: Edit,
    ) -> Result<Done, Failure<Refusal>> {
        let covered = |deed| Permit::any(permits, |permit| permit.covers_one_of(&[deed]));
        let wanted = |history: &History<Organization>| {
            let present = history.state.registered()?;
            let other = edit.name.as_ref().filter(|name| **name != present.name);
            if other.is_some() {
                covered(Deed::RenameOrganization(id))?;
            }
            if edit.enabled.is_some_and(|enabled| enabled != present.enabled)
                || edit.global_access.is_some_and(|reaches| reaches != present.global_access)
            {
                covered(Deed::KeepOrganizations)?;
            }
            let other = other.filter(|name| name.normalised() != present.name.normalised());
            Ok::<_, Refusal>(other.map(ScopedName::organization))
        };
        let command = organization::Command::Edit(edit.clone());
        let (position, before) = self.use_name_of(&id, wanted, command).await?;
        if edit.name.is_some()
            && let Ok(before) = before.registered()
            && let Err(error) =
                self.release::<Organization>(&ScopedName::organization(&before.name), &id).await
        {
            // A name that stays claimed is free for others after the grace all the same.
            tracing::warn!(organization.id = %id, %error, "The former name was not released");
        }
        info!(organization.id = %id, "Edited");
        Ok(Done { position })
    }

    /// Makes the user a member in this role, or changes the role.
    pub async fn admit(
        &self,
        permit: &Permit,
        id: OrganizationId,
        user: UserId,
        role: Role,
    ) -> Result<Done, Failure<Refusal>> {
        if self.log().history::<User>(&user).await?.state.account().is_err() {
            return Err(Failure::Refused(Refusal::UserNotFound));
        }
        self.appoint(id, user, role, |from| {
            let deed = Deed::Appoint { organization: id, from, to: Some(role) };
            permit.covers_one_of(&[deed]).map_err(Refusal::from)
        })
        .await
    }

    /// The same for a user of whom it is known that they exist. `check` is given the role they have so far.
    pub(crate) async fn appoint(
        &self,
        id: OrganizationId,
        user: UserId,
        role: Role,
        check: impl Fn(Option<Role>) -> Result<(), Refusal>,
    ) -> Result<Done, Failure<Refusal>> {
        let standing = self.standing(user).await?;
        let scribe = self.admitting(user);
        let command = organization::Command::Admit { user, role, standing };
        let counted = AtomicBool::new(false);
        let check = |state: &Organization| {
            counted.store(counts(state, user), Ordering::Relaxed);
            check(role_of(state, user))
        };
        let done = scribe.handle_if::<Organization, Refusal>(&id, command, check).await?;
        if role == Role::Administrator {
            scribe.settle_standing(id, user).await?;
        } else if counted.into_inner() {
            scribe.keep_looked_after(id, user).await?;
        }
        info!(organization.id = %id, user.id = %user, role = role.as_str(), "Admitted");
        Ok(done)
    }

    /// Ends the user's membership.
    pub async fn dismiss(
        &self,
        permit: &Permit,
        id: OrganizationId,
        user: UserId,
    ) -> Result<Done, Failure<Refusal>> {
        let scribe = self.dismissing(user);
        let command = organization::Command::Dismiss { user };
        let counted = AtomicBool::new(false);
        let check = |state: &Organization| {
            counted.store(counts(state, user), Ordering::Relaxed);
            let deed = Deed::Appoint { organization: id, from: role_of(state, user), to: None };
            permit.covers_one_of(&[deed]).map_err(Refusal::from)
        };
        let done = scribe.handle_if::<Organization, Refusal>(&id, command, check).await?;
        if counted.into_inner() {
            scribe.keep_looked_after(id, user).await?;
        }
        info!(organization.id = %id, user.id = %user, "Dismissed");
        Ok(done)
    }

    /// Under which command a user is admitted in the course of this one.
    #[must_use]
    pub fn admitting(&self, user: UserId) -> Self {
        self.derived(format_args!("admit {user}"))
    }

    /// Under which command a user is dismissed in the course of this one.
    #[must_use]
    pub fn dismissing(&self, user: UserId) -> Self {
        self.derived(format_args!("dismiss {user}"))
    }

    /// Makes the user an administrator again, who was one until now, if none is left who can act: the one that was left
    /// had been disabled meanwhile.
    async fn keep_looked_after(
        &self,
        id: OrganizationId,
        user: UserId,
    ) -> Result<(), Failure<Refusal>> {
        if self.is_looked_after(id).await? {
            return Ok(());
        }
        let standing = self.standing(user).await?;
        let command = organization::Command::Admit { user, role: Role::Administrator, standing };
        let scribe = self.derived("keep");
        let done = scribe.handle::<Organization>(&id, command).await;
        done.map_err(|failure| failure.refused_as(Refusal::from))?;
        scribe.settle_standing(id, user).await?;
        Err(Failure::Refused(Refusal::LastAdministrator))
    }

    /// Which organization has the name now, as fresh as the log.
    pub async fn find_organization(
        &self,
        name: &OrganizationName,
    ) -> Result<Option<OrganizationId>, LogError> {
        self.holder_of::<Organization>(&ScopedName::organization(name)).await
    }

    /// The organization as the log has it now, if it exists.
    pub async fn organization(
        &self,
        id: OrganizationId,
    ) -> Result<Option<organization::Registered>, LogError> {
        let state = self.log().history::<Organization>(&id).await?.state;
        Ok(state.registered().ok().cloned())
    }
}

fn role_of(state: &Organization, user: UserId) -> Option<Role> {
    state.registered().ok()?.members.get(&user).copied()
}

fn counts(state: &Organization, user: UserId) -> bool {
    state.registered().is_ok_and(|registered| registered.counts(user))
}
