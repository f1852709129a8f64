//! The words of letters: what administrators made of shipped templates, and templates of their own.

use std::{collections::BTreeMap, iter};

use serde::{Deserialize, Serialize};

use crate::{
    Aggregate, Category, Decider, EmailTemplateId,
    name::{self, InvalidName},
    user::Locale,
};

/// What was changed of a template.
///
/// A shipped template has an id that is derived from its name ([`EmailTemplateId::shipped`]) and no events until
/// somebody changes it. What it says where nobody changed it is no business of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmailTemplate {
    pub origin: Origin,
    /// By locale; a locale that is not here says what the shipped template says, or what its parent locale does.
    pub customized: BTreeMap<Locale, Source>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Part of the product, or never heard of: only the id tells.
    #[default]
    Shipped,
    Created {
        name: TemplateName,
        occasion: String,
    },
    Removed,
}

/// What people call a template, under the rules of application names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateName(String);

impl TemplateName {
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        name::plain(text).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Handlebars for one locale. Whether they render is for whoever has the occasion's variables to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Source {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The rule a source breaks. The texts are those that people read beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSource {
    #[error("This value should not be blank.")]
    Blank(Part),
    #[error("This value is too long. It should have {} bytes or less.", .0.limit())]
    TooLong(Part),
    #[error("This value should be one line.")]
    SubjectNotOneLine,
    #[error("This value should not contain control characters other than line breaks and tabs.")]
    ControlCharacter(Part),
}

/// A part of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Subject,
    Text,
    Html,
}

impl Part {
    pub const ALL: [Self; 3] = [Self::Subject, Self::Text, Self::Html];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Text => "text",
            Self::Html => "html",
        }
    }

    /// Bytes of a source, so that its values find room below what mail programs cut off (102 KiB).
    pub const fn limit(self) -> usize {
        match self {
            Self::Subject => 1024,
            Self::Text | Self::Html => 64 * 1024,
        }
    }
}

impl InvalidSource {
    pub const fn part(self) -> Part {
        match self {
            Self::Blank(part) | Self::TooLong(part) | Self::ControlCharacter(part) => part,
            Self::SubjectNotOneLine => Part::Subject,
        }
    }
}

impl Source {
    /// Line breaks become `\n`. Every rule that is broken is told.
    pub fn parse(subject: &str, text: &str, html: &str) -> Result<Self, Vec<InvalidSource>> {
        let source = Self {
            subject: subject.trim().to_owned(),
            text: text.replace("\r\n", "\n"),
            html: html.replace("\r\n", "\n"),
        };
        let broken: Vec<_> = Part::ALL.into_iter().filter_map(|part| source.broken(part)).collect();
        if broken.is_empty() { Ok(source) } else { Err(broken) }
    }

    pub fn part(&self, part: Part) -> &str {
        match part {
            Part::Subject => &self.subject,
            Part::Text => &self.text,
            Part::Html => &self.html,
        }
    }

    fn broken(&self, part: Part) -> Option<InvalidSource> {
        let text = self.part(part);
        if text.trim().is_empty() {
            Some(InvalidSource::Blank(part))
        } else if text.len() > part.limit() {
            Some(InvalidSource::TooLong(part))
        } else if part == Part::Subject && text.contains('\n') {
            Some(InvalidSource::SubjectNotOneLine)
        } else if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            Some(InvalidSource::ControlCharacter(part))
        } else {
            None
        }
    }
}

#[derive(Clone, Debug)]
pub enum Command {
    /// A template of one's own for an occasion, with its words in one locale at least.
    Create { name: TemplateName, occasion: String, words: BTreeMap<Locale, Source> },
    /// Gives a locale its own words. `shipped`: whether the id is that of a shipped template.
    Customize { locale: Locale, source: Source, shipped: bool },
    /// The locale says again what is shipped, or what its parent locale says.
    Reset { locale: Locale },
    /// Takes away a template of one's own.
    Remove,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    #[serde(rename = "email_template.created.v1")]
    Created { name: TemplateName, occasion: String },
    #[serde(rename = "email_template.customized.v1")]
    Customized {
        locale: Locale,
        #[serde(flatten)]
        source: Source,
    },
    #[serde(rename = "email_template.reset.v1")]
    Reset { locale: Locale },
    #[serde(rename = "email_template.removed.v1")]
    Removed {},
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the template does not exist")]
    Absent,
    #[error("the template exists")]
    Exists,
    #[error("a shipped template cannot be removed; it can be reset")]
    Shipped,
    #[error("a template keeps the words of one locale at least; remove it instead")]
    LastLocale,
}

impl Aggregate for EmailTemplate {
    const CATEGORY: Category = Category::EmailTemplate;
    type Id = EmailTemplateId;
}

impl EmailTemplate {
    fn customize(&self, locale: Locale, source: Source) -> Vec<Event> {
        if self.customized.get(&locale) == Some(&source) {
            return vec![];
        }
        vec![Event::Customized { locale, source }]
    }
}

impl Decider for EmailTemplate {
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match (&self.origin, command) {
            (Origin::Removed, _) | (Origin::Shipped, Command::Customize { shipped: false, .. }) => {
                Err(Error::Absent)
            }
            (Origin::Shipped, Command::Create { words, .. }) if words.is_empty() => {
                Err(Error::LastLocale)
            }
            (Origin::Shipped, Command::Create { name, occasion, words })
                if self.customized.is_empty() =>
            {
                let created = Event::Created { name, occasion };
                let customized = |(locale, source)| Event::Customized { locale, source };
                Ok(iter::once(created).chain(words.into_iter().map(customized)).collect())
            }
            (Origin::Shipped | Origin::Created { .. }, Command::Create { .. }) => {
                Err(Error::Exists)
            }
            (
                Origin::Shipped | Origin::Created { .. },
                Command::Customize { locale, source, .. },
            ) => Ok(self.customize(locale, source)),
            (Origin::Created { .. }, Command::Reset { locale })
                if self.customized.len() == 1 && self.customized.contains_key(&locale) =>
            {
                Err(Error::LastLocale)
            }
            (Origin::Shipped | Origin::Created { .. }, Command::Reset { locale }) => {
                let customized = self.customized.contains_key(&locale);
                Ok(customized.then_some(Event::Reset { locale }).into_iter().collect())
            }
            (Origin::Shipped, Command::Remove) => Err(Error::Shipped),
            (Origin::Created { .. }, Command::Remove) => Ok(vec![Event::Removed {}]),
        }
    }

    fn evolve(mut self, event: Event) -> Self {
        match event {
            Event::Created { name, occasion } => self.origin = Origin::Created { name, occasion },
            Event::Customized { locale, source } => {
                self.customized.insert(locale, source);
            }
            Event::Reset { locale } => {
                self.customized.remove(&locale);
            }
            Event::Removed {} => {
                self.origin = Origin::Removed;
                self.customized.clear();
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::given;

    fn german() -> Locale {
        Locale::parse("de").expect("a locale")
    }

    fn source(subject: &str) -> Source {
        Source::parse(subject, "{{recipient}}", "<p>{{recipient}}</p>").expect("a source")
    }

    fn created() -> [Event; 2] {
        let name = TemplateName::parse("Ours").expect("a name");
        let occasion = "application_renamed".to_owned();
        [Event::Created { name, occasion }, customized("One")]
    }

    fn create() -> Command {
        let name = TemplateName::parse("Ours").expect("a name");
        let occasion = "application_renamed".to_owned();
        Command::Create { name, occasion, words: [(german(), source("One"))].into() }
    }

    fn customized(subject: &str) -> Event {
        Event::Customized { locale: german(), source: source(subject) }
    }

    fn customize(subject: &str, shipped: bool) -> Command {
        Command::Customize { locale: german(), source: source(subject), shipped }
    }

    #[test]
    fn a_shipped_template_is_customized_and_reset() {
        let reset = || Command::Reset { locale: german() };
        given::<EmailTemplate>([]).when(customize("One", true)).then([customized("One")]);
        given::<EmailTemplate>([customized("One")]).when(customize("One", true)).then([]);
        given::<EmailTemplate>([customized("One")])
            .when(reset())
            .then([Event::Reset { locale: german() }]);
        given::<EmailTemplate>([]).when(reset()).then([]);
        given::<EmailTemplate>([]).when(Command::Remove).then_refused(Error::Shipped);
    }

    #[test]
    fn a_template_of_ones_own_begins_with_its_words() {
        given::<EmailTemplate>([]).when(create()).then(created());
        given::<EmailTemplate>(created()).when(create()).then_refused(Error::Exists);
        let Command::Create { name, occasion, .. } = create() else { unreachable!() };
        given::<EmailTemplate>([])
            .when(Command::Create { name, occasion, words: BTreeMap::new() })
            .then_refused(Error::LastLocale);
        given::<EmailTemplate>(created()).when(customize("Two", false)).then([customized("Two")]);
        given::<EmailTemplate>([]).when(customize("One", false)).then_refused(Error::Absent);
        given::<EmailTemplate>(created())
            .when(Command::Reset { locale: german() })
            .then_refused(Error::LastLocale);
    }

    #[test]
    fn what_was_removed_stays_away() {
        given::<EmailTemplate>(created()).when(Command::Remove).then([Event::Removed {}]);
        let history = [created().to_vec(), vec![Event::Removed {}]].concat();
        for command in [create(), customize("One", true), Command::Remove] {
            given::<EmailTemplate>(history.clone()).when(command).then_refused(Error::Absent);
        }
    }

    #[test]
    fn every_part_that_breaks_a_rule_is_told() {
        let broken = |subject: &str, text: &str, html: &str| {
            Source::parse(subject, text, html).expect_err("broken rules")
        };
        assert_eq!(broken(" ", "\n", ""), Part::ALL.map(InvalidSource::Blank));
        assert_eq!(broken("a\nb", "t", "h"), [InvalidSource::SubjectNotOneLine]);
        assert_eq!(broken("a", "t\u{0}", "h"), [InvalidSource::ControlCharacter(Part::Text)]);
        let long = "x".repeat(Part::Html.limit() + 1);
        let too_long = broken("a", "t", &long);
        assert_eq!(too_long, [InvalidSource::TooLong(Part::Html)]);
        assert!(too_long[0].to_string().contains("65536 bytes"), "{}", too_long[0]);
        let lines = Source::parse(" a ", "one\r\ntwo", "h").expect("a source");
        assert_eq!((lines.subject.as_str(), lines.text.as_str()), ("a", "one\ntwo"));
    }
}
