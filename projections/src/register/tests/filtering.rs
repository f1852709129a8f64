use domain::{
    application::{Contact, Description, Grant, Homepage},
    authority::Reach,
};

use super::given::{
    all, application, at, deleted, inactive, know_organization, know_person, named, organization,
    page, passing, register, row, scope, user,
};
use crate::{
    applications::Row,
    register::{Choice, Filter, Moments, Query, Status, Text, Use},
};

fn owned(text: &str) -> String {
    text.to_owned()
}

#[test]
fn every_operator_of_texts_is_obeyed() {
    let names = ["Sync", "Till sync", "Till", "Ledger"];
    let register = register((1..).zip(names).map(|(number, name)| named(number, name)));
    let mut cases = [
        (Text::Contains(owned("SYN")), vec![1, 2]),
        (Text::DoesNotContain(owned("syn")), vec![3, 4]),
        (Text::Equals(owned("till")), vec![3]),
        (Text::DiffersFrom(owned("TILL")), vec![1, 2, 4]),
        (Text::StartsWith(owned("Ti")), vec![2, 3]),
        (Text::DoesNotStartWith(owned("ti")), vec![1, 4]),
        (Text::EndsWith(owned("sync")), vec![1, 2]),
        (Text::DoesNotEndWith(owned("Sync")), vec![3, 4]),
        (Text::AnyOf(vec![owned("SYNC"), owned("ledger"), owned("nothing")]), vec![1, 4]),
        (Text::NoneOf(vec![owned("sync"), owned("Ledger")]), vec![2, 3]),
        (Text::Empty, vec![]),
        (Text::NotEmpty, vec![1, 2, 3, 4]),
        (Text::AnyOf(vec![]), vec![]),
        (Text::NoneOf(vec![]), vec![1, 2, 3, 4]),
        (Text::Contains(String::new()), vec![1, 2, 3, 4]),
    ];
    for (text, expected) in &mut cases {
        let mut found = passing(&register, [Filter::Name(text.clone())]);
        found.sort_unstable();
        assert_eq!(found, *expected, "{text:?}");
    }
}

#[test]
fn names_that_differ_in_case_and_composition_alone_are_equal() {
    let register = register([named(1, "Caf\u{e9} STRASSE")]);
    for text in ["cafe\u{301} straße", "CAFÉ strasse"] {
        assert_eq!(passing(&register, [Filter::Name(Text::Equals(owned(text)))]), [1], "{text}");
    }
}

#[test]
fn every_character_of_a_name_stands_for_itself() {
    let register = register([named(1, "50% off_now*"), named(2, "50 off now")]);
    for part in ["%", "_", "*", "50%"] {
        assert_eq!(passing(&register, [Filter::Name(Text::Contains(owned(part)))]), [1], "{part}");
    }
    assert_eq!(passing(&register, [Filter::Name(Text::Contains(owned(".")))]), [0_u128; 0]);
}

#[test]
fn a_part_of_a_client_id_is_found_in_any_case_and_the_whole_only_as_it_is() {
    let id = |text: &str| domain::ClientId::parse(text).expect("a client id");
    let (upper, lower) = ("A".repeat(32), "a".repeat(32));
    let register = register([
        Row { client_id: id(&upper), ..row(1) },
        Row { client_id: id(&lower), ..row(2) },
        row(3),
    ]);
    let passing = |text| passing(&register, [Filter::ClientId(text)]);
    assert_eq!(passing(Text::Contains(owned("aA"))), [1, 2]);
    assert_eq!(passing(Text::DoesNotStartWith(owned("Aa"))), [3]);
    assert_eq!(passing(Text::EndsWith(owned("3"))), [3]);
    assert_eq!(passing(Text::Equals(upper.clone())), [1]);
    assert_eq!(passing(Text::DiffersFrom(upper.clone())), [2, 3]);
    assert_eq!(passing(Text::AnyOf(vec![lower.clone(), owned("unknown")])), [2]);
    assert_eq!(passing(Text::NoneOf(vec![lower, upper])), [3]);
}

#[test]
fn a_text_that_is_not_there_is_empty() {
    let register = register([
        Row {
            description: Description::parse("Moves ORDERS").expect("a text"),
            contact: Contact::parse("Team@example.com").expect("an address"),
            homepage: Homepage::parse("https://Example.com/sync").expect("a URL"),
            ..row(1)
        },
        row(2),
    ]);
    let columns: [fn(Text) -> Filter; 3] = [Filter::Description, Filter::Contact, Filter::Homepage];
    for (column, part) in columns.into_iter().zip(["orders", "team@", "https://example"]) {
        assert_eq!(passing(&register, [column(Text::Empty)]), [2]);
        assert_eq!(passing(&register, [column(Text::NotEmpty)]), [1]);
        assert_eq!(passing(&register, [column(Text::Contains(owned(part)))]), [1], "{part}");
        assert_eq!(passing(&register, [column(Text::DoesNotContain(owned(part)))]), [2]);
    }
}

#[test]
fn owners_are_found_by_either_name() {
    let mut register = register([1, 2, 3].map(|number| Row { owner: user(number), ..row(number) }));
    know_person(&mut register, 1, "Ada Lovelace", "countess");
    know_person(&mut register, 2, "Bob", "ada2");
    let passing = |text| passing(&register, [Filter::OwnerName(text)]);
    assert_eq!(passing(Text::Contains(owned("ADA"))), [1, 2]);
    assert_eq!(passing(Text::DoesNotContain(owned("ada"))), [3]);
    assert_eq!(passing(Text::Equals(owned("Countess"))), [1]);
    assert_eq!(passing(Text::NoneOf(vec![owned("bob"), owned("countess")])), [3]);
    assert_eq!(passing(Text::Empty), [3], "one who was erased, or is not known yet");
}

#[test]
fn organizations_are_found_by_their_names() {
    let rows = [1, 2].map(|number| Row { organization: organization(number), ..row(number) });
    let mut register = register(rows);
    know_organization(&mut register, 2, "Acme");
    assert_eq!(passing(&register, [Filter::OrganizationName(Text::StartsWith(owned("ac")))]), [2]);
    assert_eq!(passing(&register, [Filter::OrganizationName(Text::Empty)]), [1]);
}

#[test]
fn choices_are_any_of_or_none_of() {
    let read = scope("read");
    let register = register([
        Row { scopes: vec![read.clone(), scope("write")], ..row(1) },
        Row { owner: user(2), organization: organization(2), ..inactive(row(2)) },
        Row { owner: user(3), scopes: vec![scope("write")], ..row(3) },
    ]);
    let client = Grant::ClientCredentials;
    let cases = [
        (Filter::Owner(Choice::AnyOf(vec![user(1), user(3), user(9)])), vec![1, 3]),
        (Filter::Owner(Choice::NoneOf(vec![user(1)])), vec![2, 3]),
        (Filter::Owner(Choice::AnyOf(vec![])), vec![]),
        (Filter::Owner(Choice::NoneOf(vec![])), vec![1, 2, 3]),
        (Filter::Organization(Choice::AnyOf(vec![organization(2)])), vec![2]),
        (Filter::Organization(Choice::NoneOf(vec![organization(2)])), vec![1, 3]),
        (Filter::Id(Choice::AnyOf(vec![application(3), application(7)])), vec![3]),
        (Filter::Id(Choice::NoneOf(vec![application(3)])), vec![1, 2]),
        (Filter::Status(Choice::AnyOf(vec![Status::Inactive])), vec![2]),
        (Filter::Grant(Choice::AnyOf(vec![client])), vec![1, 2, 3]),
        (Filter::Grant(Choice::NoneOf(vec![client])), vec![]),
        (Filter::Scope(Choice::AnyOf(vec![read.clone()])), vec![1]),
        (Filter::Scope(Choice::NoneOf(vec![read])), vec![2, 3]),
    ];
    for (filter, expected) in cases {
        assert_eq!(passing(&register, [filter.clone()]), expected, "{filter:?}");
    }
}

#[test]
fn deleted_applications_are_left_out_unless_they_are_asked_for() {
    let register = register([row(1), inactive(row(2)), deleted(row(3))]);
    assert_eq!(passing(&register, []), [1, 2]);
    let status = |choice| passing(&register, [Filter::Status(choice)]);
    assert_eq!(status(Choice::AnyOf(Status::ALL.to_vec())), [1, 2, 3]);
    assert_eq!(status(Choice::AnyOf(vec![Status::Deleted])), [3]);
    assert_eq!(status(Choice::NoneOf(vec![Status::Active])), [2]);
}

#[test]
fn moments_are_half_open() {
    let row_at = |number: u128, seconds| Row {
        created_at: at(seconds),
        updated_at: at(seconds + 10),
        ..row(number)
    };
    let register = register([row_at(1, 1), row_at(2, 2), row_at(3, 3)]);
    let cases = [
        (Filter::Created(Moments::Between(at(1), at(3))), vec![1, 2]),
        (Filter::Created(Moments::NotBetween(at(1), at(3))), vec![3]),
        (Filter::Created(Moments::Before(at(2))), vec![1]),
        (Filter::Created(Moments::After(at(2))), vec![2, 3]),
        (Filter::Created(Moments::Between(at(2), at(2))), vec![]),
        (Filter::Updated(Moments::After(at(13))), vec![3]),
    ];
    for (filter, expected) in cases {
        assert_eq!(passing(&register, [filter.clone()]), expected, "{filter:?}");
    }
}

#[test]
fn applications_are_found_by_their_last_use() {
    let mut register = register([row(1), row(2), row(3)]);
    register.note_uses([(application(2), at(5)), (application(3), at(9))]);
    let cases = [
        (Use::Never, vec![1]),
        (Use::Ever, vec![2, 3]),
        (Use::At(Moments::Before(at(9))), vec![2]),
        (Use::At(Moments::NotBetween(at(5), at(6))), vec![3]),
        (Use::NotSince(at(9)), vec![1, 2]),
        (Use::NotSince(at(5)), vec![1]),
    ];
    for (used, expected) in cases {
        assert_eq!(passing(&register, [Filter::LastUsed(used)]), expected, "{used:?}");
    }
}

#[test]
fn an_earlier_use_told_later_changes_nothing() {
    let mut register = register([row(1)]);
    register.note_uses([(application(1), at(5)), (application(1), at(3)), (application(2), at(7))]);
    let last = |register: &_, number: usize| page(register, &all()).rows[number].last_used_at;
    assert_eq!(last(&register, 0), Some(at(5)));
    super::given::put(&mut register, row(2));
    assert_eq!(last(&register, 1), Some(at(7)), "it was told before the application was known");
    super::given::put(&mut register, named(1, "Sync 1"));
    assert_eq!(last(&register, 1), Some(at(5)), "a change of the application keeps it");
}

#[test]
fn filters_are_combined() {
    let register = register([
        named(1, "Sync"),
        inactive(named(2, "Sync")),
        Row { owner: user(2), ..inactive(named(3, "Sync")) },
        inactive(named(4, "Till")),
    ]);
    let filters = [
        Filter::Name(Text::Contains(owned("sync"))),
        Filter::Status(Choice::AnyOf(vec![Status::Inactive])),
        Filter::Owner(Choice::AnyOf(vec![user(1)])),
    ];
    assert_eq!(passing(&register, filters), [2]);
}

#[test]
fn nothing_is_found_beyond_the_reach() {
    let rows = [(1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 2, 2)].map(|(number, within, owner)| Row {
        organization: organization(within),
        owner: user(owner),
        ..row(number)
    });
    let register = register(rows);
    for (within, owner, expected) in [
        (None, None, vec![1, 2, 3, 4]),
        (Some(1), None, vec![1, 2]),
        (None, Some(2), vec![2, 4]),
        (Some(2), Some(1), vec![3]),
        (Some(3), None, vec![]),
        (None, Some(3), vec![]),
    ] {
        let reach = Reach { organization: within.map(organization), owner: owner.map(user) };
        let page = page(&register, &Query { reach, ..all() });
        assert_eq!(
            (super::given::numbers(&page), page.total),
            (expected.clone(), expected.len() as u64)
        );
    }
}
