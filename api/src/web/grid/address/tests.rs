use std::collections::BTreeSet;

use domain::{OrganizationId, Scope, UserId, application::Grant};
use projections::{
    register::{Choice, Order, Status},
    saved_views::SavedViewId,
};
use proptest::{prelude::*, sample::subsequence};
use time::Date;
use uuid::Uuid;

use super::{
    super::filter::{DAYS, Days, Takes, Text, TextOp, Use},
    *,
};

fn read_and_written(query: &str) -> String {
    Wanted::read(query).query()
}

#[test]
fn an_address_survives_being_read() {
    let id = "0198c1f2-7a10-7c3e-9d41-5a1f0c9b2e01";
    for query in [
        String::new(),
        "name=sync".to_owned(),
        "name=a%26b%3Dc&sort=-last_used&size=100&after=abc".to_owned(),
        "name=sync%2Cimport&name_op=none_of".to_owned(),
        "name_op=empty".to_owned(),
        "client_id=abc%2Cdef".to_owned(),
        "client_id=abc&client_id_op=any_of".to_owned(),
        format!("organization={id}&owner={id}&owner_op=none_of"),
        "owner_name=ada&owner_name_op=starts_with".to_owned(),
        "status=active&status=deleted&grant=client_credentials".to_owned(),
        "scope=orders%3Aread&scope=orders%3Awrite&scope_op=none_of".to_owned(),
        "created_op=between&created_from=2026-01-01&created_to=2026-02-01".to_owned(),
        "created_op=before&created_to=2026-02-01".to_owned(),
        "created_op=after&created_from=2026-02-01".to_owned(),
        "created_op=equals&created_from=2026-02-01&last_used_op=never".to_owned(),
        "created_op=last&created_days=7&last_used_op=not_for&last_used_days=90".to_owned(),
        "created_op=this_month&last_used_op=today".to_owned(),
        format!("columns=name%2Cstatus&view={id}&before=xyz"),
        "view=none".to_owned(),
    ] {
        assert_eq!(read_and_written(&query), query);
    }
}

#[test]
fn what_the_form_sends_is_made_as_short_as_it_can_be() {
    for (sent, short) in [
        (
            "name_op=contains&name=sync&status_op=any_of&client_id=&client_id_op=none_of",
            "name=sync",
        ),
        ("created_op=&created_from=2026-01-01", ""),
        ("created_op=between&created_from=&created_to=", ""),
        ("created_op=today&created_from=2026-01-01&created_days=7", "created_op=today"),
        ("last_used_op=not_for&last_used_days=", ""),
        ("columns=name&columns=owner&columns=status", "columns=name%2Cowner%2Cstatus"),
        ("status=deleted&status=active&status=active", "status=active&status=deleted"),
        ("scope=b+a%0D%0Ab", "scope=a&scope=b"),
        ("sort=name&size=25", ""),
    ] {
        assert_eq!(read_and_written(sent), short, "{sent}");
    }
}

#[test]
fn a_pasted_list_of_client_ids_may_have_any_separators() {
    let expected = "client_id=abc%2Cdef%2Cghi";
    for pasted in
        ["abc def ghi", "abc,def;ghi", "abc\r\ndef\r\nghi\r\n", "\"abc\", 'def' | ghi, abc"]
    {
        let query =
            format!("client_id={}&client_id_op=contains", crate::web::local::encoded(pasted));
        assert_eq!(read_and_written(&query), expected, "{pasted:?}");
    }
    let names = Wanted::read("name=Tour+planner%2C+Vendor+feed&name_op=any_of").filters.name;
    let values = names.expect("a filter").values;
    assert_eq!(values, ["Tour planner", "Vendor feed"], "names have spaces");
}

#[test]
fn what_cannot_be_meant_is_left_out() {
    for query in [
        "page=7",
        "size=7",
        "size=1000000",
        "sort=secret",
        "sort=--name",
        "status=all",
        "organization=acme",
        "organization=",
        "name=%00%0A",
        "name_op=contains",
        "name_op=like&name=",
        "created_op=never",
        "created_op=not_for&created_days=9",
        "columns=secret",
        "grant=password",
        "scope=%22",
        "view=mine",
        "after=",
        "color=blue",
        "%FF=%FF",
        "&&=&",
    ] {
        let wanted = Wanted::read(query);
        assert_eq!((wanted.query().as_str(), wanted.mistakes.len()), ("", 0), "{query}");
    }
}

#[test]
fn what_somebody_typed_is_said_at_the_field() {
    for (query, words) in [
        ("created_op=before&created_to=31.12.2026", "Enter the day as year"),
        ("created_op=equals&created_from=2026-02-30", "Enter the day as year"),
        ("created_op=after&created_from=%2B12026-01-01", "Enter the day as year"),
        ("created_op=between&created_from=2026-01-01", "Enter both days."),
        (
            "created_op=between&created_from=2026-02-01&created_to=2026-01-01",
            "The first day is after",
        ),
        ("created_op=last&created_days=soon", "Enter a number of days"),
        ("created_op=last&created_days=0", "Enter a number of days"),
        ("created_op=last&created_days=36501", "Enter a number of days"),
    ] {
        let wanted = Wanted::read(query);
        assert!(wanted.filters.is_empty(), "{query}");
        let [mistake] = wanted.mistakes.as_slice() else { panic!("{query}") };
        assert_eq!(mistake.field, Field::Created);
        assert!(mistake.words.starts_with(words), "{query}: {}", mistake.words);
    }
    let many: Vec<_> = (0..501).map(|number| number.to_string()).collect();
    let wanted = Wanted::read(&format!("client_id={}", many.join("+")));
    assert_eq!(wanted.mistakes[0].field, Field::ClientId);
}

#[test]
fn without_anything_to_say_no_view_speaks_in_its_place() {
    let wanted = Wanted::read("name=sync&view=0198c1f2-7a10-7c3e-9d41-5a1f0c9b2e01");
    assert_eq!(wanted.with(Filters::default()).query(), "view=none");
    let sorted = Wanted { sort: Sort::read("-created").expect("a sort"), ..wanted };
    assert!(sorted.with(Filters::default()).query().starts_with("sort=-created&view=0198"));
}

fn subset<T: Clone + std::fmt::Debug + Ord + 'static>(
    values: Vec<T>,
) -> impl Strategy<Value = Option<Choice<T>>> {
    let count = values.len();
    (subsequence(values, 0..=count), any::<bool>()).prop_map(|(chosen, none_of)| {
        let chosen: BTreeSet<_> = chosen.into_iter().collect();
        let chosen: Vec<_> = chosen.into_iter().collect();
        match (chosen.is_empty(), none_of) {
            (true, _) => None,
            (false, true) => Some(Choice::NoneOf(chosen)),
            (false, false) => Some(Choice::AnyOf(chosen)),
        }
    })
}

fn ids() -> Vec<Uuid> {
    (1..=4).map(Uuid::from_u128).collect()
}

/// `value` is what one value may be; lists are made of words that no separator cuts.
fn text(value: &'static str, ops: &'static [TextOp]) -> impl Strategy<Value = Option<Text>> {
    let words = prop::collection::btree_set("[a-zA-Z0-9]{1,6}", 1..4);
    (prop::sample::select(ops), value, words, any::<bool>()).prop_map(
        |(op, value, words, there)| {
            let values: Vec<_> = match op.takes() {
                Takes::Nothing => vec![],
                Takes::One => vec![value],
                Takes::Several => words.into_iter().collect(),
            };
            there.then_some(Text { op, values })
        },
    )
}

fn date() -> impl Strategy<Value = Date> {
    (1_721_426_i32..=5_373_484).prop_map(|day| Date::from_julian_day(day).expect("a day"))
}

fn days() -> impl Strategy<Value = Days> {
    let ordered = || (date(), date()).prop_map(|(one, two)| (one.min(two), one.max(two)));
    prop_oneof![
        ordered().prop_map(|(from, to)| Days::Between(from, to)),
        ordered().prop_map(|(from, to)| Days::NotBetween(from, to)),
        date().prop_map(Days::Before),
        date().prop_map(Days::After),
        date().prop_map(Days::On),
        date().prop_map(Days::NotOn),
        Just(Days::Today),
        Just(Days::ThisMonth),
        (1..=DAYS).prop_map(Days::Last),
    ]
}

fn filters() -> impl Strategy<Value = Filters> {
    const ONE: &[TextOp] = &TextOp::ALL;
    const IDS: &[TextOp] = &[TextOp::Contains, TextOp::Equals, TextOp::AnyOf, TextOp::NoneOf];
    let scopes = ["orders:read", "orders,write", "a&b=c", "x"];
    let scopes: Vec<_> = scopes.map(|it| Scope::parse(it).expect("a scope")).into();
    let used = prop_oneof![
        days().prop_map(Use::At),
        (1..=DAYS).prop_map(Use::NotFor),
        Just(Use::Never),
        Just(Use::Ever),
    ];
    let texts = (
        text("[^ \\p{C}\\p{Z}](.{0,9}[^ \\p{C}\\p{Z}])?", ONE).prop_filter("one line", |it| {
            it.iter().all(|it| it.values.iter().all(|it| !it.contains(char::is_control)))
        }),
        text("[a-zA-Z0-9]{1,8}", IDS),
        text("[a-z]{1,8}", ONE),
        text("[a-z]{1,8}", ONE),
    );
    let choices = (
        subset(ids().into_iter().map(OrganizationId::new).collect()),
        subset(ids().into_iter().map(UserId::new).collect()),
        subset(Status::ALL.to_vec()),
        subset(vec![Grant::ClientCredentials]),
        subset(scopes),
    );
    let times = (prop::option::of(days()), prop::option::of(used));
    (texts, choices, times).prop_map(|(texts, choices, (created, last_used))| Filters {
        name: texts.0,
        client_id: texts.1,
        organization: choices.0,
        organization_name: texts.2,
        owner: choices.1,
        owner_name: texts.3,
        status: choices.2,
        grant: choices.3,
        scope: choices.4,
        created,
        last_used,
    })
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let orders = [Order::Ascending, Order::Descending];
    let sort = (prop::sample::select(Column::ALL.to_vec()), prop::sample::select(orders.to_vec()));
    let columns = subsequence(Column::ALL[1..].to_vec(), 0..=8).prop_map(|rest| {
        (!rest.is_empty()).then(|| [Column::Name].into_iter().chain(rest).collect::<Vec<_>>())
    });
    let place = prop_oneof![
        Just(Place::Start),
        "[A-Za-z0-9_-]{1,40}".prop_map(Place::After),
        "[A-Za-z0-9_-]{1,40}".prop_map(Place::Before),
    ];
    let view = prop_oneof![
        Just(View::Unsaid),
        Just(View::Nothing),
        prop::sample::select(ids()).prop_map(|id| View::Saved(SavedViewId::new(id))),
    ];
    (filters(), sort, columns, prop::sample::select(SIZES.to_vec()), place, view).prop_map(
        |(filters, (by, order), columns, size, place, view)| Wanted {
            filters,
            sort: Sort { by, order },
            columns,
            size,
            place,
            view,
            mistakes: vec![],
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read(wanted in wanted()) {
        prop_assert_eq!(Wanted::read(&wanted.query()), wanted);
    }

    #[test]
    fn the_shortest_address_is_reached_at_once(query in ".{0,200}") {
        let short = read_and_written(&query);
        prop_assert_eq!(read_and_written(&short), short);
    }
}
