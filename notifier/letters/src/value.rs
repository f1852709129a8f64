//! What a variable holds, before it is put into the words of a language.
//!
//! There is no kind for secrets or hashes, and none is made from one: no template can reach either.

use domain::{Timestamp, application::Grant, authority::Role};
use url::Url;

use crate::told::{By, NotTold, Told};

/// A name that templates may use.
#[derive(Debug)]
pub struct Variable {
    /// As templates write it between `{{` and `}}`; parts are separated by dots.
    pub name: &'static str,
    /// What it is, as people read it beside the editor.
    pub meaning: &'static str,
    pub kind: Kind,
    pub(crate) value: fn(&Told) -> Result<Value, NotTold>,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it was typed, on one line.
    Text,
    /// Date and time in UTC, by locale.
    Moment,
    /// By locale.
    Number,
    /// One of a few words, translated.
    Word,
    /// Several such words, separated by commas.
    Words,
    /// An address of Oathbook's own pages.
    Link,
}

/// What a variable stands for in one letter. A text may be empty: it then says nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Moment(Timestamp),
    /// A moment that never came.
    Never,
    Number(u64),
    Word(Word),
    Words(Vec<Word>),
    Link(Url),
}

/// A closed vocabulary, written in the language of the letter. A name inside a phrase stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    By(By),
    Active,
    Inactive,
    Yes,
    No,
    /// Of an empty list.
    None,
    /// Of an empty list that does not limit anything.
    All,
    FormerUser,
    Unknown,
    Grant(Grant),
    Role(Role),
    /// What is the same in every language, such as a scope.
    Verbatim(String),
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Moment => "date and time",
            Self::Number => "number",
            Self::Word => "word",
            Self::Words => "words",
            Self::Link => "link",
        }
    }
}

impl Value {
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Moment(_) | Self::Never => Kind::Moment,
            Self::Number(_) => Kind::Number,
            Self::Word(_) => Kind::Word,
            Self::Words(_) => Kind::Words,
            Self::Link(_) => Kind::Link,
        }
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}
