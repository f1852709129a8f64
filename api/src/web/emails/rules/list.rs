//! The list of rules, filtered by the query of the address.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use briefing::{Standing, shipped_rule};
use domain::{NotificationRuleId, name::folded, notification_rule::Rule};
use serde::Serialize;
use url::form_urlencoded::parse;

use super::{Choice, Operator, Problem, address, describe, edit::occasions, occasion, tabs};
use crate::{
    app::App,
    web::{form::readable, navigation::Link, render::Template, shell::Page},
};

const TITLE: &str = "Notification Rules";

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) tabs: Vec<Link>,
    pub(super) rows: Vec<Row>,
    pub(super) summary: String,
    pub(super) filtered: bool,
    pub(super) new_url: String,
    pub(super) filters: Filters,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) edit_url: String,
    /// Where it is switched the other way.
    pub(super) switch_url: String,
    /// `None` for one that ships with Oathbook, and stays.
    pub(super) delete_url: Option<String>,
    pub(super) occasion: String,
    /// In words; empty where the rule lets everything through.
    pub(super) filter: Vec<String>,
    /// `None` where it was removed.
    pub(super) template: Option<String>,
    pub(super) recipients: Vec<String>,
    pub(super) active: bool,
}

#[derive(Serialize)]
pub(super) struct Filters {
    pub(super) text: String,
    pub(super) occasions: Vec<Choice>,
    pub(super) states: Vec<Choice>,
    pub(super) url: String,
}

/// What the address asks for. What it cannot mean is not an error: the list shows what it would show without.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    text: String,
    occasion: Option<&'static str>,
    active: Option<bool>,
}

impl Wanted {
    fn read(query: &str) -> Self {
        let mut wanted = Self::default();
        for (field, value) in parse(query.as_bytes()) {
            match &*field {
                "text" => wanted.text = readable(&value),
                "occasion" => wanted.occasion = letters::occasion(&value).map(|it| it.name),
                "state" => {
                    wanted.active = match &*value {
                        "on" => Some(true),
                        "off" => Some(false),
                        _ => None,
                    }
                }
                _ => {}
            }
        }
        wanted
    }

    fn is_met_by(&self, rule: &Rule) -> bool {
        folded(rule.name.as_str()).contains(&folded(&self.text))
            && self.occasion.is_none_or(|occasion| rule.occasion == occasion)
            && self.active.is_none_or(|active| rule.active == active)
    }
}

pub(in crate::web::emails) async fn show(
    State(app): State<App>,
    Operator(caller): Operator,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let wanted = Wanted::read(query.as_deref().unwrap_or_default());
    let standing = app.registry.now(&app.commands.log).await?;
    let found = standing.rules.all().filter(|(_, rule)| wanted.is_met_by(rule));
    let rows: Vec<_> = found.map(|(id, rule)| Row::of(&app, &standing, id, rule)).collect();
    let on = rows.iter().filter(|row| row.active).count();
    let context = Context {
        tabs: tabs(&app, &caller),
        summary: match rows.len() {
            1 => format!("1 rule, {on} on"),
            number => format!("{number} rules, {on} on"),
        },
        rows,
        filtered: wanted != Wanted::default(),
        new_url: address(&app, "/new"),
        filters: Filters::of(&wanted, address(&app, "")),
    };
    Page::new(Template::EmailsRules, TITLE, &context).show_to(&app, &caller)
}

impl Row {
    fn of(app: &App, standing: &Standing, id: NotificationRuleId, rule: &Rule) -> Self {
        let ships = shipped_rule(id).is_some();
        let other = if rule.active { "off" } else { "on" };
        Self {
            name: rule.name.as_str().to_owned(),
            edit_url: address(app, &format!("/{id}/edit")),
            switch_url: address(app, &format!("/{id}/{other}")),
            delete_url: (!ships).then(|| address(app, &format!("/{id}/delete"))),
            occasion: occasion(&rule.occasion).to_owned(),
            filter: describe::filter(app, rule),
            template: describe::template(&standing.templates, rule.template),
            recipients: describe::recipients(app, rule),
            active: rule.active,
        }
    }
}

impl Filters {
    fn of(wanted: &Wanted, url: String) -> Self {
        let state = match wanted.active {
            Some(true) => "on",
            Some(false) => "off",
            None => "",
        };
        let choice =
            |(value, label): (&str, &str)| Choice::among(value.to_owned(), label.to_owned(), state);
        Self {
            text: wanted.text.clone(),
            occasions: occasions(wanted.occasion.unwrap_or_default()),
            states: [("on", "On"), ("off", "Off")].map(choice).into(),
            url,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_some_rules() {
        let wanted = Wanted::read("text=+Gone%00+&occasion=application_deleted&state=on");
        let meant = Wanted {
            text: "Gone".to_owned(),
            occasion: Some("application_deleted"),
            active: Some(true),
        };
        assert_eq!(wanted, meant);
    }

    #[test]
    fn what_cannot_be_meant_is_left_out() {
        for query in ["occasion=doomsday", "state=x", "text=%00", "page=2"] {
            assert_eq!(Wanted::read(query), Wanted::default(), "{query}");
        }
    }
}
