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
    AnyOf(HashSet<String>),
    Empty,
}

impl Needle {
    /// What is looked for, in the form that the texts have.
    pub(super) fn new(text: &Text, form: impl Fn(&str) -> String) -> Self {
        let finder = |part: &str| Box::new(Finder::new(&form(part)).into_owned());
        let all = |texts: &[String]| texts.iter().map(|text| form(text)).collect();
        let (test, negated) = match text {
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

    pub(super) fn matches(&self, text: &str) -> bool {
        self.test.passes(text) != self.negated
    }

    /// One of the texts is what is looked for, or neither is what it must not be.
    pub(super) fn matches_either(&self, one: &str, other: &str) -> bool {
        (self.test.passes(one) || self.test.passes(other)) != self.negated
    }
}

impl Test {
    fn passes(&self, text: &str) -> bool {
        match self {
            Self::Contains(part) => part.find(text.as_bytes()).is_some(),
            Self::Equals(whole) => text == whole,
            Self::StartsWith(part) => text.starts_with(part.as_str()),
            Self::EndsWith(part) => text.ends_with(part.as_str()),
            Self::AnyOf(texts) => texts.contains(text),
            Self::Empty => text.is_empty(),
        }
    }
}
