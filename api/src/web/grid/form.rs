//! The filter form, filled in with what is wanted.

use projections::register::{Choice, Order, Status};
use serde::Serialize;

use super::{
    Frame,
    address::{Mistake, View, Wanted, written},
    column::{Column, Sort},
    filter::{
        DayOp, Days, Field, GRANTS, Text, TextOp, Use, grant_key, grant_label, is_none_of,
        status_key, status_label, values,
    },
    names::Names,
};

#[derive(Serialize)]
pub(super) struct Form {
    action: String,
    /// How many filters stand behind the button, the name's aside.
    others: usize,
    /// Something behind the button cannot be understood, so it stands open.
    mistaken: bool,
    name: TextField,
    client_id: TextField,
    /// Without choices where there is one organization only.
    organization: ChoiceField,
    organization_name: TextField,
    /// Without choices for those who see their own applications only.
    owner: ChoiceField,
    owner_name: TextField,
    status: ChoiceField,
    grant: ChoiceField,
    scope: ListField,
    created: DaysField,
    last_used: DaysField,
    sorts: Vec<Choosable>,
    columns: Vec<Choosable>,
    /// What the form sends along.
    kept: Vec<Kept>,
}

/// One option of a select, or one box to tick.
#[derive(Serialize)]
pub(super) struct Choosable {
    value: String,
    label: String,
    selected: bool,
}

#[derive(Serialize)]
struct Kept {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct TextField {
    ops: Vec<Choosable>,
    value: String,
    error: Option<&'static str>,
}

#[derive(Serialize)]
struct ListField {
    none_of: bool,
    value: String,
}

#[derive(Serialize)]
struct ChoiceField {
    none_of: bool,
    choices: Vec<Choosable>,
}

#[derive(Serialize)]
struct DaysField {
    ops: Vec<Choosable>,
    from: String,
    to: String,
    days: String,
    error: Option<&'static str>,
}

impl Form {
    pub(super) fn of(
        action: String,
        wanted: &Wanted,
        columns: &[Column],
        frame: &Frame,
        names: &Names,
    ) -> Self {
        let Wanted { filters, mistakes, .. } = wanted;
        let text = |field, text: Option<&Text>, ops: &[TextOp]| {
            TextField::of(text, ops, mistake(mistakes, field))
        };
        let others = Field::ALL.into_iter().filter(|field| *field != Field::Name);
        let whose = if frame.owner.is_none() { names.people.as_slice() } else { &[] };
        let organizations_matter =
            |it: &Column| frame.several_organizations || *it != Column::Organization;
        Self {
            action,
            mistaken: mistakes.iter().any(|mistake| mistake.field != Field::Name),
            others: others.filter(|field| filters.has(*field)).count(),
            name: text(Field::Name, filters.name.as_ref(), &TextOp::ALL),
            client_id: text(Field::ClientId, filters.client_id.as_ref(), &NEVER_EMPTY),
            organization: ChoiceField::of(
                filters.organization.as_ref(),
                names.organizations.iter().map(|(id, name)| (*id, id.to_string(), name.clone())),
            ),
            organization_name: text(
                Field::OrganizationName,
                filters.organization_name.as_ref(),
                &NEVER_EMPTY,
            ),
            owner: ChoiceField::of(
                filters.owner.as_ref(),
                whose.iter().map(|(id, name)| (*id, id.to_string(), name.clone())),
            ),
            owner_name: text(Field::OwnerName, filters.owner_name.as_ref(), &NEVER_EMPTY),
            status: ChoiceField::of(
                filters.status.as_ref(),
                Status::ALL
                    .into_iter()
                    .map(|it| (it, status_key(it).to_owned(), status_label(it).to_owned())),
            ),
            grant: ChoiceField::of(
                filters.grant.as_ref(),
                GRANTS
                    .into_iter()
                    .map(|it| (it, grant_key(it).to_owned(), grant_label(it).to_owned())),
            ),
            scope: ListField {
                none_of: filters.scope.as_ref().is_some_and(is_none_of),
                value: filters.scope.as_ref().map_or_else(String::new, |scopes| {
                    let texts: Vec<_> = values(scopes).iter().map(ToString::to_string).collect();
                    texts.join(" ")
                }),
            },
            created: DaysField::of(
                filters.created.map(Use::At),
                &DayOp::OF_DAYS,
                mistake(mistakes, Field::Created),
            ),
            last_used: DaysField::of(
                filters.last_used,
                &DayOp::OF_USE,
                mistake(mistakes, Field::LastUsed),
            ),
            sorts: sorts(wanted, columns),
            columns: Column::ALL
                .into_iter()
                .filter(|column| *column != Column::Name)
                .filter(organizations_matter)
                .map(|column| Choosable {
                    value: column.key().to_owned(),
                    label: column.label().to_owned(),
                    selected: columns.contains(&column),
                })
                .collect(),
            kept: kept(wanted),
        }
    }
}

/// Client ids and names of people always say something.
const NEVER_EMPTY: [TextOp; 8] = [
    TextOp::Contains,
    TextOp::DoesNotContain,
    TextOp::Equals,
    TextOp::DiffersFrom,
    TextOp::StartsWith,
    TextOp::EndsWith,
    TextOp::AnyOf,
    TextOp::NoneOf,
];

fn mistake(mistakes: &[Mistake], field: Field) -> Option<&Mistake> {
    mistakes.iter().find(|mistake| mistake.field == field)
}

/// Both ways for every column that is shown.
fn sorts(wanted: &Wanted, columns: &[Column]) -> Vec<Choosable> {
    let orders = [Order::Ascending, Order::Descending];
    let all = columns.iter().flat_map(|by| orders.map(|order| Sort { by: *by, order }));
    let mut sorts: Vec<_> = all.collect();
    if !sorts.contains(&wanted.sort) {
        sorts.push(wanted.sort);
    }
    let choosable = |sort: Sort| Choosable {
        value: sort.text(),
        label: sort.label(),
        selected: wanted.sort == sort,
    };
    sorts.into_iter().map(choosable).collect()
}

fn kept(wanted: &Wanted) -> Vec<Kept> {
    let view = match wanted.view {
        View::Unsaid => return vec![],
        // An empty form still means nothing in particular.
        View::Nothing => "none".to_owned(),
        View::Saved(id) => id.to_string(),
    };
    vec![Kept { name: "view", value: view }]
}

impl TextField {
    fn of(text: Option<&Text>, ops: &[TextOp], mistake: Option<&Mistake>) -> Self {
        let now = text.map(|text| text.op).unwrap_or_default();
        let choosable = |op: &TextOp| Choosable {
            value: op.key().to_owned(),
            label: op.words().to_owned(),
            selected: *op == now,
        };
        let value = text.map_or_else(String::new, |text| text.values.join(", "));
        Self {
            ops: ops.iter().map(choosable).collect(),
            value: mistake.map_or(value, |mistake| mistake.typed.list.clone()),
            error: mistake.map(|mistake| mistake.words),
        }
    }
}

impl ChoiceField {
    fn of<T: PartialEq>(
        chosen: Option<&Choice<T>>,
        all: impl Iterator<Item = (T, String, String)>,
    ) -> Self {
        let selected = |it: &T| chosen.is_some_and(|chosen| values(chosen).contains(it));
        Self {
            none_of: chosen.is_some_and(is_none_of),
            choices: all
                .map(|(it, value, label)| Choosable { value, label, selected: selected(&it) })
                .collect(),
        }
    }
}

impl DaysField {
    fn of(when: Option<Use>, ops: &[DayOp], mistake: Option<&Mistake>) -> Self {
        let now = mistake.map_or_else(|| when.map(Use::op), |mistake| mistake.typed.op);
        let choosable = |op: &DayOp| Choosable {
            value: op.key().to_owned(),
            label: op.words().to_owned(),
            selected: Some(*op) == now,
        };
        let (from, to, days) = match mistake {
            Some(Mistake { typed, .. }) => {
                (typed.from.clone(), typed.to.clone(), typed.days.clone())
            }
            None => inputs(when),
        };
        Self {
            ops: ops.iter().map(choosable).collect(),
            from,
            to,
            days,
            error: mistake.map(|mistake| mistake.words),
        }
    }
}

/// The first day, the last day, and the number of days.
fn inputs(when: Option<Use>) -> (String, String, String) {
    let none = String::new;
    match when {
        Some(Use::At(Days::Between(from, to) | Days::NotBetween(from, to))) => {
            (written(from), written(to), none())
        }
        Some(Use::At(Days::Before(day))) => (none(), written(day), none()),
        Some(Use::At(Days::After(day) | Days::On(day) | Days::NotOn(day))) => {
            (written(day), none(), none())
        }
        Some(Use::At(Days::Last(days)) | Use::NotFor(days)) => (none(), none(), days.to_string()),
        Some(Use::At(Days::Today | Days::ThisMonth) | Use::Never | Use::Ever) | None => {
            (none(), none(), none())
        }
    }
}
