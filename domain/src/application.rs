//! An application: credentials in the name of a person, inside one organization.

mod settings;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Aggregate, ApplicationId, Category, ClientId, Decider, OrganizationId, Scope, SecretId, UserId,
    authority::Belonging, name::ApplicationName,
};

pub use settings::{Changes, Contact, Description, Homepage, InvalidSetting, Settings};

/// What an application is at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Application {
    #[default]
    Absent,
    /// Its name was given away before it was created; the id can never be used.
    Forfeited,
    Living(Living),
    Deleted(Living),
}

/// The properties of an application that exists (or existed).
#[derive(Clone, Debug, PartialEq)]
pub struct Living {
    pub client_id: ClientId,
    pub organization: OrganizationId,
    pub owner: UserId,
    pub name: ApplicationName,
    pub active: bool,
    pub grants: Vec<Grant>,
    pub settings: Settings,
    pub secrets: Vec<Secret>,
}

/// The grant types an application may use, by their RFC 6749 names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    ClientCredentials,
}

/// The record of a client secret. Its value is known to the client alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    pub id: SecretId,
    pub hash: SecretHash,
    /// The last four characters of the value, so that people can tell secrets apart.
    pub hint: String,
}

/// An argon2id hash in PHC string form. It does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash(String);

impl SecretHash {
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string, for verification only.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(withheld)")
    }
}

#[derive(Clone, Debug)]
pub enum Command {
    Create(Creation),
    Rename {
        name: ApplicationName,
    },
    ChangeSettings(Changes),
    /// Several changes, all or none.
    Edit(Edit),
    /// Gives the application to another person in the same organization.
    Transfer {
        owner: UserId,
    },
    Activate,
    Deactivate,
    Delete,
    /// Brings a deleted application back under this name: inactive, with its client id and secrets as they were.
    Restore {
        name: ApplicationName,
    },
    /// Gives up a claim to a name that this application does not hold, so that a late create or rename conflicts.
    ForfeitName {
        claim: String,
        /// Whose names it is about.
        belonging: Belonging,
        name: ApplicationName,
    },
}

/// What is given another value; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    pub name: Option<ApplicationName>,
    pub settings: Changes,
    pub active: Option<bool>,
    /// Another person in the same organization.
    pub owner: Option<UserId>,
}

/// What is known of an application when it is created.
#[derive(Clone, Debug)]
pub struct Creation {
    pub client_id: ClientId,
    pub organization: OrganizationId,
    pub owner: UserId,
    pub name: ApplicationName,
    pub active: bool,
    pub settings: Settings,
    pub secret: Secret,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "application.created.v1")]
    Created {
        client_id: ClientId,
        organization: OrganizationId,
        owner: UserId,
        name: ApplicationName,
        active: bool,
        grants: Vec<Grant>,
        scopes: Vec<Scope>,
    },
    #[serde(rename = "application.secret_added.v1")]
    SecretAdded(Secret),
    #[serde(rename = "application.renamed.v1")]
    Renamed { name: ApplicationName },
    #[serde(rename = "application.settings_changed.v1")]
    SettingsChanged(Changes),
    #[serde(rename = "application.transferred.v1")]
    Transferred { owner: UserId },
    #[serde(rename = "application.activated.v1")]
    Activated {},
    #[serde(rename = "application.deactivated.v1")]
    Deactivated {},
    #[serde(rename = "application.deleted.v1")]
    Deleted {},
    /// Comes back inactive.
    #[serde(rename = "application.restored.v1")]
    Restored { name: ApplicationName },
    #[serde(rename = "application.name_forfeited.v1")]
    NameForfeited { claim: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the application does not exist")]
    Absent,
    #[error("the application exists already")]
    Exists,
    #[error("the application was deleted")]
    Deleted,
    #[error("the name was given to another application before this one was created")]
    Forfeited,
    #[error("the application holds that name")]
    NameHeld,
    #[error("the application is not deleted")]
    NotDeleted,
}

impl Application {
    /// The properties, unless the application is absent or deleted.
    pub fn living(&self) -> Result<&Living, Error> {
        match self {
            Self::Living(living) => Ok(living),
            Self::Absent => Err(Error::Absent),
            Self::Forfeited => Err(Error::Forfeited),
            Self::Deleted(_) => Err(Error::Deleted),
        }
    }

    /// The properties, of a deleted one as well.
    pub const fn record(&self) -> Option<&Living> {
        match self {
            Self::Living(record) | Self::Deleted(record) => Some(record),
            Self::Absent | Self::Forfeited => None,
        }
    }

    /// Whether a claim of this application to the name, among those of one owner in one organization, counts for ever.
    pub fn holds(&self, belonging: Belonging, name: &ApplicationName) -> bool {
        matches!(self, Self::Living(living) if living.name == *name && living.belonging() == belonging)
    }
}

impl Aggregate for Application {
    const CATEGORY: Category = Category::Application;
    type Id = ApplicationId;
}

impl Decider for Application {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Create(creation) => self.create(creation),
            Command::Rename { name } => {
                let living = self.living()?;
                Ok(once(living.name != name, || Event::Renamed { name }))
            }
            Command::ChangeSettings(wanted) => {
                let changes = self.living()?.settings.differing(wanted);
                Ok(once(!changes.is_empty(), || Event::SettingsChanged(changes)))
            }
            Command::Edit(edit) => Ok(self.living()?.edit(edit)),
            Command::Transfer { owner } => {
                Ok(once(self.living()?.owner != owner, || Event::Transferred { owner }))
            }
            Command::Activate => Ok(once(!self.living()?.active, || Event::Activated {})),
            Command::Deactivate => Ok(once(self.living()?.active, || Event::Deactivated {})),
            Command::Delete => match self {
                Self::Deleted(_) => Ok(vec![]),
                Self::Absent | Self::Forfeited | Self::Living(_) => {
                    self.living().map(|_| vec![Event::Deleted {}])
                }
            },
            Command::Restore { name } => match self {
                Self::Deleted(_) => Ok(vec![Event::Restored { name }]),
                Self::Living(_) => Err(Error::NotDeleted),
                Self::Absent => Err(Error::Absent),
                Self::Forfeited => Err(Error::Forfeited),
            },
            Command::ForfeitName { claim, belonging, name } => match self {
                Self::Forfeited => Ok(vec![]),
                Self::Living(_) if self.holds(belonging, &name) => Err(Error::NameHeld),
                Self::Absent | Self::Living(_) | Self::Deleted(_) => {
                    Ok(vec![Event::NameForfeited { claim }])
                }
            },
        }
    }

    fn evolve(self, event: Event) -> Self {
        match (self, event) {
            (
                Self::Absent,
                Event::Created { client_id, organization, owner, name, active, grants, scopes },
            ) => Self::Living(Living {
                client_id,
                organization,
                owner,
                name,
                active,
                grants,
                settings: Settings { scopes, ..Settings::default() },
                secrets: vec![],
            }),
            (Self::Deleted(record), Event::Restored { name }) => {
                Self::Living(Living { name, active: false, ..record })
            }
            (Self::Absent, Event::NameForfeited { .. }) => Self::Forfeited,
            (Self::Living(living), event) => living.evolve(event),
            (
                unchanged @ (Self::Absent | Self::Forfeited | Self::Deleted(_)),
                Event::Created { .. }
                | Event::SecretAdded(_)
                | Event::Renamed { .. }
                | Event::SettingsChanged(_)
                | Event::Transferred { .. }
                | Event::Activated {}
                | Event::Deactivated {}
                | Event::Deleted {}
                | Event::Restored { .. }
                | Event::NameForfeited { .. },
            ) => unchanged,
        }
    }
}

impl Application {
    fn create(&self, creation: Creation) -> Result<Vec<Event>, Error> {
        match self {
            Self::Absent => {
                let Creation { client_id, organization, owner, name, active, settings, secret } =
                    creation;
                let grants = vec![Grant::ClientCredentials];
                let scopes = settings.scopes.clone();
                let said = Settings { scopes: scopes.clone(), ..Settings::default() };
                let changes = said.differing(settings.into());
                let created =
                    Event::Created { client_id, organization, owner, name, active, grants, scopes };
                let settings = once(!changes.is_empty(), || Event::SettingsChanged(changes));
                Ok([vec![created, Event::SecretAdded(secret)], settings].concat())
            }
            Self::Forfeited => Err(Error::Forfeited),
            Self::Living(_) | Self::Deleted(_) => Err(Error::Exists),
        }
    }
}

impl Living {
    /// Whose application it is, and where it works.
    pub const fn belonging(&self) -> Belonging {
        Belonging { organization: self.organization, owner: self.owner }
    }

    fn edit(&self, Edit { name, settings, active, owner }: Edit) -> Vec<Event> {
        let renamed = name.filter(|name| *name != self.name);
        let changes = self.settings.differing(settings);
        let switched = active.filter(|active| *active != self.active);
        let given = owner.filter(|owner| *owner != self.owner);
        [
            renamed.map(|name| Event::Renamed { name }),
            (!changes.is_empty()).then_some(Event::SettingsChanged(changes)),
            switched.map(|on| if on { Event::Activated {} } else { Event::Deactivated {} }),
            given.map(|owner| Event::Transferred { owner }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn evolve(mut self, event: Event) -> Application {
        match event {
            Event::SecretAdded(secret) => self.secrets.push(secret),
            Event::Renamed { name } => self.name = name,
            Event::SettingsChanged(changes) => self.settings.apply(changes),
            Event::Transferred { owner } => self.owner = owner,
            Event::Activated {} => self.active = true,
            Event::Deactivated {} => self.active = false,
            Event::Deleted {} => return Application::Deleted(self),
            Event::Created { .. } | Event::Restored { .. } | Event::NameForfeited { .. } => {}
        }
        Application::Living(self)
    }
}

fn once(needed: bool, event: impl FnOnce() -> Event) -> Vec<Event> {
    needed.then(event).into_iter().collect()
}

#[cfg(test)]
mod tests;
