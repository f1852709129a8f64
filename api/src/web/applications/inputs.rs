//! What the forms to create and to edit an application have in common.

use domain::{
    Scope,
    application::{Changes, Contact, Description, Homepage, InvalidSetting},
    name::ApplicationName,
};
use projections::applications::Row;
use serde::Serialize;

use super::{
    complaint::{About, Complaint},
    scopes::{self, Offered},
};
use crate::{app::App, web::form::Fields};

/// The fields of the template's `form`.
#[derive(Serialize)]
pub(super) struct Inputs {
    name: String,
    name_error: Option<String>,
    active: bool,
    description: String,
    description_error: Option<String>,
    contact: String,
    contact_error: Option<String>,
    homepage: String,
    homepage_error: Option<String>,
    scopes: Vec<Offered>,
}

/// What was entered, as far as it can be meant.
pub(super) struct Entered {
    pub(super) name: ApplicationName,
    pub(super) active: bool,
    pub(super) settings: Changes,
}

impl Inputs {
    pub(super) fn blank(app: &App) -> Self {
        Self {
            name: String::new(),
            name_error: None,
            active: true,
            description: String::new(),
            description_error: None,
            contact: String::new(),
            contact_error: None,
            homepage: String::new(),
            homepage_error: None,
            scopes: scopes::offer(app, &[], &[]),
        }
    }

    /// The application as it is.
    pub(super) fn of(app: &App, row: &Row) -> Self {
        Self {
            name: row.name.to_string(),
            active: row.active,
            description: row.description.to_string(),
            contact: row.contact.to_string(),
            homepage: row.homepage.to_string(),
            scopes: scopes::offer(app, &row.scopes, &row.scopes),
            ..Self::blank(app)
        }
    }

    /// With what was entered in place of what was shown.
    pub(super) fn again(mut self, app: &App, fields: &Fields, present: &[Scope]) -> Self {
        let given = |name: &str, shown: String| fields.given(name).map_or(shown, str::to_owned);
        self.name = given("name", self.name);
        self.active = fields.flag("active").unwrap_or(self.active);
        self.description = given("description", self.description);
        self.contact = given("contact", self.contact);
        self.homepage = given("homepage", self.homepage);
        if let Some(chosen) = scopes::read(app, fields, present) {
            self.scopes = scopes::offer(app, present, &chosen);
        }
        self
    }

    /// Shows the complaint at its field, or gives back one that is about none of these.
    pub(super) fn complain(&mut self, complaint: Complaint) -> Option<Complaint> {
        let place = match complaint.about {
            About::Name => &mut self.name_error,
            About::Description => &mut self.description_error,
            About::Contact => &mut self.contact_error,
            About::Homepage => &mut self.homepage_error,
            About::Organization | About::Owner | About::Reason | About::Form => {
                return Some(complaint);
            }
        };
        *place = Some(complaint.text);
        None
    }
}

/// Reads the form about an application that has these scopes. What was not sent stays as it is, but for the check box.
pub(super) fn read(
    app: &App,
    fields: &Fields,
    present: &[Scope],
) -> Result<Entered, Vec<Complaint>> {
    let name = ApplicationName::parse(fields.text("name"))
        .map_err(|error| Complaint::invalid(About::Name, error.to_string()));
    let active = fields
        .flag("active")
        .map_err(|error| Complaint::invalid(About::Form, format!("Active: {error}")));
    let description = setting(fields, "description", About::Description, Description::parse);
    let contact = setting(fields, "contact", About::Contact, Contact::parse);
    let homepage = setting(fields, "homepage", About::Homepage, Homepage::parse);
    match (name, active, description, contact, homepage) {
        (Ok(name), Ok(active), Ok(description), Ok(contact), Ok(homepage)) => {
            let scopes = scopes::read(app, fields, present);
            let settings = Changes { description, contact, homepage, scopes };
            Ok(Entered { name, active, settings })
        }
        (name, active, description, contact, homepage) => {
            let wrong =
                [name.err(), active.err(), description.err(), contact.err(), homepage.err()];
            Err(wrong.into_iter().flatten().collect())
        }
    }
}

fn setting<T>(
    fields: &Fields,
    name: &str,
    about: About,
    parse: fn(&str) -> Result<T, InvalidSetting>,
) -> Result<Option<T>, Complaint> {
    let parsed = fields.given(name).map(parse).transpose();
    parsed.map_err(|error| Complaint::invalid(about, error.to_string()))
}

#[cfg(test)]
pub(super) fn sample() -> Inputs {
    use super::samples::text;
    Inputs {
        name: text(),
        name_error: None,
        active: true,
        description: text(),
        description_error: None,
        contact: text(),
        contact_error: None,
        homepage: text(),
        homepage_error: None,
        scopes: vec![scopes::sample()],
    }
}
