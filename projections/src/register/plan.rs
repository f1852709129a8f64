//! Filters made ready to look at every application.

use std::collections::HashSet;

use domain::{ApplicationId, Timestamp, authority::Reach};

use super::{
    Choice, Filter, Moments, Record, Register, Status, Text, Use, text::Needle, texts::Texts,
};
use crate::applications::key_of;

/// Tests that an application must pass, all of them, the cheap ones first.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    register: &'a Register,
    tests: Vec<Test>,
    texts: Vec<(&'a Texts, Needle)>,
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

impl<'a> Plan<'a> {
    pub(super) fn of(register: &'a Register, reach: Reach, filters: &[Filter]) -> Self {
        let mut plan = Self { register, tests: vec![], texts: vec![] };
        if let Some(owner) = reach.owner {
            let own = register.people.chosen(&Choice::AnyOf(vec![owner]));
            plan.tests.push(Test::Owner(own));
        }
        if let Some(organization) = reach.organization {
            let within = register.organizations.chosen(&Choice::AnyOf(vec![organization]));
            plan.tests.push(Test::Organization(within));
        }
        // Whoever wants all but some does not mean deleted ones.
        let deleted_too = |filter: &Filter| matches!(filter, Filter::Status(Choice::AnyOf(wanted)) if wanted.contains(&Status::Deleted));
        if !filters.iter().any(deleted_too) {
            plan.tests.push(Test::Status(Choice::NoneOf(vec![Status::Deleted])));
        }
        for filter in filters {
            plan.add(filter);
        }
        plan
    }

    fn add(&mut self, filter: &Filter) {
        let register = self.register;
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
                let passing =
                    register.organizations.passing(|it| needle.matches(it.key.as_bytes()));
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
            Filter::Name(text) => return self.add_text(&register.names, text),
            Filter::ClientId(text) => return self.add_client_id(text),
            Filter::Description(text) => {
                return self.add_text(&register.descriptions, text);
            }
            Filter::Contact(text) => {
                return self.add_text(&register.contacts, text);
            }
            Filter::Homepage(text) => {
                return self.add_text(&register.homepages, text);
            }
        };
        self.tests.push(test);
    }

    fn add_text(&mut self, column: &'a Texts, text: &Text) {
        self.texts.push((column, Needle::new(text, key_of)));
    }

    fn add_client_id(&mut self, text: &Text) {
        match text {
            Text::Equals(_) | Text::DiffersFrom(_) | Text::AnyOf(_) | Text::NoneOf(_) => {
                let needle = Needle::new(text, str::to_owned);
                self.texts.push((&self.register.client_ids, needle));
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
                self.texts.push((&self.register.client_ids_in_any_case, needle));
            }
        }
    }

    pub(super) fn matches(&self, slot: usize, record: &Record) -> bool {
        self.tests.iter().all(|test| test.passes(record))
            && self.texts.iter().all(|(column, needle)| needle.matches(column.get(slot)))
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
