use std::time::Duration;

use axum::http::StatusCode;
use commands::{Permit, organizations::Change};

use crate::{
    browser::Browser,
    office::{Office, PASSWORD},
    support::{Answer, Counters, KeysAtStart},
};

const WRONG: &str = "Invalid user name or password.";

async fn office() -> Office {
    let office = Office::new().await;
    office.set_password(office.ada, PASSWORD).await;
    office
}

fn assert_refused(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
    assert!(answer.says(WRONG));
    assert!(answer.cookies().iter().all(|cookie| !cookie.contains("session=")));
}

#[tokio::test]
async fn who_knows_the_password_gets_in() {
    let office = office().await;
    let mut browser = office.browser();
    let form = browser.get("/sign-in").await;
    assert!(form.says("<title>Sign in · Oathbook</title>") && form.says("name=\"password\""));
    let answer = browser.sign_in("ada", PASSWORD).await;
    assert_eq!((answer.status.as_u16(), answer.location().as_deref()), (303, Some("/me")));
    let me = browser.get("/me").await;
    assert_eq!(me.status, StatusCode::OK);
    for text in ["My User", "ada@acme.test", "Administrator in Acme", "Sign out"] {
        assert!(me.says(text), "{text} is missing");
    }
}

#[tokio::test]
async fn a_user_name_is_found_whatever_its_case() {
    let office = office().await;
    let answer = office.browser().sign_in("  ADA ", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn wrong_unknown_disabled_and_homeless_users_get_the_same_answer() {
    let office = office().await;
    let disabled = office.person("disabled").await;
    office.admit(office.acme, disabled, domain::authority::Role::Member).await;
    let homeless = office.person("homeless").await;
    for user in [disabled, homeless] {
        office.set_password(user, PASSWORD).await;
    }
    let scribe = office.app().commands.as_operator();
    let done = scribe.disable_user(&Permit::operator(), disabled).await.expect("a disabled user");
    assert!(office.app().settled(done.position).await);
    let mut pages = Vec::new();
    for (user, password) in [
        ("ada", "incorrect horse battery"),
        ("nobody", PASSWORD),
        ("disabled", PASSWORD),
        ("homeless", PASSWORD),
    ] {
        let mut browser = office.browser();
        let answer = browser.sign_in(user, password).await;
        assert_refused(&answer);
        let page = answer.text().replace(user, "").replace(&browser.csrf, "");
        pages.push((page, answer.headers.len()));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:#?}");
}

#[tokio::test]
async fn every_attempt_costs_one_run_of_argon2() {
    let office = office().await;
    let counters = Counters::default();
    let _counting = counters.install();
    let long = "x".repeat(2000);
    let attempts = [
        ("ada", "wrong"),
        ("nobody", "wrong"),
        ("not a name", ""),
        ("ada", long.as_str()),
        ("", ""),
    ];
    for (number, (user, password)) in (1..).zip(attempts) {
        assert_refused(&office.browser().sign_in(user, password).await);
        assert_eq!(
            counters.get("oathbook_argon2_runs_total password"),
            number,
            "{user} {password}"
        );
    }
}

#[tokio::test]
async fn wrong_input_at_sign_in_is_refused_and_writes_nothing() {
    let office = office().await;
    let head = office.head().await;
    let long = "ä".repeat(20_000);
    for (user, password) in [
        ("", ""),
        ("ada", ""),
        ("", PASSWORD),
        ("a\0da", PASSWORD),
        ("ada", "\0"),
        ("ada lovelace", PASSWORD),
        ("<script>alert(1)</script>", PASSWORD),
        ("ａｄａ\u{202e}", PASSWORD),
        (long.as_str(), PASSWORD),
    ] {
        let office = &office;
        let mut browser = office.browser();
        // Each from a clean slate, so that none is throttled.
        office.clock.advance(Duration::from_mins(15));
        office.wait(Duration::ZERO).await;
        let answer = browser.sign_in(user, password).await;
        if user.len() > 30_000 {
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        } else {
            assert_refused(&answer);
            assert!(!answer.says("<script>alert"));
        }
    }
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn too_many_failures_are_refused_without_looking_even_with_the_right_password() {
    let office = office().await;
    for _ in 0..5 {
        assert_refused(&office.browser().sign_in("ada", "wrong").await);
    }
    let counters = Counters::default();
    let counting = counters.install();
    let answer = office.browser().sign_in("ada", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), Some("900"));
    assert!(answer.says("Too many attempts. Try again in 15 minutes."));
    assert_eq!(counters.get("oathbook_argon2_runs_total password"), 0);
    drop(counting);
    office.wait(Duration::from_mins(15)).await;
    assert_eq!(office.browser().sign_in("ada", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_unknown_name_is_throttled_like_a_known_one() {
    let office = office().await;
    for _ in 0..5 {
        assert_refused(&office.browser().sign_in("nobody", "wrong").await);
    }
    let answer = office.browser().sign_in("NOBODY", "wrong").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_address_is_throttled_whatever_names_it_tries() {
    let office = office().await;
    for number in 0..20 {
        assert_refused(&office.browser().sign_in(&format!("user{number}"), "wrong").await);
    }
    let answer = office.browser().sign_in("ada", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn attempts_at_once_are_counted_before_they_are_answered() {
    let office = office().await;
    let attempts = (0..12).map(|_| {
        let office = &office;
        async move { office.browser().sign_in("ada", "wrong").await.status.as_u16() }
    });
    let statuses = futures::future::join_all(attempts).await;
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 7, "{statuses:?}");
}

#[tokio::test]
async fn signing_in_begins_another_session_and_ends_the_one_before() {
    let office = office().await;
    let mut browser = office.browser();
    // Somebody planted a session of their own.
    let planted = office.session(office.ada, office.acme).await;
    browser.get("/sign-in").await;
    browser.keep("oathbook_session", &planted);
    let fields = [("user_name", "ada"), ("password", PASSWORD)];
    assert_eq!(browser.post("/sign-in", &fields).await.status, StatusCode::SEE_OTHER);
    let fresh = browser.cookie("oathbook_session").expect("a session").to_owned();
    assert_ne!(fresh, planted);
    assert_eq!(office.kept_session(&planted).await, None);
    assert!(office.kept_session(&fresh).await.is_some());
}

#[tokio::test]
async fn an_id_that_was_never_given_out_does_not_become_a_session() {
    let office = office().await;
    let mut browser = office.browser();
    let made_up = "A".repeat(43);
    browser.keep("oathbook_session", &made_up);
    browser.get("/sign-in").await;
    assert_eq!(browser.sign_in("ada", PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_ne!(browser.cookie("oathbook_session"), Some(made_up.as_str()));
    assert_eq!(office.kept_session(&made_up).await, None);
}

fn session_cookie(answer: &Answer) -> String {
    let cookies = answer.cookies();
    cookies.into_iter().find(|cookie| cookie.contains("oathbook_session=")).expect("a session")
}

#[tokio::test]
async fn over_http_the_cookie_is_kept_from_scripts_and_other_sites() {
    let office = office().await;
    let cookie = session_cookie(&office.browser().sign_in("ada", PASSWORD).await);
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Path=/");
    let id = pair.strip_prefix("oathbook_session=").expect("the name");
    assert_eq!(id.len(), 43, "32 bytes in base64url");
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host_as_well() {
    let office = Office::at("https://oathbook.test", KeysAtStart::Present).await;
    office.set_password(office.ada, PASSWORD).await;
    let mut browser = office.browser();
    let cookie = session_cookie(&browser.sign_in("ada", PASSWORD).await);
    assert!(cookie.starts_with("__Host-oathbook_session="), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Secure"), "{cookie}");
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    let id = browser.cookie("__Host-oathbook_session").expect("a session").to_owned();
    let mut other = office.browser();
    other.keep("oathbook_session", &id);
    assert_eq!(other.get("/me").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_somebody_wanted_to_see_comes_after_signing_in() {
    let office = office().await;
    let mut browser = office.browser();
    let answer = browser.get("/me?name=sync&page=2").await;
    assert_eq!(answer.location().as_deref(), Some("/sign-in?next=%2Fme%3Fname%3Dsync%26page%3D2"));
    let form = browser.get("/sign-in?next=%2Fme%3Fname%3Dsync%26page%3D2").await;
    let next = form.between("name=\"next\" value=\"", "\"").expect("a next page");
    let next = next.replace("&amp;", "&").replace("&#x3D;", "=");
    assert_eq!(next, "/me?name=sync&page=2");
    let fields = [("user_name", "ada"), ("password", PASSWORD), ("next", &next)];
    assert_eq!(browser.post("/sign-in", &fields).await.location().as_deref(), Some(next.as_str()));
}

#[tokio::test]
async fn the_next_page_is_never_elsewhere() {
    let office = office().await;
    for next in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/.//evil.example",
        "javascript:1",
        "\r\n",
    ] {
        let mut browser = office.browser();
        let query = url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>();
        let form = browser.get(&format!("/sign-in?next={query}")).await;
        assert!(!form.says("evil"), "{next}");
        let fields = [("user_name", "ada"), ("password", PASSWORD), ("next", next)];
        let answer = browser.post("/sign-in", &fields).await;
        assert_eq!(answer.location().as_deref(), Some("/me"), "{next}");
    }
}

#[tokio::test]
async fn who_is_signed_in_needs_no_form() {
    let office = office().await;
    let mut browser = office.ada().await;
    assert_eq!(browser.get("/sign-in").await.location().as_deref(), Some("/me"));
}

async fn sign_in_with(browser: &mut Browser<'_>, csrf: &str) -> StatusCode {
    let fields = [("csrf", csrf), ("user_name", "ada"), ("password", PASSWORD)];
    browser.post_only("/sign-in", &fields).await.status
}

#[tokio::test]
async fn the_form_must_come_from_the_page_this_browser_was_shown() {
    let office = office().await;
    let (mut mine, mut theirs) = (office.browser(), office.browser());
    mine.get("/sign-in").await;
    theirs.get("/sign-in").await;
    let token = mine.csrf.clone();
    for wrong in ["", "x", &theirs.csrf, &token[1..]] {
        assert_eq!(sign_in_with(&mut mine, wrong).await, StatusCode::FORBIDDEN, "{wrong}");
    }
    assert_eq!(sign_in_with(&mut theirs, &token).await, StatusCode::FORBIDDEN);
    let mut blank = office.browser();
    assert_eq!(sign_in_with(&mut blank, &token).await, StatusCode::FORBIDDEN);
    assert_eq!(sign_in_with(&mut mine, &token).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn two_forms_open_in_one_browser_both_work() {
    let office = office().await;
    let mut browser = office.browser();
    browser.get("/sign-in").await;
    let first = browser.csrf.clone();
    browser.get("/sign-in").await;
    assert_eq!(sign_in_with(&mut browser, &first).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_disabled_organization_is_nowhere_to_work() {
    let office = office().await;
    office.change(office.acme, Change::Disable).await;
    assert_refused(&office.browser().sign_in("ada", PASSWORD).await);
}
