//! What a mail says: pure rendering, from what is known of a fact to subject, text and HTML.
//!
//! This crate never sends, never looks anything up and never reads a clock. No variable of any letter can hold a
//! secret.
//!
//! An [`Occasion`] says what its letters may speak of ([`Variable`]) and ships a letter in each language. A letter is
//! written once ([`letter`](Letter)), and templates for its text and its HTML are made of it, which administrators may
//! replace by their own. A template is [checked](check) before it is kept, and [rendered](render) for what was
//! [told](Told).

mod compiled;
mod digest;
mod engine;
mod grammar;
mod html;
mod letter;
mod links;
mod locale;
mod occasions;
mod samples;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod told;
mod tongues;
mod value;
mod variables;
mod wording;

use std::collections::BTreeMap;

use domain::{
    email_template::{Part, Source},
    user::Locale,
};

pub use digest::{MOST_IN_A_MAIL, digest};
pub use engine::LARGEST;
pub use letter::{Block, Fact, Letter};
pub use links::{account_page, application_page, invitation_page, sessions_page};
pub use locale::{LAST_RESORT, fallback, regional};
pub use occasions::{About, OCCASIONS, Occasion, occasion, told_by};
pub use source::{Place, TemplateError};
pub use told::{AccountFacts, ApplicationFacts, By, NotTold, Particulars, Recipient, Told};
pub use tongues::shipped_locales;
pub use value::{Kind, Value, Variable, Word};

/// A letter in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line, without control characters.
    pub subject: String,
    pub text: String,
    /// A whole document with inline styles only.
    pub html: String,
}

/// Why a letter could not be put into words.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    NotTold(#[from] NotTold),
    #[error("the template does not render")]
    Engine(#[source] Box<handlebars::RenderError>),
}

/// Templates of one locale, and how the values in them are written.
#[derive(Clone, Debug)]
pub struct Choice {
    pub source: Source,
    /// Whose templates they are.
    pub letter: Locale,
    /// The language of the templates, with the recipient's region where it is their language. See [`regional`].
    pub locale: Locale,
}

/// The templates that Oathbook ships for an occasion in exactly this locale.
pub fn shipped(occasion: &Occasion, locale: &Locale) -> Option<Source> {
    let (_, letter) = occasion.letters.iter().find(|(tag, _)| *tag == locale.as_str())?;
    let tongue = tongues::tongue(locale);
    let variables: Vec<_> = occasion.variables().collect();
    Some(Source {
        subject: text::plain(letter.subject),
        text: text::template(letter, tongue),
        html: html::Writer { tongue, variables: &variables }.template(letter),
    })
}

/// The same in every locale.
pub fn shipped_words(occasion: &Occasion) -> BTreeMap<Locale, Source> {
    let words = |locale| Some((shipped(occasion, &locale)?, locale));
    shipped_locales().filter_map(words).map(|(source, locale)| (locale, source)).collect()
}

/// The templates for whoever reads the `wanted` locale best: those of the first locale of the [`fallback`] that has any.
pub fn choose(wanted: &Locale, of: impl Fn(&Locale) -> Option<Source>) -> Option<Choice> {
    fallback(wanted).into_iter().find_map(|letter| {
        let source = of(&letter)?;
        let locale = regional(wanted, &letter).clone();
        Some(Choice { source, letter, locale })
    })
}

/// Everything that is wrong with templates for this occasion; what is not is rendered for the occasion's sample, and
/// that may fail, too.
pub fn check(occasion: &Occasion, source: &Source) -> Result<(), Vec<TemplateError>> {
    let problems = engine::problems(occasion, source);
    if !problems.is_empty() {
        return Err(problems);
    }
    let sample = (occasion.sample)();
    let problem = match render(occasion, &tongues::english(), source, &sample) {
        Ok(_) => return Ok(()),
        Err(RenderError::Template(problem)) => problem,
        Err(error @ (RenderError::NotTold(_) | RenderError::Engine(_))) => {
            TemplateError::whole(Part::Text, error.to_string())
        }
    };
    Err(vec![problem])
}

/// Fills templates with what was told. `locale` is that of a [`Choice`].
pub fn render(
    occasion: &Occasion,
    locale: &Locale,
    source: &Source,
    told: &Told,
) -> Result<Rendered, RenderError> {
    engine::render(occasion, locale, source, told)
}
