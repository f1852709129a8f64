//! Filters in words, as chips and empty lists say them.

use projections::register::Choice;

use super::{
    address::written,
    filter::{
        Days, Field, Filters, Takes, Text, Use, grant_label, is_none_of, status_label, values,
    },
    names::Names,
};

/// Values that are named before the rest is counted.
const NAMED: usize = 3;

/// What the filter of the field says, if there is one.
pub(super) fn of(filters: &Filters, field: Field, names: &Names) -> Option<String> {
    let said = match field {
        Field::Name => text(filters.name.as_ref()?),
        Field::ClientId => text(filters.client_id.as_ref()?),
        Field::Organization => choice(filters.organization.as_ref()?, |id| names.organization(*id)),
        Field::OrganizationName => text(filters.organization_name.as_ref()?),
        Field::Owner => choice(filters.owner.as_ref()?, |id| names.person(*id)),
        Field::OwnerName => text(filters.owner_name.as_ref()?),
        Field::Status => choice(filters.status.as_ref()?, |it| status_label(*it).to_owned()),
        Field::Grant => choice(filters.grant.as_ref()?, |it| grant_label(*it).to_owned()),
        Field::Scope => choice(filters.scope.as_ref()?, ToString::to_string),
        Field::Created => days(filters.created?),
        Field::LastUsed => return Some(last_used(filters.last_used?)),
    };
    Some(format!("{} {said}", field.label()))
}

fn text(Text { op, values }: &Text) -> String {
    match op.takes() {
        Takes::Nothing => op.words().to_owned(),
        Takes::One | Takes::Several => {
            format!("{} {}", op.words(), listed(values, |value| format!("“{value}”")))
        }
    }
}

fn choice<T>(choice: &Choice<T>, name: impl Fn(&T) -> String) -> String {
    let values = values(choice);
    let verb = match (is_none_of(choice), values.len()) {
        (false, 1) => "is",
        (false, _) => "is any of",
        (true, 1) => "is not",
        (true, _) => "is not any of",
    };
    format!("{verb} {}", listed(values, name))
}

fn listed<T>(values: &[T], name: impl Fn(&T) -> String) -> String {
    let shown = if values.len() > NAMED + 1 { NAMED } else { values.len() };
    let named: Vec<_> = values[..shown].iter().map(name).collect();
    let rest = values.len() - shown;
    if rest == 0 { named.join(", ") } else { format!("{} and {rest} more", named.join(", ")) }
}

fn days(days: Days) -> String {
    match days {
        Days::Between(from, to) => format!("between {} and {}", written(from), written(to)),
        Days::NotBetween(from, to) => {
            format!("not between {} and {}", written(from), written(to))
        }
        Days::Before(day) => format!("before {}", written(day)),
        Days::After(day) => format!("after {}", written(day)),
        Days::On(day) => format!("on {}", written(day)),
        Days::NotOn(day) => format!("not on {}", written(day)),
        Days::Today => "today".to_owned(),
        Days::ThisMonth => "this month".to_owned(),
        Days::Last(1) => "in the last day".to_owned(),
        Days::Last(number) => format!("in the last {number} days"),
    }
}

fn last_used(wanted: Use) -> String {
    match wanted {
        Use::Never => "Never used".to_owned(),
        Use::Ever => "Used at least once".to_owned(),
        Use::NotFor(1) => "Not used for a day".to_owned(),
        Use::NotFor(number) => format!("Not used for {number} days"),
        Use::At(within) => format!("Last used {}", days(within)),
    }
}
