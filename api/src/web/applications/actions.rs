//! What a person is offered to do with an application. What they may not do is shown with the reason.

use domain::{
    Timestamp,
    authority::{Action, Belonging, Role},
};
use projections::applications::Row;
use serde::Serialize;

use super::{SignedIn, address, deletion::why_not_restored};
use crate::{app::App, web::local};

/// The template's `actions`. What makes no sense now is `None`.
#[derive(Serialize)]
pub(super) struct Actions {
    edit: Option<Offer>,
    deactivate: Option<Offer>,
    activate: Option<Offer>,
    transfer: Option<Offer>,
    delete: Option<Offer>,
    restore: Option<Offer>,
    /// Why the buttons that are always seen cannot be used.
    reason: Option<String>,
}

#[derive(Serialize)]
struct Offer {
    url: String,
    /// Why it cannot be done.
    reason: Option<String>,
}

impl Actions {
    /// On the application's own page, to which its forms lead back.
    pub(super) fn of(app: &App, caller: &SignedIn, row: &Row, now: Timestamp) -> Self {
        let own = address(app, row.id, "");
        let offer = |form: &str, back: &str, reason: Option<String>| {
            let query = format!("{form}?return_to={}", local::encoded(back));
            Offer { url: address(app, row.id, &query), reason }
        };
        if row.deleted.is_some() {
            let restore = offer("/restore", &own, why_not_restored(app, caller, row, now));
            let reason = restore.reason.clone();
            return Self { restore: Some(restore), reason, ..Self::none() };
        }
        let belonging = row.belonging();
        let change = why_not(caller, Action::Change, belonging);
        let transfer = why_not(caller, Action::Transfer, belonging);
        let delete = why_not(caller, Action::Delete, belonging);
        let deactivate = row.active.then(|| offer("/deactivate", &own, change.clone()));
        let activate = (!row.active)
            .then(|| Offer { url: address(app, row.id, "/activate"), reason: change.clone() });
        Self {
            edit: Some(offer("/edit", &own, change.clone())),
            deactivate,
            activate,
            transfer: Some(offer("/transfer", &own, transfer)),
            delete: Some(offer("/delete", &own, delete)),
            restore: None,
            reason: change,
        }
    }

    const fn none() -> Self {
        Self {
            edit: None,
            deactivate: None,
            activate: None,
            transfer: None,
            delete: None,
            restore: None,
            reason: None,
        }
    }
}

/// Why this person, who sees the application, may not do that to it, if they may not.
pub(super) fn why_not(caller: &SignedIn, action: Action, belonging: Belonging) -> Option<String> {
    if caller.may(action, belonging) {
        return None;
    }
    let what = match action {
        Action::View => "see it",
        Action::Create => "create applications",
        Action::Change => "change it",
        Action::Delete => "delete it",
        Action::Restore => "restore it",
        Action::Transfer => "transfer it",
    };
    let text = match caller.member.role {
        Role::Auditor => "As an auditor you read everything and change nothing.".to_owned(),
        Role::Member | Role::Manager | Role::Administrator => {
            format!("Only managers and administrators may {what}.")
        }
    };
    Some(text)
}

#[cfg(test)]
pub(super) fn sample() -> Actions {
    use super::samples::text;
    let offer = || Some(Offer { url: text(), reason: Some(text()) });
    Actions {
        edit: offer(),
        deactivate: offer(),
        activate: offer(),
        transfer: offer(),
        delete: offer(),
        restore: offer(),
        reason: Some(text()),
    }
}
