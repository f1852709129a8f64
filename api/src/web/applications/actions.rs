//! What a person is offered to do with an application. What they may not do is shown with the reason.

use domain::{
    Timestamp,
    authority::{Action, Belonging, Role},
};
use projections::applications::Row;
use serde::Serialize;

use super::{SignedIn, address, deletion::why_not_restored};
use crate::{
    app::App,
    web::{actions::Action as Button, local},
};

/// The template's `actions`.
#[derive(Serialize)]
pub(super) struct Actions {
    /// What makes sense now.
    buttons: Vec<Button>,
    /// What is not done every day; `None` for a deleted application.
    more: Option<More>,
    /// Why the buttons that are always seen cannot be used.
    reason: Option<String>,
}

#[derive(Serialize)]
struct More {
    transfer: Button,
    delete: Button,
}

impl Actions {
    /// On the application's own page, to which its forms lead back.
    pub(super) fn of(app: &App, caller: &SignedIn, row: &Row, now: Timestamp) -> Self {
        let back = local::encoded(&address(app, row.id, ""));
        let form = |label, path: &str| {
            Button::form(label, address(app, row.id, &format!("{path}?return_to={back}")))
        };
        if row.deleted.is_some() {
            let reason = why_not_restored(app, caller, row, now);
            let restore = form("Restore", "/restore").primary().unless(reason.clone());
            return Self { buttons: vec![restore], more: None, reason };
        }
        let why_not = |action| why_not(caller, action, row.belonging());
        let reason = why_not(Action::Change);
        let switch = if row.active {
            form("Deactivate", "/deactivate")
        } else {
            Button::at_once("Activate", address(app, row.id, "/activate"))
        };
        let more = More {
            transfer: form("Transfer", "/transfer").unless(why_not(Action::Transfer)),
            delete: form("Delete", "/delete").dangerous().unless(why_not(Action::Delete)),
        };
        Self {
            buttons: [form("Edit", "/edit"), switch].map(|it| it.unless(reason.clone())).into(),
            more: Some(more),
            reason,
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
    use crate::web::actions::sample;
    let more = More { transfer: sample(), delete: sample() };
    Actions { buttons: vec![sample()], more: Some(more), reason: Some(text()) }
}
