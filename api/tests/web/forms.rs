use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::OrganizationId;
use uuid::Uuid;

use crate::{browser::encoded, office::Office, support::Answer};

const BLANK: &str = "This value should not be blank.";
const TOO_LONG: &str = "This value is too long. It should have 255 characters or less.";
const CONTROL: &str = "This value should not contain control characters.";
const TAKEN: &str = "The application with the given name already exists.";
const NOT_A_FLAG: &str = "This value is not valid: it is either true or left out.";

/// Names that cannot be, and why.
fn wrong_names() -> Vec<(String, &'static str)> {
    vec![
        (String::new(), BLANK),
        (" \t\u{a0}".to_owned(), BLANK),
        ("a\0b".to_owned(), CONTROL),
        ("a\nb".to_owned(), CONTROL),
        ("x".repeat(256), TOO_LONG),
        ("𝄞".repeat(256), TOO_LONG),
        ("x".repeat(50_000), TOO_LONG),
    ]
}

fn assert_told(answer: &Answer, status: StatusCode, text: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.says(text), "{text} is missing in {}", answer.text());
    assert!(answer.says("data-dialog-content"), "the script shows it in the dialog");
}

#[tokio::test]
async fn a_name_that_cannot_be_is_refused_at_its_field() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let mut browser = office.ada().await;
    let head = office.head().await;
    for path in ["/applications".to_owned(), format!("/applications/{id}/edit")] {
        for (name, message) in wrong_names() {
            let answer = browser.post(&path, &[("name", &name), ("active", "true")]).await;
            assert_told(&answer, StatusCode::UNPROCESSABLE_ENTITY, message);
            let error = answer.between("id=\"application-name-error\">", "<");
            assert_eq!(error.as_deref(), Some(message), "{path}");
        }
        let answer = browser.post(&path, &[("active", "true")]).await;
        assert_told(&answer, StatusCode::UNPROCESSABLE_ENTITY, BLANK);
    }
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn what_was_entered_is_shown_again() {
    let office = Office::new().await;
    office.register(office.ada, office.acme, "Sync").await;
    let mut browser = office.ada().await;
    let fields = [("name", "Sync"), ("return_to", "/me?page=1")];
    let answer = browser.post("/applications", &fields).await;
    assert_told(&answer, StatusCode::UNPROCESSABLE_ENTITY, TAKEN);
    assert!(answer.says("name=\"name\" value=\"Sync\""));
    assert!(!answer.says(" checked"), "it was not active");
    assert!(answer.says("name=\"return_to\" value=\"/me?page&#x3D;1\""));
    // The same form, corrected, is accepted.
    let answer = browser.post("/applications", &[("name", "Sync 2")]).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_taken_name_is_refused_when_renaming_as_well() {
    let office = Office::new().await;
    office.register(office.ada, office.acme, "Sync").await;
    let other = office.register(office.ada, office.acme, "Other").await.id;
    let mut browser = office.ada().await;
    let before = office.row(other);
    let fields = [("name", "Sync"), ("active", "true")];
    let answer = browser.edit(&format!("/applications/{other}/edit"), &fields).await;
    assert_told(&answer, StatusCode::UNPROCESSABLE_ENTITY, TAKEN);
    assert_eq!(office.row(other), before);
}

#[tokio::test]
async fn names_in_every_script_are_kept_as_they_are() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    for name in [
        "Lagerabgleich für Ümläute",
        "倉庫同期",
        "مزامنة",
        "🚚 sync",
        "O'Brien & \"Söhne\" <Ltd>",
        "x\u{202e}y",
    ] {
        let answer = browser.post("/applications", &[("name", name), ("active", "true")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
    }
    let me = browser.get("/me").await;
    for shown in ["Lagerabgleich für Ümläute", "倉庫同期", "مزامنة", "🚚 sync"] {
        assert!(me.says(shown), "{shown}");
    }
    assert!(me.says("O&#x27;Brien &amp; &quot;Söhne&quot; &lt;Ltd&gt;"));
}

#[tokio::test]
async fn a_check_box_that_is_neither_is_refused() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let mut browser = office.ada().await;
    let head = office.head().await;
    for path in ["/applications".to_owned(), format!("/applications/{id}/edit")] {
        for active in ["", "false", "1", "TRUE", "true\0", "🚚"] {
            let answer = browser.post(&path, &[("name", "New"), ("active", active)]).await;
            assert_told(&answer, StatusCode::UNPROCESSABLE_ENTITY, NOT_A_FLAG);
        }
    }
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn an_organization_that_is_not_offered_is_refused() {
    let office = Office::new().await;
    let foreign = office.organization("Nordwind").await;
    let mut browser = office.ada().await;
    let head = office.head().await;
    for organization in [
        "x".to_owned(),
        "\0".to_owned(),
        office.acme.to_string().to_uppercase() + "0",
        Uuid::nil().to_string(),
        foreign.to_string(),
        "🚚".to_owned(),
        "1".repeat(10_000),
    ] {
        let fields = [("name", "New"), ("active", "true"), ("organization", &organization)];
        let answer = browser.post("/applications", &fields).await;
        assert_told(
            &answer,
            StatusCode::UNPROCESSABLE_ENTITY,
            "Applications cannot be created there.",
        );
    }
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn a_reason_that_is_too_long_or_not_text_is_refused_at_its_field() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let mut browser = office.ada().await;
    let head = office.head().await;
    let path = format!("/applications/{id}/deactivate");
    for (reason, message) in [
        ("ä".repeat(1001), "This value is too long. It should have 1000 characters or less."),
        ("a\0b".to_owned(), CONTROL),
        ("a\r\nb".to_owned(), CONTROL),
    ] {
        let answer = browser.post(&path, &[("reason", &reason)]).await;
        assert_told(&answer, StatusCode::UNPROCESSABLE_ENTITY, message);
        let error = answer.between("id=\"deactivation-reason-error\">", "<");
        assert_eq!(error.as_deref(), Some(message));
    }
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn a_field_sent_twice_or_not_in_utf_8_is_refused() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let mut browser = office.ada().await;
    let head = office.head().await;
    for path in forms(&id.to_string()) {
        let csrf = encoded(&[("csrf", &browser.csrf)]);
        for rest in
            ["name=a&name=b", "active=true&active=true", "name=%FF", "%C3=1", "reason=a&reason=b"]
        {
            let answer = browser.post_raw(&path, format!("{csrf}&{rest}")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {rest}");
            assert!(answer.says("The form cannot be read"));
        }
        let answer = browser.post_raw(&path, format!("{csrf}&{csrf}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert_eq!(office.head().await, head);
}

fn forms(id: &str) -> Vec<String> {
    let mut all: Vec<_> = ["edit", "deactivate", "activate", "delete"]
        .map(|form| format!("/applications/{id}/{form}"))
        .into();
    all.extend(["/applications", "/organization", "/sign-out"].map(str::to_owned));
    all
}

#[tokio::test]
async fn a_body_of_another_type_or_size_is_refused() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let mut browser = office.ada().await;
    let head = office.head().await;
    for path in forms(&id.to_string()) {
        let csrf = browser.csrf.clone();
        for (media_type, body) in [
            ("application/json", format!("{{\"csrf\":\"{csrf}\",\"name\":\"New\"}}")),
            ("text/plain", format!("csrf={csrf}&name=New")),
            ("multipart/form-data; boundary=x", "--x--".to_owned()),
        ] {
            let request = Request::post(&path).header(header::CONTENT_TYPE, media_type);
            let answer = browser.send(request.body(Body::from(body)).expect("a request")).await;
            assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
        }
        let request = Request::post(&path).body(Body::from(format!("csrf={csrf}")));
        let answer = browser.send(request.expect("a request")).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
        let long = "x".repeat(64 * 1024);
        let answer = browser.post(&path, &[("name", &long)]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert!(answer.says("The form is too long"));
    }
    assert_eq!(office.head().await, head);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn fields_nobody_asked_for_change_nothing() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let fields = [
        ("name", "New"),
        ("client_id", "x"),
        ("client_secret", "x"),
        ("scopes", "everything"),
        ("scope everything", "true"),
        ("revision", "7"),
    ];
    assert_eq!(browser.post("/applications", &fields).await.status, StatusCode::OK);
    let me = browser.get("/me").await;
    assert!(me.says("New") && me.says("Inactive"));
}

#[tokio::test]
async fn an_address_that_is_no_application_is_not_found() {
    let office = Office::new().await;
    let mut browser = office.ada().await;
    let head = office.head().await;
    let long = "a".repeat(3000);
    let deleted = office.register(office.ada, office.acme, "Gone").await.id;
    let scribe = office.app().commands.as_operator();
    let permit = commands::Permit::operator();
    let done = scribe.delete_application(&permit, deleted).await.expect("a deleted application");
    assert!(office.app().settled(done.position).await);
    let (deleted, acme) = (deleted.to_string(), office.acme.to_string());
    let upper = deleted.to_uppercase();
    let since = office.head().await;
    assert!(since > head);
    for id in [
        "x",
        "1",
        "%00",
        "%FF",
        "%2e%2e",
        "🚚",
        &long,
        &deleted,
        &upper,
        &acme,
        "00000000-0000-0000-0000-000000000000",
    ] {
        let id = url::form_urlencoded::byte_serialize(id.as_bytes())
            .collect::<String>()
            .replace("%25", "%");
        for form in ["", "/edit", "/deactivate", "/transfer", "/delete", "/restore"] {
            // A deleted application is there to be looked at and restored, whatever its id's case.
            if [&deleted, &upper].iter().any(|it| **it == id) && ["", "/restore"].contains(&form) {
                continue;
            }
            let answer = browser.get(&format!("/applications/{id}{form}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}{form}");
        }
        for form in ["/edit", "/deactivate", "/activate", "/transfer", "/delete"] {
            let fields = [("name", "New"), ("active", "true")];
            let answer = browser.post(&format!("/applications/{id}{form}"), &fields).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}{form}");
            assert!(answer.says("There is nothing at this address"));
        }
    }
    assert_eq!(office.head().await, since);
}

#[tokio::test]
async fn switching_to_an_organization_of_others_finds_nothing() {
    let office = Office::new().await;
    let foreign = office.organization("Nordwind").await;
    let nobody = OrganizationId::new(Uuid::nil()).to_string();
    let mut browser = office.ada().await;
    let head = office.head().await;
    for wanted in ["", "x", "\0", &nobody, &foreign.to_string(), &"1".repeat(10_000)] {
        let answer = browser.post("/organization", &[("organization", wanted)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wanted}");
    }
    assert!(browser.get("/me").await.says("Administrator in Acme"));
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn nobody_overwrites_a_change_they_have_not_seen() {
    let office = Office::new().await;
    let id = office.register(office.ada, office.acme, "Sync").await.id;
    let (mut one, mut other) = (office.ada().await, office.ada().await);
    let path = format!("/applications/{id}/edit");
    let revision =
        one.get(&path).await.between("name=\"revision\" value=\"", "\"").expect("a revision");
    other.get(&path).await;
    let answer = other.post(&format!("/applications/{id}/deactivate"), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let head = office.head().await;
    let fields = [("name", "Sync 2"), ("active", "true"), ("revision", &revision)];
    let answer = one.post(&path, &fields).await;
    assert_told(&answer, StatusCode::CONFLICT, "Another change to this application came first.");
    assert!(answer.says("value=\"Sync\"") && !answer.says(" checked"), "as it is now");
    assert_eq!(office.head().await, head);
    let revision = answer.between("name=\"revision\" value=\"", "\"").expect("a revision");
    let answer = one.post(&path, &[("name", "Sync 2"), ("revision", &revision)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let head = office.head().await;
    for unknown in [&[("name", "Sync 3"), ("revision", "x")][..], &[("name", "Sync 3")]] {
        assert_eq!(one.post(&path, unknown).await.status, StatusCode::CONFLICT);
    }
    assert_eq!(office.head().await, head);
}
