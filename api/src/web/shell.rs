//! What stands around every page: who is signed in, where they work, and what there is to say.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use projections::directory;
use serde::Serialize;

use super::{
    assets::Addresses,
    cookies::Cookie,
    csrf::{self, Audience},
    errors::Problem,
    flash::{self, Flash},
    navigation::{self, Link},
    render::{Template, render},
    session::SignedIn,
    visit::Visit,
};
use crate::app::App;

/// The template's `shell`.
#[derive(Debug, Serialize)]
pub(super) struct Shell {
    title: String,
    user: Option<Person>,
    organization: Option<Organization>,
    organizations: Vec<Choice>,
    /// Where the main navigation leads. Empty when signed out.
    sections: Vec<Link>,
    csrf: String,
    warnings: Vec<&'static str>,
    flash: Option<flash::Words>,
    request_path: String,
    /// What all our paths begin with: the path of `public_url`, mostly nothing.
    base: String,
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct Person {
    display_name: String,
    user_name: String,
    initials: String,
}

#[derive(Debug, Serialize)]
struct Organization {
    id: String,
    name: String,
}

#[derive(Debug, Serialize)]
struct Choice {
    id: String,
    name: String,
    current: bool,
}

/// What a page is about.
#[derive(Debug)]
pub(super) struct Page<'a, C> {
    pub(super) template: Template,
    pub(super) title: &'a str,
    pub(super) status: StatusCode,
    pub(super) content: &'a C,
}

impl<'a, C: Serialize> Page<'a, C> {
    pub(super) const fn new(template: Template, title: &'a str, content: &'a C) -> Self {
        Self { template, title, status: StatusCode::OK, content }
    }

    pub(super) const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// For somebody who is signed in.
    pub(super) fn show_to(&self, app: &App, caller: &SignedIn) -> Result<Response, Problem> {
        let offered = app.knowledge.organizations_of(caller.member.user);
        let current = caller.organization.id;
        let shell = Shell {
            sections: navigation::sections(app, caller),
            user: Some(Person::of(&caller.user)),
            organization: Some(Organization {
                id: current.to_string(),
                name: caller.organization.name.to_string(),
            }),
            organizations: if offered.len() > 1 { choices(&offered, current) } else { vec![] },
            csrf: csrf::token(app, Audience::Session(caller.id_hash())),
            warnings: app.keys.warnings(),
            ..self.shell(app, &caller.visit)
        };
        self.answer(app, &caller.visit, &shell)
    }

    /// For anybody. `csrf` is the token of the forms on the page.
    pub(super) fn show_to_anybody(
        &self,
        app: &App,
        visit: &Visit,
        csrf: String,
    ) -> Result<Response, Problem> {
        let shell = Shell { csrf, ..self.shell(app, visit) };
        self.answer(app, visit, &shell)
    }

    fn shell(&self, app: &App, visit: &Visit) -> Shell {
        let flash = visit.cookies.get(Cookie::Flash).and_then(|value| Flash::read(app, value));
        Shell {
            title: self.title.to_owned(),
            user: None,
            organization: None,
            organizations: vec![],
            sections: vec![],
            csrf: String::new(),
            warnings: vec![],
            flash: flash.map(Flash::words),
            request_path: visit.path.clone(),
            base: app.settings.path().to_owned(),
            version: app.settings.version,
        }
    }

    fn answer(&self, app: &App, visit: &Visit, shell: &Shell) -> Result<Response, Problem> {
        let assets = Addresses::of(&app.settings);
        let html = render(self.template, assets, shell, self.content)?;
        let mut headers = HeaderMap::new();
        if visit.cookies.get(Cookie::Flash).is_some() {
            // What was said is not said again.
            let cleared = Cookie::Flash.clear(&app.settings);
            headers.extend(cleared.map(|cookie| (header::SET_COOKIE, cookie)));
        }
        Ok((self.status, headers, Html(html)).into_response())
    }
}

fn choices(offered: &[directory::Organization], current: domain::OrganizationId) -> Vec<Choice> {
    let choice = |organization: &directory::Organization| Choice {
        id: organization.id.to_string(),
        name: organization.name.to_string(),
        current: organization.id == current,
    };
    offered.iter().map(choice).collect()
}

impl Person {
    fn of(user: &directory::User) -> Self {
        let display_name = open(&user.display_name);
        let mut words = display_name.split_whitespace().filter_map(|word| word.chars().next());
        let (first, last) = (words.next(), words.next_back());
        let initials = first.into_iter().chain(last).flat_map(char::to_uppercase).collect();
        Self { initials, user_name: open(&user.user_name), display_name }
    }
}

/// A personal value for people to read.
pub(super) fn open(value: &domain::Personal) -> String {
    value.as_open().unwrap_or("Erased user").to_owned()
}

/// An answer that sends the browser on, with these cookies.
pub(super) fn see_other(
    location: &str,
    cookies: impl IntoIterator<Item = Option<header::HeaderValue>>,
) -> Response {
    let mut headers = HeaderMap::new();
    headers.extend(header::HeaderValue::from_str(location).ok().map(|it| (header::LOCATION, it)));
    headers.extend(cookies.into_iter().flatten().map(|cookie| (header::SET_COOKIE, cookie)));
    (StatusCode::SEE_OTHER, headers).into_response()
}

#[cfg(test)]
pub(super) fn sample() -> Shell {
    let text = String::new;
    Shell {
        title: text(),
        user: Some(Person { display_name: text(), user_name: text(), initials: text() }),
        organization: Some(Organization { id: text(), name: text() }),
        organizations: vec![Choice { id: text(), name: text(), current: true }],
        sections: vec![navigation::sample()],
        csrf: text(),
        warnings: vec![],
        flash: Some(Flash::of(flash::Message::Saved).words()),
        request_path: text(),
        base: text(),
        version: "version",
    }
}
