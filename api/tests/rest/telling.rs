//! What an answer tells, and to whom: a scope to write is none to read, and what was kept is told to whoever may see it still.

use std::collections::BTreeSet;

use commands::{Permit, organizations::Change};
use domain::{Scope, application::Changes, authority::Role};
use serde_json::{Value, json};

use crate::{
    desk::{APPLICATIONS, Desk, Program, address, change, code},
    support::Answer,
};

/// The fields of the primary resource, each with its place.
fn told(answer: &Answer) -> BTreeSet<String> {
    let document = answer.json();
    assert!(document["data"]["id"].is_string(), "{answer:?}");
    assert!(answer.header("etag").is_some(), "{answer:?}");
    let fields = ["attributes", "relationships", "meta"].map(|place| {
        let fields = document["data"][place].as_object().cloned().unwrap_or_default();
        fields.into_iter().map(move |(field, _)| format!("{place}.{field}"))
    });
    fields.into_iter().flatten().collect()
}

fn these(fields: &[&str]) -> BTreeSet<String> {
    fields.iter().map(|&field| field.to_owned()).collect()
}

fn included(answer: &Answer) -> usize {
    answer.json()["included"].as_array().map_or(0, Vec::len)
}

fn named(name: &str) -> Value {
    let attributes = json!({ "name": name, "active": false });
    json!({ "data": { "type": "oauthapplications", "attributes": attributes } })
}

#[tokio::test]
async fn a_scope_to_write_applications_tells_no_more_of_them_than_was_said() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:write"]).await;
    let path = format!("{APPLICATIONS}?include=owner,organization");
    let key = [("idempotency-key", "one")];
    let made = program.send("POST", &path, &key, Some(&named("Sync"))).await;
    assert_eq!(made.status, 201, "{made:?}");
    let credentials = ["attributes.clientId", "attributes.clientSecret"];
    let said = ["attributes.active", "attributes.name"];
    assert_eq!(told(&made), these(&[credentials, said].concat()));
    assert_eq!(included(&made), 0);
    let again = program.send("POST", &path, &key, Some(&named("Sync"))).await;
    let shown = ["meta.secretShownAt"];
    assert_eq!(told(&again), these(&[&credentials[..], &said, &shown].concat()));

    let id = made.json()["data"]["id"].as_str().expect("an id").to_owned();
    let body = change(&id, json!({ "description": "Fetches orders." }));
    let answer = program.patch(&address(&id), &body).await;
    assert_eq!(told(&answer), these(&["attributes.description"]));
    let activated = program.send("POST", &format!("{}/activate", address(&id)), &[], None).await;
    assert_eq!((activated.status.as_u16(), told(&activated)), (200, these(&[])));
    assert_eq!(program.get(&address(&id)).await.status, 403);
}

#[tokio::test]
async fn a_scope_to_write_people_and_organizations_tells_no_more_of_them_than_was_said() {
    let desk = Desk::new().await;
    desk.change(desk.acme, Change::GrantGlobalAccess).await;
    let program = desk.program(&["users:write", "organizations:write"]).await;
    let user = json!({ "data": { "type": "users", "attributes": {
        "userName": "bob", "displayName": "Bob", "email": "bob@acme.test",
    } } });
    let answer = program.post("/api/users", &user).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let said = ["attributes.displayName", "attributes.email", "attributes.userName"];
    assert_eq!(told(&answer), these(&said));
    let bob = answer.json()["data"]["id"].clone();

    let organization =
        json!({ "data": { "type": "organizations", "attributes": { "name": "Nordwind" } } });
    let answer = program.post("/api/organizations", &organization).await;
    assert_eq!(told(&answer), these(&["attributes.name"]));

    let nordwind = answer.json()["data"]["id"].clone();
    let membership = json!({ "data": {
        "type": "memberships",
        "attributes": { "role": "manager" },
        "relationships": {
            "organization": { "data": { "type": "organizations", "id": nordwind } },
            "user": { "data": { "type": "users", "id": bob } },
        },
    } });
    let path = "/api/memberships?include=user,organization";
    let answer = program.post(path, &membership).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let said = ["attributes.role", "relationships.organization", "relationships.user"];
    assert_eq!((told(&answer), included(&answer)), (these(&said), 0));
}

#[tokio::test]
async fn with_the_scope_to_read_an_answer_tells_everything() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read", "applications:write", "users:read"]).await;
    let path = format!("{APPLICATIONS}?include=owner");
    let answer = program.post(&path, &named("Sync")).await;
    assert!(told(&answer).len() > 10, "{answer:?}");
    assert_eq!(included(&answer), 1);
}

/// Creates an application that includes its owner, with a key.
async fn create(program: &Program<'_>, owner: domain::UserId) -> Answer {
    let path = format!("{APPLICATIONS}?include=owner");
    let mut body = named("Sync");
    body["data"]["relationships"] =
        json!({ "owner": { "data": { "type": "users", "id": owner } } });
    program.send("POST", &path, &[("idempotency-key", "one")], Some(&body)).await
}

#[tokio::test]
async fn who_may_not_see_the_application_any_more_is_not_told_again() {
    let desk = Desk::new().await;
    let bob = desk.colleague("bob", Role::Manager).await;
    let mia = desk.colleague("mia", Role::Member).await;
    let scopes = ["applications:read", "applications:write", "users:read"];
    let program = desk.program_of(bob, desk.acme, &scopes).await;
    assert_eq!(create(&program, mia).await.status, 201);
    let again = create(&program, mia).await;
    assert_eq!((again.status.as_u16(), included(&again)), (201, 1));
    desk.admit(desk.acme, bob, Role::Member).await;
    let answer = create(&program, mia).await;
    assert_eq!(code(&answer), (404, "not_found".to_owned()));
    desk.admit(desk.acme, bob, Role::Manager).await;
    assert_eq!(create(&program, mia).await.body, again.body);
}

#[tokio::test]
async fn who_may_not_see_the_application_any_more_is_not_told_what_was_lost_either() {
    let desk = Desk::new().await;
    let bob = desk.colleague("bob", Role::Manager).await;
    let mia = desk.colleague("mia", Role::Member).await;
    let scopes = ["applications:read", "applications:write"];
    let program = desk.program_of(bob, desk.acme, &scopes).await;
    desk.lost(domain::Category::Application, create(&program, mia)).await;
    desk.admit(desk.acme, bob, Role::Member).await;
    assert_eq!(code(&create(&program, mia).await), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn what_was_kept_is_told_within_the_scopes_that_are_left() {
    let desk = Desk::new().await;
    let scopes = ["applications:read", "applications:write", "users:read"];
    let program = desk.program(&scopes).await;
    assert_eq!(included(&create(&program, desk.ada).await), 1);
    let left = |scopes: &[&str]| Changes {
        scopes: Some(scopes.iter().map(|it| Scope::parse(it).expect("a scope")).collect()),
        ..Changes::default()
    };
    let restrict = async |scopes: &[&str]| {
        let scribe = desk.app.commands.as_operator();
        let changed =
            scribe.change_settings(&Permit::operator(), program.created.id, left(scopes)).await;
        changed.expect("other scopes");
        desk.settle().await;
    };
    restrict(&scopes[..2]).await;
    let answer = create(&program, desk.ada).await;
    assert_eq!(included(&answer), 0);
    assert!(told(&answer).contains("attributes.createdAt"));
    restrict(&["applications:write"]).await;
    let answer = create(&program, desk.ada).await;
    assert!(!told(&answer).contains("attributes.createdAt"), "{answer:?}");
    restrict(&["applications:read"]).await;
    let answer = create(&program, desk.ada).await;
    assert_eq!(code(&answer), (403, "insufficient_scope".to_owned()));
}

#[tokio::test]
async fn whoever_gets_the_application_with_the_key_is_not_told_what_its_former_owner_did() {
    let desk = Desk::new().await;
    let bob = desk.colleague("bob", Role::Member).await;
    let scopes = ["applications:read", "applications:write"];
    let program = desk.program(&scopes).await;
    let key = [("idempotency-key", "one")];
    let made = program.send("POST", APPLICATIONS, &key, Some(&named("Sync"))).await;
    assert_eq!(made.status, 201, "{made:?}");
    let scribe = desk.app.commands.as_operator();
    let given = scribe.transfer_application(&Permit::operator(), program.created.id, bob).await;
    given.expect("another owner");
    desk.settle().await;
    let program = Program { token: desk.token(&program.created).await, ..program };
    let answer = program.send("POST", APPLICATIONS, &key, Some(&named("Sync"))).await;
    assert_eq!(code(&answer), (404, "not_found".to_owned()));
}
