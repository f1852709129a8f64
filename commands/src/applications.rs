//! Applications: created with their first secret, changed, switched, transferred, deleted, restored.

mod restoring;

use domain::{
    ApplicationId, ClientId, SecretId, UserId,
    application::{self, Application, Changes, Creation, Living, Secret, Settings},
    authority::{Action, Belonging, Role},
    name::ApplicationName,
    organization::{self, Organization},
    user::{self, User},
};
use store::{Position, StreamName};
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
        let id = ApplicationId::new(self.new_id());
        if let Some(position) = self.registered_before(id).await? {
            return Ok(Once::Before { id, position });
        }
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

    async fn registered_before(
        &self,
        id: ApplicationId,
    ) -> Result<Option<Position>, Failure<Refusal>> {
        let history = self.log().history::<Application>(&id).await?;
        Ok(history.position_of(&StreamName::of::<Application>(&id), self.origin.command))
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

    /// Gives the application another name; the former one is free again.
    pub async fn rename_application(
        &self,
        permit: &Permit,
        id: ApplicationId,
        name: ApplicationName,
    ) -> Result<Done, Failure<Refusal>> {
        let living = self.permitted(permit, Action::Change, id).await?;
        if living.name == name {
            let position = self.log().history::<Application>(&id).await?.position;
            return Ok(Done { position });
        }
        let belonging = living.belonging();
        let wanted = ScopedName::application(belonging, &name);
        let command = application::Command::Rename { name };
        let (position, before) =
            self.use_name::<Application, Refusal>(&id, &wanted, command).await?;
        if let Ok(Living { name: former, .. }) = before.living()
            && former.as_str() != wanted.normalised
        {
            self.release_quietly(&ScopedName::application(belonging, former), id).await;
        }
        info!(application.id = %id, "Renamed");
        Ok(Done { position })
    }

    /// Says other things about the application; what is said already changes nothing.
    pub async fn change_settings(
        &self,
        permit: &Permit,
        id: ApplicationId,
        changes: Changes,
    ) -> Result<Done, Failure<Refusal>> {
        self.permitted(permit, Action::Change, id).await?;
        // A derived command id, since one request may change the name, settings and status of one application.
        let command = application::Command::ChangeSettings(changes);
        let scribe = self.derived("settings");
        let done = scribe.handle::<Application>(&id, command).await.map_err(refused)?;
        info!(application.id = %id, "Settings changed");
        Ok(done)
    }

    /// Gives the application to another member of its organization, whose applications may have no other of its name.
    pub async fn transfer_application(
        &self,
        permit: &Permit,
        id: ApplicationId,
        owner: UserId,
    ) -> Result<Done, Failure<Refusal>> {
        let living = self.permitted(permit, Action::Transfer, id).await?;
        if living.owner == owner {
            let position = self.log().history::<Application>(&id).await?.position;
            return Ok(Done { position });
        }
        let belonging = Belonging { owner, ..living.belonging() };
        let role = self.check_owner(belonging).await?;
        permit.covers_speaking_for(role).map_err(outranked)?;
        let wanted = ScopedName::application(belonging, &living.name);
        let command = application::Command::Transfer { owner };
        let (position, before) =
            self.use_name::<Application, Refusal>(&id, &wanted, command).await?;
        if let Ok(before) = before.living()
            && before.owner != owner
        {
            let former = ScopedName::application(before.belonging(), &before.name);
            self.release_quietly(&former, id).await;
        }
        info!(application.id = %id, user.id = %owner, "Transferred");
        Ok(Done { position })
    }

    /// Activates or deactivates the application; what it is already changes nothing.
    pub async fn switch_application(
        &self,
        permit: &Permit,
        id: ApplicationId,
        switch: Switch,
    ) -> Result<Done, Failure<Refusal>> {
        self.permitted(permit, Action::Change, id).await?;
        let command = match switch {
            Switch::Activate => application::Command::Activate,
            Switch::Deactivate => application::Command::Deactivate,
        };
        let done = self.handle::<Application>(&id, command).await.map_err(refused)?;
        info!(application.id = %id, ?switch, "Switched");
        Ok(done)
    }

    /// Deletes the application: no tokens from now on, and its name is free again. It can be restored for some time.
    pub async fn delete_application(
        &self,
        permit: &Permit,
        id: ApplicationId,
    ) -> Result<Done, Failure<Refusal>> {
        self.permitted(permit, Action::Delete, id).await?;
        let done =
            self.handle::<Application>(&id, application::Command::Delete).await.map_err(refused)?;
        let state = self.log().history::<Application>(&id).await?.state;
        if let Application::Deleted(record) = state {
            let name = ScopedName::application(record.belonging(), &record.name);
            self.release_quietly(&name, id).await;
        }
        info!(application.id = %id, "Deleted");
        Ok(done)
    }

    /// The application as the log has it now, if the permit covers the action on it.
    pub(crate) async fn permitted(
        &self,
        permit: &Permit,
        action: Action,
        id: ApplicationId,
    ) -> Result<Living, Failure<Refusal>> {
        let state = self.log().history::<Application>(&id).await?.state;
        let living = state.living().map_err(|error| Failure::Refused(error.into()))?;
        permit.covers(action, living.belonging())?;
        Ok(living.clone())
    }

    /// Whether the organization may have applications of this owner; answers with the owner's role.
    async fn check_owner(&self, belonging: Belonging) -> Result<Role, Failure<Refusal>> {
        let Belonging { organization, owner } = belonging;
        let state = self.log().history::<Organization>(&organization).await?.state;
        let registered = state.registered().map_err(|error| Failure::Refused(error.into()))?;
        if !registered.enabled {
            return Err(Failure::Refused(Refusal::OrganizationUnavailable));
        }
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

    /// A name that stays claimed is free for others after the grace all the same, so a failure here is only noted.
    async fn release_quietly(&self, name: &ScopedName, id: ApplicationId) {
        if let Err(error) = self.release::<Application>(name, &id).await {
            tracing::warn!(application.id = %id, %error, "The former name was not released");
        }
    }
}

fn refused(failure: Failure<application::Error>) -> Failure<Refusal> {
    failure.refused_as(Refusal::from)
}

fn outranked(_: Denied) -> Failure<Refusal> {
    Failure::Refused(Refusal::OwnerOutranks)
}
