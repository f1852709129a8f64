//! The same done to many applications.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use commands::applications::Switch;
use domain::{ApplicationId, authority::Role};

use crate::{browser::Browser, grid::office, office::Office, support::Answer};

/// Ticks the rows, and answers the page that says what will happen.
async fn preview(browser: &mut Browser<'_>, action: &str, ids: &[ApplicationId]) -> Answer {
    let names: Vec<_> = ids.iter().map(|id| format!("row.{id}")).collect();
    let mut fields = vec![("action", action), ("return_to", "/applications")];
    fields.extend(names.iter().map(|name| (name.as_str(), "true")));
    browser.get("/applications").await;
    let page = browser.post("/applications/bulk", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    page
}

/// The hidden fields of the page's form.
fn hidden(page: &Answer) -> Vec<(String, String)> {
    let text = page.text().replace("&#x3D;", "=");
    let form = text.split_once("/applications/bulk/confirm\"").expect("a form").1;
    let form = form.split_once("</form>").expect("its end").0;
    form.split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once('"').expect("a name");
            let (_, rest) = rest.split_once("value=\"").expect("a value");
            (name.to_owned(), rest.split_once('"').expect("its end").0.to_owned())
        })
        .collect()
}

/// Sends the page's form with these further fields.
async fn confirm(browser: &mut Browser<'_>, page: &Answer, more: &[(&str, &str)]) -> Answer {
    let hidden = hidden(page);
    let mut fields: Vec<_> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
    fields.extend(more);
    browser.post_only("/applications/bulk/confirm", &fields).await
}

async fn three(office: &Office) -> [ApplicationId; 3] {
    let mut ids = vec![];
    for name in ["One", "Two", "Three"] {
        let created = office.register(office.ada, office.acme, name).await;
        if name == "Two" {
            office.switch(&created, Switch::Deactivate).await;
        }
        ids.push(created.id);
    }
    ids.try_into().expect("three")
}

#[tokio::test]
async fn one_that_is_refused_does_not_stop_the_others() {
    let office = Office::new().await;
    let ids = three(&office).await;
    let mut browser = office.ada().await;
    let head = office.head().await;
    let page = preview(&mut browser, "deactivate", &ids).await;
    assert!(page.says("Deactivate 2 applications") && page.says("It is inactive already."));
    assert!(page.says("will be refused from now on"));
    assert_eq!(office.head().await, head, "a preview writes nothing");
    let results = confirm(&mut browser, &page, &[("reason", "Suspicious traffic")]).await;
    assert!(results.says("2 applications deactivated") && results.says("It is inactive already."));
    assert_eq!(office.tags_since(head).await, ["application.deactivated.v1"; 2]);
    for id in ids {
        assert!(!office.row(id).expect("a row").active);
    }
    let reason = office.row(ids[0]).expect("a row").status_reason.clone();
    assert_eq!(reason.as_deref(), Some("Suspicious traffic"));
}

#[tokio::test]
async fn a_form_that_is_sent_again_does_nothing_twice() {
    let office = Office::new().await;
    let ids = three(&office).await;
    let mut browser = office.ada().await;
    let page = preview(&mut browser, "deactivate", &ids).await;
    confirm(&mut browser, &page, &[]).await;
    let head = office.head().await;
    let again = confirm(&mut browser, &page, &[]).await;
    assert!(again.says("2 applications deactivated"));
    assert_eq!(office.head().await, head);
    let page = preview(&mut browser, "delete", &ids).await;
    for _ in 0..2 {
        let results = confirm(&mut browser, &page, &[("count", "3")]).await;
        assert!(results.says("3 applications deleted"), "{}", results.text());
    }
    let tags = office.tags_since(head).await;
    assert_eq!(tags, ["application.deleted.v1"; 3]);
}

#[tokio::test]
async fn deleting_asks_for_the_number_of_applications() {
    let office = Office::new().await;
    let ids = three(&office).await;
    let mut browser = office.ada().await;
    let page = preview(&mut browser, "delete", &ids).await;
    assert!(page.says("Type 3, the number of applications, to confirm"));
    let head = office.head().await;
    for typed in ["", "2", "three"] {
        let again = confirm(&mut browser, &page, &[("count", typed)]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.says("Type 3 to delete 3 applications."));
    }
    let again = confirm(&mut browser, &page, &[("count", "3"), ("reason", "a\nb")]).await;
    assert!(again.says("This value should not contain control characters."));
    assert_eq!(office.head().await, head);
    assert!(confirm(&mut browser, &page, &[("count", "3")]).await.says("3 applications deleted"));
}

#[tokio::test]
async fn what_was_not_asked_about_is_not_done() {
    let office = Office::new().await;
    let ids = three(&office).await;
    let mut browser = office.ada().await;
    let page = preview(&mut browser, "deactivate", &ids).await;
    // Somebody activates the one that could not be deactivated, in the meantime.
    let mut other = office.ada().await;
    other.get("/applications").await;
    other.post(&format!("/applications/{}/activate", ids[1]), &[]).await;
    let results = confirm(&mut browser, &page, &[]).await;
    assert!(results.says("It could not be done when you were asked."));
    assert!(office.row(ids[1]).expect("a row").active);
}

#[tokio::test]
async fn nobody_does_to_many_what_they_may_not_do_to_one() {
    let office = Office::new().await;
    let ids = three(&office).await;
    let head = office.head().await;
    let nora = office.colleague("nora", Role::Auditor).await;
    let mut browser = office.signed_in(nora, office.acme).await;
    let head_after = office.head().await;
    assert_ne!(head, head_after);
    let page = preview(&mut browser, "deactivate", &ids).await;
    assert!(page.says("Your role does not include this.") && !page.says("Will be done"));
    let forged: Vec<_> = ids.iter().map(|id| (format!("row.{id}"), "will")).collect();
    let mut fields =
        vec![("action", "deactivate"), ("form", "0199a0b4-3c5d-7e6f-8a1b-0000000000b1")];
    fields.extend(forged.iter().map(|(name, value)| (name.as_str(), *value)));
    let results = browser.post("/applications/bulk/confirm", &fields).await;
    assert!(results.says("Your role does not include this."));
    // A member does not even learn that they are there.
    let bob = office.colleague("bob", Role::Member).await;
    let mut browser = office.signed_in(bob, office.acme).await;
    let page = preview(&mut browser, "delete", &ids).await;
    assert!(page.says("No rows were selected") && !page.says(">One<"));
    let head = office.head().await;
    let results = browser.post("/applications/bulk/confirm", &fields).await;
    assert!(results.says("It is not there any more.") && !results.says(">One<"));
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn all_that_match_are_meant_when_that_is_ticked() {
    let office = office().await;
    let mut browser = office.ada().await;
    browser.get("/applications").await;
    let fields = [("action", "activate"), ("all", "true"), ("query", "name=App+1")];
    let page = browser.post("/applications/bulk", &fields).await;
    assert!(page.says("Activate 2 applications") && page.says("It is active already."));
    let results = confirm(&mut browser, &page, &[]).await;
    assert!(results.says("2 applications activated"));
}

#[tokio::test]
async fn a_long_list_is_done_in_parts_that_say_how_far_they_are() {
    let office = Office::new().await;
    let mut ids = BTreeSet::new();
    for number in 0..60 {
        ids.insert(office.register(office.ada, office.acme, &format!("App {number:02}")).await.id);
    }
    let ids: Vec<_> = ids.into_iter().collect();
    let mut browser = office.ada().await;
    let page = preview(&mut browser, "deactivate", &ids).await;
    let head = office.head().await;
    let part = confirm(&mut browser, &page, &[("reason", "All of them")]).await;
    assert!(part.says("50 of 60 dealt with") && part.says("data-continue"));
    assert_eq!(office.tags_since(head).await.len(), 50);
    let results = confirm(&mut browser, &part, &[]).await;
    assert!(results.says("60 applications deactivated") && !results.says("data-continue"));
    let reason = office.row(ids[59]).expect("a row").status_reason.clone();
    assert_eq!(reason.as_deref(), Some("All of them"));
}

#[tokio::test]
async fn nothing_selected_says_what_to_do() {
    let office = office().await;
    let mut browser = office.ada().await;
    let page = preview(&mut browser, "delete", &[]).await;
    assert!(page.says("No rows were selected") && !page.says("danger-solid"));
    let malformed = browser.post("/applications/bulk", &[("action", "explode")]).await;
    assert_eq!(malformed.status, StatusCode::BAD_REQUEST);
}
