//! From an address to what it asks for.

use std::{collections::BTreeSet, str::FromStr};

use domain::Scope;
use projections::register::{Choice, Status};
use time::{Date, macros::format_description};
use url::form_urlencoded::parse;

use super::{
    super::filter::{
        DAYS, DayOp, Days, Field, Filters, GRANTS, Takes, Text, TextOp, Use, VALUES, grant_key,
        status_key,
    },
    Column, Mistake, Place, SIZES, Sort, Typed, USUAL_SIZE, View, Wanted,
};
use crate::web::form::readable;

/// Bytes of a sealed cursor; longer ones are not ours.
const CURSOR: usize = 2048;

const NOT_A_DAY: &str = "Enter the day as year, month and day: 2026-11-25.";
const ONE_DAY_MISSING: &str = "Enter both days.";
const BACKWARDS: &str = "The first day is after the last one.";
const NOT_A_NUMBER: &str = "Enter a number of days from 1 to 36500.";
const TOO_MANY: &str = "These are more than 500 values. The filter is not applied.";

impl Wanted {
    pub(in crate::web) fn read(query: &str) -> Self {
        let pairs = Pairs(parse(query.as_bytes()).into_owned().collect());
        let mut mistakes = vec![];
        let filters = filters(&pairs, &mut mistakes);
        let columns: BTreeSet<_> = pairs.lists("columns").filter_map(Column::read).collect();
        let columns = (!columns.is_empty())
            .then(|| columns.into_iter().chain([Column::Name]).collect::<BTreeSet<_>>());
        let size = pairs.first("size").parse().ok().filter(|size| SIZES.contains(size));
        let cursor =
            |name| Some(pairs.first(name)).filter(|text| !text.is_empty() && text.len() <= CURSOR);
        Self {
            filters,
            sort: Sort::read(pairs.first("sort")).unwrap_or_default(),
            columns: columns.map(|columns| columns.into_iter().collect()),
            size: size.unwrap_or(USUAL_SIZE),
            place: match (cursor("after"), cursor("before")) {
                (Some(after), _) => Place::After(after.to_owned()),
                (None, Some(before)) => Place::Before(before.to_owned()),
                (None, None) => Place::Start,
            },
            view: match pairs.first("view") {
                "none" => View::Nothing,
                text => text.parse().map_or(View::Unsaid, View::Saved),
            },
            mistakes,
        }
    }
}

fn filters(pairs: &Pairs, mistakes: &mut Vec<Mistake>) -> Filters {
    Filters {
        name: text(pairs, Field::Name, mistakes),
        client_id: text(pairs, Field::ClientId, mistakes),
        organization: choice(pairs, Field::Organization, parsed),
        organization_name: text(pairs, Field::OrganizationName, mistakes),
        owner: choice(pairs, Field::Owner, parsed),
        owner_name: text(pairs, Field::OwnerName, mistakes),
        status: choice(pairs, Field::Status, |key| {
            Status::ALL.into_iter().find(|status| status_key(*status) == key)
        }),
        grant: choice(pairs, Field::Grant, |key| {
            GRANTS.into_iter().find(|grant| grant_key(*grant) == key)
        }),
        scope: scopes(pairs),
        created: match when(pairs, Field::Created, &DayOp::OF_DAYS, mistakes) {
            Some(Use::At(days)) => Some(days),
            Some(Use::NotFor(_) | Use::Never | Use::Ever) | None => None,
        },
        last_used: when(pairs, Field::LastUsed, &DayOp::OF_USE, mistakes),
    }
}

struct Pairs(Vec<(String, String)>);

impl Pairs {
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// The first value, or nothing.
    fn first(&self, name: &str) -> &str {
        self.0.iter().find(|(it, _)| it == name).map_or("", |(_, value)| value.trim())
    }

    /// Every value, where some may be written in one with commas between them.
    fn lists<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(|value| value.split(',')).map(str::trim)
    }

    fn op(&self, field: Field) -> &str {
        self.first(&format!("{}_op", field.key()))
    }
}

fn text(pairs: &Pairs, field: Field, mistakes: &mut Vec<Mistake>) -> Option<Text> {
    let op = pairs.op(field);
    let op = TextOp::ALL.into_iter().find(|it| it.key() == op).unwrap_or_default();
    match op.takes() {
        Takes::Nothing => Some(Text { op, values: vec![] }),
        Takes::One => {
            // A pasted list can only mean that one of it is wanted.
            let values = if field == Field::ClientId { list(pairs, field) } else { vec![] };
            if values.len() > 1 {
                return several(TextOp::AnyOf, values, pairs, field, mistakes);
            }
            let value = readable(pairs.first(field.key()));
            (!value.is_empty()).then(|| Text { op, values: vec![value] })
        }
        Takes::Several => several(op, list(pairs, field), pairs, field, mistakes),
    }
}

fn several(
    op: TextOp,
    values: Vec<String>,
    pairs: &Pairs,
    field: Field,
    mistakes: &mut Vec<Mistake>,
) -> Option<Text> {
    if values.len() > VALUES {
        let list = pairs.all(field.key()).collect::<Vec<_>>().join("\n");
        let typed = Typed { list, ..Typed::default() };
        mistakes.push(Mistake { field, typed, words: TOO_MANY });
        return None;
    }
    (!values.is_empty()).then_some(Text { op, values })
}

/// The values in the order in which they were first named. Whatever stands between client ids separates them.
fn list(pairs: &Pairs, field: Field) -> Vec<String> {
    let separates = |c: char| match field {
        Field::ClientId => !c.is_ascii_alphanumeric() && c != '-' && c != '_',
        _ => matches!(c, ',' | ';' | '\n' | '\r'),
    };
    let mut seen = BTreeSet::new();
    let values = pairs.all(field.key()).flat_map(|value| value.split(separates));
    values.map(readable).filter(|value| !value.is_empty() && seen.insert(value.clone())).collect()
}

fn choice<T: Ord>(
    pairs: &Pairs,
    field: Field,
    read: impl Fn(&str) -> Option<T>,
) -> Option<Choice<T>> {
    chosen(pairs, field, pairs.lists(field.key()).filter_map(read).take(VALUES).collect())
}

fn chosen<T: Ord>(pairs: &Pairs, field: Field, values: BTreeSet<T>) -> Option<Choice<T>> {
    let values: Vec<_> = values.into_iter().collect();
    let none_of = pairs.op(field) == TextOp::NoneOf.key();
    match (values.is_empty(), none_of) {
        (true, _) => None,
        (false, true) => Some(Choice::NoneOf(values)),
        (false, false) => Some(Choice::AnyOf(values)),
    }
}

/// Scopes have no spaces, but may have commas.
fn scopes(pairs: &Pairs) -> Option<Choice<Scope>> {
    let values = pairs.all(Field::Scope.key()).flat_map(str::split_whitespace);
    let scopes = values.filter_map(|text| Scope::parse(text).ok()).take(VALUES);
    chosen(pairs, Field::Scope, scopes.collect())
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn when(pairs: &Pairs, field: Field, known: &[DayOp], mistakes: &mut Vec<Mistake>) -> Option<Use> {
    let op = pairs.op(field);
    let op = known.iter().copied().find(|it| it.key() == op)?;
    let input = |part: &str| pairs.first(&format!("{}_{part}", field.key())).to_owned();
    let typed = Typed {
        op: Some(op),
        from: input("from"),
        to: input("to"),
        days: input("days"),
        list: String::new(),
    };
    match meant(op, &typed) {
        Ok(meant) => meant,
        Err(words) => {
            mistakes.push(Mistake { field, typed, words });
            None
        }
    }
}

/// `None` when what the operator needs was not filled in.
fn meant(op: DayOp, typed: &Typed) -> Result<Option<Use>, &'static str> {
    let from = || day(&typed.from);
    let to = || day(&typed.to);
    let days = match op {
        DayOp::Between => both(typed)?.map(|(from, to)| Days::Between(from, to)),
        DayOp::NotBetween => both(typed)?.map(|(from, to)| Days::NotBetween(from, to)),
        DayOp::Before => to()?.map(Days::Before),
        DayOp::After => from()?.map(Days::After),
        DayOp::On => from()?.map(Days::On),
        DayOp::NotOn => from()?.map(Days::NotOn),
        DayOp::Today => Some(Days::Today),
        DayOp::ThisMonth => Some(Days::ThisMonth),
        DayOp::Last => number(&typed.days)?.map(Days::Last),
        DayOp::NotFor => return Ok(number(&typed.days)?.map(Use::NotFor)),
        DayOp::Never => return Ok(Some(Use::Never)),
        DayOp::Ever => return Ok(Some(Use::Ever)),
    };
    Ok(days.map(Use::At))
}

fn both(typed: &Typed) -> Result<Option<(Date, Date)>, &'static str> {
    match (day(&typed.from)?, day(&typed.to)?) {
        (Some(from), Some(to)) if from > to => Err(BACKWARDS),
        (Some(from), Some(to)) => Ok(Some((from, to))),
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(ONE_DAY_MISSING),
    }
}

/// Years of four digits.
fn day(text: &str) -> Result<Option<Date>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
    let day = day.ok().filter(|day| (1..=9999).contains(&day.year()));
    day.map(Some).ok_or(NOT_A_DAY)
}

fn number(text: &str) -> Result<Option<u16>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().ok().filter(|days| (1..=DAYS).contains(days));
    number.map(Some).ok_or(NOT_A_NUMBER)
}
