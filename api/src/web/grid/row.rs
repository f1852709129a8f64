//! Applications as rows of the grid.

use domain::{
    Timestamp,
    authority::{Action, Belonging},
};
use projections::register::{Entry, Status};
use serde::Serialize;

use super::{
    filter::{grant_label, status_label},
    refusal,
};
use crate::{
    app::App,
    web::{local, session::SignedIn, times::Time},
};

/// One row. A missing right is a missing address.
#[derive(Serialize)]
pub(super) struct Listed {
    id: String,
    name: String,
    client_id: String,
    organization: String,
    owner: String,
    status: &'static str,
    active: bool,
    deleted: bool,
    /// Since when it is inactive or deleted.
    since: Option<Time>,
    grant: String,
    scopes: Vec<String>,
    created: Time,
    last_used: Option<Time>,
    /// An event of it cannot be read: this is how it was before.
    stopped: bool,
    show_url: String,
    edit_url: Option<String>,
    deactivate_url: Option<String>,
    activate_url: Option<String>,
    delete_url: Option<String>,
    /// Why nothing can be done here.
    refusal: Option<&'static str>,
}

/// Describes rows to one person.
pub(super) struct List<'a> {
    app: &'a App,
    caller: &'a SignedIn,
    now: Timestamp,
    /// Where forms lead back to.
    back: &'a str,
}

const DELETED: &str = "Deleted. A manager can restore it from its page for some time.";

impl<'a> List<'a> {
    pub(super) fn new(app: &'a App, caller: &'a SignedIn, back: &'a str) -> Self {
        Self { app, caller, now: app.commands.clock.now(), back }
    }

    pub(super) fn describe(&self, entry: &Entry) -> Listed {
        let Entry { row, .. } = entry;
        let status = entry.status();
        let belonging = Belonging { organization: row.organization, owner: row.owner };
        let may = |action| status != Status::Deleted && self.caller.may(action, belonging);
        let (change, delete) = (may(Action::Change), may(Action::Delete));
        let page = local::of(&self.app.settings, &format!("/applications/{}", row.id));
        let form = |allowed: bool, form: &str| {
            let back = local::encoded(self.back);
            allowed.then(|| format!("{page}{form}?return_to={back}"))
        };
        let since = match &row.deleted {
            Some(deletion) => Some(deletion.at),
            // One that was created inactive was never deactivated.
            None => (!row.active && row.status_since != row.created_at).then_some(row.status_since),
        };
        let refusal = match status {
            Status::Deleted => Some(DELETED),
            Status::Active | Status::Inactive => {
                refusal(self.caller.member.role).filter(|_| !change && !delete)
            }
        };
        Listed {
            id: row.id.to_string(),
            name: row.name.to_string(),
            client_id: row.client_id.to_string(),
            organization: entry.organization_name.as_deref().unwrap_or_default().to_owned(),
            owner: entry.owner_name.as_deref().unwrap_or("Erased user").to_owned(),
            status: status_label(status),
            active: status == Status::Active,
            deleted: status == Status::Deleted,
            since: since.map(|at| self.time(at)),
            grant: row
                .grants
                .iter()
                .map(|grant| grant_label(*grant))
                .collect::<Vec<_>>()
                .join(", "),
            scopes: row.scopes.iter().map(ToString::to_string).collect(),
            created: self.time(row.created_at),
            last_used: entry.last_used_at.map(|at| self.time(at)),
            stopped: entry.parked,
            edit_url: form(change, "/edit"),
            deactivate_url: form(change && row.active, "/deactivate"),
            activate_url: (change && !row.active).then(|| format!("{page}/activate")),
            delete_url: form(delete, "/delete"),
            show_url: page,
            refusal,
        }
    }

    fn time(&self, moment: Timestamp) -> Time {
        Time::of(moment, self.now)
    }
}

#[cfg(test)]
impl Listed {
    pub(super) fn sample() -> Self {
        let moment = Timestamp::from_micros(1_795_000_000_000_000);
        let (time, text) = (Time::of(moment, moment), String::new);
        Self {
            id: text(),
            name: text(),
            client_id: text(),
            organization: text(),
            owner: text(),
            status: "Inactive",
            active: false,
            deleted: false,
            since: Some(time.clone()),
            grant: text(),
            scopes: vec![text()],
            created: time.clone(),
            last_used: Some(time),
            stopped: false,
            show_url: text(),
            edit_url: Some(text()),
            deactivate_url: Some(text()),
            activate_url: Some(text()),
            delete_url: Some(text()),
            refusal: Some("refusal"),
        }
    }
}
