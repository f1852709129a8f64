//! A letter's own page.

use axum::{extract::State as Extract, response::Response};
use briefing::{Rules, Templates, template_name};
use domain::notification::Request;
use projections::notifications::{Delivery, Row};
use serde::Serialize;

use super::{
    Named, Operator, Problem, address,
    seen::{self, Link, State, To},
    steps::Steps,
    tabs,
};
use crate::{
    app::App,
    masked,
    web::{actions::Action, navigation, render::Template, shell::Page, times::Time},
};

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) tabs: Vec<navigation::Link>,
    pub(super) letter: Properties,
    pub(super) actions: Vec<Action>,
    pub(super) steps: Steps,
}

/// The template's `letter`.
#[derive(Serialize)]
pub(super) struct Properties {
    pub(super) id: String,
    pub(super) occasion: String,
    pub(super) state: State,
    pub(super) due: Option<Time>,
    /// Whether it goes into the recipient's mail of the day.
    pub(super) daily: bool,
    pub(super) subject: Link,
    pub(super) recipient: To,
    pub(super) rule: Link,
    pub(super) template: Link,
    pub(super) event: String,
    pub(super) attempts: u32,
    pub(super) answer: Option<String>,
    pub(super) message_id: Option<String>,
    pub(super) requested: Time,
    pub(super) changed: Time,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Operator(caller): Operator,
    named: Named,
) -> Result<Response, Problem> {
    let row = named.find(&app).await?;
    let standing = app.registry.now(&app.commands.log).await?;
    let context = Context {
        tabs: tabs(&app, &caller),
        letter: properties(&app, &standing.rules, &standing.templates, &row),
        actions: actions(&app, &row),
        steps: Steps::of(&app, row.id, &row.request).await?,
    };
    let title = context.letter.occasion.clone();
    Page::new(Template::EmailsDelivery, &title, &context).show_to(&app, &caller)
}

fn properties(app: &App, rules: &Rules, templates: &Templates, row: &Row) -> Properties {
    let now = app.commands.clock.now();
    let Row { request, .. } = row;
    Properties {
        id: row.id.to_string(),
        occasion: seen::title(request),
        state: State::of(row.state),
        due: seen::due(row, app),
        daily: request.daily,
        subject: seen::subject(app, request),
        recipient: To::of(app, rules, request),
        rule: rule(app, rules, request),
        template: template(app, templates, request),
        event: format!("{} in {}", request.event, request.stream),
        attempts: row.attempts,
        answer: row.answer.as_deref().map(|text| masked::answer(request, text)),
        message_id: row.message_id.clone(),
        requested: Time::of(row.requested_at, now),
        changed: Time::of(row.changed_at, now),
    }
}

fn rule(app: &App, rules: &Rules, request: &Request) -> Link {
    if request.test.is_some() {
        return Link::nowhere("None: it tries a template");
    }
    match rules.get(request.rule) {
        Some(rule) => {
            let page = format!("/emails/rules/{}/edit", request.rule);
            Link::to(rule.name.as_str().to_owned(), app, &page)
        }
        None if request.occasion == briefing::INVITATION => {
            Link::nowhere("None: it is always sent")
        }
        None => Link::nowhere("Removed since"),
    }
}

fn template(app: &App, templates: &Templates, request: &Request) -> Link {
    let Some((occasion, template)) = templates.get(request.template) else {
        return Link::nowhere("Removed since");
    };
    let name = template_name(occasion, template).to_owned();
    Link::to(name, app, &format!("/emails/templates/{}", request.template))
}

fn actions(app: &App, row: &Row) -> Vec<Action> {
    let url = |form: &str| address(app, row.id, form);
    let resend = Action::form("Resend", url("/resend"));
    let cancel = Action::at_once("Cancel", url("/cancel"));
    let underway = "It has not come to an end yet.";
    match row.state {
        Delivery::Waiting => vec![resend.if_allowed(false, underway), cancel],
        Delivery::Attempted => vec![
            resend.if_allowed(false, underway),
            cancel.if_allowed(false, "A worker is handing it over at this moment."),
        ],
        Delivery::Sent => vec![resend, cancel.if_allowed(false, "It was sent.")],
        Delivery::Abandoned => vec![resend, cancel.if_allowed(false, "It was abandoned.")],
        Delivery::Canceled => vec![resend, cancel.if_allowed(false, "It was canceled.")],
    }
}
