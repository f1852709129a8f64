use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use domain::Category;

use crate::{
    office::Office,
    support::{Answer, FRESHNESS, KeysAtStart},
};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn assert_guarded(answer: &Answer, what: &str) {
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what} {name}");
    }
    let text = answer.text();
    for inline in ["<script>", "style=\"", "onclick", "javascript:", "<style"] {
        assert!(!text.contains(inline), "{what} {inline}");
    }
}

#[tokio::test]
async fn every_page_is_guarded() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let mut browser = office.ada().await;
    for page in [
        "/me",
        "/applications/new",
        "/nowhere",
        "/applications/x",
        "/sign-in",
        "/",
        "/organization",
    ] {
        assert_guarded(&browser.get(page).await, page);
    }
    for page in ["", "/edit", "/deactivate", "/delete"] {
        assert_guarded(&browser.get(&format!("/applications/{id}{page}")).await, page);
    }
    for form in ["/applications", "/nowhere", "/organization"] {
        assert_guarded(&browser.post(form, &[]).await, form);
        assert_guarded(&browser.post_only(form, &[]).await, form);
    }
    let mut stranger = office.browser();
    for page in ["/me", "/sign-in", "/nowhere"] {
        assert_guarded(&stranger.get(page).await, page);
    }
    assert_guarded(&stranger.sign_in("ada", "wrong").await, "a failed sign-in");
}

#[tokio::test]
async fn an_address_that_leads_nowhere_says_so_to_people_and_to_programs() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    for path in [
        "/nowhere",
        "/organization",
        "/applications/",
        "/me/",
        "/%FF",
        "/%00",
        "//me",
        "/static/",
        "/static/x.css",
    ] {
        let page = browser.get(path).await;
        let expected = if path == "/organization" { 405 } else { 404 };
        assert_eq!(page.status.as_u16(), expected, "{path}");
        assert!(page.says("<h1") && page.says("Go to My User") && page.says("Sign out"), "{path}");
    }
    let page = office.browser().get("/nowhere").await;
    assert!(page.says("Check the address, or sign in.") && !page.says("Sign out"));
    let plain = office.get("/nowhere").await;
    assert_eq!(plain.status, StatusCode::NOT_FOUND);
    assert_eq!(plain.text(), "There is nothing at this address.\n");
}

#[tokio::test]
async fn an_error_page_says_what_to_do_and_names_the_request_in_the_log() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let page = browser.post_only("/applications", &[("name", "New")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let reference = page.between("Reference <code>", "<").expect("a reference");
    assert_eq!(page.header("x-request-id"), Some(reference.as_str()));
    for text in ["403", "The form has expired", "Nothing was changed.", "send the form once more"] {
        assert!(page.says(text), "{text}");
    }
}

#[tokio::test]
async fn names_are_text_wherever_they_stand() {
    let office = Office::new().await;
    let attack = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'{{shell.csrf}}";
    let organization = office.organization("<b>Nord</b>").await;
    office.admit(organization, office.ada, domain::authority::Role::Administrator).await;
    let eve = office.person("<script>eve").await;
    office.admit(organization, eve, domain::authority::Role::Administrator).await;
    let mut browser = office.signed_in(eve, organization).await;
    let created = browser.post("/applications", &[("name", attack), ("active", "true")]).await;
    let me = browser.get("/me").await;
    let id = me.between("id=\"client-id-", "\"").expect("an id");
    let path = url::form_urlencoded::byte_serialize(attack.as_bytes()).collect::<String>();
    let mut pages = vec![created, me];
    for page in ["", "/edit", "/deactivate", "/transfer", "/delete"] {
        pages.push(browser.get(&format!("/applications/{id}{page}")).await);
    }
    pages.push(browser.get(&format!("/me?name={path}")).await);
    pages.push(browser.get(&format!("/applications/{id}/edit?return_to=/{path}")).await);
    pages.push(browser.get(&format!("/{path}")).await);
    let fields = [
        ("name", attack),
        ("reason", attack),
        ("active", "x"),
        ("organization", attack),
        ("owner", attack),
        ("description", attack),
        ("contact", attack),
        ("homepage", attack),
    ];
    pages.push(browser.post("/applications", &fields).await);
    pages.push(browser.post(&format!("/applications/{id}/edit"), &fields).await);
    let long = attack.repeat(30);
    pages.push(browser.post(&format!("/applications/{id}/deactivate"), &[("reason", &long)]).await);
    pages.push(office.browser().sign_in(attack, attack).await);
    for page in pages {
        let text = page.text();
        assert!(page.status.is_success() || page.status.is_client_error(), "{text}");
        for raw in ["<script>", "<img", "<b>Nord", "'{{", "\"><"] {
            let raw_in_ours = raw == "\"><" && !text.contains("\"><script");
            assert!(raw_in_ours || !text.contains(raw), "{raw} in {text}");
        }
    }
}

#[tokio::test]
async fn a_failure_says_nothing_of_its_cause_and_writes_nothing() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let mut browser = office.ada().await;
    office.append_unreadable(Category::Application, id.as_uuid()).await;
    let head = office.head().await;
    for form in ["deactivate", "delete", "edit", "transfer"] {
        let ada = office.ada.to_string();
        let fields = [("name", "Sync"), ("owner", ada.as_str()), ("revision", "2")];
        let page = browser.post(&format!("/applications/{id}/{form}"), &fields).await;
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(page.says("Something failed on our side") && page.says("Reference <code>"));
        for inside in ["nobody.knows", "revision", "stream", "unreadable", "cannot be read"] {
            assert!(!page.says(inside), "{inside} in {}", page.text());
        }
    }
    assert_eq!(office.head().await, head);
    let page = browser.get(&format!("/applications/{id}")).await;
    assert!(page.says("What happened to this application cannot be read at the moment."));
}

#[tokio::test]
async fn a_node_that_does_not_know_how_things_stand_says_so() {
    let office = Office::at_rest().await;
    let mut browser = office.ada().await;
    office.clock.advance(FRESHNESS + Duration::from_millis(1));
    let page = browser.get("/me").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
    assert_eq!(page.header("retry-after"), Some("1"));
    assert!(page.says("Oathbook is not sure how things stand"));
}

#[tokio::test]
async fn below_a_path_every_link_and_every_redirect_stays_below_it() {
    let office = Office::at("http://oathbook.test/books", KeysAtStart::Present).await;
    let mut browser = office.browser();
    assert_eq!(browser.get("/books/").await.location().as_deref(), Some("/books/me"));
    let to = browser.get("/books/me?page=2").await.location();
    assert_eq!(to.as_deref(), Some("/books/sign-in?next=%2Fbooks%2Fme%3Fpage%3D2"));
    // Whether a proxy strips the path or not.
    for prefix in ["/books", ""] {
        let mut browser = office.browser();
        browser.keep("oathbook_session", &office.session(office.ada, office.acme).await);
        let mut pages = vec![browser.get(&format!("{prefix}/me")).await];
        let fields = [("name", if prefix.is_empty() { "One" } else { "Two" })];
        pages.push(browser.post(&format!("{prefix}/applications"), &fields).await);
        pages.push(browser.get(&format!("{prefix}/me")).await);
        pages.push(browser.get(&format!("{prefix}/nowhere")).await);
        for page in pages {
            for attribute in ["href=\"", "action=\"", "src=\"", "value=\"/"] {
                for link in page.text().split(attribute).skip(1) {
                    let link = link.split('"').next().unwrap_or_default();
                    let link =
                        if attribute.ends_with('/') { format!("/{link}") } else { link.to_owned() };
                    let is_ours = link.starts_with("/books/") || link.starts_with('#');
                    assert!(is_ours, "{link} in {}", page.text());
                }
            }
        }
        let answer = browser.post(&format!("{prefix}/sign-out"), &[]).await;
        assert_eq!(answer.location().as_deref(), Some("/books/sign-in"));
    }
}

#[tokio::test]
async fn a_page_can_be_asked_for_without_its_body() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let answer = browser.send(Request::head("/me").body(Body::empty()).expect("a request")).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
}
