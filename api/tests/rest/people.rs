//! `organizations`, `users` and `memberships`.

use commands::organizations::Change;
use domain::authority::Role;
use serde_json::{Value, json};

use crate::{
    desk::{Desk, code, names},
    support::Answer,
};

const SCOPES: [&str; 2] = ["organizations:read", "users:read"];

fn users(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let data = answer.json()["data"].as_array().expect("a list").clone();
    let name = |it: &Value| it["attributes"]["userName"].as_str().expect("a name").to_owned();
    data.iter().map(name).collect()
}

/// Acme with Ada and Bob, Nordwind with Eve.
async fn peopled() -> Desk {
    let desk = Desk::new().await;
    desk.colleague("bob", Role::Member).await;
    let nordwind = desk.organization("Nordwind").await;
    let eve = desk.person("eve").await;
    desk.admit(nordwind, eve, Role::Administrator).await;
    desk
}

#[tokio::test]
async fn an_administrator_sees_the_own_organization_and_its_people() {
    let desk = peopled().await;
    let program = desk.program(&SCOPES).await;
    assert_eq!(names(&program.get("/api/organizations").await), ["Acme"]);
    assert_eq!(users(&program.get("/api/users").await), ["ada", "bob"]);
    let memberships = program.get("/api/memberships?sort=-role").await.json();
    let roles: Vec<_> = memberships["data"]
        .as_array()
        .expect("memberships")
        .iter()
        .map(|it| it["attributes"]["role"].clone())
        .collect();
    assert_eq!(roles, [json!("member"), json!("administrator")]);
}

#[tokio::test]
async fn a_member_sees_themselves() {
    let desk = Desk::new().await;
    let bob = desk.colleague("bob", Role::Member).await;
    let program = desk.program_of(bob, desk.acme, &SCOPES).await;
    assert_eq!(users(&program.get("/api/users").await), ["bob"]);
    let answer = program.get(&format!("/api/users/{}", desk.ada)).await;
    assert_eq!(code(&answer), (404, "not_found".to_owned()));
    let memberships = program.get("/api/memberships").await.json();
    assert_eq!(memberships["data"].as_array().map(Vec::len), Some(1));
    let other = format!("/api/memberships/{}.{}", desk.acme, desk.ada);
    assert_eq!(program.get(&other).await.status, 404);
    let own = format!("/api/memberships/{}.{bob}", desk.acme);
    assert_eq!(program.get(&own).await.status, 200);
}

#[tokio::test]
async fn global_access_reaches_every_organization() {
    let desk = peopled().await;
    desk.change(desk.acme, Change::GrantGlobalAccess).await;
    let program = desk.program(&SCOPES).await;
    assert_eq!(names(&program.get("/api/organizations").await), ["Acme", "Nordwind"]);
    assert_eq!(users(&program.get("/api/users").await), ["ada", "bob", "eve"]);
    assert_eq!(users(&program.get("/api/users?filter[userName][contains]=E").await), ["eve"]);
}

#[tokio::test]
async fn a_person_is_shown_with_what_is_known_of_them() {
    let desk = Desk::new().await;
    let program = desk.program(&SCOPES).await;
    let path = format!("/api/users/{}", desk.ada);
    let answer = program.get(&path).await;
    assert!(answer.header("etag").is_some());
    let document = answer.json();
    let attributes = &document["data"]["attributes"];
    assert_eq!(attributes["userName"], "ada");
    assert_eq!(attributes["email"], "ada@acme.test");
    assert_eq!(attributes["enabled"], true);
    assert!(!document.to_string().contains("argon2"));
}

#[tokio::test]
async fn a_membership_includes_both_of_its_ends() {
    let desk = Desk::new().await;
    let program = desk.program(&SCOPES).await;
    let path = format!("/api/memberships/{}.{}?include=user,organization", desk.acme, desk.ada);
    let document = program.get(&path).await.json();
    let included = document["included"].as_array().expect("included resources");
    let types: Vec<_> = included.iter().map(|it| it["type"].clone()).collect();
    assert_eq!(types, [json!("organizations"), json!("users")]);
}

#[tokio::test]
async fn lists_of_people_are_cut_into_pages() {
    let desk = Desk::new().await;
    for number in 0..5 {
        desk.colleague(&format!("person{number}"), Role::Member).await;
    }
    let program = desk.program(&SCOPES).await;
    let mut path = "/api/users?page[size]=2&sort=-userName".to_owned();
    let mut found = Vec::new();
    loop {
        let answer = program.get(&path).await;
        found.extend(users(&answer));
        match answer.json()["links"]["next"].as_str() {
            Some(next) => {
                next.strip_prefix("https://oathbook.test")
                    .expect("a link here")
                    .clone_into(&mut path);
            }
            None => break,
        }
    }
    assert_eq!(found, ["person4", "person3", "person2", "person1", "person0", "ada"]);
}

#[tokio::test]
async fn pages_of_people_stay_right_while_they_come_go_and_are_renamed() {
    let desk = Desk::new().await;
    desk.change(desk.acme, Change::GrantGlobalAccess).await;
    for name in ["carl", "dora", "emil", "fred"] {
        desk.colleague(name, Role::Member).await;
    }
    let program = desk.program(&["users:read", "users:write"]).await;
    let page = async |path: &str| {
        let answer = program.get(path).await;
        let next = answer.json()["links"]["next"].as_str().map(|next| {
            next.strip_prefix("https://oathbook.test").expect("a link here").to_owned()
        });
        (users(&answer), next)
    };
    let (first, next) = page("/api/users?page[size]=3&sort=userName").await;
    assert_eq!(first, ["ada", "carl", "dora"]);
    // The place where the page ended is nobody's any more, and somebody comes in front of it.
    let all = program.get("/api/users?filter[userName]=dora").await.json();
    let dora = all["data"][0]["id"].as_str().expect("an id").to_owned();
    let renamed = changing("users", &dora, json!({ "userName": "zora" }));
    assert_eq!(program.patch(&format!("/api/users/{dora}"), &renamed).await.status, 200);
    desk.colleague("bert", Role::Member).await;
    let (second, next) = page(&next.expect("more")).await;
    assert_eq!((second, next), (vec!["emil".into(), "fred".into(), "zora".into()], None));
}

#[tokio::test]
async fn a_list_says_as_of_which_position_all_of_it_is() {
    let desk = Desk::new().await;
    let program = desk.program(&["organizations:read", "users:read"]).await;
    for path in ["/api/users", "/api/organizations", "/api/memberships?include=user,organization"] {
        let before = program.get(path).await;
        assert_eq!(
            before.header("oathbook-position"),
            Some(desk.head().await.to_string().as_str())
        );
    }
}

#[tokio::test]
async fn a_user_is_invited_and_changed() {
    let desk = Desk::new().await;
    desk.change(desk.acme, Change::GrantGlobalAccess).await;
    let program = desk.program(&["users:read", "users:write"]).await;
    let body = json!({ "data": { "type": "users", "attributes": {
        "userName": "bob", "displayName": "Bob", "email": "bob@acme.test", "role": "manager",
    } } });
    let answer = program.post("/api/users", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["data"]["id"].as_str().expect("an id").to_owned();
    let again = program.post("/api/users", &body).await;
    assert_eq!(code(&again), (409, "not_unique".to_owned()));
    let path = format!("/api/users/{id}");
    let change = |attributes: Value| json!({ "data": { "type": "users", "id": id, "attributes": attributes } });
    let wanted =
        change(json!({ "displayName": "Bob B.", "email": "b@acme.test", "enabled": false }));
    let answer = program.patch(&path, &wanted).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let attributes = answer.json()["data"]["attributes"].clone();
    assert_eq!(attributes["displayName"], "Bob B.");
    assert_eq!(attributes["email"], "b@acme.test");
    assert_eq!(attributes["enabled"], false);
    let answer =
        program.patch(&path, &change(json!({ "userName": "robert", "enabled": true }))).await;
    assert_eq!(answer.json()["data"]["attributes"]["userName"], "robert");
    assert_eq!(answer.json()["data"]["attributes"]["displayName"], "Bob B.");
}

#[tokio::test]
async fn a_token_changes_no_account_of_its_owner_either() {
    let desk = Desk::new().await;
    let bob = desk.colleague("bob", Role::Member).await;
    let program = desk.program_of(bob, desk.acme, &["users:write"]).await;
    let change = |id: domain::UserId, attributes: Value| json!({ "data": { "type": "users", "id": id, "attributes": attributes } });
    let path = format!("/api/users/{bob}");
    for attributes in [
        json!({ "locale": "de" }),
        json!({ "displayName": "Robert" }),
        json!({ "email": "mallory@elsewhere.test" }),
        json!({ "enabled": false }),
    ] {
        let answer = program.patch(&path, &change(bob, attributes)).await;
        assert_eq!(code(&answer), (403, "access_denied".to_owned()));
    }
    let other = format!("/api/users/{}", desk.ada);
    let answer = program.patch(&other, &change(desk.ada, json!({ "locale": "de" }))).await;
    assert_eq!(code(&answer), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn a_membership_begins_changes_and_ends() {
    let desk = Desk::new().await;
    let eve = desk.person("eve").await;
    let program = desk.program(&["organizations:read", "organizations:write"]).await;
    let body = json!({ "data": {
        "type": "memberships",
        "attributes": { "role": "member" },
        "relationships": { "user": { "data": { "type": "users", "id": eve } } },
    } });
    let answer = program.post("/api/memberships", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = format!("{}.{eve}", desk.acme);
    assert_eq!(answer.json()["data"]["id"], id.as_str());
    let again = program.post("/api/memberships", &body).await;
    assert_eq!(code(&again), (409, "conflict".to_owned()));
    let path = format!("/api/memberships/{id}");
    let promote = json!({ "data": {
        "type": "memberships", "id": id, "attributes": { "role": "manager" },
    } });
    let answer = program.patch(&path, &promote).await;
    assert_eq!(answer.json()["data"]["attributes"]["role"], "manager");
    assert_eq!(program.delete(&path).await.status, 204);
    assert_eq!(program.get(&path).await.status, 404);
    let last = format!("/api/memberships/{}.{}", desk.acme, desk.ada);
    assert_eq!(code(&program.delete(&last).await), (409, "conflict".to_owned()));
}

#[tokio::test]
async fn an_organization_is_registered_and_changed_by_those_who_may() {
    let desk = Desk::new().await;
    let program = desk.program(&["organizations:read", "organizations:write"]).await;
    let body = json!({ "data": { "type": "organizations", "attributes": { "name": "Nordwind" } } });
    let answer = program.post("/api/organizations", &body).await;
    assert_eq!(code(&answer), (403, "access_denied".to_owned()));
    desk.change(desk.acme, Change::GrantGlobalAccess).await;
    let answer = program.post("/api/organizations", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["data"]["id"].as_str().expect("an id").to_owned();
    let etag = answer.header("etag").expect("an ETag").to_owned();
    let path = format!("/api/organizations/{id}");
    let change = json!({ "data": {
        "type": "organizations", "id": id, "attributes": { "name": "Südwind", "enabled": false },
    } });
    let answer = program.send("PATCH", &path, &[("if-match", &etag)], Some(&change)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["data"]["attributes"]["name"], "Südwind");
    assert_eq!(answer.json()["data"]["attributes"]["enabled"], false);
    let answer = program.send("PATCH", &path, &[("if-match", &etag)], Some(&change)).await;
    assert_eq!(code(&answer), (412, "precondition_failed".to_owned()));
}

fn changing(kind: &str, id: &str, attributes: Value) -> Value {
    json!({ "data": { "type": kind, "id": id, "attributes": attributes } })
}

#[tokio::test]
async fn a_user_is_changed_by_one_command_or_not_at_all() {
    let desk = Desk::new().await;
    desk.change(desk.acme, Change::GrantGlobalAccess).await;
    let program = desk.program(&["users:read", "users:write"]).await;
    let bob = desk.colleague("bob", Role::Member).await.to_string();
    let path = format!("/api/users/{bob}");
    let change = |name: &str| {
        let attributes = json!({
            "userName": name, "email": "b@acme.test", "locale": "de", "enabled": false,
        });
        changing("users", &bob, attributes)
    };
    let (before, head) = (program.get(&path).await, desk.head().await);
    let answer = program.patch(&path, &change("ada")).await;
    assert_eq!(code(&answer), (409, "not_unique".to_owned()));
    assert_eq!(program.get(&path).await.body, before.body);
    assert_eq!(desk.head().await, head);
    let answer = program.patch(&path, &change("robert")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    one_command(&desk, head, "user", 4).await;
}

#[tokio::test]
async fn an_organization_is_changed_by_one_command_or_not_at_all() {
    let desk = peopled().await;
    desk.change(desk.acme, Change::GrantGlobalAccess).await;
    let program = desk.program(&["organizations:read", "organizations:write"]).await;
    let south = desk.organization("Südwind").await.to_string();
    let path = format!("/api/organizations/{south}");
    let change = |name: &str| {
        let attributes = json!({ "name": name, "enabled": false, "globalAccess": true });
        changing("organizations", &south, attributes)
    };
    let (before, head) = (program.get(&path).await, desk.head().await);
    let answer = program.patch(&path, &change("NORDWIND")).await;
    assert_eq!(code(&answer), (409, "not_unique".to_owned()));
    assert_eq!(program.get(&path).await.body, before.body);
    assert_eq!(desk.head().await, head);
    let answer = program.patch(&path, &change("Ostwind")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    one_command(&desk, head, "organization", 3).await;
}

/// Behind the position so many events of one command were written to streams of the category.
async fn one_command(desk: &Desk, head: store::Position, category: &str, events: usize) {
    let written = desk.written_behind(head).await;
    let commands: Vec<_> = written
        .iter()
        .filter(|(stream, _)| stream.category() == category)
        .map(|(_, command)| command)
        .collect();
    assert_eq!(commands.len(), events, "{written:?}");
    assert!(commands.iter().all(|command| *command == commands[0]), "{written:?}");
}
