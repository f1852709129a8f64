//! `Idempotency-Key`: what is sent again is answered, not repeated.

use std::time::Duration;

use domain::Category;
use serde_json::{Value, json};
use store::Categories;

use crate::desk::{APPLICATIONS, Desk, Program, address, change, code, new_application};
use crate::support::Answer;

async fn program(desk: &Desk) -> Program<'_> {
    desk.program(&["applications:read", "applications:write"]).await
}

async fn create(program: &Program<'_>, key: &str, name: &str) -> Answer {
    let body = new_application(name);
    program.send("POST", APPLICATIONS, &[("idempotency-key", key)], Some(&body)).await
}

#[tokio::test]
async fn a_creation_that_is_sent_again_is_answered_without_its_secret() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let first = create(&program, "\"one\"", "Sync").await;
    assert_eq!(first.status, 201);
    let head = desk.head().await;
    let again = create(&program, "one", "Sync").await;
    assert_eq!(desk.head().await, head);
    assert_eq!(again.status, 201);
    for header in ["location", "etag", "oathbook-position"] {
        assert_eq!(again.header(header), first.header(header), "{header}");
    }
    let (first, again) = (first.json(), again.json());
    assert!(first["data"]["attributes"]["clientSecret"].is_string());
    assert_eq!(again["data"]["attributes"]["clientSecret"], Value::Null);
    assert!(again["data"]["meta"]["secretShownAt"].is_string());
    assert_eq!(again["data"]["id"], first["data"]["id"]);
    assert_eq!(again["data"]["attributes"]["clientId"], first["data"]["attributes"]["clientId"]);
}

#[tokio::test]
async fn a_request_that_died_early_is_the_same_command_when_it_is_sent_again() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    desk.lost(Category::NameClaim, create(&program, "one", "Sync")).await;
    let under_way = create(&program, "one", "Other").await;
    assert_eq!(code(&under_way), (422, "idempotency_key_reused".to_owned()));
    let head = desk.head().await;
    assert_eq!(create(&program, "one", "Sync").await.status, 201);
    // The claim that it made before counts for it: what is written is the application alone.
    let written = desk.app.commands.log.store().read_all(head, &Categories::All, 10).await;
    let written = written.expect("events").events;
    assert!(written.iter().all(|event| event.stream.category() == "application"), "{written:?}");
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    assert_eq!(create(&program, "one", "Sync").await.status, 201);
    let answer = create(&program, "one", "Other").await;
    assert_eq!(code(&answer), (422, "idempotency_key_reused".to_owned()));
    assert_eq!(create(&program, "two", "Other").await.status, 201);
}

#[tokio::test]
async fn a_key_belongs_to_one_caller() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    assert_eq!(create(&program, "one", "Sync").await.status, 201);
    let created = desk.register(desk.belonging(), "Other", &["applications:write"]).await;
    let token = desk.token(&created).await;
    let other = Program { desk: &desk, created, token };
    let answer = create(&other, "one", "Different").await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

#[tokio::test]
async fn a_malformed_key_is_refused() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    for wrong in ["", "\"", "a\"b", &"a".repeat(256)] {
        let answer = create(&program, wrong, "Sync").await;
        assert_eq!(code(&answer), (400, "unexpected_value".to_owned()), "{wrong}");
        let source = &answer.json()["errors"][0]["source"];
        assert_eq!(*source, json!({ "header": "Idempotency-Key" }));
    }
}

#[tokio::test]
async fn a_refused_request_may_be_mended_under_the_same_key() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    assert_eq!(create(&program, "one", " ").await.status, 422);
    assert_eq!(create(&program, "one", "Sync").await.status, 201);
}

#[tokio::test]
async fn changes_that_are_sent_again_change_nothing_more() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let id = program.make("Sync").await["data"]["id"].as_str().expect("an id").to_owned();
    let body = change(&id, json!({ "name": "Order sync", "active": false }));
    let key = [("idempotency-key", "change")];
    let first = program.send("PATCH", &address(&id), &key, Some(&body)).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(
        program.patch(&address(&id), &change(&id, json!({ "active": true }))).await.status,
        200
    );
    let head = desk.head().await;
    let again = program.send("PATCH", &address(&id), &key, Some(&body)).await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    assert_eq!(desk.head().await, head);

    let key = [("idempotency-key", "deletion")];
    for _ in 0..2 {
        assert_eq!(program.send("DELETE", &address(&id), &key, None).await.status, 204);
    }
}

#[tokio::test]
async fn of_two_at_once_one_creates_and_the_other_is_told_to_wait_or_the_same() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let (one, other) =
        tokio::join!(create(&program, "one", "Sync"), create(&program, "one", "Sync"));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert!(matches!(statuses, [201, 201 | 409]), "{statuses:?}");
    for answer in [one, other].iter().filter(|answer| answer.status == 409) {
        assert!(answer.header("retry-after").is_some());
    }
    let all = program.get(APPLICATIONS).await.json();
    assert_eq!(all["data"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_key_is_free_again_after_a_day() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let first = create(&program, "one", "Sync").await.json();
    let id = first["data"]["id"].as_str().expect("an id");
    assert_eq!(program.delete(&address(id)).await.status, 204);
    assert_eq!(create(&program, "one", "Sync").await.json()["data"]["id"], id);
    desk.clock.advance(Duration::from_hours(24));
    desk.settle().await;
    let program = Program { token: desk.token(&program.created).await, ..program };
    let answer = create(&program, "one", "Sync").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let answer = answer.json();
    assert_ne!(answer["data"]["id"], id);
    assert!(answer["data"]["attributes"]["clientSecret"].is_string());
    assert_eq!(code(&create(&program, "one", "Other").await).0, 422);
}
