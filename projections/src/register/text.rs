//! Whether a text is what is looked for.

use std::collections::HashSet;

use memchr::memmem::Finder;

use super::Text;

/// A [`Text`] made ready to be compared with many.
#[derive(Debug)]
pub(super) struct Needle {
    test: Test,
    /// Whether the test must fail.
    negated: bool,
}

#[derive(Debug)]
enum Test {
    Contains(Box<Finder<'static>>),
    Equals(String),
    StartsWith(String),
    EndsWith(String),
    AnyOf(HashSet<Vec<u8>>),
    Empty,
}

impl Needle {
    /// What is looked for, in the form that the texts have.
    pub(super) fn new(wanted: &Text, form: impl Fn(&str) -> String) -> Self {
        let finder = |part: &str| Box::new(Finder::new(&form(part)).into_owned());
        let all = |texts: &[String]| texts.iter().map(|text| form(text).into_bytes()).collect();
        let (test, negated) = match wanted {
            Text::Contains(part) => (Test::Contains(finder(part)), false),
            Text::DoesNotContain(part) => (Test::Contains(finder(part)), true),
            Text::Equals(whole) => (Test::Equals(form(whole)), false),
            Text::DiffersFrom(whole) => (Test::Equals(form(whole)), true),
            Text::StartsWith(part) => (Test::StartsWith(form(part)), false),
            Text::DoesNotStartWith(part) => (Test::StartsWith(form(part)), true),
            Text::EndsWith(part) => (Test::EndsWith(form(part)), false),
            Text::DoesNotEndWith(part) => (Test::EndsWith(form(part)), true),
            Text::AnyOf(texts) => (Test::AnyOf(all(texts)), false),
            Text::NoneOf(texts) => (Test::AnyOf(all(texts)), true),
            Text::Empty => (Test::Empty, false),
            Text::NotEmpty => (Test::Empty, true),
        };
        Self { test, negated }
    }

    /// The text is UTF-8, and so is what is looked for.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        self.test.passes(text) != self.negated
    }

    /// One of the texts is what is looked for, or neither is what it must not be.
    pub(super) fn matches_either(&self, one: &str, other: &str) -> bool {
        let either = self.test.passes(one.as_bytes()) || self.test.passes(other.as_bytes());
        either != self.negated
    }
}

impl Test {
    fn passes(&self, text: &[u8]) -> bool {
        match self {
            Self::Contains(part) => part.find(text).is_some(),
            Self::Equals(whole) => text == whole.as_bytes(),
            Self::StartsWith(part) => text.starts_with(part.as_bytes()),
            Self::EndsWith(part) => text.ends_with(part.as_bytes()),
            Self::AnyOf(texts) => texts.contains(text),
            Self::Empty => text.is_empty(),
        }
    }
}
