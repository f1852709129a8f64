//! The list of templates.

use axum::{extract::State, response::Response};
use briefing::template_name;
use domain::{
    EmailTemplateId,
    email_template::{EmailTemplate, Origin},
};
use letters::Occasion;
use serde::Serialize;

use super::{App, Operator, Problem, address, local, tabs};
use crate::web::{navigation::Link, render::Template, shell::Page};

#[derive(Serialize)]
pub(super) struct Context {
    pub(super) tabs: Vec<Link>,
    pub(super) rows: Vec<Row>,
    pub(super) new_url: String,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) occasion: &'static str,
    /// Languages that have words of their own.
    pub(super) locales: Vec<String>,
    pub(super) state: &'static str,
    /// Whether it says anything that is not shipped.
    pub(super) touched: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    Operator(caller): Operator,
) -> Result<Response, Problem> {
    let standing = app.registry.now(&app.commands.log).await?;
    let rows = standing.templates.all();
    let rows = rows.map(|(id, occasion, template)| Row::of(&app, id, occasion, template));
    let context = Context {
        tabs: tabs(&app, &caller),
        rows: rows.collect(),
        new_url: local::of(&app.settings, "/emails/templates/new"),
    };
    Page::new(Template::EmailsTemplates, "Templates", &context).show_to(&app, &caller)
}

impl Row {
    fn of(
        app: &App,
        id: EmailTemplateId,
        occasion: &'static Occasion,
        template: &EmailTemplate,
    ) -> Self {
        let locales = template.customized.keys().map(|locale| locale.as_str().to_owned());
        let touched = !template.customized.is_empty();
        Self {
            name: template_name(occasion, template).to_owned(),
            url: address(app, id, ""),
            occasion: occasion.title,
            locales: locales.collect(),
            state: match template.origin {
                Origin::Created { .. } => "Own",
                Origin::Shipped | Origin::Removed if touched => "Changed",
                Origin::Shipped | Origin::Removed => "Shipped",
            },
            touched,
        }
    }
}
