//! Applications as templates want them.

use domain::{OrganizationId, Timestamp, UserId, authority::Action};
use projections::applications::Row;
use serde::Serialize;
use store::Actor;

use super::{super::local, SignedIn, Time, address};
use crate::{app::App, web::shell::open};

/// The template's `application`. A missing right is a missing address.
#[derive(Serialize)]
pub(in crate::web) struct Described {
    id: String,
    name: String,
    client_id: String,
    active: bool,
    organization: String,
    owner: String,
    created: Time,
    deactivated: Option<Time>,
    deactivated_by: Option<String>,
    deactivated_reason: Option<String>,
    last_used: Option<Time>,
    show_url: String,
    edit_url: Option<String>,
    deactivate_url: Option<String>,
    activate_url: Option<String>,
    delete_url: Option<String>,
}

/// Describes applications to one person.
pub(in crate::web) struct Describe<'a> {
    app: &'a App,
    caller: &'a SignedIn,
    now: Timestamp,
}

/// Where the forms about an application lead back to.
#[derive(Clone, Copy)]
pub(super) struct Back<'a> {
    pub(super) usually: &'a str,
    /// When there is no application any more.
    pub(super) deleted: &'a str,
}

impl<'a> Describe<'a> {
    pub(in crate::web) fn new(app: &'a App, caller: &'a SignedIn) -> Self {
        Self { app, caller, now: app.commands.clock.now() }
    }

    pub(super) fn one(
        &self,
        row: &Row,
        last_used_at: Option<Timestamp>,
        back: Back<'_>,
    ) -> Described {
        let Self { app, caller, .. } = *self;
        let belonging = row.belonging();
        let change = caller.may(Action::Change, belonging);
        let delete = caller.may(Action::Delete, belonging);
        let form = |allowed: bool, form: &str, back: &str| {
            let query = format!("{form}?return_to={}", local::encoded(back));
            allowed.then(|| address(app, row.id, &query))
        };
        // One that was created inactive was never deactivated.
        let deactivated = !row.active && row.status_since != row.created_at;
        Described {
            id: row.id.to_string(),
            name: row.name.to_string(),
            client_id: row.client_id.to_string(),
            active: row.active,
            organization: organization(app, row.organization),
            owner: person(app, row.owner),
            created: self.time(row.created_at),
            deactivated: deactivated.then(|| self.time(row.status_since)),
            deactivated_by: deactivated.then(|| actor(app, row.status_by)),
            deactivated_reason: row.status_reason.clone().filter(|_| deactivated),
            last_used: last_used_at.map(|at| self.time(at)),
            show_url: address(app, row.id, ""),
            edit_url: form(change, "/edit", back.usually),
            deactivate_url: form(change && row.active, "/deactivate", back.usually),
            activate_url: (change && !row.active).then(|| address(app, row.id, "/activate")),
            delete_url: form(delete, "/delete", back.deleted),
        }
    }

    pub(super) fn time(&self, moment: Timestamp) -> Time {
        Time::of(moment, self.now)
    }
}

pub(super) fn organization(app: &App, id: OrganizationId) -> String {
    app.knowledge.organization(id).map_or_else(|| id.to_string(), |it| it.name.to_string())
}

pub(in crate::web) fn person(app: &App, id: UserId) -> String {
    app.knowledge.user(id).map_or_else(|| id.to_string(), |user| open(&user.display_name))
}

/// Whoever did something, in words that follow "by".
pub(super) fn actor(app: &App, actor: Actor) -> String {
    match actor {
        Actor::User { id } => person(app, id),
        Actor::Application { owner, .. } => format!("an application of {}", person(app, owner)),
        Actor::Operator => "an operator on the command line".to_owned(),
        Actor::System => "Oathbook".to_owned(),
    }
}

#[cfg(test)]
impl Described {
    pub(super) fn sample() -> Self {
        use super::samples::{text, time};
        Self {
            id: text(),
            name: text(),
            client_id: text(),
            active: false,
            organization: text(),
            owner: text(),
            created: time(),
            deactivated: Some(time()),
            deactivated_by: Some(text()),
            deactivated_reason: Some(text()),
            last_used: Some(time()),
            show_url: text(),
            edit_url: Some(text()),
            deactivate_url: Some(text()),
            activate_url: Some(text()),
            delete_url: Some(text()),
        }
    }
}
