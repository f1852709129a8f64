//! What happened to an application lately, read from its own stream: who did what, from what to what.

use std::collections::VecDeque;

use domain::{
    ApplicationId, Event, Scope, Timestamp, UserId,
    application::{self, Application, Changes, Contact, Description, Homepage},
    name::ApplicationName,
};
use store::{Actor, Direction, Log, LogError, Recorded, StreamName};
use uuid::Uuid;

/// Events read at once.
const PAGE: usize = 100;
/// Events that are read to know what was before.
const LOOK_BACK: usize = 200;

/// The newest part of what happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// The newest first.
    pub entries: Vec<Entry>,
    /// Whether there is more than was asked for.
    pub more: bool,
}

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub at: Timestamp,
    pub by: Actor,
    pub reason: Option<String>,
    pub deed: Deed,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// With its first secret and all that was said about it then.
    Created {
        name: ApplicationName,
    },
    SecretAdded {
        hint: String,
    },
    Renamed(Turned<ApplicationName>),
    Changed(Box<Changed>),
    Transferred(Turned<UserId>),
    Activated,
    Deactivated,
    Deleted,
    Restored {
        name: Turned<ApplicationName>,
    },
}

/// One value took the place of another. What was before is `None` where it happened too long ago to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned<T> {
    pub from: Option<T>,
    pub to: T,
}

/// The settings that were given another value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    pub description: Option<Turned<Description>>,
    pub contact: Option<Turned<Contact>>,
    pub homepage: Option<Turned<Homepage>>,
    pub scopes: Option<Turned<Vec<Scope>>>,
}

/// At most so many of the last things that happened to the application.
pub async fn of(log: &Log, id: ApplicationId, at_most: usize) -> Result<Activity, LogError> {
    let stream = StreamName::of::<Application>(&id);
    let mut events = VecDeque::new();
    let mut next = u64::MAX;
    // Somewhat more than is shown, since not every event is, and what was before must be known.
    while events.len() < at_most + LOOK_BACK {
        let page = log.store().read(&stream, next, Direction::Backwards, PAGE).await?;
        for event in &page {
            events.push_front(log.decode(event).await?);
        }
        match page.last() {
            Some(oldest) if oldest.revision > 0 => next = oldest.revision - 1,
            Some(_) | None => break,
        }
    }
    let complete = events.front().is_none_or(|oldest| oldest.revision == 0);
    let mut known = Known::default();
    let mut entries: Vec<_> = events.iter().filter_map(|event| known.entry(event)).collect();
    entries.reverse();
    let more = entries.len() > at_most || !complete;
    entries.truncate(at_most);
    Ok(Activity { entries, more })
}

/// What the events so far said last.
#[derive(Debug, Default)]
struct Known {
    name: Option<ApplicationName>,
    owner: Option<UserId>,
    description: Option<Description>,
    contact: Option<Contact>,
    homepage: Option<Homepage>,
    scopes: Option<Vec<Scope>>,
    /// The command that created the application says several things at once.
    created_by: Option<Uuid>,
}

impl Known {
    /// What the event is to people, if it is anything.
    fn entry(&mut self, recorded: &Recorded) -> Option<Entry> {
        let Event::Application(event) = &recorded.event else {
            return None;
        };
        let deed = self.deed(event, recorded.metadata.command)?;
        let metadata = &recorded.metadata;
        let (at, by, reason) = (metadata.occurred_at, metadata.actor, metadata.reason.clone());
        Some(Entry { at, by, reason, deed })
    }

    fn deed(&mut self, event: &application::Event, command: Uuid) -> Option<Deed> {
        use application::Event as Told;
        let at_creation = self.created_by == Some(command);
        match event {
            Told::Created { name, owner, scopes, .. } => {
                *self = Self {
                    name: Some(name.clone()),
                    owner: Some(*owner),
                    description: Some(Description::default()),
                    contact: Some(Contact::default()),
                    homepage: Some(Homepage::default()),
                    scopes: Some(scopes.clone()),
                    created_by: Some(command),
                };
                Some(Deed::Created { name: name.clone() })
            }
            Told::SecretAdded(secret) => {
                (!at_creation).then(|| Deed::SecretAdded { hint: secret.hint.clone() })
            }
            Told::Renamed { name } => Some(Deed::Renamed(turn(&mut self.name, name))),
            Told::SettingsChanged(changes) => {
                let turned = Box::new(self.change(changes));
                (!at_creation).then_some(Deed::Changed(turned))
            }
            Told::Transferred { owner } => Some(Deed::Transferred(turn(&mut self.owner, owner))),
            Told::Activated {} => Some(Deed::Activated),
            Told::Deactivated {} => Some(Deed::Deactivated),
            Told::Deleted {} => Some(Deed::Deleted),
            Told::Restored { name } => Some(Deed::Restored { name: turn(&mut self.name, name) }),
            Told::NameForfeited { .. } => None,
        }
    }

    fn change(&mut self, changes: &Changes) -> Changed {
        let Changes { description, contact, homepage, scopes } = changes;
        Changed {
            description: description.as_ref().map(|to| turn(&mut self.description, to)),
            contact: contact.as_ref().map(|to| turn(&mut self.contact, to)),
            homepage: homepage.as_ref().map(|to| turn(&mut self.homepage, to)),
            scopes: scopes.as_ref().map(|to| turn(&mut self.scopes, to)),
        }
    }
}

fn turn<T: Clone>(known: &mut Option<T>, to: &T) -> Turned<T> {
    Turned { from: known.replace(to.clone()), to: to.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::applications::tests::{created, recorded, transferred_to};

    fn deeds(events: Vec<application::Event>) -> Vec<Deed> {
        let mut known = Known::default();
        let recorded = events.into_iter().zip(0..).map(|(event, number)| recorded(event, number));
        recorded.filter_map(|it| known.entry(&it)).map(|entry| entry.deed).collect()
    }

    fn name(text: &str) -> ApplicationName {
        ApplicationName::parse(text).expect("a name")
    }

    #[test]
    fn what_changed_is_told_with_what_was_before() {
        let (owner, transferred) = transferred_to(7);
        let described = |text| {
            let description = Some(Description::parse(text).expect("a description"));
            application::Event::SettingsChanged(Changes { description, ..Changes::default() })
        };
        let told = deeds(vec![
            created(),
            application::Event::Renamed { name: name("Warehouse sync") },
            described("Fetches orders."),
            described("Fetches orders every night."),
            transferred,
            application::Event::Deleted {},
            application::Event::Restored { name: name("Warehouse") },
        ]);
        let before = |from: &str, to: &str| Turned { from: Some(name(from)), to: name(to) };
        assert_eq!(told[0], Deed::Created { name: name("Sync") });
        assert_eq!(told[1], Deed::Renamed(before("Sync", "Warehouse sync")));
        let Deed::Changed(changed) = &told[3] else { panic!("{:?}", told[3]) };
        let description = changed.description.clone().expect("another description");
        assert_eq!(description.from.map(|it| it.to_string()), Some("Fetches orders.".to_owned()));
        let from = Some(UserId::new(uuid::Uuid::nil()));
        assert_eq!(told[4], Deed::Transferred(Turned { from, to: owner }));
        assert_eq!(told[5], Deed::Deleted);
        assert_eq!(told[6], Deed::Restored { name: before("Warehouse sync", "Warehouse") });
    }

    #[test]
    fn without_the_beginning_it_is_not_known_what_was_before() {
        let told = deeds(vec![application::Event::Renamed { name: name("Warehouse") }]);
        assert_eq!(told, [Deed::Renamed(Turned { from: None, to: name("Warehouse") })]);
    }

    #[test]
    fn a_forfeited_name_is_not_told() {
        let forfeited = application::Event::NameForfeited { claim: "claim".to_owned() };
        assert_eq!(deeds(vec![created(), forfeited]).len(), 1);
    }
}
