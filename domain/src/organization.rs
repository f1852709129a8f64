//! An organization and its members.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Aggregate, Category, Decider, OrganizationId, UserId, authority::Role, name::OrganizationName,
};

/// What an organization is at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Organization {
    #[default]
    Absent,
    /// Its name was given away before it was registered; the id can never be used.
    Forfeited,
    Registered(Registered),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Registered {
    pub name: OrganizationName,
    pub enabled: bool,
    /// Whether roles in this organization reach every other one.
    pub global_access: bool,
    pub members: BTreeMap<UserId, Role>,
    /// Members whose account is disabled, as far as their being administrators goes: they do not count as such.
    pub suspended: BTreeSet<UserId>,
}

#[derive(Clone, Debug)]
pub enum Command {
    Register(Registration),
    /// Several changes, all or none.
    Edit(Edit),
    /// Makes a user a member in this role, or changes the role.
    Admit {
        user: UserId,
        role: Role,
        standing: Standing,
    },
    /// Counts the member as an administrator no more.
    Suspend {
        user: UserId,
    },
    Reinstate {
        user: UserId,
    },
    Dismiss {
        user: UserId,
    },
    /// Gives up a claim to a name that this organization does not hold. `name` is normalised.
    ForfeitName {
        claim: String,
        name: String,
    },
}

/// What is known of an organization when it is registered.
#[derive(Clone, Debug)]
pub struct Registration {
    pub name: OrganizationName,
    pub enabled: bool,
    pub global_access: bool,
}

impl Registration {
    /// Enabled, and reaching no other one.
    pub const fn of(name: OrganizationName) -> Self {
        Self { name, enabled: true, global_access: false }
    }
}

/// What is given another value; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    pub name: Option<OrganizationName>,
    pub enabled: Option<bool>,
    pub global_access: Option<bool>,
}

/// Whether whoever is admitted can act: an administrator with a disabled account is none to rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Enabled,
    Disabled,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "organization.registered.v1")]
    Registered { name: OrganizationName },
    #[serde(rename = "organization.renamed.v1")]
    Renamed { name: OrganizationName },
    #[serde(rename = "organization.global_access_granted.v1")]
    GlobalAccessGranted {},
    #[serde(rename = "organization.global_access_withdrawn.v1")]
    GlobalAccessWithdrawn {},
    #[serde(rename = "organization.disabled.v1")]
    Disabled {},
    #[serde(rename = "organization.enabled.v1")]
    Enabled {},
    #[serde(rename = "organization.member_joined.v1")]
    MemberJoined { user: UserId, role: Role },
    #[serde(rename = "organization.member_role_changed.v1")]
    MemberRoleChanged { user: UserId, role: Role },
    #[serde(rename = "organization.member_left.v1")]
    MemberLeft { user: UserId },
    #[serde(rename = "organization.member_suspended.v1")]
    MemberSuspended { user: UserId },
    #[serde(rename = "organization.member_reinstated.v1")]
    MemberReinstated { user: UserId },
    #[serde(rename = "organization.name_forfeited.v1")]
    NameForfeited { claim: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the organization does not exist")]
    Absent,
    #[error("the organization exists already")]
    Exists,
    #[error("the name was given to another organization before this one was registered")]
    Forfeited,
    #[error("the organization holds that name")]
    NameHeld,
    #[error("the user is not a member of the organization")]
    NotAMember,
    #[error(
        "the last administrator of an organization stays; make another member administrator first"
    )]
    LastAdministrator,
}

impl Organization {
    pub fn registered(&self) -> Result<&Registered, Error> {
        match self {
            Self::Registered(registered) => Ok(registered),
            Self::Absent => Err(Error::Absent),
            Self::Forfeited => Err(Error::Forfeited),
        }
    }

    fn register(&self, registration: Registration) -> Result<Vec<Event>, Error> {
        match self {
            Self::Absent => {
                let Registration { name, enabled, global_access } = registration;
                let edit = Edit {
                    enabled: Some(enabled),
                    global_access: Some(global_access),
                    ..Edit::default()
                };
                let switches = Registered::new(name.clone()).edit(edit);
                Ok([vec![Event::Registered { name }], switches].concat())
            }
            Self::Forfeited => Err(Error::Forfeited),
            Self::Registered(_) => Err(Error::Exists),
        }
    }

    /// Whether a claim of this organization to the (normalised) name counts for ever.
    pub fn holds(&self, name: &str) -> bool {
        matches!(self, Self::Registered(registered) if registered.name.normalised() == name)
    }
}

impl Registered {
    /// Whether the user counts as an administrator.
    pub fn counts(&self, user: UserId) -> bool {
        self.members.get(&user) == Some(&Role::Administrator) && !self.suspended.contains(&user)
    }

    /// Whether nobody else is an administrator who can act.
    fn is_last_administrator(&self, user: UserId) -> bool {
        let mut administrators = self.members.keys().copied().filter(|id| self.counts(*id));
        administrators.next() == Some(user) && administrators.next().is_none()
    }

    fn new(name: OrganizationName) -> Self {
        Self {
            name,
            enabled: true,
            global_access: false,
            members: BTreeMap::new(),
            suspended: BTreeSet::new(),
        }
    }

    fn edit(&self, Edit { name, enabled, global_access }: Edit) -> Vec<Event> {
        let renamed = name.filter(|name| *name != self.name);
        let switched = enabled.filter(|enabled| *enabled != self.enabled);
        let reaches = global_access.filter(|reaches| *reaches != self.global_access);
        let reach = |reaches| {
            if reaches { Event::GlobalAccessGranted {} } else { Event::GlobalAccessWithdrawn {} }
        };
        [
            renamed.map(|name| Event::Renamed { name }),
            switched.map(|on| if on { Event::Enabled {} } else { Event::Disabled {} }),
            reaches.map(reach),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn admit(&self, user: UserId, role: Role, standing: Standing) -> Result<Vec<Event>, Error> {
        let mut events = match self.members.get(&user) {
            None => vec![Event::MemberJoined { user, role }],
            Some(present) if *present == role => vec![],
            Some(_) if self.is_last_administrator(user) => return Err(Error::LastAdministrator),
            Some(_) => vec![Event::MemberRoleChanged { user, role }],
        };
        let counted_wrongly = role == Role::Administrator
            && standing == Standing::Disabled
            && !self.suspended.contains(&user);
        if counted_wrongly && !events.is_empty() {
            events.push(Event::MemberSuspended { user });
        }
        Ok(events)
    }

    fn dismiss(&self, user: UserId) -> Result<Vec<Event>, Error> {
        if !self.members.contains_key(&user) {
            return Err(Error::NotAMember);
        }
        if self.is_last_administrator(user) {
            return Err(Error::LastAdministrator);
        }
        Ok(vec![Event::MemberLeft { user }])
    }

    fn suspend(&self, user: UserId) -> Result<Vec<Event>, Error> {
        if !self.members.contains_key(&user) {
            return Err(Error::NotAMember);
        }
        if self.is_last_administrator(user) {
            return Err(Error::LastAdministrator);
        }
        let suspended = self.suspended.contains(&user);
        Ok((!suspended).then_some(Event::MemberSuspended { user }).into_iter().collect())
    }

    fn reinstate(&self, user: UserId) -> Vec<Event> {
        let suspended = self.suspended.contains(&user);
        suspended.then_some(Event::MemberReinstated { user }).into_iter().collect()
    }

    fn evolve(mut self, event: Event) -> Self {
        match event {
            Event::Renamed { name } => self.name = name,
            Event::GlobalAccessGranted {} => self.global_access = true,
            Event::GlobalAccessWithdrawn {} => self.global_access = false,
            Event::Disabled {} => self.enabled = false,
            Event::Enabled {} => self.enabled = true,
            Event::MemberJoined { user, role } | Event::MemberRoleChanged { user, role } => {
                self.members.insert(user, role);
            }
            Event::MemberLeft { user } => {
                self.members.remove(&user);
                self.suspended.remove(&user);
            }
            Event::MemberSuspended { user } => {
                self.suspended.insert(user);
            }
            Event::MemberReinstated { user } => {
                self.suspended.remove(&user);
            }
            Event::Registered { .. } | Event::NameForfeited { .. } => {}
        }
        self
    }
}

impl Aggregate for Organization {
    const CATEGORY: Category = Category::Organization;
    type Id = OrganizationId;
}

impl Decider for Organization {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Register(registration) => self.register(registration),
            Command::Edit(edit) => Ok(self.registered()?.edit(edit)),
            Command::Admit { user, role, standing } => {
                self.registered()?.admit(user, role, standing)
            }
            Command::Dismiss { user } => self.registered()?.dismiss(user),
            Command::Suspend { user } => self.registered()?.suspend(user),
            Command::Reinstate { user } => Ok(self.registered()?.reinstate(user)),
            Command::ForfeitName { claim, name } => match self {
                Self::Forfeited => Ok(vec![]),
                Self::Registered(_) if self.holds(&name) => Err(Error::NameHeld),
                Self::Absent | Self::Registered(_) => Ok(vec![Event::NameForfeited { claim }]),
            },
        }
    }

    fn evolve(self, event: Event) -> Self {
        match (self, event) {
            (Self::Absent, Event::Registered { name }) => Self::Registered(Registered::new(name)),
            (Self::Absent, Event::NameForfeited { .. }) => Self::Forfeited,
            (Self::Registered(registered), event) => Self::Registered(registered.evolve(event)),
            (
                unchanged @ (Self::Absent | Self::Forfeited),
                Event::Registered { .. }
                | Event::Renamed { .. }
                | Event::GlobalAccessGranted {}
                | Event::GlobalAccessWithdrawn {}
                | Event::Disabled {}
                | Event::Enabled {}
                | Event::MemberJoined { .. }
                | Event::MemberRoleChanged { .. }
                | Event::MemberLeft { .. }
                | Event::MemberSuspended { .. }
                | Event::MemberReinstated { .. }
                | Event::NameForfeited { .. },
            ) => unchanged,
        }
    }
}

#[cfg(test)]
mod tests;
