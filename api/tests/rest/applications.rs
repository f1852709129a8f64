//! `oauthapplications`, from their creation to their end.

use domain::authority::{Belonging, Role};
use serde_json::{Value, json};

use crate::{
    desk::{APPLICATIONS, Desk, Program, address, change, code, errors, names, new_application},
    support::{Answer, Wishes},
};

async fn program(desk: &Desk) -> Program<'_> {
    desk.program(&["applications:read", "applications:write"]).await
}

fn id(document: &Value) -> String {
    document["data"]["id"].as_str().expect("an id").to_owned()
}

fn pointers(answer: &Answer) -> Vec<String> {
    let errors = errors(answer).into_iter();
    errors.map(|(.., source)| source["pointer"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_created_application_shows_its_secret_once() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let body = json!({ "data": { "type": "oauthapplications", "attributes": {
        "name": " Order sync ",
        "description": "Fetches orders.",
        "contactEmail": "team@acme.test",
        "homepageUrl": "https://acme.test/sync",
        "scopes": ["applications:read"],
    } } });
    let answer = program.post(APPLICATIONS, &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let document = answer.json();
    let attributes = &document["data"]["attributes"];
    assert_eq!(attributes["name"], "Order sync");
    assert_eq!(attributes["status"], "active");
    assert_eq!(attributes["grants"], json!(["client_credentials"]));
    assert_eq!(attributes["deletedAt"], Value::Null);
    let secret = attributes["clientSecret"].as_str().expect("a secret");
    assert!(secret.starts_with("oab_"));
    assert_eq!(attributes["secrets"][0]["hint"], secret[secret.len() - 4..]);
    let owner = &document["data"]["relationships"]["owner"]["data"];
    assert_eq!(owner, &json!({ "type": "users", "id": desk.ada.to_string() }));
    let location = answer.header("location").expect("a location");
    assert_eq!(location, format!("https://oathbook.test{}", address(&id(&document))));
    let again = program.get(&address(&id(&document))).await;
    assert_eq!(again.header("etag"), answer.header("etag"));
    let again = again.json();
    assert!(again["data"]["attributes"].get("clientSecret").is_none());
    assert_eq!(again["data"]["attributes"]["description"], "Fetches orders.");
    assert_eq!(again["data"]["meta"], json!({ "lastUsedAt": null }));
}

#[tokio::test]
async fn the_credentials_of_a_created_application_work() {
    let desk = Desk::new().await;
    let document = program(&desk).await.make("Sync").await;
    let attributes = &document["data"]["attributes"];
    let text = |name: &str| attributes[name].as_str().expect("text").to_owned();
    let request =
        crate::support::Style::BasicForm.request(&text("clientId"), &text("clientSecret"), &[]);
    desk.send(request).await.token();
}

#[tokio::test]
async fn all_that_is_wrong_with_an_application_is_said_at_once() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let body = json!({ "data": { "type": "oauthapplications", "attributes": {
        "name": " ",
        "active": "yes",
        "contactEmail": "nobody",
        "homepageUrl": "javascript:alert(1)",
        "scopes": ["unknown", 7],
    } } });
    let answer = program.post(APPLICATIONS, &body).await;
    assert_eq!(answer.status, 422);
    assert_eq!(
        pointers(&answer),
        [
            "/data/attributes/name",
            "/data/attributes/active",
            "/data/attributes/contactEmail",
            "/data/attributes/homepageUrl",
            "/data/attributes/scopes/0",
            "/data/attributes/scopes/1",
        ]
    );
    let first = &answer.json()["errors"][0];
    assert_eq!(first["title"], "not blank constraint");
    assert_eq!(first["detail"], "This value should not be blank.");
}

#[tokio::test]
async fn a_name_is_needed_and_is_unique() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let nameless = json!({ "data": { "type": "oauthapplications" } });
    let answer = program.post(APPLICATIONS, &nameless).await;
    assert_eq!(pointers(&answer), ["/data/attributes/name"]);
    program.make("Sync").await;
    let answer = program.post(APPLICATIONS, &new_application("Sync")).await;
    assert_eq!(code(&answer), (409, "not_unique".to_owned()));
    let detail = &answer.json()["errors"][0]["detail"];
    assert_eq!(detail, "The application with the given name already exists.");
}

#[tokio::test]
async fn a_token_gives_of_our_own_scopes_only_those_it_has() {
    let orders = api::scopes::Catalogue::entry("orders:read Read all orders").expect("an entry");
    let scopes = api::scopes::Catalogue::with([orders]);
    let desk = Desk::with(Wishes { scopes, ..Wishes::default() }).await;
    let program = program(&desk).await;
    let body = |scope: &str| {
        let attributes = json!({ "name": "Sync", "scopes": [scope] });
        json!({ "data": { "type": "oauthapplications", "attributes": attributes } })
    };
    let answer = program.post(APPLICATIONS, &body("users:read")).await;
    assert_eq!(code(&answer), (403, "access_denied".to_owned()));
    assert_eq!(pointers(&answer), ["/data/attributes/scopes/0"]);
    assert_eq!(program.post(APPLICATIONS, &body("orders:read")).await.status, 201);
}

#[tokio::test]
async fn a_change_says_only_what_is_to_be_otherwise() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let made = program.make("Sync").await;
    let id = id(&made);
    let wanted = json!({
        "name": "Order sync",
        "description": "Fetches orders.",
        "active": false,
        "scopes": ["applications:read", "applications:read"],
    });
    let answer = program.patch(&address(&id), &change(&id, wanted)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let document = answer.json();
    let attributes = &document["data"]["attributes"];
    assert_eq!(attributes["name"], "Order sync");
    assert_eq!(attributes["description"], "Fetches orders.");
    assert_eq!(attributes["status"], "inactive");
    assert_eq!(attributes["scopes"], json!(["applications:read"]));
    assert_eq!(attributes["clientId"], made["data"]["attributes"]["clientId"]);
    assert_eq!(program.get(&address(&id)).await.json()["data"], document["data"]);
    let cleared = change(&id, json!({ "description": null, "homepageUrl": "" }));
    let answer = program.patch(&address(&id), &cleared).await;
    assert_eq!(answer.json()["data"]["attributes"]["description"], Value::Null);
    let head = desk.head().await;
    assert_eq!(program.patch(&address(&id), &cleared).await.status, 200);
    assert_eq!(desk.head().await, head);
}

#[tokio::test]
async fn a_change_names_the_application_it_is_about() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let id = id(&program.make("Sync").await);
    let other = change(&program.id(), json!({ "name": "Other" }));
    let answer = program.patch(&address(&id), &other).await;
    assert_eq!(code(&answer), (409, "conflict".to_owned()));
}

#[tokio::test]
async fn an_application_is_switched_with_a_reason() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let id = id(&program.make("Sync").await);
    let because = json!({ "meta": { "reason": "leaked" } });
    let answer = program.post(&format!("{}/deactivate", address(&id)), &because).await;
    assert_eq!(answer.json()["data"]["attributes"]["status"], "inactive");
    let entry = desk.app.knowledge.application(id.parse().expect("an id")).expect("an entry");
    assert_eq!(entry.row.status_reason.as_deref(), Some("leaked"));
    let answer = program.send("POST", &format!("{}/activate", address(&id)), &[], None).await;
    assert_eq!(answer.json()["data"]["attributes"]["active"], true);
    for wrong in ["two\nlines", &"a".repeat(1001)] {
        let wrong = json!({ "meta": { "reason": wrong } });
        let answer = program.post(&format!("{}/deactivate", address(&id)), &wrong).await;
        assert_eq!(pointers(&answer), ["/meta/reason"]);
    }
}

#[tokio::test]
async fn a_deleted_application_is_listed_when_asked_for_and_can_be_restored() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let id = id(&program.make("Sync").await);
    let answer = program.delete(&address(&id)).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert_eq!(names(&program.get(APPLICATIONS).await), ["Program"]);
    let deleted = format!("{APPLICATIONS}?filter[status]=deleted");
    assert_eq!(names(&program.get(&deleted).await), ["Sync"]);
    let read = program.get(&address(&id)).await.json();
    assert!(read["data"]["attributes"]["deletedAt"].is_string());
    let answer = program.patch(&address(&id), &change(&id, json!({ "name": "a" }))).await;
    assert_eq!(code(&answer), (409, "conflict".to_owned()));

    program.make("Sync").await;
    let restore = format!("{}/restore", address(&id));
    let answer = program.send("POST", &restore, &[], None).await;
    assert_eq!(code(&answer), (409, "not_unique".to_owned()));
    assert_eq!(pointers(&answer), ["/meta/name"]);
    let other_name = json!({ "meta": { "name": "Sync again" } });
    let answer = program.post(&restore, &other_name).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["data"]["attributes"]["status"], "inactive");
    let answer = program.post(&restore, &other_name).await;
    assert_eq!(code(&answer), (409, "conflict".to_owned()));
}

#[tokio::test]
async fn an_application_is_given_to_another_member() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let (bob, eve) = (desk.colleague("bob", Role::Member).await, desk.person("eve").await);
    let id = id(&program.make("Sync").await);
    let path = format!("{}/relationships/owner", address(&id));
    let to = |user: domain::UserId| json!({ "data": { "type": "users", "id": user } });
    let answer = program.patch(&path, &to(eve)).await;
    assert_eq!(code(&answer), (404, "not_found".to_owned()));
    let answer = program.patch(&path, &to(bob)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["data"]["id"], bob.to_string());
    assert_eq!(program.get(&path).await.json()["data"]["id"], bob.to_string());
    let wrong = json!({ "data": { "type": "organizations", "id": bob } });
    assert_eq!(pointers(&program.patch(&path, &wrong).await), ["/data"]);
}

#[tokio::test]
async fn a_token_lets_no_application_speak_for_another_owner_in_scopes_it_lacks() {
    let desk = Desk::new().await;
    let bob = desk.colleague("bob", Role::Member).await;
    let belonging = Belonging { organization: desk.acme, owner: bob };
    let powerful = desk.register(belonging, "Powerful", &["organizations:write"]).await;
    let program = program(&desk).await;
    let (id, ada) = (powerful.id.to_string(), program.owner());
    let to_ada = json!({ "data": { "type": "users", "id": ada } });
    let answer = program.patch(&format!("{}/relationships/owner", address(&id)), &to_ada).await;
    assert_eq!(code(&answer), (403, "access_denied".to_owned()));
    let mut body = change(&id, json!({ "description": "mine" }));
    body["data"]["relationships"]["owner"] = to_ada;
    assert_eq!(code(&program.patch(&address(&id), &body).await).0, 403);
    let row = desk.app.knowledge.application(powerful.id).expect("an application").row;
    assert_eq!((row.owner, row.description.as_str()), (bob, ""));
}

#[tokio::test]
async fn nobody_gets_the_secret_of_somebody_with_more_rights() {
    let desk = Desk::new().await;
    let manager = desk.colleague("mia", Role::Manager).await;
    let scopes = ["applications:read", "applications:write"];
    let program = desk.program_of(manager, desk.acme, &scopes).await;
    let mut body = new_application("Sync");
    body["data"]["relationships"]["owner"]["data"] =
        json!({ "type": "users", "id": desk.ada.to_string() });
    let answer = program.post(APPLICATIONS, &body).await;
    assert_eq!(code(&answer), (403, "access_denied".to_owned()));
}

#[tokio::test]
async fn related_resources_are_included_where_the_token_may_read_them() {
    let desk = Desk::new().await;
    let scopes = ["applications:read", "users:read", "organizations:read"];
    let program = desk.program(&scopes).await;
    let path = format!(
        "{}?include=owner,organization&fields[oauthapplications]=name,owner&fields[users]=userName",
        address(&program.id())
    );
    let document = program.get(&path).await.json();
    let data = &document["data"];
    assert_eq!(data["attributes"], json!({ "name": "Program" }));
    assert!(data["relationships"].get("organization").is_none());
    let included = document["included"].as_array().expect("included resources");
    assert_eq!(included.len(), 2);
    assert_eq!(included[1]["attributes"], json!({ "userName": "ada" }));

    let created = desk.register(desk.belonging(), "Blind", &["applications:read"]).await;
    let blind = Program { token: desk.token(&created).await, ..program };
    let document = blind.get(&format!("{APPLICATIONS}?include=owner")).await.json();
    assert_eq!(document["included"], json!([]));
}

#[tokio::test]
async fn an_application_is_changed_and_given_away_by_one_command_or_not_at_all() {
    let desk = Desk::new().await;
    let bob = desk.colleague("bob", Role::Member).await;
    let program = desk.program(&["applications:read", "applications:write"]).await;
    let id = program.make("Sync").await["data"]["id"].as_str().expect("an id").to_owned();
    desk.register(Belonging { organization: desk.acme, owner: bob }, "Taken", &[]).await;
    let body = |name: &str| {
        let mut body = change(&id, json!({ "name": name, "description": "d", "active": false }));
        body["data"]["relationships"] =
            json!({ "owner": { "data": { "type": "users", "id": bob } } });
        body
    };
    let (before, head) = (program.get(&address(&id)).await, desk.head().await);
    let answer = program.patch(&address(&id), &body("Taken")).await;
    assert_eq!(code(&answer), (409, "not_unique".to_owned()), "bob has one of that name");
    assert_eq!(program.get(&address(&id)).await.body, before.body);
    assert_eq!(desk.head().await, head);
    let answer = program.patch(&address(&id), &body("Given")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["data"]["relationships"]["owner"]["data"]["id"], bob.to_string());
    let written = desk.written_behind(head).await;
    let commands: Vec<_> = written
        .iter()
        .filter(|(stream, _)| stream.category() == "application")
        .map(|(_, command)| command)
        .collect();
    assert_eq!(commands.len(), 4, "{written:?}");
    assert!(commands.iter().all(|command| *command == commands[0]), "{written:?}");
}
