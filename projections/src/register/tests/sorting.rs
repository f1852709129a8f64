use super::given::{
    all, application, at, deleted, inactive, know_organization, know_person, named, organization,
    page, register, row, scope, sorted, user,
};
use crate::{
    applications::Row,
    register::{Choice, Filter, Order, Query, Sort, SortBy, Status},
};

fn ascending(by: SortBy) -> Sort {
    Sort { by, order: Order::Ascending }
}

#[test]
fn names_are_sorted_by_code_points_of_their_folded_forms() {
    let names = ["b", "B2", "a", "Z", "ä", "10", "2"];
    let register = register((1..).zip(names).map(|(number, name)| named(number, name)));
    assert_eq!(sorted(&register, Sort::BY_NAME), [6, 7, 3, 1, 2, 4, 5]);
}

#[test]
fn the_id_decides_between_equals_and_descending_is_ascending_backwards() {
    let register = register([3, 1, 4, 2].map(row));
    for by in SortBy::ALL {
        if by != SortBy::ClientId {
            assert_eq!(sorted(&register, ascending(by)), [1, 2, 3, 4], "{by:?}");
        }
        let descending = Sort { by, order: Order::Descending };
        assert_eq!(sorted(&register, descending), [4, 3, 2, 1], "{by:?}");
    }
}

#[test]
fn organizations_are_sorted_by_their_names_as_they_are_now() {
    let rows = [1, 2, 3].map(|number| Row { organization: organization(number), ..row(number) });
    let mut register = register(rows);
    let by_organization = ascending(SortBy::Organization);
    know_organization(&mut register, 1, "zebra");
    know_organization(&mut register, 3, "Acme");
    assert_eq!(sorted(&register, by_organization), [2, 3, 1], "the unknown one first");
    know_organization(&mut register, 2, "Middle");
    assert_eq!(sorted(&register, by_organization), [3, 2, 1]);
    know_organization(&mut register, 1, "Aardvark");
    assert_eq!(sorted(&register, by_organization), [1, 3, 2]);
}

#[test]
fn owners_are_sorted_by_display_name_and_then_by_user_name() {
    let rows = [1, 2, 3].map(|number| Row { owner: user(number), ..row(number) });
    let mut register = register(rows);
    know_person(&mut register, 1, "Bob", "bob2");
    know_person(&mut register, 2, "bob", "bob1");
    know_person(&mut register, 3, "Ada", "zoe");
    assert_eq!(sorted(&register, ascending(SortBy::Owner)), [3, 2, 1]);
    let shown = page(&register, &all()).rows.remove(0);
    assert_eq!(
        (shown.owner_name.as_deref(), shown.owner_user_name.as_deref()),
        (Some("Bob"), Some("bob2"))
    );
}

#[test]
fn every_status_has_its_place() {
    let register = register([deleted(row(1)), row(2), inactive(row(3))]);
    let filters = vec![Filter::Status(Choice::AnyOf(Status::ALL.to_vec()))];
    let query = Query { filters, sort: ascending(SortBy::Status), ..all() };
    assert_eq!(super::given::numbers(&page(&register, &query)), [2, 3, 1]);
}

#[test]
fn scopes_are_sorted_whatever_order_they_were_given_in() {
    let with = |number: u128, scopes: &[&str]| Row {
        scopes: scopes.iter().map(|text| scope(text)).collect(),
        ..row(number)
    };
    let register = register([with(1, &["b", "a"]), with(2, &["a", "c"]), with(3, &["a"]), row(4)]);
    assert_eq!(sorted(&register, ascending(SortBy::Scopes)), [4, 3, 1, 2]);
}

#[test]
fn moments_are_sorted_and_what_was_never_used_comes_first() {
    let mut register = register([(1, 3), (2, 1), (3, 2)].map(|(number, seconds)| Row {
        created_at: at(seconds),
        updated_at: at(10 - seconds),
        ..row(number)
    }));
    assert_eq!(sorted(&register, ascending(SortBy::Created)), [2, 3, 1]);
    assert_eq!(sorted(&register, ascending(SortBy::Updated)), [1, 3, 2]);
    register.note_uses([(application(1), at(8)), (application(3), at(7))]);
    assert_eq!(sorted(&register, ascending(SortBy::LastUsed)), [2, 3, 1]);
    let last_first = Sort { by: SortBy::LastUsed, order: Order::Descending };
    assert_eq!(sorted(&register, last_first), [1, 3, 2]);
}
