use std::collections::HashSet;

use domain::application::Application;
use store::{Position, StreamName};

use super::given::{all, named, numbers, page, passing, put, register, remove, row};
use crate::register::{Cursor, From, Order, Query, Register, Sort, SortBy};

fn pages_of(limit: u32, from: From) -> Query {
    Query { from, limit, ..all() }
}

fn ten() -> Register {
    register((1..=10).map(|number| named(number, &format!("{number:02}"))))
}

fn behind(register: &Register, limit: u32, from: From) -> Cursor {
    page(register, &pages_of(limit, from)).next.expect("another page")
}

#[test]
fn an_empty_register_answers_with_an_empty_page() {
    let found = page(&Register::default(), &all());
    assert_eq!((found.total, found.before, found.rows.len()), (0, 0, 0));
    assert_eq!((found.previous, found.next), (None, None));
}

#[test]
fn pages_lead_forth_and_back() {
    let register = ten();
    let first = page(&register, &pages_of(4, From::Start));
    assert_eq!((numbers(&first), first.before, first.total), (vec![1, 2, 3, 4], 0, 10));
    assert_eq!(first.previous, None);
    let second = page(&register, &pages_of(4, From::After(first.next.expect("a next page"))));
    assert_eq!((numbers(&second), second.before), (vec![5, 6, 7, 8], 4));
    let last = page(&register, &pages_of(4, From::After(second.next.expect("a next page"))));
    assert_eq!((numbers(&last), last.before, last.next), (vec![9, 10], 8, None));
    let back = page(&register, &pages_of(4, From::Before(last.previous.expect("a page before"))));
    assert_eq!((numbers(&back), back.before), (vec![5, 6, 7, 8], 4));
    let start = page(&register, &pages_of(4, From::Before(back.previous.expect("a page before"))));
    assert_eq!((numbers(&start), start.previous), (vec![1, 2, 3, 4], None));
}

#[test]
fn an_offset_skips_rows() {
    let register = ten();
    let found = page(&register, &pages_of(4, From::Offset(8)));
    assert_eq!((numbers(&found), found.before, found.next), (vec![9, 10], 8, None));
    for far in [10, 11, u64::MAX] {
        let found = page(&register, &pages_of(4, From::Offset(far)));
        assert_eq!((found.rows.len(), found.before, found.total), (0, 10, 10));
    }
}

#[test]
fn a_cursor_is_a_place_even_when_its_row_is_gone_or_has_moved() {
    let mut register = ten();
    let cursor = behind(&register, 4, From::Start);
    remove(&mut register, 4);
    let found = page(&register, &pages_of(2, From::After(cursor.clone())));
    assert_eq!((numbers(&found), found.before), (vec![5, 6], 3));
    put(&mut register, named(4, "99"));
    let found = page(&register, &pages_of(2, From::After(cursor.clone())));
    assert_eq!(numbers(&found), [5, 6]);
    put(&mut register, named(11, "04 and a half"));
    let found = page(&register, &pages_of(2, From::After(cursor)));
    assert_eq!(numbers(&found), [11, 5]);
}

#[test]
fn a_page_whose_rows_are_gone_leads_back() {
    let mut register = ten();
    let cursor = behind(&register, 8, From::Start);
    remove(&mut register, 9);
    remove(&mut register, 10);
    let found = page(&register, &pages_of(8, From::After(cursor.clone())));
    assert_eq!((found.rows.len(), found.before, found.total, found.next), (0, 8, 8, None));
    assert_eq!(found.previous, Some(cursor.clone()));
    let found = page(&register, &pages_of(8, From::Before(cursor)));
    assert_eq!(numbers(&found), [1, 2, 3, 4, 5, 6, 7]);
    assert!(found.next.is_some());
}

#[test]
fn a_cursor_of_another_sorting_means_the_start() {
    let register = ten();
    let cursor = behind(&register, 4, From::Start);
    let sort = Sort { by: SortBy::Created, order: Order::Ascending };
    let found = page(&register, &Query { sort, ..pages_of(2, From::After(cursor)) });
    assert_eq!(numbers(&found), [1, 2]);
}

#[test]
fn a_cursor_survives_its_text_form() {
    let register = ten();
    for by in SortBy::ALL {
        let sort = Sort { by, order: Order::Ascending };
        let found = page(&register, &Query { sort, ..pages_of(4, From::Start) });
        let cursor = found.next.expect("another page");
        assert_eq!(cursor.sorted_by(), by);
        let text = serde_json::to_string(&cursor).expect("JSON");
        assert_eq!(serde_json::from_str::<Cursor>(&text).expect("a cursor"), cursor);
    }
}

#[test]
fn a_page_holds_at_most_a_thousand_rows() {
    let register = register((1..=1200).map(row));
    let found = page(&register, &pages_of(u32::MAX, From::Start));
    assert_eq!((found.rows.len(), found.total), (1000, 1200));
}

#[test]
fn a_page_without_rows_says_how_many_match() {
    let found = page(&ten(), &pages_of(0, From::Start));
    assert_eq!((found.total, found.rows.len(), found.next), (10, 0, None));
}

#[test]
fn a_parked_application_is_shown_as_it_was_and_marked() {
    let register = register([row(1), row(2)]);
    let id = super::given::application(2);
    let parked = HashSet::from([StreamName::of::<Application>(&id)]);
    let found = register.page(&all(), &parked, Position::START);
    assert_eq!(found.rows.iter().map(|entry| entry.parked).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn what_is_taken_out_leaves_its_place_to_others() {
    let mut register = ten();
    for number in 1..=10 {
        remove(&mut register, number);
    }
    for number in 11..=15 {
        put(&mut register, row(number));
    }
    assert_eq!(passing(&register, []), [11, 12, 13, 14, 15]);
    assert_eq!(register.records.len(), 10);
}
