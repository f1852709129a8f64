//! A node that dies after it wrote and before it answered: the request is answered as it would have been, from the log.

use commands::organizations::Change;
use domain::{Category, authority::Role};
use serde_json::{Value, json};

use crate::{
    desk::{ALL_SCOPES, APPLICATIONS, Desk, Program, address, change, new_application},
    support::Answer,
};

/// Of somebody who may do everything.
async fn program(desk: &Desk) -> Program<'_> {
    desk.change(desk.acme, Change::GrantGlobalAccess).await;
    desk.program(&ALL_SCOPES).await
}

async fn make(program: &Program<'_>, name: &str) -> (String, String) {
    let answer = program.post(APPLICATIONS, &new_application(name)).await;
    let etag = answer.header("etag").expect("an ETag").to_owned();
    (id_of(&answer), etag)
}

fn id_of(answer: &Answer) -> String {
    answer.json()["data"]["id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

fn resource(kind: &str, id: Option<&str>, attributes: Value) -> Value {
    let mut body = json!({ "data": { "type": kind, "attributes": attributes } });
    if let Some(id) = id {
        body["data"]["id"] = id.into();
    }
    body
}

/// Sends the request, the answer to which is lost; lets something happen; and sends it again, which writes nothing.
async fn again(
    program: &Program<'_>,
    category: Category,
    (method, path, etag): (&str, &str, Option<&str>),
    body: Option<&Value>,
    meanwhile: impl AsyncFnOnce(),
) -> Answer {
    let key = format!("{method} {path}");
    let mut headers = vec![("idempotency-key", key.as_str())];
    headers.extend(etag.map(|etag| ("if-match", etag)));
    program.desk.lost(category, program.send(method, path, &headers, body)).await;
    meanwhile().await;
    let head = program.desk.head().await;
    let answer = program.send(method, path, &headers, body).await;
    assert_eq!(program.desk.written_behind(head).await, [], "{answer:?}");
    let kept = program.send(method, path, &headers, body).await;
    assert_eq!((kept.status, &kept.body), (answer.status, &answer.body), "it is kept from then on");
    answer
}

#[tokio::test]
async fn a_creation_is_answered_without_its_secret() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let rename = async || {
        let all = program.get(&format!("{APPLICATIONS}?filter[name]=Sync")).await.json();
        let id = all["data"][0]["id"].as_str().expect("an id").to_owned();
        let body = change(&id, json!({ "name": "Other" }));
        assert_eq!(program.patch(&address(&id), &body).await.status, 200);
    };
    let (request, body) = (("POST", APPLICATIONS, None), new_application("Sync"));
    let answer = again(&program, Category::Application, request, Some(&body), rename).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let location = format!("https://oathbook.test{}", address(&id_of(&answer)));
    assert_eq!(answer.header("location"), Some(location.as_str()));
    let document = answer.json();
    assert_eq!(document["data"]["attributes"]["name"], "Sync");
    assert_eq!(document["data"]["attributes"]["clientSecret"], Value::Null);
    assert!(document["data"]["meta"]["secretShownAt"].is_string());
}

#[tokio::test]
async fn a_change_is_answered_as_it_was_made_whatever_came_later() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let (id, etag) = make(&program, "Sync").await;
    let path = address(&id);
    let later = async || {
        let body = change(&id, json!({ "name": "Later", "active": true }));
        assert_eq!(program.patch(&path, &body).await.status, 200);
        assert_eq!(program.delete(&path).await.status, 204);
    };
    let body = change(&id, json!({ "name": "Order sync", "active": false }));
    let request = ("PATCH", path.as_str(), Some(etag.as_str()));
    let answer = again(&program, Category::Application, request, Some(&body), later).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let attributes = &answer.json()["data"]["attributes"];
    assert_eq!(attributes["name"], "Order sync");
    assert_eq!(attributes["status"], "inactive");
    let now = program.get(&path).await;
    assert_ne!(answer.header("etag"), now.header("etag"), "the revision is that of the answer");
}

#[tokio::test]
async fn a_deed_to_an_application_is_answered_as_it_was_done() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let (id, _) = make(&program, "Sync").await;
    let path = address(&id);
    for (deed, undone, active) in
        [("deactivate", "activate", false), ("activate", "deactivate", true)]
    {
        let undo = async || {
            let path = format!("{path}/{undone}");
            assert_eq!(program.send("POST", &path, &[], None).await.status, 200);
        };
        let path = format!("{path}/{deed}");
        let request = ("POST", path.as_str(), None);
        let answer = again(&program, Category::Application, request, None, undo).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["data"]["attributes"]["active"], active);
        if !active {
            // So that there is something to activate.
            let path = format!("{}/deactivate", address(&id));
            assert_eq!(program.send("POST", &path, &[], None).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_deletion_a_restoration_and_a_transfer_are_answered_as_they_were_done() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let bob = desk.colleague("bob", Role::Member).await;
    let (id, etag) = make(&program, "Sync").await;
    let path = address(&id);
    let restore = async || {
        let restored = program.send("POST", &format!("{path}/restore"), &[], None).await;
        assert_eq!(restored.status, 200, "{restored:?}");
    };
    let delete = async || assert_eq!(program.delete(&path).await.status, 204);
    let request = ("DELETE", path.as_str(), Some(etag.as_str()));
    let answer = again(&program, Category::Application, request, None, restore).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0), "{answer:?}");

    delete().await;
    let restoring = format!("{path}/restore");
    let body = json!({ "meta": { "name": "Back" } });
    let request = ("POST", restoring.as_str(), None);
    let answer = again(&program, Category::Application, request, Some(&body), delete).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["data"]["attributes"]["name"], "Back");
    assert_eq!(answer.json()["data"]["attributes"]["status"], "inactive");

    restore().await;
    let owner = format!("{path}/relationships/owner");
    let to = |user| json!({ "data": { "type": "users", "id": user } });
    let back = async || assert_eq!(program.patch(&owner, &to(desk.ada)).await.status, 200);
    let request = ("PATCH", owner.as_str(), None);
    let answer = again(&program, Category::Application, request, Some(&to(bob)), back).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["data"]["id"], bob.to_string());
}

#[tokio::test]
async fn what_is_done_to_an_organization_is_answered_as_it_was_done() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let all = "/api/organizations";
    let body = resource("organizations", None, json!({ "name": "Nordwind", "globalAccess": true }));
    let request = ("POST", all, None);
    let answer = again(&program, Category::Organization, request, Some(&body), async || {}).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(answer.header("location").is_some());
    assert_eq!(answer.json()["data"]["attributes"]["globalAccess"], true);

    let (id, etag) = (id_of(&answer), answer.header("etag").expect("an ETag").to_owned());
    let path = format!("{all}/{id}");
    let rename = |name: &str| resource("organizations", Some(&id), json!({ "name": name }));
    let later = async || assert_eq!(program.patch(&path, &rename("Later")).await.status, 200);
    let request = ("PATCH", path.as_str(), Some(etag.as_str()));
    let body = rename("Südwind");
    let answer = again(&program, Category::Organization, request, Some(&body), later).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["data"]["attributes"]["name"], "Südwind");
}

#[tokio::test]
async fn what_is_done_to_a_membership_is_answered_as_it_was_done() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let eve = desk.person("eve").await;
    let all = "/api/memberships";
    let path = format!("{all}/{}.{eve}", desk.acme);
    let mut begin = resource("memberships", None, json!({ "role": "member" }));
    begin["data"]["relationships"] = json!({ "user": { "data": { "type": "users", "id": eve } } });
    let id = format!("{}.{eve}", desk.acme);
    let role = |role: &str| resource("memberships", Some(&id), json!({ "role": role }));
    let promote = async || assert_eq!(program.patch(&path, &role("auditor")).await.status, 200);
    let request = ("POST", all, None);
    let answer = again(&program, Category::Organization, request, Some(&begin), promote).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(answer.header("location").is_some());
    assert_eq!(answer.json()["data"]["attributes"]["role"], "member");

    let request = ("PATCH", path.as_str(), None);
    let end = async || assert_eq!(program.delete(&path).await.status, 204);
    let body = role("manager");
    let answer = again(&program, Category::Organization, request, Some(&body), end).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["data"]["attributes"]["role"], "manager");

    assert_eq!(program.post(all, &begin).await.status, 201);
    let request = ("DELETE", path.as_str(), None);
    let answer = again(&program, Category::Organization, request, None, async || {}).await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

#[tokio::test]
async fn an_invitation_goes_on_where_it_died_and_is_answered_as_it_was_given() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let all = "/api/users";
    let body = resource(
        "users",
        None,
        json!({ "userName": "eve", "displayName": "Eve", "email": "eve@acme.test" }),
    );
    let key = [("idempotency-key", "POST /api/users")];
    // The account is made, and nothing more.
    desk.lost(Category::User, program.send("POST", all, &key, Some(&body))).await;
    let rename = async || {
        let found = program.get("/api/users?filter[userName]=eve").await.json();
        let id = found["data"][0]["id"].as_str().expect("an id").to_owned();
        let body = resource("users", Some(&id), json!({ "displayName": "Later" }));
        assert_eq!(program.patch(&format!("{all}/{id}"), &body).await.status, 200);
    };
    let request = ("POST", all, None);
    let answer = again(&program, Category::User, request, Some(&body), rename).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(answer.header("location").is_some());
    assert_eq!(answer.json()["data"]["attributes"]["displayName"], "Eve");
    let memberships = program.get("/api/memberships").await.json();
    assert_eq!(memberships["data"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_change_of_a_user_is_answered_as_it_was_made() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let bob = desk.colleague("bob", Role::Member).await.to_string();
    let path = format!("/api/users/{bob}");
    let etag = program.get(&path).await.header("etag").expect("an ETag").to_owned();
    let named = |name: &str, enabled: bool| {
        resource("users", Some(&bob), json!({ "userName": name, "enabled": enabled }))
    };
    let later = async || assert_eq!(program.patch(&path, &named("later", true)).await.status, 200);
    let request = ("PATCH", path.as_str(), Some(etag.as_str()));
    let body = named("robert", false);
    let answer = again(&program, Category::User, request, Some(&body), later).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let attributes = &answer.json()["data"]["attributes"];
    assert_eq!(
        (&attributes["userName"], &attributes["enabled"]),
        (&json!("robert"), &json!(false))
    );
}
