//! What is said about an application: entered, shown, told in its timeline.

use axum::http::StatusCode;
use domain::{ApplicationId, Scope, application::Changes};

use crate::{browser::Browser, office::Office};

const FIELDS: [(&str, &str); 7] = [
    ("name", "Sync"),
    ("active", "true"),
    ("description", "Fetches orders.\r\nEvery night."),
    ("contact", "team+sync?bcc=eve@acme.test"),
    ("homepage", "https://sync.acme.test/about"),
    ("scopes", "offered"),
    ("scope orders:read", "true"),
];

async fn id_of_the_only_one(browser: &mut Browser<'_>) -> String {
    browser.get("/me").await.between("id=\"client-id-", "\"").expect("an id")
}

#[tokio::test]
async fn everything_said_at_creation_is_shown() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let form = browser.get("/applications/new").await;
    for label in ["Description", "Contact address", "Homepage URL", "Scopes", "orders:read"] {
        assert!(form.says(label), "{label}");
    }
    let head = office.head().await;
    let created = browser.post("/applications", &FIELDS).await;
    assert_eq!(created.status, StatusCode::OK, "{}", created.text());
    assert!(created.says(">View</a>") && created.says(">Edit</a>"));
    let tags = office.tags_since(head).await;
    let expected = [
        "application.created.v1",
        "application.secret_added.v1",
        "application.settings_changed.v1",
    ];
    assert_eq!(tags, expected);
    let id = id_of_the_only_one(&mut browser).await;
    let page = browser.get(&format!("/applications/{id}")).await;
    for text in [
        "Fetches orders.\nEvery night.",
        "href=\"mailto:team%2Bsync%3Fbcc%3Deve@acme.test\"",
        "href=\"https://sync.acme.test/about\" rel=\"noopener noreferrer nofollow\"",
        "<code class=\"scope\">orders:read</code>",
        "Client Credentials",
        "created “Sync”",
        "href=\"/me\"",
    ] {
        assert!(page.says(text), "{text} in {}", page.text());
    }
    assert!(!page.says("set the description"), "it was created with it");
}

#[tokio::test]
async fn one_form_changes_name_settings_and_status_at_once() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    browser.post("/applications", &FIELDS).await;
    let id = id_of_the_only_one(&mut browser).await;
    let path = format!("/applications/{id}/edit");
    office.wait(std::time::Duration::from_mins(1)).await;
    let form = browser.get(&path).await;
    assert!(form.says(">Fetches orders.\nEvery night.</textarea>"), "{}", form.text());
    for shown in [
        "value=\"team+sync?bcc&#x3D;eve@acme.test\"",
        "Fetches orders.",
        ">Save and Close</button>",
    ] {
        assert!(form.says(shown), "{shown}");
    }
    let head = office.head().await;
    let fields = [
        ("name", "Warehouse"),
        ("description", "Fetches stock."),
        ("contact", ""),
        ("homepage", "https://sync.acme.test/about"),
        ("scopes", "offered"),
        ("scope users:read", "true"),
        ("stay", "true"),
    ];
    let answer = browser.edit(&path, &fields).await;
    let here = format!("{path}?return_to=%2Fme");
    assert_eq!(answer.location(), Some(here), "saved in between");
    let tags = office.tags_since(head).await;
    let expected =
        ["application.renamed.v1", "application.settings_changed.v1", "application.deactivated.v1"];
    assert_eq!(tags, expected);
    let page = browser.get(&format!("/applications/{id}")).await;
    for text in [
        "renamed “Sync” → “Warehouse”",
        "changed the description “Fetches orders. Every night.” → “Fetches stock.”",
        "removed the contact address “team+sync?bcc&#x3D;eve@acme.test”",
        "added the scope users:read, removed the scope orders:read",
        "ada deactivated",
        "Inactive since",
    ] {
        assert!(page.says(text), "{text} in {}", page.text());
    }
    assert!(!page.says("mailto:"));
}

#[tokio::test]
async fn a_form_without_settings_leaves_them_as_they_are() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    browser.post("/applications", &FIELDS).await;
    let id = id_of_the_only_one(&mut browser).await;
    let head = office.head().await;
    let fields = [("name", "Sync"), ("active", "true")];
    browser.edit(&format!("/applications/{id}/edit"), &fields).await;
    assert_eq!(office.tags_since(head).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_refused_at_its_field() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let mut browser = office.ada().await;
    let head = office.head().await;
    for path in ["/applications".to_owned(), format!("/applications/{id}/edit")] {
        for (field, value, told) in [
            ("description", "x".repeat(2001).as_str(), "It should have 2000 characters or less."),
            ("description", "a\0b", "This value should not contain control characters"),
            ("contact", "nobody", "This value is not a valid email address."),
            ("contact", "a@b\r\nBcc: c@d", "This value is not a valid email address."),
            ("homepage", "javascript:alert(1)", "This value is not a valid URL."),
            ("homepage", "data:text/html,hello", "This value is not a valid URL."),
            ("homepage", &format!("https://a/{}", "x".repeat(2048)), "2048 characters or less."),
        ] {
            let answer = browser.post(&path, &[("name", "New"), (field, value)]).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
            let error = answer.between(&format!("id=\"application-{field}-error\">"), "<");
            assert!(error.is_some_and(|error| error.contains(told)), "{field} {told}");
            assert!(answer.says("value=\"New\""), "what was entered is shown again");
        }
    }
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn a_scope_that_is_not_in_the_catalogue_is_kept_and_never_given() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let old = Changes { scopes: Some(scopes("legacy orders:read")), ..Changes::default() };
    let scribe = office.app().commands.as_operator();
    let done = scribe.change_settings(&commands::Permit::operator(), id, old).await;
    assert!(office.app().settled(done.expect("changed").position).await);
    let mut browser = office.ada().await;
    let path = format!("/applications/{id}/edit");
    let form = browser.get(&path).await;
    assert!(form.says("legacy") && form.says("Not in the catalogue any more"));
    let chosen = |more: &[&'static str]| {
        let mut fields = vec![("name", "Sync"), ("active", "true"), ("scopes", "offered")];
        fields.extend(more.iter().map(|field| (*field, "true")));
        fields
    };
    let fields = chosen(&["scope users:read", "scope legacy", "scope made_up"]);
    browser.edit(&path, &fields).await;
    assert_eq!(scopes_of(&office, id), scopes("legacy users:read"));
    browser.edit(&path, &chosen(&[])).await;
    assert_eq!(scopes_of(&office, id), scopes(""));
    browser.edit(&path, &chosen(&["scope legacy"])).await;
    assert_eq!(scopes_of(&office, id), scopes(""), "nobody can give it again");
}

fn scopes(text: &str) -> Vec<Scope> {
    text.split_whitespace().map(|scope| Scope::parse(scope).expect("a scope")).collect()
}

fn scopes_of(office: &Office, id: ApplicationId) -> Vec<Scope> {
    office.row(id).expect("a row").scopes.clone()
}

#[tokio::test]
async fn the_timeline_shows_the_last_things_and_all_when_asked() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Number 0").await.id;
    let mut browser = office.ada().await;
    for number in 1..=12 {
        let name = format!("Number {number}");
        let fields = [("name", name.as_str()), ("active", "true")];
        browser.edit(&format!("/applications/{id}/edit"), &fields).await;
    }
    let page = browser.get(&format!("/applications/{id}")).await;
    assert!(page.says("“Number 11” → “Number 12”") && page.says("“Number 2” → “Number 3”"));
    assert!(!page.says("“Number 1” → “Number 2”") && page.says(">Show all</a>"));
    let all = browser.get(&format!("/applications/{id}?activity=all")).await;
    assert!(all.says("an operator") || all.says("An operator on the command line created"));
    assert!(all.says("“Number 0” → “Number 1”") && !all.says(">Show all</a>"));
}

#[tokio::test]
async fn an_auditor_sees_all_of_it_with_the_reason_why_nothing_can_be_done() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let auditor = office.colleague("aud", domain::authority::Role::Auditor).await;
    let mut browser = office.signed_in(auditor, office.acme).await;
    let page = browser.get(&format!("/applications/{id}")).await;
    assert!(page.says("As an auditor you read everything and change nothing."));
    assert!(page.says("aria-disabled=\"true\" title=\"As an auditor you read everything"));
    assert!(page.says(&format!("href=\"/users/{}\"", office.ada)));
    assert!(!page.says("/edit?") && !page.says("/delete?") && !page.says("/transfer?"));
}
