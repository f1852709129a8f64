//! `notificationrules`.

use commands::organizations::Change;
use domain::authority::Role;
use serde_json::{Value, json};

use crate::{
    desk::{Desk, Program, code},
    support::Answer,
};

const SCOPES: [&str; 2] = ["notifications:read", "notifications:write"];
const PATH: &str = "/api/notificationrules";

/// Ada operates the installation.
async fn desk() -> Desk {
    let desk = Desk::new().await;
    desk.change(desk.acme, Change::GrantGlobalAccess).await;
    desk
}

fn making(attributes: Value) -> Value {
    json!({ "data": { "type": "notificationrules", "attributes": attributes } })
}

fn changing(id: &str, attributes: Value) -> Value {
    json!({ "data": { "type": "notificationrules", "id": id, "attributes": attributes } })
}

fn told(name: &str) -> Value {
    json!({
        "name": name,
        "occasion": "application_created",
        "recipients": { "owner": true, "addresses": ["security@acme.test"] },
    })
}

async fn make(program: &Program<'_>, attributes: Value) -> Answer {
    program.send("POST", PATH, &[], Some(&making(attributes))).await
}

fn id(answer: &Answer) -> String {
    answer.json()["data"]["id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let pointer = |error: &Value| error["source"]["pointer"].as_str().map(str::to_owned);
    errors.iter().filter_map(pointer).collect()
}

#[tokio::test]
async fn a_rule_is_made_read_changed_switched_and_deleted() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let made = make(&program, told("Mine")).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("{PATH}/{}", id(&made));
    let read = program.get(&path).await;
    assert_eq!(read.json()["data"], made.json()["data"]);
    let attributes = &read.json()["data"]["attributes"];
    assert_eq!(attributes["active"], true);
    assert_eq!(attributes["shipped"], false);
    assert_eq!(attributes["recipients"]["addresses"], json!(["security@acme.test"]));

    let off =
        changing(&id(&made), json!({ "active": false, "filter": { "applicationName": "x" } }));
    let off = program.send("PATCH", &path, &[], Some(&off)).await;
    assert_eq!(off.status, 200, "{off:?}");
    let attributes = &off.json()["data"]["attributes"];
    assert_eq!((&attributes["active"], &attributes["name"]), (&json!(false), &json!("Mine")));
    assert_eq!(attributes["filter"]["applicationName"], "x");
    assert_eq!(attributes["recipients"]["addresses"], json!(["security@acme.test"]));
    let moved = changing(&id(&made), json!({ "occasion": "application_deleted", "filter": null }));
    let moved = program.send("PATCH", &path, &[], Some(&moved)).await;
    assert_eq!(moved.status, 200, "the template goes with the occasion: {moved:?}");

    assert_eq!(program.send("DELETE", &path, &[], None).await.status, 204);
    assert_eq!(program.get(&path).await.status, 404);
}

#[tokio::test]
async fn the_list_is_filtered_and_holds_what_the_owner_may_know() {
    let desk = desk().await;
    desk.rule("Mine").await;
    let program = desk.program(&SCOPES).await;
    let names = async |query: &str| {
        let answer = program.get(&format!("{PATH}?{query}")).await;
        let data = answer.json()["data"].as_array().cloned().unwrap_or_default();
        data.iter().map(|it| it["attributes"]["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("filter[shipped]=no").await, ["Mine"]);
    assert_eq!(names("filter[active]=yes&sort=-name").await, ["Mine", "Application created"]);
    assert_eq!(names("filter[occasion]=role_changed").await, ["Role changed"]);
    assert_eq!(names("page[size]=100").await.len(), 14);
    let bob = desk.colleague("bob", Role::Manager).await;
    let other = desk.program_of(bob, desk.acme, &SCOPES).await;
    assert_eq!(other.get(PATH).await.json()["data"], json!([]));
}

#[tokio::test]
async fn what_is_wrong_is_said_where_it_stands() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let head = desk.head().await;
    for (attributes, pointer) in [
        (json!({ "recipients": {} }), "recipients"),
        (json!({ "recipients": null }), "recipients"),
        (json!({ "recipients": { "owner": "yes" } }), "recipients"),
        (json!({ "recipients": { "everybody": true } }), "recipients"),
        (json!({ "recipients": { "addresses": ["x"] } }), "recipients"),
        (json!({ "occasion": "user_invited" }), "occasion"),
        (json!({ "template": "x" }), "template"),
        (json!({ "template": desk.acme }), "template"),
        (json!({ "days": 7 }), "days"),
        (json!({ "days": "7" }), "days"),
        (json!({ "filter": { "organization": "x" } }), "filter"),
        (
            json!({ "occasion": "password_changed", "filter": { "applicationName": "x" } }),
            "filter/applicationName",
        ),
        (json!({ "shipped": true }), "shipped"),
    ] {
        let mut all = told("Mine");
        for (name, value) in attributes.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        let answer = make(&program, all).await;
        assert_eq!(answer.status, 422, "{attributes}: {answer:?}");
        assert_eq!(pointers(&answer), [format!("/data/attributes/{pointer}")], "{attributes}");
    }
    let nobody = json!({ "users": [desk.acme] });
    let mut all = told("Mine");
    all["recipients"] = nobody;
    assert_eq!(code(&make(&program, all).await), (404, "not_found".to_owned()));
    assert_eq!(desk.head().await, head);
}

#[tokio::test]
async fn a_shipped_rule_is_changed_behind_its_revision_and_stays() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let listed = program.get(&format!("{PATH}?filter[occasion]=role_changed")).await.json();
    let id = listed["data"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("{PATH}/{id}");
    let etag = program.get(&path).await.header("etag").expect("a revision").to_owned();
    let on = changing(&id, json!({ "active": true }));
    let behind = [("if-match", etag.as_str())];
    assert_eq!(program.send("PATCH", &path, &behind, Some(&on)).await.status, 200);
    let off = changing(&id, json!({ "active": false }));
    assert_eq!(program.send("PATCH", &path, &behind, Some(&off)).await.status, 412);
    let deleted = program.send("DELETE", &path, &[], None).await;
    assert_eq!(code(&deleted), (409, "conflict".to_owned()));
    assert_eq!(program.get(&path).await.json()["data"]["attributes"]["active"], true);
}

#[tokio::test]
async fn a_request_that_is_sent_again_makes_one_rule() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let (key, body) = ([("idempotency-key", "rule-1")], making(told("Mine")));
    let first = program.send("POST", PATH, &key, Some(&body)).await;
    let again = program.send("POST", PATH, &key, Some(&body)).await;
    assert_eq!((first.status, id(&first)), (again.status, id(&again)));
    let listed = program.get(&format!("{PATH}?filter[name]=Mine")).await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn without_the_scope_to_read_nothing_is_told_but_what_was_said() {
    let desk = desk().await;
    let program = desk.program(&["notifications:write"]).await;
    let made = make(&program, told("Mine")).await;
    let attributes = made.json()["data"]["attributes"].clone();
    let told: Vec<_> = attributes.as_object().into_iter().flatten().map(|(name, _)| name).collect();
    assert_eq!(told, ["name", "occasion", "recipients"]);
    assert_eq!(program.get(PATH).await.status, 403);
}
