//! What the register is asked, so that it shows what is wanted.

use std::time::Duration;

use domain::{Timestamp, authority::Reach};
use projections::register::{self, Choice, Cursor, Filter, From, Moments, Query, Status};
use time::{Date, Month, OffsetDateTime};

use super::{
    Frame,
    address::{Place, Wanted},
    filter::{Days, Filters, Text, TextOp, Use},
};
use crate::{
    app::App,
    sealed::{self, Use as Sealed},
};

const DAY: Duration = Duration::from_hours(24);

impl Wanted {
    /// The page that is wanted, of what the reach covers.
    pub(super) fn asked(&self, app: &App, reach: Reach, frame: &Frame) -> Query {
        let opened = |text: &str| sealed::open::<Cursor>(app, Sealed::ApplicationsCursor, text);
        let from = match &self.place {
            Place::Start => None,
            Place::After(text) => opened(text).map(From::After),
            Place::Before(text) => opened(text).map(From::Before),
        };
        let mut filters = self.filters.asked(app.commands.clock.now());
        filters.extend(frame.filters());
        Query {
            reach,
            filters,
            sort: self.sort.asked(),
            from: from.unwrap_or(From::Start),
            limit: self.size,
        }
    }
}

impl Filters {
    pub(super) fn asked(&self, now: Timestamp) -> Vec<Filter> {
        let Self {
            name,
            client_id,
            organization,
            organization_name,
            owner,
            owner_name,
            status,
            grant,
            scope,
            created,
            last_used,
        } = self;
        let days = |days: Days| moments(days, now);
        [
            name.as_ref().map(|it| Filter::Name(text(it))),
            client_id.as_ref().map(|it| Filter::ClientId(text(it))),
            organization.clone().map(Filter::Organization),
            organization_name.as_ref().map(|it| Filter::OrganizationName(text(it))),
            owner.clone().map(Filter::Owner),
            owner_name.as_ref().map(|it| Filter::OwnerName(text(it))),
            status.as_ref().map(|it| Filter::Status(Choice::AnyOf(statuses(it)))),
            grant.clone().map(Filter::Grant),
            scope.clone().map(Filter::Scope),
            created.map(|it| Filter::Created(days(it))),
            last_used.map(|it| Filter::LastUsed(use_of(it, now))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Whoever wants all but some does not mean deleted ones.
fn statuses(choice: &Choice<Status>) -> Vec<Status> {
    match choice {
        Choice::AnyOf(wanted) => wanted.clone(),
        Choice::NoneOf(unwanted) => [Status::Active, Status::Inactive]
            .into_iter()
            .filter(|status| !unwanted.contains(status))
            .collect(),
    }
}

fn text(Text { op, values }: &Text) -> register::Text {
    let first = values.first().cloned().unwrap_or_default();
    match op {
        TextOp::Contains => register::Text::Contains(first),
        TextOp::DoesNotContain => register::Text::DoesNotContain(first),
        TextOp::Equals => register::Text::Equals(first),
        TextOp::DiffersFrom => register::Text::DiffersFrom(first),
        TextOp::StartsWith => register::Text::StartsWith(first),
        TextOp::EndsWith => register::Text::EndsWith(first),
        TextOp::AnyOf => register::Text::AnyOf(values.clone()),
        TextOp::NoneOf => register::Text::NoneOf(values.clone()),
        TextOp::Empty => register::Text::Empty,
        TextOp::NotEmpty => register::Text::NotEmpty,
    }
}

fn use_of(wanted: Use, now: Timestamp) -> register::Use {
    match wanted {
        Use::At(days) => register::Use::At(moments(days, now)),
        Use::NotFor(days) => register::Use::NotSince(ago(days, now)),
        Use::Never => register::Use::Never,
        Use::Ever => register::Use::Ever,
    }
}

fn moments(days: Days, now: Timestamp) -> Moments {
    let today = OffsetDateTime::from(now).date();
    match days {
        Days::Between(from, to) => Moments::Between(begin(from), end(to)),
        Days::NotBetween(from, to) => Moments::NotBetween(begin(from), end(to)),
        Days::Before(day) => Moments::Before(begin(day)),
        Days::After(day) => Moments::After(end(day)),
        Days::On(day) => Moments::Between(begin(day), end(day)),
        Days::NotOn(day) => Moments::NotBetween(begin(day), end(day)),
        Days::Today => Moments::Between(begin(today), end(today)),
        Days::ThisMonth => {
            let (first, next) = month_of(today);
            Moments::Between(begin(first), begin(next))
        }
        Days::Last(days) => Moments::After(ago(days, now)),
    }
}

fn begin(day: Date) -> Timestamp {
    Timestamp::from(day.midnight().assume_utc())
}

/// The midnight after the day.
fn end(day: Date) -> Timestamp {
    begin(day).plus(DAY)
}

/// The first days of the month and of the one after it.
fn month_of(day: Date) -> (Date, Date) {
    let first = day.replace_day(1).unwrap_or(day);
    let year = if day.month() == Month::December { day.year() + 1 } else { day.year() };
    let next = Date::from_calendar_date(year, day.month().next(), 1);
    (first, next.unwrap_or(Date::MAX))
}

fn ago(days: u16, now: Timestamp) -> Timestamp {
    let days = i64::from(days) * 86_400 * 1_000_000;
    Timestamp::from_micros(now.as_micros().saturating_sub(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn days_are_days_in_utc_with_both_ends_included() {
        let now = at("2026-12-31T23:30:00Z");
        let [first, last] =
            [1, 3].map(|day| Date::from_calendar_date(2026, Month::March, day).expect("a day"));
        let [begin, end] = ["2026-03-01T00:00:00Z", "2026-03-04T00:00:00Z"].map(at);
        for (days, expected) in [
            (Days::Between(first, last), Moments::Between(begin, end)),
            (Days::NotBetween(first, last), Moments::NotBetween(begin, end)),
            (Days::Before(first), Moments::Before(begin)),
            (Days::After(last), Moments::After(end)),
            (Days::On(first), Moments::Between(begin, at("2026-03-02T00:00:00Z"))),
            (Days::NotOn(first), Moments::NotBetween(begin, at("2026-03-02T00:00:00Z"))),
            (Days::Today, Moments::Between(at("2026-12-31T00:00:00Z"), at("2027-01-01T00:00:00Z"))),
            (
                Days::ThisMonth,
                Moments::Between(at("2026-12-01T00:00:00Z"), at("2027-01-01T00:00:00Z")),
            ),
            (Days::Last(30), Moments::After(at("2026-12-01T23:30:00Z"))),
        ] {
            assert_eq!(moments(days, now), expected, "{days:?}");
        }
        let unused = register::Use::NotSince(at("2026-10-02T23:30:00Z"));
        assert_eq!(use_of(Use::NotFor(90), now), unused);
    }

    #[test]
    fn deleted_applications_are_shown_only_when_they_are_asked_for() {
        assert_eq!(statuses(&Choice::NoneOf(vec![Status::Active])), [Status::Inactive]);
        assert_eq!(statuses(&Choice::AnyOf(vec![Status::Deleted])), [Status::Deleted]);
    }
}
