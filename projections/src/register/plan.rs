//! Filters made ready to look at every application.

use std::collections::HashSet;

use domain::{ApplicationId, Timestamp, authority::Reach};

use super::{Choice, Filter, Moments, Record, Register, Status, Text, Use, text::Needle};
use crate::applications::key_of;

/// Tests that an application must pass, all of them, the cheap ones first.
#[derive(Debug)]
pub(super) struct Plan {
    tests: Vec<Test>,
    texts: Vec<(Column, Needle)>,
}

/// What is decided by slots is decided once per slot, not per application.
#[derive(Debug)]
enum Test {
    Id(HashSet<ApplicationId>, Among),
    Owner(Vec<bool>),
    Organization(Vec<bool>),
    Grants(Vec<bool>),
    Scopes(Vec<bool>),
    Status(Choice<Status>),
    Created(Moments),
    Updated(Moments),
    LastUsed(Use),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Among {
    Them,
    TheOthers,
}

#[derive(Clone, Copy, Debug)]
enum Column {
    Name,
    ClientId,
    ClientIdInAnyCase,
    Description,
    Contact,
    Homepage,
}

impl Plan {
    pub(super) fn of(register: &Register, reach: Reach, filters: &[Filter]) -> Self {
        let mut plan = Self { tests: vec![], texts: vec![] };
        if let Some(owner) = reach.owner {
            let own = register.people.chosen(&Choice::AnyOf(vec![owner]));
            plan.tests.push(Test::Owner(own));
        }
        if let Some(organization) = reach.organization {
            let within = register.organizations.chosen(&Choice::AnyOf(vec![organization]));
            plan.tests.push(Test::Organization(within));
        }
        if !filters.iter().any(|filter| matches!(filter, Filter::Status(_))) {
            plan.tests.push(Test::Status(Choice::NoneOf(vec![Status::Deleted])));
        }
        for filter in filters {
            plan.add(register, filter);
        }
        plan
    }

    fn add(&mut self, register: &Register, filter: &Filter) {
        let test = match filter {
            Filter::Id(Choice::AnyOf(ids)) => Test::Id(ids.iter().copied().collect(), Among::Them),
            Filter::Id(Choice::NoneOf(ids)) => {
                Test::Id(ids.iter().copied().collect(), Among::TheOthers)
            }
            Filter::Organization(choice) => {
                Test::Organization(register.organizations.chosen(choice))
            }
            Filter::OrganizationName(text) => {
                let needle = Needle::new(text, key_of);
                let passing = register.organizations.passing(|it| needle.matches(&it.key));
                Test::Organization(passing)
            }
            Filter::Owner(choice) => Test::Owner(register.people.chosen(choice)),
            Filter::OwnerName(text) => {
                let needle = Needle::new(text, key_of);
                let passing = register
                    .people
                    .passing(|it| needle.matches_either(&it.display_key, &it.user_key));
                Test::Owner(passing)
            }
            Filter::Status(choice) => Test::Status(choice.clone()),
            Filter::Grant(choice) => Test::Grants(register.grants.sharing(choice)),
            Filter::Scope(choice) => Test::Scopes(register.scopes.sharing(choice)),
            Filter::Created(moments) => Test::Created(*moments),
            Filter::Updated(moments) => Test::Updated(*moments),
            Filter::LastUsed(used) => Test::LastUsed(*used),
            Filter::Name(text) => return self.add_text(Column::Name, Needle::new(text, key_of)),
            Filter::ClientId(text) => return self.add_client_id(text),
            Filter::Description(text) => {
                return self.add_text(Column::Description, Needle::new(text, key_of));
            }
            Filter::Contact(text) => {
                return self.add_text(Column::Contact, Needle::new(text, key_of));
            }
            Filter::Homepage(text) => {
                return self.add_text(Column::Homepage, Needle::new(text, key_of));
            }
        };
        self.tests.push(test);
    }

    fn add_text(&mut self, column: Column, needle: Needle) {
        self.texts.push((column, needle));
    }

    fn add_client_id(&mut self, text: &Text) {
        match text {
            Text::Equals(_) | Text::DiffersFrom(_) | Text::AnyOf(_) | Text::NoneOf(_) => {
                self.add_text(Column::ClientId, Needle::new(text, str::to_owned));
            }
            Text::Contains(_)
            | Text::DoesNotContain(_)
            | Text::StartsWith(_)
            | Text::DoesNotStartWith(_)
            | Text::EndsWith(_)
            | Text::DoesNotEndWith(_)
            | Text::Empty
            | Text::NotEmpty => {
                let needle = Needle::new(text, str::to_ascii_lowercase);
                self.add_text(Column::ClientIdInAnyCase, needle);
            }
        }
    }

    pub(super) fn matches(&self, record: &Record) -> bool {
        self.tests.iter().all(|test| test.passes(record))
            && self.texts.iter().all(|(column, needle)| needle.matches(column.of(record)))
    }
}

impl Test {
    fn passes(&self, record: &Record) -> bool {
        match self {
            Self::Id(ids, among) => ids.contains(&record.row.id) == (*among == Among::Them),
            Self::Owner(passing) => passing[record.owner as usize],
            Self::Organization(passing) => passing[record.organization as usize],
            Self::Grants(passing) => passing[record.grants as usize],
            Self::Scopes(passing) => passing[record.scopes as usize],
            Self::Status(Choice::AnyOf(statuses)) => statuses.contains(&record.status),
            Self::Status(Choice::NoneOf(statuses)) => !statuses.contains(&record.status),
            Self::Created(moments) => moments.hold(record.created_at),
            Self::Updated(moments) => moments.hold(record.updated_at),
            Self::LastUsed(used) => used.holds(record.last_used_at),
        }
    }
}

impl Column {
    fn of(self, record: &Record) -> &str {
        match self {
            Self::Name => &record.name,
            Self::ClientId => &record.client_id,
            Self::ClientIdInAnyCase => &record.client_id_in_any_case,
            Self::Description => &record.description,
            Self::Contact => &record.contact,
            Self::Homepage => &record.homepage,
        }
    }
}

impl Moments {
    fn hold(&self, moment: Timestamp) -> bool {
        match *self {
            Self::Between(first, end) => first <= moment && moment < end,
            Self::NotBetween(first, end) => moment < first || end <= moment,
            Self::Before(end) => moment < end,
            Self::After(first) => first <= moment,
        }
    }
}

impl Use {
    fn holds(&self, last: Option<Timestamp>) -> bool {
        match self {
            Self::Never => last.is_none(),
            Self::Ever => last.is_some(),
            Self::At(moments) => last.is_some_and(|last| moments.hold(last)),
            Self::NotSince(moment) => last.is_none_or(|last| last < *moment),
        }
    }
}
