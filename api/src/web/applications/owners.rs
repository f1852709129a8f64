//! Whose an application can be: the members for whom somebody may speak.

use std::collections::BTreeMap;

use domain::{
    OrganizationId, UserId,
    authority::{Action, Belonging, Role},
};
use projections::directory;
use serde::Serialize;

use super::{
    SignedIn,
    complaint::{About, Complaint},
};
use crate::{app::App, web::shell::open};

/// Of more people than this nobody makes a choice from a list: their user name is entered.
const LISTED: usize = 200;

/// One option of a select.
#[derive(Serialize)]
pub(super) struct Candidate {
    id: String,
    name: String,
    selected: bool,
    /// Why it cannot be this one.
    reason: Option<&'static str>,
}

/// Who may be chosen.
#[derive(Serialize)]
pub(super) struct Candidates {
    /// Empty when there are too many, or nobody but oneself.
    pub(super) list: Vec<Candidate>,
    /// A user name is to be entered.
    pub(super) entered: bool,
}

const DISABLED: &str = "the account is disabled";
const OUTRANKS: &str = "has more rights than you have";

impl Candidates {
    /// Members of the organizations to whom the person may give an application, and those who are out of the question.
    pub(super) fn of(
        app: &App,
        caller: &SignedIn,
        organizations: &[directory::Organization],
        action: Action,
        without: Option<UserId>,
        selected: Option<UserId>,
    ) -> Self {
        let mut found: BTreeMap<UserId, Vec<Role>> = BTreeMap::new();
        for organization in organizations {
            for (user, role) in &organization.members {
                let belonging = Belonging { organization: organization.id, owner: *user };
                if without != Some(*user) && caller.may(action, belonging) {
                    found.entry(*user).or_default().push(*role);
                }
            }
        }
        let nobody_else = found.keys().all(|user| *user == caller.member.user);
        if nobody_else && without.is_none() {
            return Self { list: vec![], entered: false };
        }
        if found.len() > LISTED {
            return Self { list: vec![], entered: true };
        }
        let candidate = |(user, roles): (UserId, Vec<Role>)| {
            let user = app.knowledge.user(user)?;
            user.user_name.as_open()?;
            let outranks = !roles.into_iter().any(|role| caller.member.may_speak_for(role));
            let reason = (!user.enabled).then_some(DISABLED).or(outranks.then_some(OUTRANKS));
            Some(Candidate {
                id: user.id.to_string(),
                name: format!("{} ({})", open(&user.display_name), open(&user.user_name)),
                selected: selected == Some(user.id),
                reason,
            })
        };
        let mut list: Vec<_> = found.into_iter().filter_map(candidate).collect();
        list.sort_by_cached_key(|candidate| {
            (candidate.reason.is_some(), candidate.name.to_lowercase())
        });
        Self { list, entered: false }
    }

    /// Whether there is nobody whom one could choose.
    pub(super) fn nobody(&self) -> bool {
        !self.entered && self.list.iter().all(|candidate| candidate.reason.is_some())
    }
}

/// The member of the organization with this id or user name.
pub(super) fn find(
    app: &App,
    organization: OrganizationId,
    text: &str,
) -> Result<UserId, Complaint> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Complaint::invalid(About::Owner, "This value should not be blank."));
    }
    let organization = app.knowledge.organization(organization);
    let members = organization.iter().flat_map(|it| it.members.keys().copied());
    let named = |user: &UserId| {
        let known = app.knowledge.user(*user);
        known.is_some_and(|user| {
            user.user_name.as_open().is_some_and(|name| name.to_lowercase() == text.to_lowercase())
        })
    };
    let found = match text.parse::<UserId>() {
        Ok(id) => members.into_iter().find(|user| *user == id),
        Err(_) => members.into_iter().find(named),
    };
    found.ok_or_else(|| {
        Complaint::invalid(About::Owner, "This person is not a member of the organization.")
    })
}

#[cfg(test)]
pub(super) fn sample() -> Candidates {
    use super::samples::text;
    let candidate = Candidate { id: text(), name: text(), selected: true, reason: Some(DISABLED) };
    Candidates { list: vec![candidate], entered: false }
}
