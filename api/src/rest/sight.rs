//! What callers may be told: what they may see at the moment, and without the scope to read no more than they said.

use std::collections::BTreeSet;

use domain::{
    UserId,
    authority::{Acquaintance, Action, Authority, Deed, Member},
};
use projections::roster::Roster;
use serde_json::Value;

use super::{
    applications::APPLICATIONS,
    body,
    error::Error,
    memberships::{self, MEMBERSHIPS},
    notifications::NOTIFICATIONS,
    operation::{Gives, Operation},
    organizations::ORGANIZATIONS,
    reply::Reply,
    rules::RULES,
    templates::TEMPLATES,
    users::USERS,
};
use crate::{app::App, bearer::Caller, scopes::Own};

/// Whether the caller may see the resource of that type and id now, whatever the token's scopes.
pub(super) fn sees(app: &App, caller: &Caller, of: &str, id: &str) -> bool {
    let agent = &caller.agent;
    if of == APPLICATIONS.name {
        let found = id.parse().ok().and_then(|id| app.knowledge.application(id));
        found.is_some_and(|found| agent.may(Action::View, found.row.belonging()))
    } else if of == ORGANIZATIONS.name {
        id.parse().is_ok_and(|id| agent.may_do(Deed::ViewOrganization(id)))
    } else if of == USERS.name {
        id.parse().is_ok_and(|id| knows(app, caller, id))
    } else if of == MEMBERSHIPS.name {
        id.parse().is_ok_and(|id| memberships::sees(caller, id))
    } else if [NOTIFICATIONS.name, RULES.name, TEMPLATES.name].contains(&of) {
        agent.may_do(Deed::KeepNotifications)
    } else {
        false
    }
}

/// Whether the caller may see who the user is.
pub(super) fn knows(app: &App, caller: &Caller, id: UserId) -> bool {
    app.knowledge.ask_roster(|roster| is_known(roster, caller, id))
}

/// The same by what the roster says.
pub(super) fn is_known(roster: &Roster, caller: &Caller, id: UserId) -> bool {
    caller.agent.all(|member| knows_of(roster, member, id))
}

fn knows_of(roster: &Roster, member: &Member, id: UserId) -> bool {
    id == member.user
        || match member.acquaintance() {
            Acquaintance::Everybody => true,
            Acquaintance::OnlyOneself => false,
            Acquaintance::Organization(organization) => {
                let here = roster.organization(organization);
                here.is_some_and(|here| here.members.contains_key(&id))
            }
        }
}

/// Whoever gets an answer.
#[derive(Debug)]
pub(super) struct Audience {
    app: App,
    caller: Caller,
    /// The type of the primary resource.
    of: &'static str,
    /// As the address has it.
    id: Option<String>,
    /// The fields that may be told; `None` for whoever may read all of them.
    told: Option<BTreeSet<String>>,
    /// What is told in the answer that creates something.
    handed_out: &'static [&'static str],
}

impl Audience {
    pub(super) fn of(
        app: &App,
        caller: &Caller,
        operation: &Operation,
        id: Option<&String>,
        body: &[u8],
    ) -> Self {
        let handed_out = match operation.gives {
            Gives::One(_, of) => of.handed_out,
            Gives::Many(_) | Gives::Linkage(_) | Gives::Nothing => &[],
        };
        Self {
            app: app.clone(),
            caller: caller.clone(),
            of: operation.tag,
            id: id.cloned(),
            told: (!caller.has(operation.reading)).then(|| body::named(body)),
            handed_out,
        }
    }

    /// An answer that was kept is told again to whoever may see now what it tells of.
    pub(super) async fn check(&self, kept: &Reply) -> Result<(), Error> {
        if let Some(position) = kept.written_at() {
            self.app.settled(position).await;
        }
        let made = || kept.body()["data"]["id"].as_str();
        let id = self.id.as_deref().or_else(made);
        let seen = id.is_some_and(|id| sees(&self.app, &self.caller, self.of, id));
        if seen { Ok(()) } else { Err(Error::not_found()) }
    }

    /// The part of the answer that they may know.
    pub(super) fn tell(&self, reply: Reply) -> Reply {
        let created = reply.is_created();
        reply.with_document(|document| {
            keep_included(&self.app, &self.caller, document);
            if let Some(told) = &self.told {
                let handed_out = if created { self.handed_out } else { &[] };
                withhold(document, |field| told.contains(field) || handed_out.contains(&field));
            }
        })
    }
}

/// Takes from the primary resource the fields that are not to be told.
fn withhold(document: &mut Value, told: impl Fn(&str) -> bool) {
    let Some(resource) = document.get_mut("data").and_then(Value::as_object_mut) else {
        return;
    };
    for place in ["attributes", "relationships", "meta"] {
        if let Some(Value::Object(fields)) = resource.get_mut(place) {
            fields.retain(|field, _| told(field));
            if fields.is_empty() {
                resource.remove(place);
            }
        }
    }
}

/// Leaves of the included resources those that the caller may see now, and the token may read.
pub(super) fn keep_included(app: &App, caller: &Caller, document: &mut Value) {
    let Some(included) = document.get_mut("included").and_then(Value::as_array_mut) else {
        return;
    };
    included.retain(|resource| {
        let (of, id) = (resource["type"].as_str(), resource["id"].as_str());
        let (Some(of), Some(id)) = (of, id) else { return false };
        let readable = if of == USERS.name { Own::UsersRead } else { Own::OrganizationsRead };
        caller.has(readable) && sees(app, caller, of, id)
    });
}
