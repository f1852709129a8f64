use axum::http::StatusCode;
use commands::organizations::Change;
use domain::{OrganizationId, authority::Role};

use crate::office::Office;

/// Ada works in Acme and in Nordwind.
async fn office() -> (Office, OrganizationId) {
    let office = Office::new().await;
    let nordwind = office.organization("Nordwind").await;
    office.admit(nordwind, office.ada, Role::Member).await;
    (office, nordwind)
}

#[tokio::test]
async fn who_belongs_to_one_organization_has_nothing_to_switch() {
    let office = Office::new().await;
    let me = office.ada().await.get("/me").await;
    assert!(!me.says("action=\"/organization\"") && !me.says("filter-organization"));
}

#[tokio::test]
async fn who_belongs_to_several_switches_between_them() {
    let (office, nordwind) = office().await;
    office.register(office.ada, office.acme, "At Acme").await;
    office.register(office.ada, nordwind, "At Nordwind").await;
    let mut browser = office.ada().await;
    let me = browser.get("/me").await;
    assert!(me.says("action=\"/organization\"") && me.says("Administrator in Acme"));
    assert!(me.says("At Acme") && !me.says("At Nordwind"));
    let head = office.head().await;
    let wanted = nordwind.to_string();
    let me = browser.post_and_follow("/organization", &[("organization", &wanted)]).await;
    assert!(me.says("Member in Nordwind"));
    assert!(me.says("At Nordwind") && !me.says("At Acme"));
    assert!(browser.get("/me").await.says("Member in Nordwind"), "it stays so");
    assert_eq!(office.head().await, head, "where one works is no fact of the log");
}

#[tokio::test]
async fn who_switches_stays_at_the_list_they_were_at_if_it_is_there() {
    let (office, nordwind) = office().await;
    let mut browser = office.ada().await;
    let page = browser.get("/applications?name=x&sort=-created").await;
    let form = page.between("action=\"/organization\"", "</form>").unwrap_or_default();
    assert!(form.contains("name=\"return_to\" value=\"/applications?name&#x3D;x"), "{form}");
    for (page, nordwinds, acmes) in [
        ("/applications?name=x&sort=-created", "/applications", "/applications"),
        ("/applications/deleted", "/applications", "/applications"),
        ("/applicationsx", "/me", "/me"),
        // A member sees nobody else.
        ("/users?text=grace", "/me", "/users"),
        ("/organizations", "/organizations", "/organizations"),
        ("/me/sessions", "/me", "/me"),
        ("https://elsewhere.example/applications", "/me", "/me"),
        ("//elsewhere.example/users", "/me", "/me"),
        ("", "/me", "/me"),
    ] {
        for (organization, expected) in [(nordwind, nordwinds), (office.acme, acmes)] {
            let organization = organization.to_string();
            let fields = [("organization", organization.as_str()), ("return_to", page)];
            let answer = browser.post("/organization", &fields).await;
            assert_eq!(answer.location().as_deref(), Some(expected), "{page}");
        }
    }
}

#[tokio::test]
async fn without_global_access_applications_are_created_where_one_works() {
    let (office, nordwind) = office().await;
    let mut browser = office.signed_in(office.ada, nordwind).await;
    assert!(!browser.get("/applications/new").await.says("<select"));
    let elsewhere = office.acme.to_string();
    let answer =
        browser.post("/applications", &[("name", "New"), ("organization", &elsewhere)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let here = nordwind.to_string();
    let answer = browser.post("/applications", &[("name", "New"), ("organization", &here)]).await;
    assert!(answer.says("New in Nordwind"));
}

#[tokio::test]
async fn with_global_access_the_organization_is_chosen_shown_and_filtered() {
    let (office, nordwind) = office().await;
    office.organization("Foreign").await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    let mut browser = office.ada().await;
    let form = browser.get("/applications/new").await;
    assert!(form.says("<select id=\"application-organization\""));
    assert!(!form.says("Foreign"), "Ada does not belong there");
    let first = form.between("<option value=\"", "\"");
    assert_eq!(first, Some(office.acme.to_string()), "the current one comes first");
    let there = nordwind.to_string();
    let fields = [("name", "At Nordwind"), ("active", "true"), ("organization", &there)];
    assert!(browser.post("/applications", &fields).await.says("At Nordwind in Nordwind"));
    let fields = [("name", "At Acme"), ("active", "true")];
    assert!(browser.post("/applications", &fields).await.says("At Acme in Acme"));

    let me = browser.get("/me").await;
    assert!(me.says("data-label=\"Organization\">Nordwind<") && me.says("filter-organization"));
    assert!(me.says("2 applications"));
    let filtered = browser.get(&format!("/me?organization={nordwind}")).await;
    assert!(filtered.says("At Nordwind") && !filtered.says("At Acme<"));
    assert!(filtered.says("1 of 2"));
    let sorted = browser.get("/me?sort=-organization").await.text();
    assert!(sorted.find("At Nordwind") < sorted.find("At Acme"));

    // The same name is another one elsewhere, and taken where it is.
    let fields = [("name", "At Acme"), ("organization", &there)];
    assert_eq!(browser.post("/applications", &fields).await.status, StatusCode::OK);
    let answer = browser.post("/applications", &fields).await;
    assert!(answer.says("The application with the given name already exists."));
    let selected = answer.between(" selected>", "<");
    assert_eq!(selected.as_deref(), Some("Nordwind"), "the choice is kept");
}

#[tokio::test]
async fn an_organization_that_one_left_is_no_filter() {
    let (office, nordwind) = office().await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    office.register(office.ada, nordwind, "Left behind").await;
    let mut browser = office.ada().await;
    assert!(browser.get("/me").await.says("Left behind"));
    office.dismiss(nordwind, office.ada).await;
    let me = browser.get(&format!("/me?organization={nordwind}&sort=organization")).await;
    assert_eq!(me.status, StatusCode::OK);
    assert!(!me.says("Left behind") && !me.says("filter-organization"));
}

#[tokio::test]
async fn a_member_sees_what_the_organization_is_and_not_who_belongs_to_it() {
    let office = Office::new().await;
    office.organization("Nordwind").await;
    let bob = office.colleague("bob", Role::Member).await;
    let mut browser = office.signed_in(bob, office.acme).await;
    let list = browser.get("/organizations").await;
    assert!(list.says("Acme") && list.says("Not shown") && !list.says("Nordwind"));
    let page = browser.get(&format!("/organizations/{}", office.acme)).await;
    assert_eq!(page.status, 200);
    assert!(page.says("Global access") && !page.says("Members") && !page.says("ada"));
    assert_eq!(browser.get("/users").await.status, 404);
}
