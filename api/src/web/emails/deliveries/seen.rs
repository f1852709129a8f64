//! A letter in words: its state, what it is about, to whom it goes.

use briefing::Rules;
use domain::{
    Category, UserId,
    notification::{Recipient, Request},
};
use projections::notifications::{Delivery, Row};
use serde::Serialize;
use store::StreamName;

use super::occasion;
use crate::{
    app::App,
    masked,
    web::{local, shell::open, times::Time},
};

/// The template's state of a letter.
#[derive(Serialize)]
pub(super) struct State {
    label: &'static str,
    /// `good`, `bad`, `underway` or `quiet`.
    kind: &'static str,
}

impl State {
    pub(super) const fn of(delivery: Delivery) -> Self {
        let kind = match delivery {
            Delivery::Sent => "good",
            Delivery::Abandoned => "bad",
            Delivery::Waiting | Delivery::Attempted => "underway",
            Delivery::Canceled => "quiet",
        };
        Self { label: label(delivery), kind }
    }
}

pub(super) const fn label(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Waiting => "Waiting",
        Delivery::Attempted => "Being sent",
        Delivery::Sent => "Sent",
        Delivery::Abandoned => "Abandoned",
        Delivery::Canceled => "Canceled",
    }
}

/// What a letter tells of; one that only tries a template says so.
pub(super) fn title(request: &Request) -> String {
    let occasion = occasion(&request.occasion);
    if request.test.is_some() { format!("Test: {occasion}") } else { occasion.to_owned() }
}

/// When a letter that waits is attempted next.
pub(super) fn due(row: &Row, app: &App) -> Option<Time> {
    let waits = row.state == Delivery::Waiting;
    row.due.filter(|_| waits).map(|due| Time::of(due, app.commands.clock.now()))
}

/// A name, and the page of what has it.
#[derive(Serialize)]
pub(super) struct Link {
    pub(super) name: String,
    pub(super) url: Option<String>,
}

impl Link {
    pub(super) fn to(name: String, app: &App, page: &str) -> Self {
        Self { name, url: Some(local::of(&app.settings, page)) }
    }

    pub(super) fn nowhere(name: impl Into<String>) -> Self {
        Self { name: name.into(), url: None }
    }
}

/// What the letter concerns.
pub(super) fn subject(app: &App, request: &Request) -> Link {
    StreamName::parse(request.subject()).map_or_else(
        |_| Link::nowhere(request.subject()),
        |stream| what_stands_in(app, &stream).unwrap_or_else(|| Link::nowhere("This installation")),
    )
}

/// The application, person, organization or template whose stream it is; `None` for any other.
pub(super) fn what_stands_in(app: &App, stream: &StreamName) -> Option<Link> {
    let (category, id) = (stream.category(), stream.id());
    if category == Category::Application.as_str() {
        let entry = app.knowledge.application(id.parse().ok()?);
        return Some(match entry {
            Some(entry) => {
                Link::to(entry.row.name.to_string(), app, &format!("/applications/{id}"))
            }
            None => Link::nowhere("An application"),
        });
    }
    if category == Category::User.as_str() {
        return Some(person(app, id.parse().ok()?));
    }
    if category == Category::EmailTemplate.as_str() {
        return Some(Link::to("A sample".to_owned(), app, &format!("/emails/templates/{id}")));
    }
    if category == Category::Organization.as_str() {
        let organization = app.knowledge.organization(id.parse().ok()?)?;
        let page = format!("/organizations/{id}");
        return Some(Link::to(organization.name.to_string(), app, &page));
    }
    None
}

fn person(app: &App, id: UserId) -> Link {
    match app.knowledge.user(id) {
        Some(user) => Link::to(open(&user.display_name), app, &format!("/users/{id}")),
        None => Link::nowhere("Erased user"),
    }
}

/// To whom a letter goes.
#[derive(Serialize)]
pub(in crate::web) struct To {
    #[serde(flatten)]
    pub(super) who: Link,
    /// Their address, or which rule names the one of somebody without account.
    pub(super) detail: Option<String>,
}

impl To {
    /// For those who look after the installation: they see every account, and no whole address of anybody without one.
    pub(in crate::web) fn of(app: &App, rules: &Rules, request: &Request) -> Self {
        match request.recipient {
            Recipient::User(id) => {
                let user = app.knowledge.user(id);
                let email = user.and_then(|user| user.email.as_open().map(str::to_owned));
                Self { who: person(app, id), detail: email }
            }
            Recipient::Address(_) => {
                let rule = rules.get(request.rule);
                let detail = rule.map(|rule| format!("Rule “{}”", rule.name.as_str()));
                let shown = masked::recipient(rules, request);
                let who = Link::nowhere(shown.unwrap_or_else(|| "An address".to_owned()));
                Self { who, detail }
            }
        }
    }

    /// In one line.
    pub(in crate::web) fn words(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.who.name),
            None => self.who.name.clone(),
        }
    }
}
