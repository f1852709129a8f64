use axum::http::StatusCode;
use commands::organizations::Change;
use domain::authority::Role;

use crate::office::Office;

#[tokio::test]
async fn whoever_may_see_an_organization_sees_who_belongs_to_it() {
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Auditor).await;
    let nordwind = office.organization("Nordwind").await;
    let mut browser = office.signed_in(bob, office.acme).await;
    let list = browser.get("/organizations").await;
    assert!(list.says(">Acme</a>") && !list.says("Nordwind"));
    let page = browser.get(&format!("/organizations/{}", office.acme)).await;
    assert!(page.says("2 members") && page.says("bob the tester") && page.says("Administrator"));
    assert!(page.says("Only managers and administrators may change memberships."));
    assert!(!page.says("Change role"));
    let elsewhere = browser.get(&format!("/organizations/{nordwind}")).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_member_sees_nobody_else_and_registers_no_organization() {
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Member).await;
    let mut browser = office.signed_in(bob, office.acme).await;
    let me = browser.get("/me").await;
    assert!(!me.says("href=\"/users\"") && me.says("href=\"/organizations\""));
    for page in ["/users", "/users/invite"] {
        assert_eq!(browser.get(page).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    assert_eq!(browser.get("/organizations/new").await.status, StatusCode::FORBIDDEN);
    let answer = browser.get(&format!("/users/{bob}")).await;
    assert_eq!(answer.location().as_deref(), Some("/me"));
}

#[tokio::test]
async fn a_manager_adds_changes_and_removes_up_to_the_own_role() {
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Manager).await;
    let eve = office.person("eve").await;
    let mut browser = office.signed_in(bob, office.acme).await;
    let page = format!("/organizations/{}", office.acme);
    let form = browser.get(&format!("{page}/members/new")).await;
    assert!(form.says("value=\"manager\"") && !form.says("value=\"administrator\""));
    let fields = [("user_name", "EVE"), ("role", "auditor"), ("return_to", &page)];
    let shown = browser.post_and_follow(&format!("{page}/members"), &fields).await;
    assert!(shown.says("The member has been added.") && shown.says("eve the tester"));
    assert_eq!(office.role(office.acme, eve), Some(Role::Auditor));

    let member = format!("{page}/members/{eve}");
    assert!(browser.get(&member).await.says("value=\"auditor\" selected"));
    let fields = [("role", "manager"), ("return_to", &*page)];
    assert!(browser.post_and_follow(&member, &fields).await.says("Saved successfully"));
    assert_eq!(office.role(office.acme, eve), Some(Role::Manager));
    let above = browser.post(&member, &[("role", "administrator")]).await;
    assert_eq!(above.status, StatusCode::FORBIDDEN);
    let own = browser.post(&format!("{page}/members/{bob}"), &[("role", "administrator")]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "nobody promotes themselves");

    let question = browser.get(&format!("{member}/remove")).await;
    assert!(question.says("eve the tester in Acme"));
    let fields = [("return_to", &*page)];
    let shown = browser.post_and_follow(&format!("{member}/remove"), &fields).await;
    assert!(shown.says("The membership has ended."));
    assert_eq!(office.role(office.acme, eve), None);

    let administrator = format!("{page}/members/{}", office.ada);
    assert_eq!(browser.get(&administrator).await.status, StatusCode::FORBIDDEN);
    let answer = browser.post(&format!("{administrator}/remove"), &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(office.role(office.acme, office.ada), Some(Role::Administrator));
}

#[tokio::test]
async fn who_cannot_be_added_is_said_at_the_field() {
    let office = Office::new().await;
    office.colleague("bob", Role::Member).await;
    let mut browser = office.ada().await;
    let members = format!("/organizations/{}/members", office.acme);
    browser.get(&format!("{members}/new")).await;
    for (name, said) in [
        ("nobody", "There is no user of this name."),
        ("bob", "They are a member already."),
        ("a b", "This value is not a valid user name"),
        ("", "This value should not be blank."),
    ] {
        let page = browser.post(&members, &[("user_name", name), ("role", "member")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(page.says(said), "{name}");
    }
}

#[tokio::test]
async fn the_last_administrator_is_neither_demoted_nor_removed() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let member = format!("/organizations/{}/members/{}", office.acme, office.ada);
    browser.get(&member).await;
    for (form, fields) in [("", &[("role", "member")][..]), ("/remove", &[])] {
        let page = browser.post(&format!("{member}{form}"), fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(page.says("The last administrator of an organization stays."), "{form}");
    }
}

#[tokio::test]
async fn an_organization_is_registered_renamed_disabled_and_enabled() {
    let office = Office::new().await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    let mut browser = office.ada().await;
    browser.get("/organizations/new").await;
    let taken = browser.post("/organizations", &[("name", "ACME")]).await;
    assert!(taken.says("The organization with the given name already exists."));
    let page = browser.post("/organizations", &[("name", "Nordwind")]).await;
    let nordwind = page.location().expect("the page of the organization");
    assert!(browser.get(&nordwind).await.says("Nobody belongs here yet"));
    let fields = [("name", "Nordwind AB"), ("return_to", nordwind.as_str())];
    let shown = browser.post_and_follow(&format!("{nordwind}/edit"), &fields).await;
    assert!(shown.says("<h1>Nordwind AB</h1>"));
    let question = browser.get(&format!("{nordwind}/disable")).await;
    assert!(question.says("Nothing is deleted; enabling the organization undoes it."));
    let back = [("return_to", nordwind.as_str())];
    let shown = browser.post_and_follow(&format!("{nordwind}/disable"), &back).await;
    assert!(shown.says("The organization has been disabled."));
    let shown = browser.post_and_follow(&format!("{nordwind}/enable"), &back).await;
    assert!(shown.says("The organization has been enabled."));
    office.organization("Nordwind").await;
}

#[tokio::test]
async fn global_access_is_asked_before_it_is_granted_and_withdrawn() {
    let office = Office::new().await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    let nordwind = format!("/organizations/{}", office.organization("Nordwind").await);
    let mut browser = office.ada().await;
    let question = browser.get(&format!("{nordwind}/global-access")).await;
    assert!(question.says("Should roles in this organization reach every other one?"));
    let back = [("return_to", nordwind.as_str())];
    let shown = browser.post_and_follow(&format!("{nordwind}/global-access"), &back).await;
    assert!(shown.says("Yes: roles here reach every organization"));
    assert!(browser.get(&format!("{nordwind}/local-access")).await.says(">Withdraw</button>"));
    let shown = browser.post_and_follow(&format!("{nordwind}/local-access"), &back).await;
    assert!(!shown.says("Yes: roles here reach every organization"));
}
