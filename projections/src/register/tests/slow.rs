//! A register that looks at every row and sorts them all.

use std::cmp::Ordering;

use domain::authority::Reach;
use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest},
    sample::{Index, select},
};

use super::given::{
    all, application, at, deleted, inactive, know_organization, know_person, named, numbers,
    organization, page, put, register, remove, scope, user,
};
use crate::{
    applications::{Row, key_of},
    register::{
        Choice, Cursor, Filter, From, Moments, Order, Query, Register, Sort, SortBy, Status, Text,
        Use,
    },
};

const NAMES: [&str; 6] = ["Sync", "sync", "Till", "Straße", "STRASSE 2", "Ledger"];
const PEOPLE: [(&str, &str); 4] = [("Ada", "ada"), ("bob", "zed"), ("Bob", "bob"), ("", "eve")];
const ORGANIZATIONS: [&str; 3] = ["zebra", "Acme", "acme two"];
const SCOPES: [&str; 3] = ["read", "write", "audit:read"];

/// A row, and when it was used last.
type Kept = (Row, Option<u64>);

fn a_row(number: u128) -> impl Strategy<Value = Kept> {
    let parts = (
        select(&NAMES),
        0..4_u128,
        0..3_u128,
        select(&[Status::Active, Status::Inactive, Status::Deleted]),
        vec(select(&SCOPES), 0..3),
        0..4_u64,
        option::of(0..4_u64),
    );
    parts.prop_map(move |(name, owner, within, status, scopes, created, used)| {
        let row = Row {
            owner: user(owner),
            organization: organization(within),
            scopes: scopes.into_iter().map(scope).collect(),
            created_at: at(created),
            updated_at: at(created + 4),
            ..named(number, name)
        };
        let row = match status {
            Status::Active => row,
            Status::Inactive => inactive(row),
            Status::Deleted => deleted(row),
        };
        (row, used)
    })
}

fn some_rows() -> impl Strategy<Value = Vec<Kept>> {
    (0..30_u128).prop_flat_map(|count| (0..count).map(a_row).collect::<Vec<_>>())
}

fn a_text() -> impl Strategy<Value = Text> {
    let part = || select(&["s", "SY", "till", "ß", "e", "Strasse", "ada", "b", ""]);
    let owned = |text: &str| text.to_owned();
    prop_oneof![
        part().prop_map(move |part| Text::Contains(owned(part))),
        part().prop_map(move |part| Text::DoesNotContain(owned(part))),
        part().prop_map(move |part| Text::StartsWith(owned(part))),
        part().prop_map(move |part| Text::DoesNotEndWith(owned(part))),
        select(&NAMES).prop_map(move |name| Text::Equals(owned(name))),
        vec(select(&NAMES), 0..3)
            .prop_map(|names| Text::NoneOf(names.into_iter().map(str::to_owned).collect())),
        Just(Text::Empty),
    ]
}

fn some_moments() -> impl Strategy<Value = Moments> {
    prop_oneof![
        (0..5_u64, 0..5_u64).prop_map(|(first, end)| Moments::Between(at(first), at(end))),
        (0..5_u64, 0..5_u64).prop_map(|(first, end)| Moments::NotBetween(at(first), at(end))),
        (0..5_u64).prop_map(|end| Moments::Before(at(end))),
        (0..5_u64).prop_map(|first| Moments::After(at(first))),
    ]
}

fn a_filter() -> impl Strategy<Value = Filter> {
    prop_oneof![
        a_text().prop_map(Filter::Name),
        a_text().prop_map(Filter::OwnerName),
        a_text().prop_map(Filter::OrganizationName),
        vec(0..5_u128, 0..3)
            .prop_map(|some| Filter::Owner(Choice::AnyOf(some.into_iter().map(user).collect()))),
        vec(0..5_u128, 0..3).prop_map(|some| Filter::Organization(Choice::NoneOf(
            some.into_iter().map(organization).collect()
        ))),
        vec(select(&Status::ALL), 0..3).prop_map(|some| Filter::Status(Choice::AnyOf(some))),
        vec(select(&SCOPES), 0..3)
            .prop_map(|some| Filter::Scope(Choice::AnyOf(some.into_iter().map(scope).collect()))),
        vec(select(&SCOPES), 0..3)
            .prop_map(|some| Filter::Scope(Choice::NoneOf(some.into_iter().map(scope).collect()))),
        some_moments().prop_map(Filter::Created),
        some_moments().prop_map(|moments| Filter::LastUsed(Use::At(moments))),
        (0..5_u64).prop_map(|since| Filter::LastUsed(Use::NotSince(at(since)))),
        Just(Filter::LastUsed(Use::Never)),
    ]
}

fn a_sort() -> impl Strategy<Value = Sort> {
    (select(&SortBy::ALL), select(&[Order::Ascending, Order::Descending]))
        .prop_map(|(by, order)| Sort { by, order })
}

fn a_question() -> impl Strategy<Value = Query> {
    let reach = (option::weighted(0.2, 0..3_u128), option::weighted(0.2, 0..4_u128));
    (reach, vec(a_filter(), 0..3), a_sort(), 1..6_u32).prop_map(|(reach, filters, sort, limit)| {
        let (within, owner) = reach;
        let reach = Reach { organization: within.map(organization), owner: owner.map(user) };
        Query { reach, filters, sort, limit, ..all() }
    })
}

fn filled(rows: &[Kept]) -> Register {
    let mut register = register(rows.iter().map(|(row, _)| row.clone()));
    for (number, (display, name)) in (0..).zip(PEOPLE) {
        know_person(&mut register, number, display, name);
    }
    for (number, name) in (0..).zip(ORGANIZATIONS) {
        know_organization(&mut register, number, name);
    }
    let used = rows.iter().filter_map(|(row, used)| Some((row.id, at((*used)?))));
    register.note_uses(used.collect::<Vec<_>>());
    register
}

fn number(id: uuid::Uuid) -> usize {
    usize::try_from(id.as_u128()).expect("a small number")
}

fn text_passes(text: &Text, candidates: &[&str]) -> bool {
    let any = |test: &dyn Fn(&str) -> bool| candidates.iter().any(|it| test(&key_of(it)));
    match text {
        Text::Contains(part) => any(&|it| it.contains(&key_of(part))),
        Text::DoesNotContain(part) => !any(&|it| it.contains(&key_of(part))),
        Text::Equals(whole) => any(&|it| it == key_of(whole)),
        Text::DiffersFrom(whole) => !any(&|it| it == key_of(whole)),
        Text::StartsWith(part) => any(&|it| it.starts_with(&key_of(part))),
        Text::DoesNotStartWith(part) => !any(&|it| it.starts_with(&key_of(part))),
        Text::EndsWith(part) => any(&|it| it.ends_with(&key_of(part))),
        Text::DoesNotEndWith(part) => !any(&|it| it.ends_with(&key_of(part))),
        Text::AnyOf(texts) => any(&|it| texts.iter().any(|text| it == key_of(text))),
        Text::NoneOf(texts) => !any(&|it| texts.iter().any(|text| it == key_of(text))),
        Text::Empty => any(&str::is_empty),
        Text::NotEmpty => !any(&str::is_empty),
    }
}

fn chosen<T: PartialEq>(choice: &Choice<T>, of: &[T]) -> bool {
    match choice {
        Choice::AnyOf(some) => of.iter().any(|one| some.contains(one)),
        Choice::NoneOf(some) => !of.iter().any(|one| some.contains(one)),
    }
}

fn moments_hold(moments: Moments, at: domain::Timestamp) -> bool {
    match moments {
        Moments::Between(first, end) => (first..end).contains(&at),
        Moments::NotBetween(first, end) => !(first <= at && at < end),
        Moments::Before(end) => at < end,
        Moments::After(first) => at >= first,
    }
}

fn passes(filter: &Filter, (row, used): &Kept) -> bool {
    let used = used.map(at);
    match filter {
        Filter::Id(choice) => chosen(choice, &[row.id]),
        Filter::Name(text) => text_passes(text, &[row.name.as_str()]),
        Filter::ClientId(text) => text_passes(text, &[row.client_id.as_str()]),
        Filter::Organization(choice) => chosen(choice, &[row.organization]),
        Filter::OrganizationName(text) => {
            text_passes(text, &[ORGANIZATIONS[number(row.organization.as_uuid())]])
        }
        Filter::Owner(choice) => chosen(choice, &[row.owner]),
        Filter::OwnerName(text) => {
            let (display, name) = PEOPLE[number(row.owner.as_uuid())];
            text_passes(text, &[display, name])
        }
        Filter::Status(choice) => chosen(choice, &[Status::of(row)]),
        Filter::Grant(choice) => chosen(choice, &row.grants),
        Filter::Scope(choice) => chosen(choice, &row.scopes),
        Filter::Created(moments) => moments_hold(*moments, row.created_at),
        Filter::Updated(moments) => moments_hold(*moments, row.updated_at),
        Filter::LastUsed(Use::Never) => used.is_none(),
        Filter::LastUsed(Use::Ever) => used.is_some(),
        Filter::LastUsed(Use::At(moments)) => used.is_some_and(|at| moments_hold(*moments, at)),
        Filter::LastUsed(Use::NotSince(since)) => used.is_none_or(|used| used < *since),
        Filter::Description(text) => text_passes(text, &[row.description.as_str()]),
        Filter::Contact(text) => text_passes(text, &[row.contact.as_str()]),
        Filter::Homepage(text) => text_passes(text, &[row.homepage.as_str()]),
    }
}

fn sort_text(by: SortBy, (row, used): &Kept) -> String {
    let scopes = |row: &Row| {
        let mut scopes: Vec<_> = row.scopes.iter().map(domain::Scope::as_str).collect();
        scopes.sort_unstable();
        scopes.join(" ")
    };
    let moment = |at: domain::Timestamp| format!("{:020}", at.as_micros());
    match by {
        SortBy::Name => key_of(row.name.as_str()),
        SortBy::ClientId => row.client_id.to_string(),
        SortBy::Organization => key_of(ORGANIZATIONS[number(row.organization.as_uuid())]),
        SortBy::Owner => {
            let (display, name) = PEOPLE[number(row.owner.as_uuid())];
            format!("{}\0{}", key_of(display), key_of(name))
        }
        SortBy::Status => match Status::of(row) {
            Status::Active => "1".to_owned(),
            Status::Inactive => "2".to_owned(),
            Status::Deleted => "3".to_owned(),
        },
        SortBy::Grant => String::new(),
        SortBy::Scopes => scopes(row),
        SortBy::Created => moment(row.created_at),
        SortBy::Updated => moment(row.updated_at),
        SortBy::LastUsed => used.map(at).map(moment).unwrap_or_default(),
    }
}

/// The numbers of all that match, in order.
fn slowly(rows: &[Kept], query: &Query) -> Vec<u128> {
    let names_status = query.filters.iter().any(|filter| matches!(filter, Filter::Status(_)));
    let mut found: Vec<_> = rows
        .iter()
        .filter(|(row, _)| query.reach.covers(row.belonging()))
        .filter(|(row, _)| names_status || row.deleted.is_none())
        .filter(|kept| query.filters.iter().all(|filter| passes(filter, kept)))
        .collect();
    found.sort_by(|one, other| {
        let ascending = sort_text(query.sort.by, one)
            .cmp(&sort_text(query.sort.by, other))
            .then(one.0.id.cmp(&other.0.id));
        match query.sort.order {
            Order::Ascending => ascending,
            Order::Descending => Ordering::reverse(ascending),
        }
    });
    found.iter().map(|(row, _)| row.id.as_uuid().as_u128()).collect()
}

/// Follows the cursors from one end to the other; `between` happens after each page.
fn walked(
    register: &mut Register,
    query: &Query,
    mut between: impl FnMut(&mut Register),
) -> Vec<Vec<u128>> {
    let (mut pages, mut from) = (vec![], From::Start);
    loop {
        let found = page(register, &Query { from, ..query.clone() });
        pages.push(numbers(&found));
        between(register);
        let Some(next) = found.next else {
            return pages;
        };
        from = From::After(next);
    }
}

proptest! {
    #[test]
    fn pages_hold_what_a_slow_register_finds(rows in some_rows(), query in a_question()) {
        let expected = slowly(&rows, &query);
        let mut register = filled(&rows);
        let whole = page(&register, &Query { limit: Query::LIMIT, ..query.clone() });
        prop_assert_eq!(numbers(&whole), expected.clone());
        prop_assert_eq!(whole.total, expected.len() as u64);
        let ids = register.ids(query.reach, &query.filters, query.sort);
        let ids: Vec<_> = ids.iter().map(|id| id.as_uuid().as_u128()).collect();
        prop_assert_eq!(&ids, &expected);
        let pages = walked(&mut register, &query, |_| {});
        prop_assert!(pages.iter().rev().skip(1).all(|page| page.len() == query.limit as usize));
        prop_assert_eq!(pages.concat(), expected);
    }

    #[test]
    fn offsets_and_cursors_lead_to_the_same_rows(rows in some_rows(), query in a_question(), offset in 0..40_usize) {
        let register = filled(&rows);
        let found = page(&register, &Query { from: From::Offset(offset as u64), ..query.clone() });
        let expected = slowly(&rows, &query);
        let skipped: Vec<_> = expected.iter().copied().skip(offset).take(query.limit as usize).collect();
        prop_assert_eq!(numbers(&found), skipped);
        prop_assert_eq!(found.before, offset.min(expected.len()) as u64);
        if let Some(previous) = found.previous.clone() {
            let before = page(&register, &Query { from: From::Before(previous), ..query.clone() });
            let first = offset.saturating_sub(query.limit as usize);
            prop_assert_eq!(numbers(&before), expected[first..offset].to_vec());
            prop_assert_eq!(before.before, first as u64);
            let next: Option<Cursor> = before.next;
            let again = page(&register, &Query { from: From::After(next.expect("rows")), ..query.clone() });
            prop_assert_eq!(numbers(&again), numbers(&found));
        }
    }

    #[test]
    fn while_rows_change_the_others_are_shown_once(
        rows in some_rows(),
        query in a_question(),
        changes in vec((any::<Index>(), option::of(a_row(0))), 0..20),
    ) {
        let mut register = filled(&rows);
        let mut changes = changes.into_iter();
        let mut touched = vec![];
        let pages = walked(&mut register, &query, |register| {
            let Some((index, changed)) = changes.next() else {
                return;
            };
            let number = index.index(rows.len().max(1) + 5) as u128;
            touched.push(number);
            match changed {
                Some((row, _)) => put(register, Row { id: application(number), ..row }),
                None => remove(register, number),
            }
        });
        let untouched = |numbers: Vec<u128>| -> Vec<u128> {
            numbers.into_iter().filter(|number| !touched.contains(number)).collect()
        };
        prop_assert_eq!(untouched(pages.concat()), untouched(slowly(&rows, &query)));
    }

    #[test]
    fn changes_leave_the_register_as_if_it_were_filled_anew(
        rows in some_rows(),
        changes in vec((0..40_u128, option::of(a_row(0))), 0..60),
        query in a_question(),
    ) {
        let mut register = filled(&rows);
        let mut model = rows;
        for (number, changed) in changes {
            let used = model.iter().find(|(row, _)| row.id == application(number)).and_then(|(_, used)| *used);
            let earlier = used.or_else(|| register.uses().get(&application(number)).map(|_| 0));
            model.retain(|(row, _)| row.id != application(number));
            remove(&mut register, number);
            if let Some((row, _)) = changed {
                let row = Row { id: application(number), ..row };
                put(&mut register, row.clone());
                let used = register.uses().get(&row.id).map(|used| used.since(at(0)).as_secs());
                prop_assert_eq!(used.is_some(), earlier.is_some());
                model.push((row, used));
            }
        }
        prop_assert_eq!(numbers(&page(&register, &Query { limit: Query::LIMIT, ..query.clone() })), slowly(&model, &query));
    }
}
