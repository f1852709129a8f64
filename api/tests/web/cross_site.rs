use axum::http::StatusCode;
use domain::authority::Role;

use crate::{browser::Browser, office::Office};

/// The form of every change there is.
async fn every_form(office: &Office) -> Vec<(String, Vec<(&'static str, &'static str)>)> {
    let name = format!("Target {}", office.head().await);
    let id = office.register(office.ada, office.acme, &name).await.id;
    vec![
        ("/applications".to_owned(), vec![("name", "New"), ("active", "true")]),
        (format!("/applications/{id}/edit"), vec![("name", "Other"), ("active", "true")]),
        (format!("/applications/{id}/deactivate"), vec![]),
        (format!("/applications/{id}/activate"), vec![]),
        (format!("/applications/{id}/delete"), vec![]),
        ("/organization".to_owned(), vec![("organization", "x")]),
        ("/sign-out".to_owned(), vec![]),
    ]
}

async fn assert_all_refused(office: &Office, browser: &mut Browser<'_>, csrf: Option<&str>) {
    let forms = every_form(office).await;
    let head = office.head().await;
    for (path, fields) in forms {
        let mut fields = fields;
        fields.extend(csrf.map(|csrf| ("csrf", leaked(csrf))));
        let answer = browser.post_only(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {}", answer.text());
        assert!(answer.says("Nothing was changed."), "{path}");
    }
    assert_eq!(office.head().await, head);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK, "still signed in");
}

fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

#[tokio::test]
async fn a_form_without_a_token_is_refused() {
    let office = Office::new().await;
    assert_all_refused(&office, &mut office.ada().await, None).await;
}

#[tokio::test]
async fn a_form_with_a_wrong_token_is_refused() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let near = format!("A{}", &browser.csrf[1..]);
    assert_all_refused(&office, &mut browser, Some(&near)).await;
}

#[tokio::test]
async fn a_form_with_the_token_of_another_session_is_refused() {
    let office = Office::new().await;
    let bob = office.colleague("bob", Role::Administrator).await;
    let theirs = office.signed_in(bob, office.acme).await.csrf;
    assert_all_refused(&office, &mut office.ada().await, Some(&theirs)).await;
    // Nor does that of another session of one's own do.
    let former = office.ada().await.csrf;
    assert_all_refused(&office, &mut office.ada().await, Some(&former)).await;
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_even_with_the_token() {
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "anything"),
        ("origin", "https://evil.example"),
        ("origin", "http://oathbook.test:81"),
        ("origin", "http://oathbook.test.evil.example"),
        ("origin", "null"),
        ("origin", ""),
    ] {
        let office = Office::new().await;
        let mut browser = office.ada().await;
        let token = browser.csrf.clone();
        browser.headers.push((name, value.to_owned()));
        assert_all_refused(&office, &mut browser, Some(&token)).await;
    }
}

#[tokio::test]
async fn a_form_from_our_own_page_is_accepted_by_whatever_name_the_browser_calls_us() {
    for headers in [
        vec![("origin", "http://oathbook.test"), ("sec-fetch-site", "same-origin")],
        // Behind a proxy that calls us by another name.
        vec![("origin", "http://oathbook.test"), ("host", "backend:8080")],
        // On the machine itself.
        vec![("origin", "http://localhost:8080"), ("host", "localhost:8080")],
        vec![("sec-fetch-site", "none")],
        vec![],
    ] {
        let office = Office::new().await;
        let mut browser = office.ada().await;
        for (name, value) in &headers {
            browser.headers.retain(|(known, _)| known != name);
            browser.headers.push((*name, (*value).to_owned()));
        }
        let answer = browser.post("/applications", &[("name", "New"), ("active", "true")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{headers:?}");
    }
}

#[tokio::test]
async fn a_sign_in_form_from_another_site_is_refused() {
    let office = Office::new().await;
    let mut browser = office.browser();
    browser.get("/sign-in").await;
    browser.headers.push(("origin", "https://evil.example".to_owned()));
    let answer = browser.post("/sign-in", &[("user_name", "ada"), ("password", "x")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.says("from another site"));
}

#[tokio::test]
async fn no_change_can_be_asked_for_with_a_link() {
    let office = Office::new().await;
    let forms = every_form(&office).await;
    let mut browser = office.ada().await;
    let head = office.head().await;
    for (path, _) in forms {
        let answer = browser.get(&path).await;
        assert!(matches!(answer.status.as_u16(), 200 | 405), "{path} {}", answer.status);
        if answer.status == StatusCode::METHOD_NOT_ALLOWED {
            assert_eq!(answer.header("allow"), Some("POST"), "{path}");
            assert!(answer.says("This address is used otherwise"), "{path}");
        }
    }
    assert_eq!(office.head().await, head);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK, "still signed in");
}
