//! Whose an application is: chosen when it is created, changed by a transfer.

use axum::http::StatusCode;
use commands::{Permit, organizations::Change};
use domain::{UserId, authority::Role};

use crate::office::Office;

fn owner_of(office: &Office, name: &str) -> Option<UserId> {
    let reach = domain::authority::Reach::EVERYTHING;
    let all = projections::register::Query::all(reach, 100);
    let rows = office.app().knowledge.applications(&all).rows;
    rows.into_iter().find(|entry| entry.row.name.as_str() == name).map(|entry| entry.row.owner)
}

#[tokio::test]
async fn a_manager_creates_applications_for_those_who_have_no_more_rights() {
    let office = Office::new().await;
    let mia = office.colleague("mia", Role::Manager).await;
    let bob = office.colleague("bob", Role::Member).await;
    let mut browser = office.signed_in(mia, office.acme).await;
    let form = browser.get(&format!("/applications/new?owner={bob}")).await;
    assert!(form.says("bob the tester (bob)") && form.says("has more rights than you have"));
    let chosen = form.between(&format!("<option value=\"{bob}\""), ">").expect("an option");
    assert_eq!(chosen, " selected");
    for owner in [bob.to_string(), "BOB".to_owned()] {
        let name = format!("Of {owner}");
        let fields = [("name", name.as_str()), ("active", "true"), ("owner", &owner)];
        let answer = browser.post("/applications", &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(owner_of(&office, &name), Some(bob));
    }
    let head = office.head().await;
    let stranger = office.person("eve").await.to_string();
    let since = office.head().await;
    assert!(since > head);
    for (owner, told) in [
        (office.ada.to_string(), "This person has more rights here than you have."),
        (stranger, "This person is not a member of the organization."),
        ("nobody".to_owned(), "This person is not a member of the organization."),
        ("\0".to_owned(), "This person is not a member of the organization."),
    ] {
        let answer = browser.post("/applications", &[("name", "New"), ("owner", &owner)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{owner}");
        let error = answer.between("id=\"application-owner-error\">", "<").expect("an error");
        assert!(error.starts_with(told), "{owner}: {error}");
    }
    assert_eq!(office.tags_since(since).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_member_creates_applications_in_their_own_name_only() {
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Member).await;
    let eve = office.colleague("eve", Role::Member).await;
    let mut browser = office.signed_in(bob, office.acme).await;
    let form = browser.get(&format!("/applications/new?owner={eve}")).await;
    assert!(!form.says("name=\"owner\""));
    let head = office.head().await;
    let eve = eve.to_string();
    let answer = browser.post("/applications", &[("name", "New"), ("owner", &eve)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.says("You can create applications in your own name only."));
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn an_application_for_somebody_else_works_in_a_chosen_organization_of_theirs() {
    let office = Office::new().await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    let nordwind = office.organization("Nordwind").await;
    office.admit(nordwind, office.ada, Role::Administrator).await;
    let bob = office.person("bob").await;
    office.admit(nordwind, bob, Role::Member).await;
    let mut browser = office.ada().await;
    let (bob_id, nordwind_id) = (bob.to_string(), nordwind.to_string());
    let fields = [("name", "New"), ("owner", bob_id.as_str())];
    let answer = browser.post("/applications", &fields).await;
    assert!(answer.says("This person is not a member of the organization."), "of Acme");
    let fields = [fields[0], fields[1], ("organization", nordwind_id.as_str())];
    assert_eq!(browser.post("/applications", &fields).await.status, StatusCode::OK);
    assert_eq!(owner_of(&office, "New"), Some(bob));
}

#[tokio::test]
async fn a_manager_gives_an_application_to_another_member() {
    let office = Office::new().await;
    let mia = office.colleague("mia", Role::Manager).await;
    let bob = office.colleague("bob", Role::Member).await;
    let id = office.register(bob, office.acme, "Sync").await.id;
    let mut browser = office.signed_in(mia, office.acme).await;
    let path = format!("/applications/{id}/transfer");
    let form = browser.get(&path).await;
    assert!(form.says("It belongs to bob the tester in Acme."));
    assert!(form.says("mia the tester (mia)") && form.says("has more rights than you have"));
    assert!(!form.says("bob the tester (bob)"), "it is theirs already");
    let head = office.head().await;
    for (owner, told) in [
        ("", "This value should not be blank."),
        ("nobody", "This person is not a member of the organization."),
        (&office.ada.to_string(), "This person has more rights here than you have."),
    ] {
        let answer = browser.post(&path, &[("owner", owner)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{owner}");
        let error = answer.between("id=\"application-owner-error\">", "<").expect("an error");
        assert!(error.starts_with(told), "{error}");
    }
    assert_eq!(office.head().await, head);
    let own = format!("/applications/{id}");
    let mia = mia.to_string();
    let fields = [("owner", mia.as_str()), ("return_to", own.as_str())];
    let page = browser.post_and_follow(&path, &fields).await;
    assert!(page.says("Transferred successfully"));
    assert!(page.says("mia the tester transferred it from bob the tester to mia the tester"));
    let mut former = office.signed_in(bob, office.acme).await;
    assert_eq!(former.get(&own).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_has_an_application_of_that_name_gets_no_other() {
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Member).await;
    office.register(bob, office.acme, "Sync").await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let mut browser = office.ada().await;
    let head = office.head().await;
    let path = format!("/applications/{id}/transfer");
    let bob = bob.to_string();
    let answer = browser.post(&path, &[("owner", &bob)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.says("bob the tester has an application of that name already."));
    assert!(answer.says(&format!("/applications/{id}/edit?return_to")), "a way out");
    assert_eq!(office.tags_since(head).await, Vec::<String>::new());
    let answer = browser.edit(&format!("/applications/{id}/edit"), &[("name", "Sync 2")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.post(&path, &[("owner", &bob)]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_member_sees_why_they_cannot_transfer() {
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Member).await;
    let id = office.register(bob, office.acme, "Sync").await.id;
    let page = office.signed_in(bob, office.acme).await.get(&format!("/applications/{id}")).await;
    assert!(page.says("Only managers and administrators may transfer it."));
}

#[tokio::test]
async fn where_nobody_else_is_there_is_nobody_to_transfer_to() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let page = office.ada().await.get(&format!("/applications/{id}/transfer")).await;
    assert!(page.says("There is no other member of Acme who could have it."));
    assert!(!page.says(">Transfer</button>"));
    let scribe = office.app().commands.as_operator();
    let bob = office.colleague("bob", Role::Member).await;
    scribe.disable_user(&Permit::operator(), bob).await.expect("disabled");
    office.wait(std::time::Duration::ZERO).await;
    let page = office.ada().await.get(&format!("/applications/{id}/transfer")).await;
    assert!(page.says("There is no other member of Acme who could have it."));
}
