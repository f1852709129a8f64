//! Every kind of operator and every sort, the first page and one far behind, and how many there are.

use std::time::Duration;

use domain::{OrganizationId, Scope, Timestamp, UserId, application::Grant, authority::Reach};
use projections::{
    Knowledge,
    register::{Choice, Filter, From, Moments, Order, Query, Sort, SortBy, Status, Text, Use},
};

use super::population::APPLICATIONS;

/// Rows on a page.
const PAGE: u32 = 25;
/// Client ids in a list that was pasted.
const PASTED: usize = 500;

pub(super) struct Question {
    pub(super) what: String,
    pub(super) query: Query,
}

fn first(filters: Vec<Filter>) -> Query {
    Query { filters, ..Query::all(Reach::EVERYTHING, PAGE) }
}

pub(super) fn all(
    knowledge: &Knowledge,
    now: Timestamp,
    organizations: &[OrganizationId],
    owners: &[UserId],
) -> anyhow::Result<Vec<Question>> {
    let mut questions = Vec::new();
    let mut ask = |what: &str, query| questions.push(Question { what: what.to_owned(), query });
    ask("everything, first page", first(vec![]));
    ask("everything, 1000 rows", Query { limit: Query::LIMIT, ..first(vec![]) });
    ask("how many there are", Query { limit: 0, ..first(vec![]) });
    let own = Reach { organization: None, owner: owners.get(77).copied() };
    ask("one's own", Query { reach: own, ..first(vec![]) });
    let within = Reach { organization: organizations.get(77).copied(), owner: None };
    ask("those of an organization", Query { reach: within, ..first(vec![]) });
    for (what, text) in texts() {
        ask(&format!("name {what}"), first(vec![Filter::Name(text)]));
    }
    let some = knowledge.applications(&Query { limit: 1000, ..first(vec![]) });
    let pasted = some.rows.iter().take(PASTED).map(|it| it.row.client_id.to_string()).collect();
    ask("client id any of 500", first(vec![Filter::ClientId(Text::AnyOf(pasted))]));
    ask("client id contains", first(vec![Filter::ClientId(Text::Contains("aB1".to_owned()))]));
    ask(
        "description contains",
        first(vec![Filter::Description(Text::Contains("shop 777".to_owned()))]),
    );
    ask(
        "owner's name contains",
        first(vec![Filter::OwnerName(Text::Contains("grace".to_owned()))]),
    );
    let name = Text::StartsWith("kyoto".to_owned());
    ask("organization's name starts with", first(vec![Filter::OrganizationName(name)]));
    for (what, filter) in choices(organizations, owners)? {
        ask(what, first(vec![filter]));
    }
    for (what, filter) in moments(now) {
        ask(what, first(vec![filter]));
    }
    let everything = vec![
        Filter::Name(Text::Contains("sync".to_owned())),
        Filter::Status(Choice::AnyOf(vec![Status::Active])),
        Filter::OwnerName(Text::DoesNotContain("ada".to_owned())),
        Filter::Scope(Choice::AnyOf(vec![Scope::parse("orders:read")?])),
        Filter::LastUsed(Use::NotSince(ago(now, 90))),
    ];
    ask("five filters at once", first(everything));
    for by in SortBy::ALL {
        for order in [Order::Ascending, Order::Descending] {
            let sort = Sort { by, order };
            ask(&format!("by {by:?}, {order:?}, first page"), Query { sort, ..first(vec![]) });
        }
        let sort = Sort { by, order: Order::Ascending };
        let far = Query { sort, from: From::Offset(APPLICATIONS / 2), ..first(vec![]) };
        let next = knowledge.applications(&far).next;
        ask(&format!("by {by:?}, row 50000 by number"), far);
        if let Some(cursor) = next {
            let from = From::After(cursor.clone());
            ask(&format!("by {by:?}, behind row 50000"), Query { sort, from, ..first(vec![]) });
            let from = From::Before(cursor);
            ask(&format!("by {by:?}, before row 50000"), Query { sort, from, ..first(vec![]) });
        }
    }
    Ok(questions)
}

fn texts() -> [(&'static str, Text); 12] {
    let part = || "sync north 77".to_owned();
    let whole = || "Ledger EMEA 4242".to_owned();
    let many = || (0..100).map(|number| format!("Till North {number}")).collect();
    [
        ("contains", Text::Contains(part())),
        ("does not contain", Text::DoesNotContain(part())),
        ("equals", Text::Equals(whole())),
        ("differs from", Text::DiffersFrom(whole())),
        ("starts with", Text::StartsWith(part())),
        ("does not start with", Text::DoesNotStartWith(part())),
        ("ends with", Text::EndsWith("77".to_owned())),
        ("does not end with", Text::DoesNotEndWith("77".to_owned())),
        ("any of 100", Text::AnyOf(many())),
        ("none of 100", Text::NoneOf(many())),
        ("is empty", Text::Empty),
        ("is not empty", Text::NotEmpty),
    ]
}

fn choices(
    organizations: &[OrganizationId],
    owners: &[UserId],
) -> anyhow::Result<[(&'static str, Filter); 9]> {
    let organizations = || organizations.iter().copied().take(10).collect();
    let owners = || owners.iter().copied().take(10).collect();
    let scopes = || Ok::<_, anyhow::Error>(vec![Scope::parse("prices:read")?]);
    Ok([
        ("organization any of 10", Filter::Organization(Choice::AnyOf(organizations()))),
        ("organization none of 10", Filter::Organization(Choice::NoneOf(organizations()))),
        ("owner any of 10", Filter::Owner(Choice::AnyOf(owners()))),
        ("owner none of 10", Filter::Owner(Choice::NoneOf(owners()))),
        ("status inactive", Filter::Status(Choice::AnyOf(vec![Status::Inactive]))),
        ("status of every kind", Filter::Status(Choice::NoneOf(vec![]))),
        ("grant any of", Filter::Grant(Choice::AnyOf(vec![Grant::ClientCredentials]))),
        ("scope any of", Filter::Scope(Choice::AnyOf(scopes()?))),
        ("scope none of", Filter::Scope(Choice::NoneOf(scopes()?))),
    ])
}

fn moments(now: Timestamp) -> [(&'static str, Filter); 8] {
    let (week, today) = (ago(now, 7), ago(now, 1));
    [
        ("created between", Filter::Created(Moments::Between(week, today))),
        ("created not between", Filter::Created(Moments::NotBetween(week, today))),
        ("created before", Filter::Created(Moments::Before(now))),
        ("created after", Filter::Created(Moments::After(today))),
        ("never used", Filter::LastUsed(Use::Never)),
        ("ever used", Filter::LastUsed(Use::Ever)),
        ("used between", Filter::LastUsed(Use::At(Moments::Between(week, today)))),
        ("not used for 90 days", Filter::LastUsed(Use::NotSince(ago(now, 90)))),
    ]
}

fn ago(now: Timestamp, days: i64) -> Timestamp {
    let day = i64::try_from(Duration::from_hours(24).as_micros()).unwrap_or_default();
    Timestamp::from_micros(now.as_micros() - days * day)
}
