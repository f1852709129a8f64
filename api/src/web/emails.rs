//! Emails: who is told of what, in which words, and what became of it. For administrators of the installation; for
//! everybody else nothing is here.

mod rules;

use axum::Router;

use super::{errors::Problem, navigation::Link, session::SignedIn, system::Operator};
use crate::app::App;

#[cfg(test)]
pub(super) use self::rules::samples;

pub(super) fn router() -> Router<App> {
    rules::router()
}

/// The pages of the section.
fn tabs(app: &App, caller: &SignedIn) -> Vec<Link> {
    let pages = [("Notification Rules", "/emails/rules")];
    pages.map(|(label, page)| Link::new(app, caller, label, page, page)).into()
}

/// Enough of an address to know it again, and no more.
fn masked(address: &str) -> String {
    let (name, domain) = address.rsplit_once('@').unwrap_or_default();
    let first = name.chars().next().map(String::from).unwrap_or_default();
    format!("{first}…@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_address_keeps_its_first_letter_and_its_domain() {
        assert_eq!(masked("ada@acme.example"), "a…@acme.example");
        assert_eq!(masked("a@acme.example"), "a…@acme.example");
        assert_eq!(masked("élan@acme.example"), "é…@acme.example");
    }
}
