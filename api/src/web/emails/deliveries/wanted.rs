//! What the address of the list asks for. What it cannot mean is not an error: the list shows what it would show without.

use std::collections::BTreeSet;

use domain::{ApplicationId, UserId, application::Application};
use projections::notifications::{
    Delivery,
    listing::{Filter, From, Place, Readers, Trials},
};
use store::StreamName;
use url::form_urlencoded::{Serializer, parse};

use crate::{
    app::App,
    sealed::{self, Use},
    web::form::readable,
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) states: BTreeSet<Delivery>,
    /// By its name.
    pub(super) occasion: Option<&'static str>,
    /// A user name, as it was typed.
    pub(super) recipient: String,
    pub(super) application: Option<ApplicationId>,
    pub(super) page: Page,
}

/// Where the page begins. Cursors are sealed, so they are opened by whoever looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Page {
    #[default]
    First,
    After(String),
    Before(String),
}

impl Wanted {
    pub(super) fn read(query: &str) -> Self {
        let mut wanted = Self::default();
        for (field, value) in parse(query.as_bytes()) {
            match &*field {
                "state" => {
                    let found = Delivery::ALL.into_iter().find(|it| it.as_str() == value);
                    wanted.states.extend(found);
                }
                "occasion" => wanted.occasion = letters::occasion(&value).map(|it| it.name),
                "recipient" => wanted.recipient = readable(&value),
                "application" => wanted.application = value.parse().ok(),
                "after" => wanted.page = Page::After(value.into_owned()),
                "before" => wanted.page = Page::Before(value.into_owned()),
                _ => {}
            }
        }
        wanted
    }

    pub(super) fn is_filtered(&self) -> bool {
        *self != Self { page: self.page.clone(), ..Self::default() }
    }

    /// Whose letters, where a user of that name is known.
    pub(super) fn filter(&self, recipient: Option<UserId>) -> Filter {
        Filter {
            states: (!self.states.is_empty()).then(|| self.states.clone()),
            occasions: self.occasion.map(|name| [name.to_owned()].into()),
            readers: recipient.map_or(Readers::Anybody, Readers::One),
            subject: self.application.map(|id| StreamName::of::<Application>(&id)),
            trials: Trials::Listed,
        }
    }

    pub(super) fn from(&self, app: &App) -> From {
        let opened = |text: &str| sealed::open::<Place>(app, Use::PlaceOfLetters, text);
        match &self.page {
            Page::First => From::Start,
            Page::After(text) => opened(text).map_or(From::Start, From::After),
            Page::Before(text) => opened(text).map_or(From::Start, From::Before),
        }
    }

    /// The address of this page, as short as it can be.
    pub(super) fn address(&self, path: &str) -> String {
        let mut query = Serializer::new(String::new());
        for state in &self.states {
            query.append_pair("state", state.as_str());
        }
        if let Some(occasion) = self.occasion {
            query.append_pair("occasion", occasion);
        }
        if !self.recipient.is_empty() {
            query.append_pair("recipient", &self.recipient);
        }
        if let Some(application) = self.application {
            query.append_pair("application", &application.to_string());
        }
        match &self.page {
            Page::First => {}
            Page::After(cursor) => drop(query.append_pair("after", cursor)),
            Page::Before(cursor) => drop(query.append_pair("before", cursor)),
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_being_read() {
        let application = "0198c1f2-7a10-7c3e-9d41-5a1f0c9b2e01";
        for query in [
            String::new(),
            "?state=waiting&state=sent&occasion=application_created&recipient=ada".to_owned(),
            format!("?recipient=ada+l&application={application}&after=cursor"),
            "?before=cursor".to_owned(),
        ] {
            let read = Wanted::read(query.trim_start_matches('?'));
            assert_eq!(read.address("/letters"), format!("/letters{query}"));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_left_out() {
        for query in ["state=lost", "occasion=party", "application=1", "recipient=%00", "%FF=1"] {
            assert_eq!(Wanted::read(query).address("/letters"), "/letters", "{query}");
        }
    }

    #[test]
    fn a_place_is_no_filter() {
        assert!(!Wanted::read("after=cursor").is_filtered());
        assert!(Wanted::read("after=cursor&state=sent").is_filtered());
    }
}
