//! The section on My User: one's own applications.

use std::time::Duration;

use axum::http::StatusCode;
use commands::applications::Switch;

use crate::{office::Office, support::Answer};

/// Fourteen applications, two of them inactive.
pub(crate) async fn office() -> Office {
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
pub(crate) fn names(page: &Answer) -> Vec<String> {
    let text = page.text();
    let rows = text.split("class=\"cell-name\"><a href=\"").skip(1);
    rows.map(|row| {
        let (_, rest) = row.split_once('>').expect("a link");
        rest.split_once('<').expect("a name").0.to_owned()
    })
    .collect()
}

/// Where the link with this `rel` leads.
fn leads(page: &Answer, rel: &str) -> Option<String> {
    let text = page.text();
    let (before, _) = text.split_once(&format!("\" rel=\"{rel}\""))?;
    let (_, address) = before.rsplit_once("href=\"")?;
    Some(address.replace("&amp;", "&").replace("&#x3D;", "=").replace("#applications", ""))
}

fn next(page: &Answer) -> Option<String> {
    leads(page, "next")
}

fn previous(page: &Answer) -> Option<String> {
    leads(page, "prev")
}

#[tokio::test]
async fn the_grid_is_cut_into_pages_that_do_not_overlap() {
    let office = office().await;
    let mut browser = office.ada().await;
    let first = browser.get("/me?size=10").await;
    assert!(first.says("1–10") && first.says("Total of 14 records"));
    assert_eq!(previous(&first), None);
    let second = browser.get(&next(&first).expect("a next page")).await;
    assert!(second.says("11–14"));
    assert_eq!(next(&second), None);
    let all: Vec<_> = names(&first).into_iter().chain(names(&second)).collect();
    assert_eq!(all, (1..=14).map(|number| format!("App {number:02}")).collect::<Vec<_>>());
    let back = browser.get(&previous(&second).expect("a previous page")).await;
    assert_eq!(names(&back), names(&first));
    assert_eq!(names(&browser.get("/me").await).len(), 14, "25 fit on a page");
}

#[tokio::test]
async fn a_page_stays_right_while_rows_come_and_go() {
    let office = office().await;
    let mut browser = office.ada().await;
    let first = browser.get("/me?size=10").await;
    office.register(office.ada, office.acme, "App 00").await;
    let second = browser.get(&next(&first).expect("a next page")).await;
    assert_eq!(names(&second), ["App 11", "App 12", "App 13", "App 14"], "nothing is seen twice");
}

#[tokio::test]
async fn a_cursor_that_somebody_made_up_shows_the_first_page() {
    let office = office().await;
    let mut browser = office.ada().await;
    let first = browser.get("/me?size=10").await;
    let address = next(&first).expect("a next page");
    let (forged, _) = address.split_at(address.len() - 4);
    for address in [format!("{forged}AAAA"), "/me?size=10&after=e30".to_owned()] {
        assert_eq!(names(&browser.get(&address).await), names(&first), "{address}");
    }
}

#[tokio::test]
async fn filters_are_combined_and_can_be_cleared() {
    let office = office().await;
    let mut browser = office.ada().await;
    for (query, expected, summary) in [
        ("", 14, "14 applications"),
        ("?name=aPP+1", 5, "5 of 14"),
        ("?status=inactive", 2, "2 of 14"),
        ("?name=1&status=active", 4, "4 of 14"),
        ("?name=14&status=active", 0, "0 of 14"),
        ("?name=%25", 0, "0 of 14"),
        ("?name=_", 0, "0 of 14"),
        ("?name=%27%22%3B--", 0, "0 of 14"),
    ] {
        let page = browser.get(&format!("/me{query}")).await;
        assert_eq!(names(&page).len(), expected, "{query}");
        assert!(page.says(summary), "{query}: {summary}");
        assert_eq!(page.says(">Clear</a>"), !query.is_empty(), "{query}");
        assert_eq!(page.says("No Results Found"), expected == 0, "{query}");
    }
    let page = browser.get("/me?name=x&status=inactive").await;
    assert!(page.says("Application Name contains “x”") && page.says("Status is Inactive"));
}

#[tokio::test]
async fn columns_are_sorted_both_ways() {
    let office = office().await;
    let mut browser = office.ada().await;
    let forwards = names(&browser.get("/me").await);
    for sort in ["client_id", "owner", "status", "grant", "scopes", "created", "last_used"] {
        let up = names(&browser.get(&format!("/me?sort={sort}")).await);
        let mut down = names(&browser.get(&format!("/me?sort=-{sort}")).await);
        down.reverse();
        assert_eq!(up, down, "{sort}");
        assert_eq!(up.len(), 14);
    }
    assert_eq!(names(&browser.get("/me?sort=created").await), forwards);
    let inactive_first = names(&browser.get("/me?sort=-status").await);
    assert_eq!(inactive_first[..2], ["App 14", "App 13"]);
    let page = browser.get("/me?status=active&sort=-name").await;
    assert!(page.says("aria-sort=\"descending\""));
    let heads = page.text().replace("&amp;", "&").replace("&#x3D;", "=");
    assert!(heads.contains("href=\"/me?status=active#applications\""), "a click turns it round");
}

#[tokio::test]
async fn an_address_that_means_nothing_leads_to_everything() {
    let office = office().await;
    let mut browser = office.ada().await;
    for query in [
        "page=1",
        "size=7",
        "size=4294967296",
        "sort=secret",
        "sort=",
        "status=all",
        "organization=x",
        "name=%00",
        "name=&name=",
        "%FF=%FF",
        "&&&=&",
        "color=blue",
        "view=none",
        "name_op=contains&status_op=any_of&created_op=&columns=name&columns=client_id&columns=status&columns=created&columns=last_used",
    ] {
        let page = browser.get(&format!("/me?{query}")).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{query}");
        assert_eq!(page.location().as_deref(), Some("/me#applications"), "{query}");
    }
    let odd = "ä".repeat(3000);
    let odd = url::form_urlencoded::byte_serialize(odd.as_bytes()).collect::<String>();
    let page = browser.get(&format!("/me?name={odd}")).await;
    let short = page.location().expect("a shorter address").replace("#applications", "");
    let page = browser.get(&short).await;
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
    let theirs = browser.get(&format!("/me?owner={}", office.ada)).await;
    assert_eq!(names(&theirs), Vec::<String>::new());
}

#[tokio::test]
async fn forms_lead_back_to_the_page_of_the_grid_they_were_opened_from() {
    let office = office().await;
    let mut browser = office.ada().await;
    let page = browser.get("/me?sort=-name&size=10").await.text().replace("&#x3D;", "=");
    let back = "return_to=%2Fme%3Fsort%3D-name%26size%3D10";
    assert!(page.contains(&format!("/edit?{back}")), "{page}");
    assert!(page.contains(&format!("/applications/new?{back}")));
}
