use std::time::Duration;

use axum::http::StatusCode;
use commands::applications::Switch;

use crate::{office::Office, support::Answer};

/// Fourteen applications, two of them inactive.
async fn office() -> Office {
    let office = Office::new().await;
    for number in 1..=14 {
        office.clock.advance(Duration::from_secs(1));
        let created = office.register(office.ada, office.acme, &format!("App {number:02}")).await;
        if number > 12 {
            office.switch(&created, Switch::Deactivate).await;
        }
    }
    office
}

/// The names of the rows, in order.
fn names(page: &Answer) -> Vec<String> {
    let text = page.text();
    let rows = text.split("class=\"cell-name\"><a href=\"").skip(1);
    rows.map(|row| {
        let (_, rest) = row.split_once('>').expect("a link");
        rest.split_once('<').expect("a name").0.to_owned()
    })
    .collect()
}

#[tokio::test]
async fn the_grid_is_cut_into_pages_that_do_not_overlap() {
    let office = office().await;
    let mut browser = office.ada().await;
    let first = browser.get("/me?size=10").await;
    let second = browser.get("/me?size=10&page=2").await;
    assert!(first.says("Page 1 of 2") && second.says("Page 2 of 2"));
    assert!(first.says("rel=\"next\"") && !first.says("rel=\"prev\""));
    assert!(second.says("rel=\"prev\"") && !second.says("rel=\"next\""));
    let all: Vec<_> = names(&first).into_iter().chain(names(&second)).collect();
    assert_eq!(all, (1..=14).map(|number| format!("App {number:02}")).collect::<Vec<_>>());
    for page in ["page=3", "page=99999999999", "page=18446744073709551615"] {
        let beyond = browser.get(&format!("/me?size=10&{page}")).await;
        assert_eq!(names(&beyond), names(&second), "{page} is the last one");
    }
    assert_eq!(names(&browser.get("/me").await).len(), 14, "25 fit on a page");
}

#[tokio::test]
async fn filters_are_combined_and_can_be_cleared() {
    let office = office().await;
    let mut browser = office.ada().await;
    for (query, expected, summary) in [
        ("", 14, "14 applications"),
        ("name=aPP+1", 5, "5 of 14 applications"),
        ("status=inactive", 2, "2 of 14 applications"),
        ("status=active&name=1", 4, "4 of 14 applications"),
        ("status=active&name=14", 0, "0 of 14 applications"),
        ("name=%25", 0, "0 of 14 applications"),
        ("name=_", 0, "0 of 14 applications"),
        ("name=%27%22%3B--", 0, "0 of 14 applications"),
    ] {
        let page = browser.get(&format!("/me?{query}")).await;
        assert_eq!(names(&page).len(), expected, "{query}");
        assert!(page.says(summary), "{query}: {summary}");
        assert_eq!(page.says(">Clear</a>"), !query.is_empty(), "{query}");
        assert_eq!(page.says("No Results Found"), expected == 0, "{query}");
    }
    let page = browser.get("/me?status=inactive&name=x").await;
    assert!(page.says("Application Name contains “x”") && page.says("Status is Inactive"));
}

#[tokio::test]
async fn columns_are_sorted_both_ways() {
    let office = office().await;
    let mut browser = office.ada().await;
    let forwards = names(&browser.get("/me?sort=name").await);
    for sort in ["name", "created", "client_id", "active"] {
        let up = names(&browser.get(&format!("/me?sort={sort}")).await);
        let mut down = names(&browser.get(&format!("/me?sort=-{sort}")).await);
        down.reverse();
        assert_eq!(up, down, "{sort}");
        assert_eq!(up.len(), 14);
    }
    assert_eq!(names(&browser.get("/me?sort=created").await), forwards);
    let inactive_last = names(&browser.get("/me?sort=active").await);
    assert_eq!(inactive_last[12..], ["App 13", "App 14"]);
    let page = browser.get("/me?sort=-name&status=active").await;
    assert!(page.says("aria-sort=\"descending\""));
    let heads = page.text().replace("&amp;", "&").replace("&#x3D;", "=");
    assert!(heads.contains("href=\"/me?status=active#applications\""), "a click turns it round");
}

#[tokio::test]
async fn an_address_that_means_nothing_shows_everything() {
    let office = office().await;
    let mut browser = office.ada().await;
    let odd = "ä".repeat(3000);
    for query in [
        "page=0",
        "page=-1",
        "page=x",
        "size=7",
        "size=0",
        "size=4294967296",
        "sort=secret",
        "sort=",
        "status=deleted",
        "organization=x",
        "name=%00",
        "name=&name=",
        "%FF=%FF",
        "&&&=&",
        "name=%FF%FE",
        "color=blue",
    ] {
        let page = browser.get(&format!("/me?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert!(names(&page).len() == 14 || query == "name=%FF%FE", "{query}");
    }
    let odd = url::form_urlencoded::byte_serialize(odd.as_bytes()).collect::<String>();
    let page = browser.get(&format!("/me?name={odd}")).await;
    assert_eq!((page.status, names(&page).len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn the_grid_holds_ones_own_applications_only() {
    let office = Office::new().await;
    let bob = office.colleague("bob", domain::authority::Role::Member).await;
    office.register(bob, office.acme, "Bobs").await;
    office.register(office.ada, office.acme, "Adas").await;
    assert_eq!(names(&office.ada().await.get("/me").await), ["Adas"]);
    let mut browser = office.signed_in(bob, office.acme).await;
    assert_eq!(names(&browser.get("/me").await), ["Bobs"]);
}

#[tokio::test]
async fn forms_lead_back_to_the_page_of_the_grid_they_were_opened_from() {
    let office = office().await;
    let mut browser = office.ada().await;
    let page = browser.get("/me?size=10&page=2&sort=-name").await.text().replace("&#x3D;", "=");
    let back = "return_to=%2Fme%3Fsize%3D10%26page%3D2%26sort%3D-name";
    assert!(page.contains(&format!("/edit?{back}")), "{page}");
    assert!(page.contains(&format!("/applications/new?{back}")));
}
