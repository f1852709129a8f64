//! Questions to the grid.

use std::sync::Arc;

use domain::ClientId;

use super::given::{
    APPLICATIONS, all, application, at, built, found, kept, known_organizations, named,
    organization, row, shown, user,
};
use crate::{
    Views,
    applications::{Order, Query, Row, SortBy, Status},
};

async fn numbers(views: &dyn Views, query: Query) -> Vec<u128> {
    found(views, query).await.0
}

async fn named_like(views: &dyn Views, part: &str) -> Vec<u128> {
    numbers(views, Query { name: Some(part.to_owned()), ..all() }).await
}

async fn sorted(views: &dyn Views, sort: SortBy) -> Vec<u128> {
    numbers(views, Query { sort, ..all() }).await
}

pub async fn a_grid_without_a_live_generation_is_empty(views: Arc<dyn Views>) {
    assert_eq!(found(&*views, all()).await, (vec![], 0));
    assert_eq!(views.application(application(1)).await.expect("views answer"), None);
}

pub async fn the_grid_shows_the_live_generation_only(views: Arc<dyn Views>) {
    shown(&*views, &[row(1)]).await;
    shown(&*views, &[row(2), row(3)]).await;
    built(&*views, APPLICATIONS, kept(&[row(4)])).await;
    assert_eq!(found(&*views, all()).await, (vec![2, 3], 2));
}

pub async fn an_application_is_found_by_its_id(views: Arc<dyn Views>) {
    shown(&*views, &[row(1), row(2)]).await;
    let found = views.application(application(2)).await.expect("views answer");
    assert_eq!(found, Some(row(2)));
    assert_eq!(views.application(application(3)).await.expect("views answer"), None);
}

pub async fn rows_are_filtered_by_owner(views: Arc<dyn Views>) {
    let rows = [row(1), Row { owner: user(2), ..row(2) }, Row { owner: user(2), ..row(3) }];
    shown(&*views, &rows).await;
    let of = |number| Query { owner: Some(user(number)), ..all() };
    assert_eq!(found(&*views, of(1)).await, (vec![1], 1));
    assert_eq!(found(&*views, of(2)).await, (vec![2, 3], 2));
    assert_eq!(found(&*views, of(3)).await, (vec![], 0));
}

/// Application 1 of organization 1, and so on.
fn of_three_organizations() -> [Row; 3] {
    [1, 2, 3].map(|number| Row { organization: organization(number), ..row(number) })
}

pub async fn rows_are_filtered_by_organizations(views: Arc<dyn Views>) {
    shown(&*views, &of_three_organizations()).await;
    let of = |numbers: &[u128]| Query {
        organizations: Some(numbers.iter().copied().map(organization).collect()),
        ..all()
    };
    assert_eq!(found(&*views, of(&[2])).await, (vec![2], 1));
    assert_eq!(found(&*views, of(&[3, 1, 9, 1])).await, (vec![1, 3], 2));
}

pub async fn rows_of_no_organization_at_all_are_none(views: Arc<dyn Views>) {
    shown(&*views, &of_three_organizations()).await;
    let query = Query { organizations: Some(vec![]), ..all() };
    assert_eq!(found(&*views, query).await, (vec![], 0));
}

pub async fn rows_are_filtered_by_a_part_of_the_name_in_any_case(views: Arc<dyn Views>) {
    shown(&*views, &[named(1, "Lagerbestände"), named(2, "ÜBERWEISUNG"), named(3, "Склад")]).await;
    assert_eq!(named_like(&*views, "BESTÄND").await, [1]);
    assert_eq!(named_like(&*views, "überw").await, [2]);
    assert_eq!(named_like(&*views, "СКЛА").await, [3]);
    assert_eq!(named_like(&*views, "E").await, [1, 2]);
    assert_eq!(named_like(&*views, "lager bestände").await, [] as [u128; 0]);
    assert_eq!(named_like(&*views, "").await, [1, 2, 3], "everything has an empty part");
}

pub async fn every_character_of_a_name_stands_for_itself(views: Arc<dyn Views>) {
    let names = ["100 %", "a_b", "a\\b", "it's", "axb", "*?[a]", "\"quoted\"", "--; drop"];
    let rows: Vec<_> = (1..).zip(names).map(|(number, name)| named(number, name)).collect();
    shown(&*views, &rows).await;
    for (number, part) in (1..).zip(["%", "_", "\\", "'", "x", "*", "\"", ";"]) {
        assert_eq!(named_like(&*views, part).await, [number], "{part}");
    }
}

pub async fn rows_are_filtered_by_status(views: Arc<dyn Views>) {
    shown(&*views, &[row(1), Row { active: false, ..row(2) }, row(3)]).await;
    let of = |status| Query { status, ..all() };
    assert_eq!(found(&*views, of(Status::All)).await, (vec![1, 2, 3], 3));
    assert_eq!(found(&*views, of(Status::Active)).await, (vec![1, 3], 2));
    assert_eq!(found(&*views, of(Status::Inactive)).await, (vec![2], 1));
}

pub async fn filters_are_combined(views: Arc<dyn Views>) {
    let match_ = Row { owner: user(2), organization: organization(2), ..named(1, "Sync") };
    let rows = [
        match_.clone(),
        Row { owner: user(1), id: application(2), ..match_.clone() },
        Row { organization: organization(1), id: application(3), ..match_.clone() },
        Row { active: false, id: application(4), ..match_.clone() },
        Row { name_key: "other".to_owned(), id: application(5), ..match_ },
    ];
    shown(&*views, &rows).await;
    for sort in
        [SortBy::Name, SortBy::Organization, SortBy::ClientId, SortBy::Active, SortBy::Created]
    {
        let query = Query {
            owner: Some(user(2)),
            organizations: Some(vec![organization(2), organization(3)]),
            name: Some("sync".to_owned()),
            status: Status::Active,
            sort,
            ..all()
        };
        assert_eq!(found(&*views, query).await, (vec![1], 1), "{sort:?}");
    }
}

pub async fn rows_are_sorted_by_each_column(views: Arc<dyn Views>) {
    let client = |letter: &str| ClientId::parse(&letter.repeat(32)).expect("a client id");
    let rows = [
        Row { client_id: client("a"), created_at: at(2), active: true, ..named(1, "b") },
        Row { client_id: client("B"), created_at: at(10), active: false, ..named(2, "C") },
        Row { client_id: client("9"), created_at: at(0), active: true, ..named(3, "a") },
    ];
    shown(&*views, &rows).await;
    assert_eq!(sorted(&*views, SortBy::Name).await, [3, 1, 2]);
    assert_eq!(sorted(&*views, SortBy::ClientId).await, [3, 2, 1]);
    assert_eq!(sorted(&*views, SortBy::Active).await, [2, 1, 3]);
    assert_eq!(sorted(&*views, SortBy::Created).await, [3, 1, 2]);
}

pub async fn rows_are_sorted_by_the_names_of_their_organizations(views: Arc<dyn Views>) {
    let mut rows = of_three_organizations().to_vec();
    rows.push(Row { organization: organization(9), ..row(4) });
    rows.push(Row { organization: organization(2), ..row(5) });
    shown(&*views, &rows).await;
    assert_eq!(sorted(&*views, SortBy::Organization).await, [1, 2, 3, 4, 5], "nobody is known");
    known_organizations(&*views, &[(1, "globex"), (2, "Initech"), (3, "ACME")]).await;
    let expected = [4, 3, 1, 2, 5];
    assert_eq!(sorted(&*views, SortBy::Organization).await, expected, "the unknown one first");
    known_organizations(&*views, &[(1, "Globex"), (2, "Abacus"), (3, "ACME")]).await;
    assert_eq!(sorted(&*views, SortBy::Organization).await, [4, 2, 5, 3, 1]);
}

pub async fn names_are_sorted_by_code_points(views: Arc<dyn Views>) {
    let names = ["z", "ä", "a b", "a-b", "ab", "\u{1d11e}", "я"];
    let rows: Vec<_> = (1..).zip(names).map(|(number, name)| named(number, name)).collect();
    shown(&*views, &rows).await;
    assert_eq!(sorted(&*views, SortBy::Name).await, [3, 4, 5, 1, 2, 7, 6]);
}

pub async fn the_id_decides_between_equals(views: Arc<dyn Views>) {
    let client_id = row(1).client_id;
    let rows = [3, 1, 2].map(|number| Row { client_id: client_id.clone(), ..row(number) });
    shown(&*views, &rows).await;
    for sort in
        [SortBy::Name, SortBy::Organization, SortBy::ClientId, SortBy::Active, SortBy::Created]
    {
        assert_eq!(sorted(&*views, sort).await, [1, 2, 3], "{sort:?}");
    }
}

pub async fn descending_is_ascending_backwards(views: Arc<dyn Views>) {
    let rows: Vec<_> = (1..=9)
        .map(|number| Row {
            active: number % 2 == 0,
            organization: organization(number % 3),
            ..named(number, ["b", "a", "c"][usize::try_from(number % 3).unwrap_or_default()])
        })
        .collect();
    shown(&*views, &rows).await;
    known_organizations(&*views, &[(0, "Globex"), (1, "Acme")]).await;
    for sort in
        [SortBy::Name, SortBy::Organization, SortBy::ClientId, SortBy::Active, SortBy::Created]
    {
        let mut ascending = sorted(&*views, sort).await;
        let descending = Query { sort, order: Order::Descending, ..all() };
        ascending.reverse();
        assert_eq!(numbers(&*views, descending).await, ascending, "{sort:?}");
    }
}

pub async fn pages_neither_overlap_nor_leave_anything_out(views: Arc<dyn Views>) {
    let rows: Vec<_> = (1..=10).map(row).collect();
    shown(&*views, &rows).await;
    for limit in [1, 3, 10, 11] {
        let mut seen = vec![];
        loop {
            let offset = seen.len() as u64;
            let (page, total) = found(&*views, Query { offset, limit, ..all() }).await;
            assert_eq!(total, 10, "the total is the same on every page");
            if page.is_empty() {
                break;
            }
            seen.extend(page);
        }
        assert_eq!(seen, (1..=10).collect::<Vec<_>>(), "in pages of {limit}");
    }
    let far = Query { offset: u64::MAX, ..all() };
    assert_eq!(found(&*views, far).await, (vec![], 10));
    assert_eq!(found(&*views, Query { limit: 0, ..all() }).await, (vec![], 10));
}

pub async fn a_page_holds_at_most_a_thousand_rows(views: Arc<dyn Views>) {
    let rows: Vec<_> = (1..=1001).map(row).collect();
    shown(&*views, &rows).await;
    let (page, total) = found(&*views, Query { limit: u32::MAX, ..all() }).await;
    assert_eq!((page.len(), total), (1000, 1001));
}
