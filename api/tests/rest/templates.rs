//! `emailtemplates`.

use commands::organizations::Change;
use domain::{EmailTemplateId, authority::Role};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, Program},
    support::Answer,
};

const SCOPES: [&str; 2] = ["notifications:read", "notifications:write"];
const PATH: &str = "/api/emailtemplates";

/// Ada operates the installation.
async fn desk() -> Desk {
    let desk = Desk::new().await;
    desk.change(desk.acme, Change::GrantGlobalAccess).await;
    desk
}

fn shipped() -> String {
    EmailTemplateId::shipped("oauth_application_created").to_string()
}

fn making(attributes: &Value) -> Value {
    json!({ "data": { "type": "emailtemplates", "attributes": attributes } })
}

async fn say(program: &Program<'_>, id: &str, headers: &[(&str, &str)], words: &Value) -> Answer {
    let attributes = json!({ "words": words });
    let body = json!({ "data": { "type": "emailtemplates", "id": id, "attributes": attributes } });
    program.send("PATCH", &format!("{PATH}/{id}"), headers, Some(&body)).await
}

fn said(text: &str) -> Value {
    json!({ "subject": "Neu: {{application}}", "text": text, "html": "<p>{{application}}</p>" })
}

fn attributes(answer: &Answer) -> Value {
    answer.json()["data"]["attributes"].clone()
}

#[tokio::test]
async fn a_shipped_template_gets_other_words_in_one_language_and_its_own_back() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let path = format!("{PATH}/{}", shipped());
    let before = program.get(&path).await;
    let words = attributes(&before)["words"].clone();
    assert_eq!(words.as_object().map(serde_json::Map::len), Some(4), "{before:?}");
    assert_eq!(attributes(&before)["customized"], json!([]));
    let changed = say(&program, &shipped(), &[], &json!({ "DE-at": said("Servus") })).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(attributes(&changed)["customized"], json!(["de-AT"]));
    assert_eq!(attributes(&changed)["words"]["de-AT"]["text"], "Servus");
    assert_eq!(attributes(&changed)["words"]["de"], words["de"]);
    assert_eq!(attributes(&program.get(&path).await), attributes(&changed));
    let reset = say(&program, &shipped(), &[], &json!({ "de-AT": null })).await;
    assert_eq!(attributes(&reset)["words"], words);
    let gone = program.send("DELETE", &path, &[], None).await;
    assert_eq!(gone.status, 409, "{gone:?}");
}

#[tokio::test]
async fn a_template_of_ones_own_is_made_as_a_copy_listed_and_deleted() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let body = making(&json!({ "name": "Ours", "occasion": "application_renamed" }));
    let made = program.send("POST", PATH, &[], Some(&body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert!(attributes(&made)["words"]["fr"]["text"].as_str().is_some());
    let id = made.json()["data"]["id"].as_str().expect("an id").to_owned();
    let listed = program.get(&format!("{PATH}?filter[shipped]=no")).await;
    assert_eq!(listed.json()["data"][0]["id"], json!(id));
    assert_eq!(listed.json()["data"][0]["attributes"]["words"], Value::Null);
    let path = format!("{PATH}/{id}");
    assert_eq!(program.send("DELETE", &path, &[], None).await.status, 204);
    assert_eq!(program.get(&path).await.status, 404);
}

#[tokio::test]
async fn the_same_creation_twice_makes_one() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let body = making(&json!({ "name": "Ours", "occasion": "application_renamed" }));
    let key = [("idempotency-key", "\"one\"")];
    let first = program.send("POST", PATH, &key, Some(&body)).await;
    let again = program.send("POST", PATH, &key, Some(&body)).await;
    assert_eq!(first.json()["data"]["id"], again.json()["data"]["id"], "{again:?}");
    let listed = program.get(&format!("{PATH}?filter[shipped]=no")).await;
    assert_eq!(listed.json()["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn words_that_cannot_be_used_are_told_with_their_place_and_not_kept() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let head = desk.head().await;
    for (words, problem) in [
        (json!({ "de": said("Eins\n{{nobody}}") }), "text, line 2, column "),
        (json!({ "de": said(" ") }), "text: This value should not be blank."),
        (json!({ "de": said("x"), "en": null }), "one language"),
        (json!({}), "one language"),
        (json!({ "?": null }), "RFC 5646"),
        (json!({ "de": { "subject": "x" } }), "missing field"),
        (json!("x"), "should be an object"),
    ] {
        let refused = say(&program, &shipped(), &[], &words).await;
        assert_eq!(refused.status, 422, "{words}: {refused:?}");
        let error = &refused.json()["errors"][0];
        assert!(error["detail"].as_str().expect("a detail").contains(problem), "{error}");
        assert_eq!(error["source"]["pointer"], "/data/attributes/words");
    }
    assert_eq!(desk.head().await, head);
}

#[tokio::test]
async fn nobody_writes_over_what_they_have_not_seen() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let path = format!("{PATH}/{}", shipped());
    let seen = program.get(&path).await.header("etag").expect("a tag").to_owned();
    let matching = [("if-match", seen.as_str())];
    let first = say(&program, &shipped(), &matching, &json!({ "de": said("Eins") })).await;
    assert_eq!(first.status, 200, "{first:?}");
    let late = say(&program, &shipped(), &matching, &json!({ "de": said("Zwei") })).await;
    assert_eq!(late.status, 412, "{late:?}");
}

#[tokio::test]
async fn whoever_does_not_operate_the_installation_finds_no_templates() {
    let desk = desk().await;
    let bob = desk.colleague("bob", Role::Manager).await;
    let program = desk.program_of(bob, desk.acme, &SCOPES).await;
    assert_eq!(program.get(PATH).await.json()["data"], json!([]));
    assert_eq!(program.get(&format!("{PATH}/{}", shipped())).await.status, 404);
}

#[tokio::test]
async fn as_much_as_a_template_may_hold_can_be_sent() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let long = "ä".repeat(32 * 1024);
    let words = json!({ "de": { "subject": "x", "text": long, "html": long } });
    assert_eq!(say(&program, &shipped(), &[], &words).await.status, 200);
}
