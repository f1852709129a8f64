//! Filters: `filter[field]=value` and `filter[field][operator]=value`. Several filters are "and"; between whole values a
//! comma is "or", in a part of a text and between moments it is none.

use domain::{Scope, Timestamp};
use uuid::Uuid;

use super::super::error::{Error, Kind};
use super::unknown;

/// Values of one filter: also a pasted list.
const VALUES: usize = 200;

/// A field that can be filtered by.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Filter {
    pub(in super::super) field: &'static str,
    pub(in super::super) subject: Subject,
}

/// What is filtered, which decides about operators and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Subject {
    Text,
    /// UUIDs.
    Id,
    /// One UUID.
    Reference,
    /// Scopes: of several, any will do.
    Scope,
    Flag,
    Choice(&'static [&'static str]),
    Moment,
}

/// Oro's operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Operator {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
    Exists,
    Contains,
    NotContains,
    StartsWith,
    NotStartsWith,
    EndsWith,
    NotEndsWith,
    Empty,
}

/// One filter of a query, understood.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Condition {
    pub(in super::super) field: &'static str,
    pub(in super::super) test: Test,
}

/// A stretch of time: from the first moment, inclusive, to the second, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Span {
    pub(in super::super) from: Option<Timestamp>,
    pub(in super::super) until: Option<Timestamp>,
}

/// What must be true of the field.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Test {
    /// One of the operators for a part of a text, and the part.
    Part(Operator, String),
    AnyOf(Vec<String>),
    NoneOf(Vec<String>),
    Flag(bool),
    Within(Span),
    Outside(Span),
    /// Whether there is a value.
    Exists(bool),
}

impl Filter {
    pub(in super::super) const fn text(field: &'static str) -> Self {
        Self { field, subject: Subject::Text }
    }

    pub(in super::super) const fn id(field: &'static str) -> Self {
        Self { field, subject: Subject::Id }
    }

    pub(in super::super) const fn reference(field: &'static str) -> Self {
        Self { field, subject: Subject::Reference }
    }

    pub(in super::super) const fn scope(field: &'static str) -> Self {
        Self { field, subject: Subject::Scope }
    }

    pub(in super::super) const fn flag(field: &'static str) -> Self {
        Self { field, subject: Subject::Flag }
    }

    pub(in super::super) const fn choice(
        field: &'static str,
        among: &'static [&'static str],
    ) -> Self {
        Self { field, subject: Subject::Choice(among) }
    }

    pub(in super::super) const fn moment(field: &'static str) -> Self {
        Self { field, subject: Subject::Moment }
    }
}

impl Subject {
    pub(in super::super) const fn operators(self) -> &'static [Operator] {
        use Operator::{
            Contains, Empty, EndsWith, Eq, Exists, Gt, Gte, Lt, Lte, Neq, NotContains, NotEndsWith,
            NotStartsWith, StartsWith,
        };
        match self {
            Self::Text => &[
                Eq,
                Neq,
                Exists,
                Contains,
                NotContains,
                StartsWith,
                NotStartsWith,
                EndsWith,
                NotEndsWith,
                Empty,
            ],
            Self::Id | Self::Scope | Self::Choice(_) => &[Eq, Neq],
            Self::Flag | Self::Reference => &[Eq],
            Self::Moment => &[Eq, Neq, Lt, Lte, Gt, Gte, Exists],
        }
    }
}

impl Operator {
    pub(in super::super) const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Neq => "neq",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Exists => "exists",
            Self::Contains => "contains",
            Self::NotContains => "not_contains",
            Self::StartsWith => "starts_with",
            Self::NotStartsWith => "not_starts_with",
            Self::EndsWith => "ends_with",
            Self::NotEndsWith => "not_ends_with",
            Self::Empty => "empty",
        }
    }
}

impl Condition {
    /// `keys` are what stands in brackets: the field, and perhaps an operator.
    pub(super) fn parse(
        name: &str,
        keys: &[&str],
        value: &str,
        known: &'static [Filter],
    ) -> Result<Self, Error> {
        let filter = keys.first().and_then(|field| known.iter().find(|it| it.field == *field));
        let filter = filter.ok_or_else(|| unknown(name))?;
        let operator = keys.get(1).copied().unwrap_or("eq");
        let mut operators = filter.subject.operators().iter().copied();
        let operator = operators.find(|it| it.as_str() == operator).ok_or_else(|| unknown(name))?;
        let test = test(filter.subject, operator, value).map_err(|expected| {
            let text = format!("Expected {expected}. Given \"{value}\".");
            Error::new(Kind::UnexpectedValue, text).parameter(name)
        })?;
        Ok(Self { field: filter.field, test })
    }
}

/// The error says what was expected.
fn test(subject: Subject, operator: Operator, value: &str) -> Result<Test, String> {
    if operator == Operator::Exists {
        return flag(value).map(Test::Exists);
    }
    if operator == Operator::Empty {
        return flag(value).map(|empty| Test::Exists(!empty));
    }
    let equality = matches!(operator, Operator::Eq | Operator::Neq);
    let values: Vec<&str> = value.split(',').collect();
    if values.len() > VALUES {
        return Err(format!("at most {VALUES} values"));
    }
    match subject {
        Subject::Text if equality => choice(operator, values, |value| Ok(value.to_owned())),
        Subject::Text => Ok(Test::Part(operator, value.to_owned())),
        Subject::Flag => flag(value).map(Test::Flag),
        Subject::Id => choice(operator, values, |value| {
            let id = Uuid::try_parse(value).ok().map(|id| id.to_string());
            id.ok_or_else(|| "a UUID".to_owned())
        }),
        Subject::Reference => match Uuid::try_parse(value) {
            Ok(id) => Ok(Test::AnyOf(vec![id.to_string()])),
            Err(_) => Err("a UUID".to_owned()),
        },
        Subject::Scope => choice(operator, values, |value| {
            let scope = Scope::parse(value).map(|scope| scope.as_str().to_owned());
            scope.map_err(|rule| rule.to_string())
        }),
        Subject::Choice(among) => choice(operator, values, |value| {
            let known = among.contains(&value).then(|| value.to_owned());
            known.ok_or_else(|| format!("one of: {}", among.join(", ")))
        }),
        Subject::Moment => {
            let span = span(operator, value)?;
            Ok(if operator == Operator::Neq { Test::Outside(span) } else { Test::Within(span) })
        }
    }
}

fn flag(value: &str) -> Result<bool, String> {
    match value {
        "yes" | "true" | "1" => Ok(true),
        "no" | "false" | "0" => Ok(false),
        _ => Err("boolean value".to_owned()),
    }
}

fn choice(
    operator: Operator,
    values: Vec<&str>,
    read: impl Fn(&str) -> Result<String, String>,
) -> Result<Test, String> {
    let values = values.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(if operator == Operator::Neq { Test::NoneOf(values) } else { Test::AnyOf(values) })
}

fn span(operator: Operator, value: &str) -> Result<Span, String> {
    let between = matches!(operator, Operator::Eq | Operator::Neq);
    if let (true, Some((from, until))) = (between, value.split_once("..")) {
        let (from, until) = (stretch(from)?, stretch(until)?);
        return Ok(Span { from: from.from, until: until.until });
    }
    let given = stretch(value)?;
    Ok(match operator {
        Operator::Lt => Span { from: None, until: given.from },
        Operator::Lte => Span { from: None, until: given.until },
        Operator::Gt => Span { from: given.until, until: None },
        Operator::Gte => Span { from: given.from, until: None },
        Operator::Eq
        | Operator::Neq
        | Operator::Exists
        | Operator::Contains
        | Operator::NotContains
        | Operator::StartsWith
        | Operator::NotStartsWith
        | Operator::EndsWith
        | Operator::NotEndsWith
        | Operator::Empty => given,
    })
}

/// A day is all of it, a moment the microsecond (or second) it names.
fn stretch(text: &str) -> Result<Span, String> {
    let expected =
        || "a date or a moment of RFC 3339, such as 2026-11-18 or 2026-11-18T11:06:40Z".to_owned();
    let second = std::time::Duration::from_secs(1);
    let (from, lasts) = if text.len() == "2026-11-18".len() {
        let from = format!("{text}T00:00:00Z").parse::<Timestamp>();
        (from.map_err(|_| expected())?, 24 * 60 * 60 * second)
    } else {
        let from = text.parse::<Timestamp>().map_err(|_| expected())?;
        let exact = text.contains('.');
        (from, if exact { std::time::Duration::from_micros(1) } else { second })
    };
    Ok(Span { from: Some(from), until: Some(from.plus(lasts)) })
}

impl Span {
    pub(in super::super) fn holds(&self, moment: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= moment) && self.until.is_none_or(|until| moment < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: Subject = Subject::Choice(&["active", "inactive"]);

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn a_comma_is_or() {
        assert_eq!(
            test(STATUS, Operator::Eq, "active,inactive"),
            Ok(Test::AnyOf(vec!["active".to_owned(), "inactive".to_owned()]))
        );
        assert!(test(STATUS, Operator::Eq, "gone").is_err());
        let part = Test::Part(Operator::Contains, "a,b".to_owned());
        assert_eq!(test(Subject::Text, Operator::Contains, "a,b"), Ok(part));
        assert!(test(Subject::Id, Operator::Eq, "7").is_err());
    }

    #[test]
    fn a_day_is_all_of_it_and_a_range_has_both_ends_in_it() {
        let (first, third) = ("2026-11-18T00:00:00Z", "2026-11-20T00:00:00Z");
        let range = Test::Within(Span { from: Some(at(first)), until: Some(at(third)) });
        assert_eq!(test(Subject::Moment, Operator::Eq, "2026-11-18..2026-11-19"), Ok(range));
        let after = Test::Within(Span { from: Some(at("2026-11-19T00:00:00Z")), until: None });
        assert_eq!(test(Subject::Moment, Operator::Gt, "2026-11-18"), Ok(after));
        let before = Test::Within(Span { from: None, until: Some(at(first)) });
        assert_eq!(test(Subject::Moment, Operator::Lt, "2026-11-18"), Ok(before));
        assert!(test(Subject::Moment, Operator::Gt, "2026-11-18..2026-11-19").is_err());
        assert!(test(Subject::Moment, Operator::Eq, "yesterday").is_err());
    }

    #[test]
    fn whether_there_is_a_value_is_said_in_six_ways() {
        for (text, exists) in [("yes", true), ("true", true), ("1", true), ("no", false)] {
            assert_eq!(test(Subject::Text, Operator::Exists, text), Ok(Test::Exists(exists)));
            assert_eq!(test(Subject::Text, Operator::Empty, text), Ok(Test::Exists(!exists)));
        }
        assert!(test(Subject::Text, Operator::Exists, "maybe").is_err());
    }
}
