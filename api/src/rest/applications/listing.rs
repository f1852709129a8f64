//! Lists of applications, answered by the register.

use domain::{Scope, application::Grant, authority::Reach};
use projections::register::{
    self, Choice, Filter, From, Moments, Query, Sort, SortBy, Status, Text, Use,
};

use super::{
    super::{
        call::Call,
        error::{Error, Errors, Kind},
        listing::Ends,
        operation::ReadApplications,
        query::{self, Condition, Operator, Span, Test},
        reply::Reply,
    },
    APPLICATIONS, included, resource,
};
use crate::{
    app::App,
    sealed::{self, Use as Sealed},
};

pub(super) async fn list(call: Call<ReadApplications>) -> Result<Reply, Errors> {
    let query = wanted(&call.app, &call.query, call.caller.agent.reach())?;
    let page = call.app.knowledge.applications(&query);
    let included: Vec<_> = page.rows.iter().flat_map(|it| included(&call, &it.row)).collect();
    let resources: Vec<_> = page.rows.iter().map(|it| resource(&it.row, it.last_used_at)).collect();
    let seal = |cursor| sealed::seal(&call.app, Sealed::ApplicationsCursor, &cursor);
    let ends = Ends {
        total: page.total,
        before: page.before,
        previous: page.previous.map(seal),
        next: page.next.map(seal),
    };
    Ok(call.page(APPLICATIONS.name, &resources, &included, ends).position(page.as_of))
}

fn wanted(app: &App, query: &query::Query, reach: Reach) -> Result<Query, Errors> {
    let sort = sort(&query.sort)?;
    let cursor = |text: &str, parameter: &str| {
        let cursor: Option<register::Cursor> = sealed::open(app, Sealed::ApplicationsCursor, text);
        cursor.filter(|cursor| cursor.sorted_by() == sort.by).ok_or_else(|| {
            let text = "There is no such page in a list in this order.";
            Error::new(Kind::NotFound, text).parameter(parameter)
        })
    };
    let from = match (&query.paging.after, &query.paging.before) {
        (Some(text), _) => From::After(cursor(text, "page[after]")?),
        (None, Some(text)) => From::Before(cursor(text, "page[before]")?),
        (None, None) => From::Offset(query.paging.offset()),
    };
    let filters = query.conditions.iter().filter_map(filter).collect();
    Ok(Query { reach, filters, sort, from, limit: query.paging.size })
}

/// By name unless said otherwise; by one field, which the id makes unambiguous.
fn sort(wanted: &[query::Order]) -> Result<Sort, Error> {
    let (first, rest) = match wanted {
        [] => return Ok(Sort::BY_NAME),
        [first, rest @ ..] => (first, rest),
    };
    if !rest.is_empty() {
        let text = "Applications are sorted by one field.";
        return Err(Error::new(Kind::UnexpectedValue, text).parameter("sort"));
    }
    let by = match first.field {
        "clientId" => SortBy::ClientId,
        "organization" => SortBy::Organization,
        "owner" => SortBy::Owner,
        "status" => SortBy::Status,
        "grants" => SortBy::Grant,
        "scopes" => SortBy::Scopes,
        "createdAt" => SortBy::Created,
        "updatedAt" => SortBy::Updated,
        "lastUsedAt" => SortBy::LastUsed,
        _ => SortBy::Name,
    };
    let order =
        if first.descending { register::Order::Descending } else { register::Order::Ascending };
    Ok(Sort { by, order })
}

/// The register's words for a condition. `None` is a condition that always holds.
fn filter(condition: &Condition) -> Option<Filter> {
    let test = &condition.test;
    Some(match condition.field {
        "id" => Filter::Id(choice(test, |id| id.parse().ok())),
        "clientId" => Filter::ClientId(text(test)),
        "description" => Filter::Description(text(test)),
        "contactEmail" => Filter::Contact(text(test)),
        "homepageUrl" => Filter::Homepage(text(test)),
        "owner" => Filter::Owner(choice(test, |id| id.parse().ok())),
        "organization" => Filter::Organization(choice(test, |id| id.parse().ok())),
        "status" => Filter::Status(choice(test, status)),
        "active" => {
            let active =
                if matches!(test, Test::Flag(true)) { Status::Active } else { Status::Inactive };
            Filter::Status(Choice::AnyOf(vec![active]))
        }
        "grants" => Filter::Grant(choice(test, |_| Some(Grant::ClientCredentials))),
        "scopes" => Filter::Scope(choice(test, |text| Scope::parse(text).ok())),
        "createdAt" => Filter::Created(moments(test)?),
        "updatedAt" => Filter::Updated(moments(test)?),
        "lastUsedAt" => Filter::LastUsed(match test {
            Test::Exists(true) => Use::Ever,
            Test::Exists(false) => Use::Never,
            test => Use::At(moments(test)?),
        }),
        _ => Filter::Name(text(test)),
    })
}

fn status(text: &str) -> Option<Status> {
    Status::ALL.into_iter().find(|status| super::status(*status) == text)
}

fn choice<T>(test: &Test, read: impl Fn(&str) -> Option<T>) -> Choice<T> {
    let all = |values: &[String]| values.iter().filter_map(|value| read(value)).collect();
    match test {
        Test::NoneOf(values) => Choice::NoneOf(all(values)),
        Test::AnyOf(values) => Choice::AnyOf(all(values)),
        Test::Part(..) | Test::Flag(_) | Test::Within(_) | Test::Outside(_) | Test::Exists(_) => {
            Choice::NoneOf(vec![])
        }
    }
}

fn text(test: &Test) -> Text {
    match test {
        Test::AnyOf(values) => Text::AnyOf(values.clone()),
        Test::NoneOf(values) => Text::NoneOf(values.clone()),
        Test::Exists(true) => Text::NotEmpty,
        Test::Exists(false) => Text::Empty,
        Test::Part(operator, part) => {
            let part = part.clone();
            match operator {
                Operator::NotContains => Text::DoesNotContain(part),
                Operator::StartsWith => Text::StartsWith(part),
                Operator::NotStartsWith => Text::DoesNotStartWith(part),
                Operator::EndsWith => Text::EndsWith(part),
                Operator::NotEndsWith => Text::DoesNotEndWith(part),
                Operator::Eq => Text::Equals(part),
                Operator::Neq => Text::DiffersFrom(part),
                Operator::Contains
                | Operator::Lt
                | Operator::Lte
                | Operator::Gt
                | Operator::Gte
                | Operator::Exists
                | Operator::Empty => Text::Contains(part),
            }
        }
        Test::Flag(_) | Test::Within(_) | Test::Outside(_) => Text::NoneOf(vec![]),
    }
}

/// `None` where any moment will do.
fn moments(test: &Test) -> Option<Moments> {
    match test {
        Test::Within(Span { from: Some(from), until: Some(until) }) => {
            Some(Moments::Between(*from, *until))
        }
        Test::Within(Span { from: Some(from), until: None }) => Some(Moments::After(*from)),
        Test::Within(Span { from: None, until: Some(until) }) => Some(Moments::Before(*until)),
        Test::Outside(Span { from: Some(from), until: Some(until) }) => {
            Some(Moments::NotBetween(*from, *until))
        }
        Test::Exists(false) => {
            let epoch = domain::Timestamp::from_micros(0);
            Some(Moments::Between(epoch, epoch))
        }
        Test::Within(_)
        | Test::Outside(_)
        | Test::Exists(true)
        | Test::Part(..)
        | Test::AnyOf(_)
        | Test::NoneOf(_)
        | Test::Flag(_) => None,
    }
}
