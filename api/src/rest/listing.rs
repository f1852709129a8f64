//! Lists of what a node knows by heart: filtered, sorted and cut into pages here.

use std::{borrow::Cow, cmp::Ordering};

use axum::http::StatusCode;
use domain::{Timestamp, name::folded};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    call::Call,
    document::{self, Resource},
    error::{Error, Errors, Kind},
    operation::Needs,
    query::{Condition, Operator, Order, Paging, Query, SIZE, Test},
    reply::Reply,
};
use crate::{
    app::App,
    sealed::{self, Use},
};

/// What can be listed.
pub(super) trait Listed {
    /// Which of two with the same fields comes first, and what a cursor names.
    fn id(&self) -> String;
    /// The value of a field that can be filtered or sorted by.
    fn facet(&self, field: &str) -> Facet<'_>;
}

impl<T: Listed> Listed for &T {
    fn id(&self) -> String {
        (**self).id()
    }

    fn facet(&self, field: &str) -> Facet<'_> {
        (**self).facet(field)
    }
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Facet<'a> {
    None,
    /// Compared case-folded.
    Text(Cow<'a, str>),
    /// Compared as it is.
    Exact(Cow<'a, str>),
    Flag(bool),
    Moment(Timestamp),
}

/// A page of a list.
#[derive(Debug)]
pub(super) struct Listing<T> {
    pub(super) rows: Vec<T>,
    pub(super) total: u64,
    /// How many rows come before the page.
    pub(super) before: u64,
    /// Cursors, sealed.
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

/// The place of a row: its values in the order it is sorted by, folded, and its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    values: Vec<Facet<'static>>,
    id: String,
}

/// A place, and in which order.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    sort: Vec<String>,
    #[serde(flatten)]
    place: Place,
}

impl<T: Listed> Listing<T> {
    /// Looks at each row once, and keeps those alone that match.
    pub(super) fn of(
        app: &App,
        rows: impl Iterator<Item = T>,
        query: &Query,
        usually: &'static [Order],
    ) -> Result<Self, Errors> {
        let sort = if query.sort.is_empty() { usually } else { &query.sort };
        let matching = rows.filter(|row| query.conditions.iter().all(|it| meets(row, it)));
        let mut rows: Vec<_> = matching.map(|row| (Place::of(&row, sort), row)).collect();
        rows.sort_by(|(one, _), (other, _)| one.compare(other, sort));
        let (total, size) = (rows.len(), query.paging.size as usize);
        let start = match (&query.paging.after, &query.paging.before) {
            (Some(cursor), _) => {
                let place = Place::open(app, cursor, sort, "page[after]")?;
                rows.partition_point(|(it, _)| it.compare(&place, sort) != Ordering::Greater)
            }
            (None, Some(cursor)) => {
                let place = Place::open(app, cursor, sort, "page[before]")?;
                let end =
                    rows.partition_point(|(it, _)| it.compare(&place, sort) == Ordering::Less);
                return Ok(Self::cut(app, rows, end.saturating_sub(size), end, sort));
            }
            (None, None) => usize::try_from(query.paging.offset()).unwrap_or(total).min(total),
        };
        Ok(Self::cut(app, rows, start, (start + size).min(total), sort))
    }

    fn cut(app: &App, rows: Vec<(Place, T)>, start: usize, end: usize, sort: &[Order]) -> Self {
        let total = rows.len();
        let page = rows.into_iter().skip(start).take(end.saturating_sub(start));
        let (places, rows): (Vec<_>, Vec<_>) = page.unzip();
        let seal = |place: &Place| {
            let cursor = Cursor { sort: spelt(sort), place: place.clone() };
            sealed::seal(app, Use::ListCursor, &cursor)
        };
        Self {
            previous: places.first().filter(|_| start > 0).map(seal),
            next: places.last().filter(|_| end < total).map(seal),
            rows,
            total: total as u64,
            before: start as u64,
        }
    }
}

impl<S: Needs> Call<S> {
    /// The page of a list that was asked for.
    pub(super) fn list<T: Listed>(
        &self,
        rows: impl Iterator<Item = T>,
        usually: &'static [Order],
        name: &str,
        resource: impl Fn(&T) -> Resource,
        related: impl Fn(&T) -> Vec<Resource>,
    ) -> Result<Reply, Errors> {
        let page = Listing::of(&self.app, rows, &self.query, usually)?;
        let included: Vec<_> = page.rows.iter().flat_map(related).collect();
        let resources: Vec<_> = page.rows.iter().map(resource).collect();
        let ends = Ends {
            total: page.total,
            before: page.before,
            previous: page.previous,
            next: page.next,
        };
        Ok(self.page(name, &resources, &included, ends))
    }

    /// A page with links to those around it.
    pub(super) fn page(
        &self,
        name: &str,
        resources: &[Resource],
        included: &[Resource],
        ends: Ends,
    ) -> Reply {
        let base = self.base();
        let links = links(&format!("{base}/{name}"), &self.query, resources.len(), &ends);
        let document = document::many(resources, included, links, &base, &self.query);
        Reply::document(StatusCode::OK, document).total(self.wants_total().then_some(ends.total))
    }
}

/// What is around a page.
#[derive(Debug)]
pub(super) struct Ends {
    pub(super) total: u64,
    pub(super) before: u64,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

/// Whoever numbers pages gets numbers, everybody else cursors.
fn links(address: &str, query: &Query, shown: usize, ends: &Ends) -> Map<String, Value> {
    let size = query.paging.size;
    let sized = |page: Option<(&str, String)>| {
        let mut page: Vec<_> = page.into_iter().collect();
        if size != SIZE {
            page.push(("page[size]", size.to_string()));
        }
        let text = query.with_page(&page);
        let link = if text.is_empty() { address.to_owned() } else { format!("{address}?{text}") };
        Value::from(link)
    };
    let Paging { number, after, before, .. } = &query.paging;
    let current = match (number, after, before) {
        (Some(number), ..) => Some(("page[number]", number.to_string())),
        (None, Some(cursor), _) => Some(("page[after]", cursor.clone())),
        (None, None, cursor) => cursor.clone().map(|cursor| ("page[before]", cursor)),
    };
    let (previous, next) = match number {
        Some(number) => {
            let numbered = |number: u32| ("page[number]", number.to_string());
            let more = ends.before + (shown as u64) < ends.total;
            let last = ends.total.div_ceil(u64::from(size.max(1))).max(1);
            let last = u32::try_from(last).unwrap_or(u32::MAX);
            let previous = (*number > 1).then(|| numbered((number - 1).min(last)));
            (previous, more.then(|| numbered(number.saturating_add(1))))
        }
        None => (
            ends.previous.clone().map(|cursor| ("page[before]", cursor)),
            ends.next.clone().map(|cursor| ("page[after]", cursor)),
        ),
    };
    let mut links = Map::new();
    links.insert("self".to_owned(), sized(current));
    links.insert("first".to_owned(), sized(number.map(|_| ("page[number]", "1".to_owned()))));
    links.insert("prev".to_owned(), previous.map_or(Value::Null, |page| sized(Some(page))));
    links.insert("next".to_owned(), next.map_or(Value::Null, |page| sized(Some(page))));
    links
}

impl Place {
    fn of<T: Listed>(row: &T, sort: &[Order]) -> Self {
        let values = sort.iter().map(|order| row.facet(order.field).folded()).collect();
        Self { values, id: row.id() }
    }

    fn open(app: &App, text: &str, sort: &[Order], parameter: &str) -> Result<Self, Error> {
        let cursor: Option<Cursor> = sealed::open(app, Use::ListCursor, text);
        let cursor = cursor.filter(|cursor| cursor.sort == spelt(sort));
        let cursor = cursor.ok_or_else(|| {
            let text = "There is no such page in a list in this order.";
            Error::new(Kind::NotFound, text).parameter(parameter)
        })?;
        let Self { values, id } = cursor.place;
        // Cursors of an earlier release are not folded.
        Ok(Self { values: values.into_iter().map(Facet::folded).collect(), id })
    }

    fn compare(&self, other: &Self, sort: &[Order]) -> Ordering {
        let values = self.values.iter().zip(&other.values);
        let by_value = sort.iter().zip(values).map(|(order, (one, other))| {
            let ordering = one.cmp(other);
            if order.descending { ordering.reverse() } else { ordering }
        });
        let decided = by_value.into_iter().find(|ordering| ordering.is_ne());
        decided.unwrap_or_else(|| self.id.cmp(&other.id))
    }
}

fn spelt(sort: &[Order]) -> Vec<String> {
    let sign = |order: &Order| if order.descending { "-" } else { "" };
    sort.iter().map(|order| format!("{}{}", sign(order), order.field)).collect()
}

impl Facet<'_> {
    /// As it is compared.
    fn folded(self) -> Facet<'static> {
        match self {
            Self::None => Facet::None,
            Self::Text(text) => Facet::Text(folded(&text).into()),
            Self::Exact(text) => Facet::Exact(text.into_owned().into()),
            Self::Flag(flag) => Facet::Flag(flag),
            Self::Moment(moment) => Facet::Moment(moment),
        }
    }
}

fn meets<T: Listed>(row: &T, condition: &Condition) -> bool {
    let facet = row.facet(condition.field);
    match &condition.test {
        Test::Exists(exists) => exists == &!is_empty(&facet),
        Test::AnyOf(values) => values.iter().any(|value| equals(&facet, value)),
        Test::NoneOf(values) => !values.iter().any(|value| equals(&facet, value)),
        Test::Part(operator, part) => has_part(&facet, *operator, part),
        Test::Flag(wanted) => facet == Facet::Flag(*wanted),
        Test::Within(span) => matches!(facet, Facet::Moment(moment) if span.holds(moment)),
        Test::Outside(span) => matches!(facet, Facet::Moment(moment) if !span.holds(moment)),
    }
}

fn is_empty(facet: &Facet<'_>) -> bool {
    match facet {
        Facet::None => true,
        Facet::Text(text) | Facet::Exact(text) => text.is_empty(),
        Facet::Flag(_) | Facet::Moment(_) => false,
    }
}

fn equals(facet: &Facet<'_>, value: &str) -> bool {
    match facet {
        Facet::Text(text) => folded(text) == folded(value),
        Facet::Exact(text) => text == value,
        Facet::None | Facet::Flag(_) | Facet::Moment(_) => false,
    }
}

fn has_part(facet: &Facet<'_>, operator: Operator, part: &str) -> bool {
    let text = match facet {
        Facet::Text(text) | Facet::Exact(text) => folded(text),
        Facet::None | Facet::Flag(_) | Facet::Moment(_) => String::new(),
    };
    let part = folded(part);
    match operator {
        Operator::Contains => text.contains(&part),
        Operator::NotContains => !text.contains(&part),
        Operator::StartsWith => text.starts_with(&part),
        Operator::NotStartsWith => !text.starts_with(&part),
        Operator::EndsWith => text.ends_with(&part),
        Operator::NotEndsWith => !text.ends_with(&part),
        Operator::Eq => text == part,
        Operator::Neq => text != part,
        Operator::Lt
        | Operator::Lte
        | Operator::Gt
        | Operator::Gte
        | Operator::Exists
        | Operator::Empty => false,
    }
}
