//! Views that people save, share and open.

use axum::http::StatusCode;
use domain::authority::Role;

use crate::{
    browser::Browser,
    grid::{names, office},
    office::Office,
};

const UNUSED: &str = "name=App+1&sort=-created";

/// Saves a view and answers its address.
async fn save(
    browser: &mut Browser<'_>,
    name: &str,
    query: &str,
    flags: &[(&str, &str)],
) -> String {
    browser.get("/applications/views/new").await;
    let mut fields = vec![("name", name), ("query", query)];
    fields.extend(flags);
    let answer = browser.post("/applications/views", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.location().expect("the view")
}

fn id_in(address: &str) -> &str {
    address.split_once("view=").expect("a view").1
}

#[tokio::test]
async fn a_view_keeps_filters_columns_and_sorting_but_no_page() {
    let office = office().await;
    let mut browser = office.ada().await;
    let query = "name=App+1&sort=-created&columns=name%2Cowner&size=10&after=abc&view=none";
    let address = save(&mut browser, "Ones", query, &[]).await;
    let (kept, id) = address.split_once("&view=").expect("a view");
    assert_eq!(kept, "/applications?name=App+1&sort=-created&columns=name%2Cowner");
    let opened = browser.get(&format!("/applications?view={id}")).await;
    assert_eq!(opened.location().as_deref(), Some(address.as_str()));
    let page = browser.get(&address).await;
    assert_eq!(names(&page), ["App 14", "App 13", "App 12", "App 11", "App 10"]);
    assert!(page.says("Saved successfully") && page.says("aria-current=\"true\""));
}

#[tokio::test]
async fn a_shared_view_opens_for_a_colleague_who_sees_what_they_may_see() {
    let office = office().await;
    let mut ada = office.ada().await;
    let shared = save(&mut ada, "Shared ones", UNUSED, &[("shared", "true")]).await;
    let private = save(&mut ada, "Private ones", UNUSED, &[]).await;
    let bob = office.colleague("bob", Role::Member).await;
    office.register(bob, office.acme, "App 1 of Bob").await;
    let mut browser = office.signed_in(bob, office.acme).await;
    let list = browser.get("/applications").await;
    assert!(list.says("Shared ones") && list.says("by ada") && !list.says("Private ones"));
    assert_eq!(names(&browser.get(&shared).await), ["App 1 of Bob"]);
    let page = browser.get(&private).await;
    assert!(page.says("is not there any more, or is not shared with you"));
    let id = id_in(&shared);
    for (form, fields) in
        [("edit", vec![("name", "Mine now")]), ("selection", vec![]), ("delete", vec![])]
    {
        let answer = browser.post(&format!("/applications/views/{id}/{form}"), &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{form}");
        let path = format!("/applications/views/{}/{form}", id_in(&private));
        assert_eq!(browser.post(&path, &fields).await.status, StatusCode::NOT_FOUND, "{form}");
    }
}

#[tokio::test]
async fn a_view_is_offered_in_its_organization_alone() {
    let office = office().await;
    let nordwind = office.organization("Nordwind").await;
    office.admit(nordwind, office.ada, Role::Administrator).await;
    let shared = save(&mut office.ada().await, "Of Acme", UNUSED, &[("shared", "true")]).await;
    let mut browser = office.signed_in(office.ada, nordwind).await;
    assert!(!browser.get("/applications").await.says("Of Acme"));
    assert!(browser.get(&shared).await.says("is not there any more"));
}

#[tokio::test]
async fn the_default_opens_when_the_address_asks_for_nothing() {
    let office = office().await;
    let mut browser = office.ada().await;
    let address = save(&mut browser, "Mine", UNUSED, &[("default", "true")]).await;
    assert_eq!(browser.get("/applications").await.location().as_deref(), Some(&*address));
    let page = browser.get("/applications?view=none").await;
    assert_eq!(names(&page).len(), 14, "everything is one click away");
    let cleared = browser.get(&address).await.text().replace("&#x3D;", "=");
    assert!(cleared.contains("data-clear>Clear</a>"));

    let bob = office.colleague("bob", Role::Manager).await;
    let id = id_in(&save(&mut browser, "For all", "status=inactive", &[("shared", "true")]).await)
        .to_owned();
    let mut colleague = office.signed_in(bob, office.acme).await;
    assert_eq!(colleague.get("/applications").await.status, StatusCode::OK);
    colleague.post("/applications/views/default", &[("view", &id)]).await;
    let opened = colleague.get("/applications").await.location().expect("the default");
    assert_eq!(names(&colleague.get(&opened).await), ["App 13", "App 14"]);
    // Whoever owns it takes it back.
    browser.post(&format!("/applications/views/{id}/delete"), &[]).await;
    assert_eq!(colleague.get("/applications").await.status, StatusCode::OK);
    browser.post("/applications/views/default", &[("view", "")]).await;
    assert_eq!(browser.get("/applications").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_view_is_renamed_shared_and_given_another_selection() {
    let office = office().await;
    let mut browser = office.ada().await;
    let address = save(&mut browser, "Ones", UNUSED, &[]).await;
    let id = id_in(&address).to_owned();
    let page = browser.get(&format!("/applications?status=inactive&view={id}")).await;
    assert!(page.says("Ones (changed)") && page.says("Update “Ones”"));
    let path = format!("/applications/views/{id}/selection");
    let page = browser.post_and_follow(&path, &[("query", "status=inactive")]).await;
    assert!(!page.says("(changed)") && page.says("Status is Inactive"));
    let fields = [("name", "Twos"), ("shared", "true"), ("query", "status=inactive")];
    browser.post(&format!("/applications/views/{id}/edit"), &fields).await;
    let list = browser.get("/applications/views").await;
    assert!(list.says(">Twos<") && list.says("Status is Inactive") && list.says("shared"));
}

#[tokio::test]
async fn a_view_without_filters_left_does_not_open_itself_again() {
    let office = office().await;
    let mut browser = office.ada().await;
    let id = id_in(&save(&mut browser, "Ones", UNUSED, &[]).await).to_owned();
    let cleared = browser.get(&format!("/applications?name=&name_op=contains&view={id}")).await;
    assert_eq!(cleared.location().as_deref(), Some("/applications?view=none"));
}

#[tokio::test]
async fn a_view_whose_filters_are_not_understood_any_more_says_so() {
    let office = Office::new().await;
    let query = "name=App&region=emea";
    let id = office.save_view(office.ada, office.acme, "Stale", query).await;
    let mut browser = office.ada().await;
    let opened = browser.get(&format!("/applications?view={id}")).await.location();
    let page = browser.get(&opened.expect("the view")).await;
    assert!(page.says("Some filters of the view “Stale” are not understood any more."));
}

#[tokio::test]
async fn a_name_is_asked_for_and_is_ones_own_once() {
    let office = office().await;
    let mut browser = office.ada().await;
    save(&mut browser, "Ones", UNUSED, &[]).await;
    let too_long = "x".repeat(61);
    for (name, words) in [
        ("", "This value should not be blank."),
        ("oNES", "You have another view of this name."),
        (too_long.as_str(), "It should have 60 characters or less."),
    ] {
        let answer =
            browser.post("/applications/views", &[("name", name), ("query", UNUSED)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(answer.says(words) && answer.says("Application Name contains “App 1”"), "{name}");
    }
}

#[tokio::test]
async fn whoever_manages_the_organization_takes_shared_views_away_and_no_private_ones() {
    let office = office().await;
    let bob = office.colleague("bob", Role::Member).await;
    let mut owner = office.signed_in(bob, office.acme).await;
    let shared = save(&mut owner, "Bobs for all", UNUSED, &[("shared", "true")]).await;
    let private = save(&mut owner, "Bobs own", UNUSED, &[]).await;
    let mut ada = office.ada().await;
    let list = ada.get("/applications/views").await;
    assert!(list.says("Delete Bobs for all") && !list.says("Edit Bobs for all"));
    let path = |view: &str| format!("/applications/views/{}/delete", id_in(view));
    assert!(ada.get(&path(&shared)).await.says("bob the tester shares it with the organization."));
    assert_eq!(ada.post(&path(&private), &[]).await.status, StatusCode::NOT_FOUND);
    assert!(ada.post_and_follow(&path(&shared), &[]).await.says("There are no saved views"));
    let list = owner.get("/applications/views").await;
    assert!(list.says("Bobs own") && !list.says("Bobs for all"));
}

#[tokio::test]
async fn the_menu_shows_ten_views_the_open_one_among_them_and_leads_to_all() {
    let office = office().await;
    let mut browser = office.ada().await;
    for number in 10..15 {
        let name = format!("Shared {number}");
        office.save_view(office.ada, office.acme, &name, "name=App").await;
    }
    let bob = office.colleague("bob", Role::Member).await;
    let mut last = String::new();
    for number in 10..22 {
        let query = format!("name=App+{number}");
        let id = office.save_view(bob, office.acme, &format!("Of Bob {number}"), &query).await;
        last = format!("/applications?name=App+{number}&view={id}");
    }
    let page = browser.get("/applications?view=none").await.text();
    let menu = page.split_once("views-menu").expect("a menu").1;
    let menu = menu.split_once("menu-end").expect("an end").0;
    let shown = |name: &str| menu.matches(&format!("<span>{name}")).count();
    assert_eq!((shown("Shared "), shown("Of Bob ")), (5, 5), "{menu}");
    assert!(menu.contains("All 17 views") && !menu.contains("Of Bob 21"));
    assert!(browser.get(&last).await.says("<span>Of Bob 21"));
    assert!(browser.get("/applications/views").await.says("Of Bob 20"));
}

#[tokio::test]
async fn whoever_has_too_many_views_is_told_which_kind() {
    let office = office().await;
    let mut browser = office.ada().await;
    for number in 0..projections::saved_views::SHARED {
        office.save_view(office.ada, office.acme, &format!("View {number}"), "name=x").await;
    }
    browser.get("/applications/views/new").await;
    let fields = [("name", "One more"), ("query", UNUSED), ("shared", "true")];
    let answer = browser.post("/applications/views", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.says("100 views are shared with the organization already."));
    save(&mut browser, "One more", UNUSED, &[]).await;
}
