//! What people are told about: one file each.
//!
//! An occasion is data. Rules, the editor of templates, previews, documents and tests find all they need in
//! [`OCCASIONS`], so that another one is a file here and a line in that list.

mod application_activated;
mod application_changed;
mod application_created;
mod application_deactivated;
mod application_deleted;
mod application_renamed;
mod application_restored;
mod application_transferred;
mod application_unused;
mod password_changed;
mod private_key_unsafe;
mod role_changed;
mod signed_in_from_network;
mod user_invited;

use domain::{Category, Event, user::Locale};

use crate::{
    letter::Letter,
    told::{NotTold, Told},
    value::{Value, Variable},
    wording,
};

/// One kind of thing that people are told about.
#[derive(Debug)]
pub struct Occasion {
    /// Never changed once shipped: events carry it.
    pub name: &'static str,
    /// As rules and deliveries show it.
    pub title: &'static str,
    pub about: About,
    /// Whether it concerns the safety of an account or of all: a recipient cannot switch it off.
    pub security: bool,
    /// The name of the shipped template; where Oro has one, Oro's.
    pub template: &'static str,
    /// Whether the event is such an occasion. Cheap.
    pub tells: fn(&Event) -> bool,
    /// In groups, because occasions share most of them.
    pub(crate) variables: &'static [&'static [Variable]],
    /// An example of it, to render a template for.
    pub sample: fn() -> Told,
    /// By locale; English is always there.
    pub(crate) letters: &'static [(&'static str, Letter)],
}

/// Whom an occasion can concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// An application: its owner, and those who manage its organization.
    Application,
    /// An account: the person whose it is.
    Account,
    /// All of Oathbook: administrators.
    Installation,
}

/// Every occasion, in the order in which people read them.
pub static OCCASIONS: &[&Occasion] = &[
    &application_created::OCCASION,
    &application_activated::OCCASION,
    &application_deactivated::OCCASION,
    &application_deleted::OCCASION,
    &application_restored::OCCASION,
    &application_renamed::OCCASION,
    &application_changed::OCCASION,
    &application_transferred::OCCASION,
    &application_unused::OCCASION,
    &user_invited::OCCASION,
    &password_changed::OCCASION,
    &role_changed::OCCASION,
    &signed_in_from_network::OCCASION,
    &private_key_unsafe::OCCASION,
];

/// The occasion of that name.
pub fn occasion(name: &str) -> Option<&'static Occasion> {
    OCCASIONS.iter().copied().find(|occasion| occasion.name == name)
}

/// The occasions that an event is.
pub fn told_by(event: &Event) -> impl Iterator<Item = &'static Occasion> {
    OCCASIONS.iter().copied().filter(|occasion| (occasion.tells)(event))
}

impl Occasion {
    /// What its templates may name, in the order in which people read it.
    pub fn variables(&self) -> impl Iterator<Item = &'static Variable> {
        self.variables.iter().copied().flatten()
    }

    /// In which streams its events stand: all in those that its sample's does.
    pub fn category(&self) -> Category {
        (self.sample)().event.category()
    }

    /// What the variables stand for.
    pub fn values(&self, told: &Told) -> Result<Vec<(&'static Variable, Value)>, NotTold> {
        self.variables().map(|variable| Ok((variable, (variable.value)(told)?))).collect()
    }

    /// What the variables stand for, as a letter of this locale writes it.
    pub fn words(
        &self,
        locale: &Locale,
        told: &Told,
    ) -> Result<Vec<(&'static Variable, String)>, NotTold> {
        let values = self.values(told)?.into_iter();
        Ok(values.map(|(variable, value)| (variable, wording::in_words(&value, locale))).collect())
    }
}
