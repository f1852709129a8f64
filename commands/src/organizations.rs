//! Organizations and their members.

use domain::{
    OrganizationId, UserId,
    authority::{Deed, Role},
    name::OrganizationName,
    organization::{self, Organization},
    user::User,
};
use store::{LogError, Position};
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

impl Scribe {
    /// Registers an organization without members.
    pub async fn register_organization(
        &self,
        permit: &Permit,
        name: OrganizationName,
    ) -> Result<(OrganizationId, Position), Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepOrganizations])?;
        let id = OrganizationId::new(self.new_id());
        let scoped = ScopedName::organization(&name);
        let command = organization::Command::Register { name };
        let (position, _) = self.use_name::<Organization, Refusal>(&id, &scoped, command).await?;
        info!(organization.id = %id, "Registered");
        Ok((id, position))
    }

    /// Turns one of the organization's switches.
    pub async fn change_organization(
        &self,
        permit: &Permit,
        id: OrganizationId,
        change: Change,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepOrganizations])?;
        let command = match change {
            Change::GrantGlobalAccess => organization::Command::GrantGlobalAccess,
            Change::WithdrawGlobalAccess => organization::Command::WithdrawGlobalAccess,
            Change::Disable => organization::Command::Disable,
            Change::Enable => organization::Command::Enable,
        };
        // A derived command id, since one request may turn several switches of one organization.
        let scribe = self.derived(format_args!("{change:?}"));
        let done = scribe.handle::<Organization>(&id, command).await.map_err(refused)?;
        info!(organization.id = %id, ?change, "Changed");
        Ok(done)
    }

    /// Gives the organization another name; the former one is free again.
    pub async fn rename_organization(
        &self,
        permit: &Permit,
        id: OrganizationId,
        name: OrganizationName,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_one_of(&[Deed::RenameOrganization(id)])?;
        let state = self.log().history::<Organization>(&id).await?.state;
        state.registered().map_err(|error| Failure::Refused(error.into()))?;
        let wanted = ScopedName::organization(&name);
        let command = organization::Command::Rename { name };
        let (position, before) =
            self.use_name::<Organization, Refusal>(&id, &wanted, command).await?;
        let former = before.registered().ok().map(|it| ScopedName::organization(&it.name));
        if let Some(former) = former.filter(|former| former.normalised != wanted.normalised)
            && let Err(error) = self.release::<Organization>(&former, &id).await
        {
            // A name that stays claimed is free for others after the grace all the same.
            tracing::warn!(organization.id = %id, %error, "The former name was not released");
        }
        info!(organization.id = %id, "Renamed");
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
        let scribe = self.derived(format_args!("admit {user}"));
        let command = organization::Command::Admit { user, role, standing };
        let check = |state: &Organization| check(role_of(state, user));
        let done = scribe.handle_if::<Organization, Refusal>(&id, command, check).await?;
        if role == Role::Administrator {
            scribe.settle_standing(id, user).await?;
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
        let scribe = self.derived(format_args!("dismiss {user}"));
        let command = organization::Command::Dismiss { user };
        let check = |state: &Organization| {
            let deed = Deed::Appoint { organization: id, from: role_of(state, user), to: None };
            permit.covers_one_of(&[deed]).map_err(Refusal::from)
        };
        let done = scribe.handle_if::<Organization, Refusal>(&id, command, check).await?;
        info!(organization.id = %id, user.id = %user, "Dismissed");
        Ok(done)
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

fn refused(failure: Failure<organization::Error>) -> Failure<Refusal> {
    failure.refused_as(Refusal::from)
}
