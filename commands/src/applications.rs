//! Applications: created with their first secret, renamed, switched, deleted.

use domain::{
    ApplicationId, ClientId, Scope, SecretId,
    application::{self, Application, Creation, Living, Secret},
    authority::{Action, Belonging},
    name::ApplicationName,
    organization::{self, Organization},
    user::{self, User},
};
use store::Position;
use tracing::info;

use crate::{
    claims::{ScopedName, Taken},
    handle::{Done, Failure, Scribe},
    permit::{Denied, Permit},
    secret::{ClientSecret, generate_client_id},
};

/// What somebody asks for when they register an application.
#[derive(Clone, Debug)]
pub struct NewApplication {
    pub belonging: Belonging,
    pub name: ApplicationName,
    pub active: bool,
    pub scopes: Vec<Scope>,
}

/// A registered application, with the only copy of its secret.
#[derive(Debug)]
pub struct Created {
    pub id: ApplicationId,
    pub client_id: ClientId,
    pub secret: ClientSecret,
    pub position: Position,
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
        permit.covers(Action::Create, new.belonging)?;
        self.check_owner(new.belonging).await?;
        let entropy = &*self.commands.entropy;
        let id = ApplicationId::new(self.commands.mint());
        let client_id = generate_client_id(entropy);
        let secret = ClientSecret::generate(entropy);
        let creation = Creation {
            client_id: client_id.clone(),
            organization: new.belonging.organization,
            owner: new.belonging.owner,
            name: new.name.clone(),
            active: new.active,
            scopes: new.scopes,
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
        let belonging = belonging_of(&living);
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

    /// Deletes the application for good; its name is free again.
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
            let name = ScopedName::application(belonging_of(&record), &record.name);
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
        permit.covers(action, belonging_of(living))?;
        Ok(living.clone())
    }

    async fn check_owner(&self, belonging: Belonging) -> Result<(), Failure<Refusal>> {
        let Belonging { organization, owner } = belonging;
        let state = self.log().history::<Organization>(&organization).await?.state;
        let registered = state.registered().map_err(|error| Failure::Refused(error.into()))?;
        if !registered.enabled {
            return Err(Failure::Refused(Refusal::OrganizationUnavailable));
        }
        if !registered.members.contains_key(&owner) {
            return Err(Failure::Refused(Refusal::NotAMember));
        }
        let state = self.log().history::<User>(&owner).await?.state;
        let account = state.account().map_err(|error| Failure::Refused(error.into()))?;
        if !account.enabled {
            return Err(Failure::Refused(Refusal::OwnerUnavailable));
        }
        Ok(())
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

/// Whose application it is, and where it works.
pub const fn belonging_of(living: &Living) -> Belonging {
    Belonging { organization: living.organization, owner: living.owner }
}
