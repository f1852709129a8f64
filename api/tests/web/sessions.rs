use std::time::Duration;

use axum::http::StatusCode;
use commands::Permit;
use domain::{Category, authority::Role};

use crate::{
    browser::Browser,
    office::{Office, PASSWORD},
};

async fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    let answer = browser.get("/me").await;
    assert!(matches!(answer.status.as_u16(), 200 | 303), "{}", answer.text());
    answer.status == StatusCode::OK
}

#[tokio::test]
async fn a_session_ends_when_it_was_not_used_for_an_hour() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    for _ in 0..3 {
        office.wait(Duration::from_mins(59)).await;
        assert!(is_signed_in(&mut browser).await);
    }
    office.wait(Duration::from_hours(1)).await;
    let answer = browser.get("/me").await;
    assert_eq!(answer.location().as_deref(), Some("/sign-in"));
    assert_eq!(browser.cookie("oathbook_session"), None);
    assert!(browser.get("/sign-in").await.says("Your session has ended. Please sign in again."));
    assert!(!browser.get("/sign-in").await.says("Your session has ended"), "it is said once");
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_however_busy() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    for _ in 0..23 {
        office.wait(Duration::from_mins(30)).await;
        assert!(is_signed_in(&mut browser).await);
    }
    office.wait(Duration::from_mins(30)).await;
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_session_is_touched_once_a_minute_at_most() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let id = browser.cookie("oathbook_session").expect("a session").to_owned();
    let began = office.kept_session(&id).await.expect("a session").seen_at;
    office.wait(Duration::from_secs(59)).await;
    assert!(is_signed_in(&mut browser).await);
    assert_eq!(office.kept_session(&id).await.expect("a session").seen_at, began);
    office.wait(Duration::from_secs(1)).await;
    assert!(is_signed_in(&mut browser).await);
    let seen = office.kept_session(&id).await.expect("a session").seen_at;
    assert_eq!(seen.since(began), Duration::from_mins(1));
}

#[tokio::test]
async fn signing_out_ends_the_session_for_whoever_has_its_id() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let id = browser.cookie("oathbook_session").expect("a session").to_owned();
    let page = browser.post_and_follow("/sign-out", &[]).await;
    assert!(page.says("You are signed out."));
    assert_eq!(browser.cookie("oathbook_session"), None);
    browser.keep("oathbook_session", &id);
    assert!(!is_signed_in(&mut browser).await);
    assert_eq!(office.kept_session(&id).await, None);
}

#[tokio::test]
async fn a_user_who_is_disabled_is_out_at_once() {
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Manager).await;
    let mut browser = office.signed_in(bob, office.acme).await;
    let scribe = office.app().commands.as_operator();
    let done = scribe.disable_user(&Permit::operator(), bob).await.expect("a disabled user");
    assert!(office.app().settled(done.position).await);
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn who_left_the_organization_goes_on_in_another_one_or_not_at_all() {
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Manager).await;
    let other = office.organization("Nordwind").await;
    office.admit(other, bob, Role::Auditor).await;
    let mut browser = office.signed_in(bob, office.acme).await;
    office.dismiss(office.acme, bob).await;
    assert!(browser.get("/me").await.says("Auditor in Nordwind"));
    // Nobody but an administrator has to stay.
    office.dismiss(other, bob).await;
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_session_from_before_a_password_a_sign_out_or_a_disabling_is_void_where_nobody_ended_it()
{
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Manager).await;
    let scribe = || office.app().commands.as_operator();
    let permit = Permit::operator();
    for what in ["password", "sign out", "disabling"] {
        let mut browser = office.signed_in(bob, office.acme).await;
        let id = browser.cookie("oathbook_session").expect("a session").to_owned();
        // Whoever carries it out dies before it ends the sessions.
        match what {
            "password" => office.set_password(bob, PASSWORD).await,
            "sign out" => drop(scribe().sign_out_everywhere(&permit, bob).await.expect("out")),
            _ => {
                scribe().disable_user(&permit, bob).await.expect("disabled");
                scribe().enable_user(&permit, bob).await.expect("enabled");
            }
        }
        office.settle().await;
        assert!(office.kept_session(&id).await.is_some(), "{what}");
        assert!(!is_signed_in(&mut browser).await, "{what}");
        let mut later = office.signed_in(bob, office.acme).await;
        assert!(is_signed_in(&mut later).await, "{what}");
        let listed = later.get("/me/sessions").await;
        assert_eq!(listed.text().matches("Unknown device").count(), 1, "{what}");
        office.app().state.end_sessions(bob, None).await.expect("a state");
    }
}

#[tokio::test]
async fn who_changes_the_password_stays_signed_in_here() {
    let office = Office::new().await;
    office.set_password(office.ada, PASSWORD).await;
    let mut browser = office.browser();
    browser.sign_in("ada", PASSWORD).await;
    browser.get("/me/password").await;
    let fields = [("old_password", PASSWORD), ("password", "quiet harbour nineteen lamps")];
    browser.post("/me/password", &fields).await;
    office.settle().await;
    assert!(is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn signing_out_everywhere_is_written_down() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let head = office.head().await;
    browser.get("/me/sessions").await;
    browser.post("/me/sessions/end-all", &[]).await;
    let written = office.written_since(head).await;
    let tags: Vec<_> = written.iter().map(|event| event.tag.as_str()).collect();
    assert_eq!(tags, ["user.signed_out_everywhere.v1"]);
}

#[tokio::test]
async fn whose_events_nobody_can_read_gets_no_page_and_is_not_signed_out() {
    for category in [Category::User, Category::Organization] {
        let office = Office::new().await;
        let mut browser = office.ada().await;
        let id = browser.cookie("oathbook_session").expect("a session").to_owned();
        let stream =
            if category == Category::User { office.ada.as_uuid() } else { office.acme.as_uuid() };
        office.append_unreadable(category, stream).await;
        for path in ["/me", "/applications", "/users", "/system/views", "/nowhere"] {
            let page = browser.get(path).await;
            let expected = if path == "/nowhere" { 404 } else { 503 };
            assert_eq!(page.status, expected, "{category} {path}");
            assert!(!page.says("Sign out"), "{category} {path}");
        }
        let page = browser.get("/me").await;
        assert!(page.says("A record cannot be read") && page.says("oathbook projections status"));
        let head = office.head().await;
        let refused = browser.post("/applications", &[("name", "Sync"), ("active", "true")]).await;
        assert_eq!((refused.status.as_u16(), office.head().await), (503, head));
        assert!(office.kept_session(&id).await.is_some());
        assert_eq!(browser.get("/sign-in").await.status, 200, "somebody else may sign in");
    }
}

#[tokio::test]
async fn whose_events_nobody_can_read_does_not_sign_in() {
    let office = Office::new().await;
    office.set_password(office.ada, PASSWORD).await;
    office.append_unreadable(Category::User, office.ada.as_uuid()).await;
    assert_eq!(office.browser().sign_in("ada", PASSWORD).await.status, 503);

    let office = Office::new().await;
    office.set_password(office.ada, PASSWORD).await;
    office.append_unreadable(Category::Organization, office.acme.as_uuid()).await;
    assert_eq!(office.browser().sign_in("ada", PASSWORD).await.status, 503);
    assert_eq!(office.browser().sign_in("ada", "wrong").await.status, 422);
}

#[tokio::test]
async fn an_organization_whose_events_nobody_can_read_is_not_entered_and_others_go_on() {
    let office = Office::new().await;
    let other = office.organization("Nordwind").await;
    office.admit(other, office.ada, Role::Auditor).await;
    office.append_unreadable(Category::Organization, office.acme.as_uuid()).await;
    let mut browser = office.signed_in(office.ada, other).await;
    let acme = office.acme.to_string();
    assert_eq!(browser.post("/organization", &[("organization", &acme)]).await.status, 503);
    assert!(browser.get("/me").await.says("Auditor in Nordwind"));
}

#[tokio::test]
async fn what_is_not_an_id_is_nobody() {
    let office = Office::new().await;
    let long = "A".repeat(5000);
    let odd = "ü".repeat(30);
    for id in ["", "x", "A", &"A".repeat(43), &"A".repeat(44), &long, "../..", "' OR 1=1"] {
        let mut browser = office.browser();
        browser.keep("oathbook_session", id);
        assert!(!is_signed_in(&mut browser).await, "{id}");
    }
    let mut browser = office.browser();
    browser.headers.push(("cookie", odd));
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_form_sent_after_the_session_ended_leads_to_the_sign_in_page_and_writes_nothing() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    office.wait(Duration::from_hours(2)).await;
    let head = office.head().await;
    let answer = browser.post("/applications", &[("name", "Late"), ("active", "true")]).await;
    assert_eq!((answer.status.as_u16(), answer.location().as_deref()), (303, Some("/sign-in")));
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn a_flash_that_we_did_not_sign_is_not_said() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    for made_up in ["deleted.already.AAAA", "deleted.already.", "Your account is blocked", "..", ""]
    {
        browser.keep("oathbook_flash", made_up);
        let page = browser.get("/me").await;
        assert!(!page.says("data-flash"), "{made_up}");
        assert_eq!(browser.cookie("oathbook_flash"), None, "{made_up}");
    }
}
