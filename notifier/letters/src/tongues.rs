//! What every letter of a language shares: greeting, labels, and the words for what is no text of anybody.

pub(crate) mod de;
pub(crate) mod en;
pub(crate) mod es;
pub(crate) mod fr;

use domain::user::Locale;

use crate::{locale, value::Word};

/// One of the languages that letters are shipped in.
#[derive(Debug)]
pub(crate) struct Tongue {
    pub(crate) locale: &'static str,
    pub(crate) greeting: &'static str,
    /// Before the address of a button, for whoever cannot use the button.
    pub(crate) or_open: &'static str,
    pub(crate) site: &'static str,
    /// What stands between a label and what it is about, in plain text.
    pub(crate) colon: &'static str,
    /// In place of a moment that never came.
    pub(crate) never: &'static str,
    /// The subject of so many letters in one mail.
    pub(crate) several: fn(usize) -> String,
    /// How a word is written.
    pub(crate) word: fn(&Word) -> String,
}

/// English first: it stands in where a language is missing.
pub(crate) const TONGUES: &[&Tongue] = &[&en::TONGUE, &de::TONGUE, &fr::TONGUE, &es::TONGUE];

/// The languages that letters are shipped in, English first.
pub fn shipped_locales() -> impl Iterator<Item = Locale> {
    TONGUES.iter().filter_map(|tongue| Locale::parse(tongue.locale).ok())
}

pub(crate) fn english() -> Locale {
    Locale::parse(locale::LAST_RESORT).expect("a locale")
}

/// The language of the words in a letter of this locale.
pub(crate) fn tongue(letter: &Locale) -> &'static Tongue {
    let known = |locale: &Locale| TONGUES.iter().find(|it| it.locale == locale.as_str());
    locale::fallback(letter).iter().find_map(known).unwrap_or(&TONGUES[0])
}
