use std::time::Duration;

use axum::http::StatusCode;
use domain::{authority::Role, notification_preference::Pace};

use crate::office::{Office, PASSWORD};

const ANOTHER: &str = "seven purple elephants dancing";

async fn office() -> Office {
    let office = Office::new().await;
    office.set_password(office.ada, PASSWORD).await;
    office
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_the_old_one_and_other_sessions_end() {
    let office = office().await;
    let elsewhere = office.session(office.ada, office.acme).await;
    let mut browser = office.ada().await;
    browser.get("/me/password").await;
    let fields = [("old_password", PASSWORD), ("password", ANOTHER)];
    let page = browser.post_and_follow("/me/password", &fields).await;
    assert!(page.says("Your password has been changed, and your other sessions have ended."));
    assert_eq!(office.kept_session(&elsewhere).await, None);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK, "this session goes on");
    let refused = office.browser().sign_in("ada", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(office.browser().sign_in("ada", ANOTHER).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn without_the_old_password_or_with_a_weak_one_nothing_is_changed() {
    let office = office().await;
    let mut browser = office.ada().await;
    browser.get("/me/password").await;
    let head = office.head().await;
    for (old, password, said) in [
        ("", ANOTHER, "This is not your current password."),
        (ANOTHER, ANOTHER, "This is not your current password."),
        (PASSWORD, "short", "This value is too short."),
        (PASSWORD, "passwordpassword", "This password is too easy to guess."),
        (PASSWORD, "ada@acme.test", "This password is too easy to guess."),
        (PASSWORD, "", "This value is too short."),
    ] {
        let fields = [("old_password", old), ("password", password)];
        let page = browser.post("/me/password", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
        assert!(page.says(said), "{password}: {}", page.text());
        assert!(!page.says(&format!("value=\"{PASSWORD}\"")), "no password comes back");
    }
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn guessing_the_old_password_is_throttled_like_signing_in() {
    let office = office().await;
    let mut browser = office.ada().await;
    browser.get("/me/password").await;
    let fields = [("old_password", "wrong"), ("password", ANOTHER)];
    for _ in 0..5 {
        browser.post("/me/password", &fields).await;
    }
    let page = browser.post("/me/password", &fields).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    let fields = [("old_password", PASSWORD), ("password", ANOTHER)];
    let page = browser.post("/me/password", &fields).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn everybody_edits_their_own_profile_but_not_the_user_name() {
    let office = office().await;
    let bob = office.colleague("bob", Role::Member).await;
    let mut browser = office.signed_in(bob, office.acme).await;
    browser.get("/me/edit").await;
    let fields = [
        ("user_name", "king"),
        ("display_name", "Bob the Great"),
        ("email", "bob@acme.test"),
        ("locale", "de"),
    ];
    let page = browser.post_and_follow("/me/edit", &fields).await;
    assert!(page.says("Bob the Great") && page.says("<dd>bob</dd>"));
    let user = office.user("bob");
    assert_eq!((user.id, user.locale.as_str()), (bob, "de"));
}

#[tokio::test]
async fn another_email_takes_the_current_password() {
    let office = office().await;
    let mut browser = office.ada().await;
    browser.get("/me/edit").await;
    let fields = [("display_name", "ada"), ("email", "ada@home.test"), ("locale", "en")];
    let page = browser.post("/me/edit", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("This is not your current password."));
    assert_eq!(office.user("ada").email.as_open(), Some("ada@acme.test"));
    let fields = [&fields[..], &[("old_password", PASSWORD)]].concat();
    assert!(browser.post_and_follow("/me/edit", &fields).await.says("ada@home.test"));
}

#[tokio::test]
async fn sessions_are_listed_by_device_and_address_and_this_one_is_marked() {
    let office = office().await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
    let mut elsewhere = office.browser();
    elsewhere.headers.push(("user-agent", firefox.to_owned()));
    elsewhere.sign_in("ada", PASSWORD).await;
    office.wait(Duration::from_mins(5)).await;
    let mut browser = office.ada().await;
    let page = browser.get("/me/sessions").await;
    assert!(
        page.says("Firefox on Linux") && page.says("192.0.2.44") && page.says("Unknown device")
    );
    assert_eq!(page.text().matches("This browser").count(), 1);
    let id = elsewhere.cookie("oathbook_session").expect("a session").to_owned();
    let kept = office.kept_session(&id).await.expect("a session").device.expect("a device");
    assert!(!kept.contains("Firefox") && !kept.contains("192.0.2.44"), "sealed: {kept}");

    let session = page.between("name=\"session\" value=\"", "\"").expect("another session");
    let page = browser.post_and_follow("/me/sessions/end", &[("session", &session)]).await;
    assert!(page.says("The session has ended.") && !page.says("Firefox"));
    assert_eq!(elsewhere.get("/me").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() {
    let office = office().await;
    let bob = office.colleague("bob", Role::Member).await;
    let mut ada = office.ada().await;
    office.session(office.ada, office.acme).await;
    let page = ada.get("/me/sessions").await;
    let session = page.between("name=\"session\" value=\"", "\"").expect("another session");
    let mut browser = office.signed_in(bob, office.acme).await;
    browser.get("/me/sessions").await;
    browser.post("/me/sessions/end", &[("session", &session)]).await;
    assert!(ada.get("/me/sessions").await.says(&session));
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session() {
    let office = office().await;
    let elsewhere = office.session(office.ada, office.acme).await;
    let bob = office.colleague("bob", Role::Member).await;
    let of_bob = office.session(bob, office.acme).await;
    let mut browser = office.ada().await;
    browser.get("/me/sessions").await;
    let page = browser.post_and_follow("/me/sessions/end-all", &[]).await;
    assert!(page.says("You are signed out everywhere."));
    assert_eq!(office.kept_session(&elsewhere).await, None);
    assert!(office.kept_session(&of_bob).await.is_some());
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_newest_fifty_sessions_are_listed_and_the_others_are_counted() {
    let office = office().await;
    for _ in 0..54 {
        office.session(office.ada, office.acme).await;
    }
    office.wait(Duration::from_mins(2)).await;
    let mut browser = office.ada().await;
    let page = browser.get("/me/sessions").await;
    assert_eq!(page.text().matches("data-label=\"Started\"").count(), 50);
    assert!(page.says("This browser") && page.says("5 more sessions are not listed."));
    for id in ["", "00", &"0".repeat(64), &"é".repeat(32)] {
        let answer = browser.post("/me/sessions/end", &[("session", id)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{id}");
    }
    let page = browser.get("/me/sessions").await;
    assert!(page.says("5 more sessions are not listed."));
}

#[tokio::test]
async fn everybody_chooses_how_fast_they_are_told() {
    let office = office().await;
    let bob = office.colleague("bob", Role::Member).await;
    let mut browser = office.signed_in(bob, office.acme).await;
    assert!(browser.get("/me/letters").await.says("value=\"at_once\" selected"));
    for pace in Pace::ALL {
        let page = browser.post_and_follow("/me/letters", &[("pace", pace.as_str())]).await;
        assert!(page.says("Saved successfully"), "{}", page.text());
        let form = browser.get("/me/letters").await;
        assert!(form.says(&format!("value=\"{}\" selected", pace.as_str())), "{}", form.text());
        let standing = office.app().registry.now(&office.app().commands.log).await;
        let rules = standing.expect("rules").rules;
        assert_eq!((rules.pace(bob), rules.pace(office.ada)), (pace, Pace::AtOnce));
    }
    let head = office.head().await;
    let page = browser.post("/me/letters", &[("pace", "hourly")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("id=\"pace-error\">Choose one of these."), "{}", page.text());
    assert_eq!(office.head().await, head);
}
