//! Applications: created with their first secret, changed, switched, transferred, deleted, restored.

mod restoring;

use domain::{
    ApplicationId, ClientId, OrganizationId, SecretId, UserId,
    application::{self, Application, Changes, Creation, Edit, Secret, Settings},
    authority::{Action, Belonging, Role},
    name::ApplicationName,
    organization::{self, Organization, Registered},
    user::{self, User},
};
use store::{Expected, History, LogError, Position};
use tracing::info;

use crate::{
    claims::{ScopedName, Taken},
    handle::{Done, Failure, Scribe},
    permit::{Denied, Permit},
    secret::{ClientSecret, Verifier, generate_client_id},
};

/// What somebody asks for when they register an application.
#[derive(Clone, Debug)]
pub struct NewApplication {
    pub belonging: Belonging,
    pub name: ApplicationName,
    pub active: bool,
    pub settings: Settings,
}

/// A registered application, with the only copy of its secret.
#[derive(Debug)]
pub struct Created {
    pub id: ApplicationId,
    pub client_id: ClientId,
    pub secret: ClientSecret,
    pub position: Position,
}

/// What became of a command that may have been sent before.
#[derive(Debug)]
pub enum Once {
    Now(Created),
    /// It was carried out before. Its secret was shown then.
    Before {
        id: ApplicationId,
        position: Position,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("The application with the given name already exists.")]
    NameTaken,
    #[error("the application does not exist")]
    NotFound,
    #[error("the owner is not a member of the organization")]
    NotAMember,
    #[error("the organization does not exist or is disabled")]
    OrganizationUnavailable,
    #[error("the owner does not exist or is disabled")]
    OwnerUnavailable,
    #[error("the owner has more rights than you have")]
    OwnerOutranks,
    #[error("the application is not deleted")]
    NotDeleted,
    #[error("the application was deleted too long ago to be restored")]
    TooLate,
    #[error("another change to the application came first")]
    Overtaken,
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl From<Taken> for Refusal {
    fn from(Taken: Taken) -> Self {
        Self::NameTaken
    }
}

impl From<application::Error> for Refusal {
    fn from(error: application::Error) -> Self {
        match error {
            application::Error::Absent
            | application::Error::Deleted
            | application::Error::Exists => Self::NotFound,
            application::Error::Forfeited | application::Error::NameHeld => Self::NameTaken,
            application::Error::NotDeleted => Self::NotDeleted,
        }
    }
}

impl From<organization::Error> for Refusal {
    fn from(_: organization::Error) -> Self {
        Self::OrganizationUnavailable
    }
}

impl From<user::Error> for Refusal {
    fn from(_: user::Error) -> Self {
        Self::OwnerUnavailable
    }
}

impl From<Denied> for Failure<Refusal> {
    fn from(denied: Denied) -> Self {
        Self::Refused(denied.into())
    }
}

/// How to switch an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    Activate,
    Deactivate,
}

/// What whoever changes an application has seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Whatever was changed meanwhile is overwritten.
    Anything,
    /// The application as of this revision.
    Revision(u64),
}

impl Seen {
    fn fits(self, expected: Expected) -> Result<(), Refusal> {
        match self {
            Self::Revision(revision) if expected != Expected::Exact(revision) => {
                Err(Refusal::Overtaken)
            }
            Self::Revision(_) | Self::Anything => Ok(()),
        }
    }
}

impl Scribe {
    /// Registers an application in its owner's name.
    pub async fn create_application(
        &self,
        permit: &Permit,
        new: NewApplication,
    ) -> Result<Created, Failure<Refusal>> {
        let id = ApplicationId::new(self.commands.mint());
        self.register_application(id, permit, new).await
    }

    /// The same, unless this very command registered it before.
    pub async fn create_application_once(
        &self,
        permit: &Permit,
        new: NewApplication,
    ) -> Result<Once, Failure<Refusal>> {
        if let Some((id, position)) = self.created_before().await? {
            return Ok(Once::Before { id, position });
        }
        let id = ApplicationId::new(self.new_id());
        let created = self.register_application(id, permit, new).await?;
        let state = self.log().history::<Application>(&id).await?.state;
        let secrets = state.living().map(|living| &living.secrets[..]).unwrap_or_default();
        let ours = |secret: &Secret| {
            let verifier = Verifier::parse(&secret.hash);
            verifier.is_some_and(|verifier| verifier.verify(created.secret.expose()))
        };
        if secrets.iter().any(ours) {
            return Ok(Once::Now(created));
        }
        // The same command was carried out elsewhere meanwhile: the secret that counts was shown there.
        Ok(Once::Before { id, position: created.position })
    }

    /// What this very command registered before, if it can be sent again at all.
    pub async fn created_before(&self) -> Result<Option<(ApplicationId, Position)>, LogError> {
        let id = ApplicationId::new(self.new_id());
        Ok(self.carried_out::<Application>(&id).await?.map(|position| (id, position)))
    }

    async fn register_application(
        &self,
        id: ApplicationId,
        permit: &Permit,
        new: NewApplication,
    ) -> Result<Created, Failure<Refusal>> {
        permit.covers(Action::Create, new.belonging)?;
        let role = self.check_owner(new.belonging).await?;
        permit.covers_speaking_for(role).map_err(outranked)?;
        let entropy = &*self.commands.entropy;
        let client_id = generate_client_id(entropy);
        let secret = ClientSecret::generate(entropy);
        let creation = Creation {
            client_id: client_id.clone(),
            organization: new.belonging.organization,
            owner: new.belonging.owner,
            name: new.name.clone(),
            active: new.active,
            settings: new.settings,
            secret: Secret {
                id: SecretId::new(self.commands.mint()),
                hash: secret.hash(entropy),
                hint: secret.hint(),
            },
        };
        let name = ScopedName::application(new.belonging, &new.name);
        let command = application::Command::Create(creation);
        let (position, _) = self.use_name::<Application, Refusal>(&id, &name, command).await?;
        info!(application.id = %id, organization.id = %new.belonging.organization, "Created");
        Ok(Created { id, client_id, secret, position })
    }

    /// Changes several things about the application, all or none of them; a former name is free again. To give it to
    /// another owner takes a permit of its own.
    pub async fn edit_application(
        &self,
        permits: &[Permit],
        id: ApplicationId,
        edit: Edit,
        seen: Seen,
    ) -> Result<Done, Failure<Refusal>> {
        if let Some(owner) = edit.owner {
            if let Some(position) = self.carried_out::<Application>(&id).await? {
                return Ok(Done { position });
            }
            let state = self.log().history::<Application>(&id).await?.state;
            if state.living().is_ok_and(|living| living.owner != owner) {
                self.check_new_owner(permits, id, owner).await?;
            }
        }
        let wanted = |history: &History<Application>| {
            let living = history.state.living()?;
            let present = living.belonging();
            Permit::any(permits, |permit| permit.covers(Action::Change, present))?;
            seen.fits(history.expected)?;
            let wanted = Belonging { owner: edit.owner.unwrap_or(present.owner), ..present };
            if wanted != present {
                Permit::any(permits, |permit| permit.covers(Action::Transfer, present))?;
            }
            let name = edit.name.as_ref().unwrap_or(&living.name);
            let other = wanted != present || *name != living.name;
            Ok::<_, Refusal>(other.then(|| ScopedName::application(wanted, name)))
        };
        let command = application::Command::Edit(edit.clone());
        let (position, before) = self.use_name_of(&id, wanted, command).await?;
        if edit.name.is_some() || edit.owner.is_some() {
            self.release_former(&before, id).await;
        }
        info!(application.id = %id, "Edited");
        Ok(Done { position })
    }

    /// Gives the application another name; the former one is free again.
    pub async fn rename_application(
        &self,
        permit: &Permit,
        id: ApplicationId,
        name: ApplicationName,
    ) -> Result<Done, Failure<Refusal>> {
        // Derived command ids, since one request may change the name, settings and status of one application.
        let scribe = self.derived("rename");
        let command = application::Command::Rename { name: name.clone() };
        let done = scribe.change(permit, id, Seen::Anything, Some(&name), command).await?;
        info!(application.id = %id, "Renamed");
        Ok(done)
    }

    /// Says other things about the application; what is said already changes nothing.
    pub async fn change_settings(
        &self,
        permit: &Permit,
        id: ApplicationId,
        changes: Changes,
    ) -> Result<Done, Failure<Refusal>> {
        let scribe = self.derived("settings");
        let command = application::Command::ChangeSettings(changes);
        let done = scribe.change(permit, id, Seen::Anything, None, command).await?;
        info!(application.id = %id, "Settings changed");
        Ok(done)
    }

    /// Activates or deactivates the application; what it is already changes nothing.
    pub async fn switch_application(
        &self,
        permit: &Permit,
        id: ApplicationId,
        switch: Switch,
    ) -> Result<Done, Failure<Refusal>> {
        let scribe = self.derived("switch");
        let command = match switch {
            Switch::Activate => application::Command::Activate,
            Switch::Deactivate => application::Command::Deactivate,
        };
        let done = scribe.change(permit, id, Seen::Anything, None, command).await?;
        info!(application.id = %id, ?switch, "Switched");
        Ok(done)
    }

    /// Gives the application to another member of its organization, whose applications may have no other of its name.
    pub async fn transfer_application(
        &self,
        permit: &Permit,
        id: ApplicationId,
        owner: UserId,
    ) -> Result<Done, Failure<Refusal>> {
        if let Some(position) = self.carried_out::<Application>(&id).await? {
            return Ok(Done { position });
        }
        self.check_new_owner(&[*permit], id, owner).await?;
        let wanted = |history: &History<Application>| {
            let living = history.state.living()?;
            permit.covers(Action::Transfer, living.belonging())?;
            let belonging = Belonging { owner, ..living.belonging() };
            let name = ScopedName::application(belonging, &living.name);
            Ok::<_, Refusal>((living.owner != owner).then_some(name))
        };
        let command = application::Command::Transfer { owner };
        let (position, before) = self.use_name_of(&id, wanted, command).await?;
        self.release_former(&before, id).await;
        info!(application.id = %id, user.id = %owner, "Transferred");
        Ok(Done { position })
    }

    /// Deletes the application: no tokens from now on, and its name is free again. It can be restored for some time.
    pub async fn delete_application(
        &self,
        permit: &Permit,
        id: ApplicationId,
    ) -> Result<Done, Failure<Refusal>> {
        let permitted = |history: &History<Application>| {
            permit.covers(Action::Delete, history.state.living()?.belonging())?;
            Ok::<_, Refusal>(None)
        };
        let command = application::Command::Delete;
        let (position, before) = self.use_name_of(&id, permitted, command).await?;
        self.release_former(&before, id).await;
        info!(application.id = %id, "Deleted");
        Ok(Done { position })
    }

    /// Carries out a command on an application that the permit covers, and that may give it this name.
    async fn change(
        &self,
        permit: &Permit,
        id: ApplicationId,
        seen: Seen,
        name: Option<&ApplicationName>,
        command: application::Command,
    ) -> Result<Done, Failure<Refusal>> {
        let wanted = |history: &History<Application>| {
            let living = history.state.living()?;
            permit.covers(Action::Change, living.belonging())?;
            seen.fits(history.expected)?;
            let other = name.filter(|name| **name != living.name);
            Ok(other.map(|name| ScopedName::application(living.belonging(), name)))
        };
        let (position, before) = self.use_name_of(&id, wanted, command).await?;
        if name.is_some() {
            self.release_former(&before, id).await;
        }
        Ok(Done { position })
    }

    /// Whether one of the permits lets the application be given to them.
    async fn check_new_owner(
        &self,
        permits: &[Permit],
        id: ApplicationId,
        owner: UserId,
    ) -> Result<(), Failure<Refusal>> {
        let state = self.log().history::<Application>(&id).await?.state;
        let belonging = state.living().map_err(refused)?.belonging();
        Permit::any(permits, |permit| permit.covers(Action::Transfer, belonging))?;
        let role = self.check_owner(Belonging { owner, ..belonging }).await?;
        Permit::any(permits, |permit| permit.covers_speaking_for(role)).map_err(outranked)
    }

    /// Whether the organization may have applications of this owner; answers with the owner's role.
    async fn check_owner(&self, belonging: Belonging) -> Result<Role, Failure<Refusal>> {
        let Belonging { organization, owner } = belonging;
        let registered = self.check_organization(organization).await?;
        let Some(role) = registered.members.get(&owner).copied() else {
            return Err(Failure::Refused(Refusal::NotAMember));
        };
        let state = self.log().history::<User>(&owner).await?.state;
        let account = state.account().map_err(|error| Failure::Refused(error.into()))?;
        if !account.enabled {
            return Err(Failure::Refused(Refusal::OwnerUnavailable));
        }
        Ok(role)
    }

    /// The organization, if it is enabled.
    async fn check_organization(&self, id: OrganizationId) -> Result<Registered, Failure<Refusal>> {
        let state = self.log().history::<Organization>(&id).await?.state;
        let registered = state.registered().map_err(|error| Failure::Refused(error.into()))?;
        if !registered.enabled {
            return Err(Failure::Refused(Refusal::OrganizationUnavailable));
        }
        Ok(registered.clone())
    }

    /// Gives back the name that the application had, if it does not have it any more. A name that stays claimed is free
    /// for others after the grace all the same, so a failure here is only noted.
    async fn release_former(&self, before: &Application, id: ApplicationId) {
        let Some(record) = before.record() else {
            return;
        };
        let name = ScopedName::application(record.belonging(), &record.name);
        if let Err(error) = self.release::<Application>(&name, &id).await {
            tracing::warn!(application.id = %id, %error, "The former name was not released");
        }
    }
}

fn refused(error: application::Error) -> Failure<Refusal> {
    Failure::Refused(error.into())
}

fn outranked(_: Denied) -> Failure<Refusal> {
    Failure::Refused(Refusal::OwnerOutranks)
}

#[cfg(test)]
mod tests;
