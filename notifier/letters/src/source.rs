//! What can be wrong with a template.

use std::fmt;

use domain::email_template::Part;

/// What is wrong with a template, in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    pub part: Part,
    /// `None` where it is about the part as a whole.
    pub place: Option<Place>,
    pub problem: String,
}

/// Both count from 1; columns are characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl TemplateError {
    pub(crate) fn whole(part: Part, problem: impl Into<String>) -> Self {
        Self { part, place: None, problem: problem.into() }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part, place, problem } = self;
        match place {
            Some(Place { line, column }) => {
                write!(f, "{}, line {line}, column {column}: {problem}", part.as_str())
            }
            None => write!(f, "{}: {problem}", part.as_str()),
        }
    }
}

impl std::error::Error for TemplateError {}

impl Place {
    /// Where a byte of the text stands.
    pub(crate) fn of(text: &str, byte: usize) -> Self {
        let before = &text[..byte];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}
