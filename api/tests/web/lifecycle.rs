//! Deleted and restored.

use std::time::Duration;

use axum::http::StatusCode;
use domain::authority::Role;

use crate::{
    office::Office,
    support::{RESTORABLE, Style},
};

#[tokio::test]
async fn an_application_is_deleted_only_when_its_name_was_entered() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync & more").await.id;
    let mut browser = office.ada().await;
    let path = format!("/applications/{id}/delete");
    let head = office.head().await;
    for wrong in ["", "sync & more", "Sync", "Sync & more!", "\0"] {
        let answer = browser.post(&path, &[("name", wrong)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        let error = answer.between("id=\"deleted-name-error\">", "<");
        assert_eq!(error.as_deref(), Some("This is not the name of the application."));
    }
    assert_eq!(office.head().await, head);
    let answer = browser.post(&path, &[("name", " Sync & more ")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(office.tags_since(head).await, ["application.deleted.v1"]);
}

#[tokio::test]
async fn a_restored_application_works_again_once_it_is_activated() {
    let office = Office::new().await;
    let created = office.register(office.ada, office.acme, "Sync").await;
    let path = format!("/applications/{}", created.id);
    let mut browser = office.ada().await;
    office.delete(created.id).await;
    let page = browser.get(&path).await;
    for text in
        ["Deleted <time", "It can be restored until", "/restore?return_to", ">Deleted</span>"]
    {
        assert!(page.says(text), "{text}");
    }
    for gone in [">Edit<", ">Deactivate<", ">Activate<", "Transfer"] {
        assert!(!page.says(gone), "{gone}");
    }
    let form = browser.get(&format!("{path}/restore?return_to={path}")).await;
    assert!(form.says("value=\"Sync\"") && form.says("It comes back to"));
    let fields = [("name", "Sync"), ("return_to", path.as_str())];
    let page = browser.post_and_follow(&format!("{path}/restore"), &fields).await;
    assert!(page.says("Restored successfully.") && page.says("Inactive</span>"));
    let ask = async || {
        let request =
            Style::BasicForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
        office.send(request).await
    };
    assert_eq!(ask().await.refusal(), (401, "invalid_client".to_owned()));
    browser.post_and_follow(&format!("{path}/activate"), &[]).await;
    ask().await.token();
}

#[tokio::test]
async fn a_name_that_was_taken_meanwhile_asks_for_another() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    office.delete(id).await;
    office.register(office.ada, office.acme, "Sync").await;
    let mut browser = office.ada().await;
    let path = format!("/applications/{id}/restore");
    let head = office.head().await;
    let answer = browser.post(&path, &[("name", "Sync")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let error = answer.between("id=\"restored-name-error\">", "<").expect("an error at the field");
    assert!(error.ends_with("already exists. Choose another name."), "{error}");
    assert!(answer.says("value=\"Sync\""));
    let answer = browser.post(&path, &[("name", "")]).await;
    assert!(answer.says("This value should not be blank."));
    assert_eq!(office.tags_since(head).await, Vec::<String>::new());
    let answer = browser.post(&path, &[("name", "Sync of old")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(office.row(id).expect("a row").name.as_str(), "Sync of old");
}

#[tokio::test]
async fn what_was_deleted_too_long_ago_is_shown_and_stays_deleted() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    office.delete(id).await;
    office.clock.advance(RESTORABLE + Duration::from_secs(1));
    office.wait(Duration::ZERO).await;
    let mut browser = office.ada().await;
    let page = browser.get(&format!("/applications/{id}")).await;
    assert!(page.says("It cannot be restored any more."));
    assert!(page.says("It was deleted too long ago to be restored."));
    assert!(!page.says("/restore?"), "the button leads nowhere");
    let list = browser.get("/applications/deleted").await;
    assert!(list.says("Sync") && list.says("Not any more") && !list.says("/restore?"));
    let head = office.head().await;
    let answer = browser.post(&format!("/applications/{id}/restore"), &[("name", "Sync")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.says("The application was deleted too long ago"));
    assert_eq!(office.tags_since(head).await, Vec::<String>::new());
}

#[tokio::test]
async fn deleted_applications_are_listed_to_those_who_may_see_them_and_restored_by_managers() {
    let office = Office::new().await;
    let mia = office.colleague("mia", Role::Manager).await;
    let bob = office.colleague("bob", Role::Member).await;
    let of_ada = office.register(office.ada, office.acme, "Of Ada").await.id;
    let of_bob = office.register(bob, office.acme, "Of Bob").await.id;
    office.register(bob, office.acme, "Living").await;
    for id in [of_ada, of_bob] {
        office.delete(id).await;
    }
    let mut manager = office.signed_in(mia, office.acme).await;
    let list = manager.get("/applications/deleted").await;
    assert!(list.says("Of Ada") && list.says("Of Bob") && !list.says("Living"));
    assert!(
        list.says(&format!(
            "/applications/{of_bob}/restore?return_to&#x3D;%2Fapplications%2Fdeleted"
        ))
    );
    let mut member = office.signed_in(bob, office.acme).await;
    let list = member.get("/applications/deleted").await;
    assert!(!list.says("Of Ada") && list.says("Of Bob") && !list.says("/restore?"));
    assert!(list.says("Only managers and administrators may restore it."));
    let page = member.get(&format!("/applications/{of_bob}")).await;
    assert!(page.says("aria-disabled=\"true\"") && page.says("may restore it."));
    let none = office.colleague("newcomer", Role::Member).await;
    let list = office.signed_in(none, office.acme).await.get("/applications/deleted").await;
    assert!(list.says("There are no deleted applications"));
}

#[tokio::test]
async fn the_list_of_deleted_applications_comes_in_pages() {
    let office = Office::new().await;
    for number in 0..27 {
        let name = format!("Number {number:02}");
        let id = office.register(office.ada, office.acme, &name).await.id;
        office.delete(id).await;
        office.wait(Duration::from_secs(1)).await;
    }
    let mut browser = office.ada().await;
    let first = browser.get("/applications/deleted").await;
    assert!(first.says("Number 26") && !first.says("Number 01") && first.says("27 in all"));
    let next =
        first.between("href=\"/applications/deleted?after&#x3D;", "\"").expect("a next page");
    let second = browser.get(&format!("/applications/deleted?after={next}")).await;
    assert!(second.says("Number 01") && second.says("Number 00") && !second.says("Number 02"));
    assert!(second.says("First page") && !second.says(">Next<"));
    let forged = browser.get("/applications/deleted?after=e30").await;
    assert!(forged.says("Number 26"), "a cursor that nobody sealed is none");
}
