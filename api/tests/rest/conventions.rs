//! JSON:API's conventions: media types, methods, errors, links, entity tags and positions.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::json;

use crate::desk::{
    APPLICATIONS, Desk, JSON_API, Program, address, change, code, errors, new_application,
};

async fn program(desk: &Desk) -> Program<'_> {
    desk.program(&["applications:read", "applications:write"]).await
}

#[tokio::test]
async fn an_answer_is_json_api_and_is_not_cached() {
    let desk = Desk::new().await;
    let answer = program(&desk).await.get(APPLICATIONS).await;
    assert_eq!(answer.header("content-type"), Some(JSON_API));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json()["jsonapi"]["version"], "1.1");
}

#[tokio::test]
async fn a_client_that_takes_no_json_api_gets_406() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let request = |accept: &str| {
        Request::get(APPLICATIONS)
            .header(header::AUTHORIZATION, format!("Bearer {}", program.token))
            .header(header::ACCEPT, accept)
            .body(Body::empty())
            .expect("a request")
    };
    for wrong in ["text/html", "application/vnd.api+json; charset=utf-8"] {
        let answer = desk.send(request(wrong)).await;
        assert_eq!(code(&answer), (406, "not_acceptable".to_owned()));
        assert_eq!(errors(&answer)[0].2, json!({ "header": "Accept" }));
    }
    assert_eq!(desk.send(request("text/html, */*;q=0.1")).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_no_json_api_gets_415() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    for wrong in ["application/json", "application/vnd.api+json; charset=utf-8"] {
        let request = Request::post(APPLICATIONS)
            .header(header::AUTHORIZATION, format!("Bearer {}", program.token))
            .header(header::CONTENT_TYPE, wrong)
            .body(Body::from(new_application("Sync").to_string()))
            .expect("a request");
        let answer = desk.send(request).await;
        assert_eq!(code(&answer), (415, "unsupported_media_type".to_owned()));
    }
}

#[tokio::test]
async fn every_address_says_what_can_be_done_there() {
    let desk = Desk::new().await;
    for (path, allow) in [
        (APPLICATIONS, "GET, HEAD, OPTIONS, POST"),
        ("/api/oauthapplications/1", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/api/oauthapplications/1/activate", "OPTIONS, POST"),
        ("/api/users", "GET, HEAD, OPTIONS, POST"),
    ] {
        let request = Request::builder().method("OPTIONS").uri(path).body(Body::empty());
        let answer = desk.send(request.expect("a request")).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (200, Some(allow)), "{path}");
        let request = Request::builder().method("PUT").uri(path).body(Body::empty());
        let answer = desk.send(request.expect("a request")).await;
        assert_eq!(code(&answer), (405, "method_not_allowed".to_owned()));
        assert_eq!(answer.header("allow"), Some(allow));
    }
}

#[tokio::test]
async fn nothing_below_the_api_is_a_page() {
    let desk = Desk::new().await;
    for path in ["/api/unknown", "/api/oauthapplications/1/unknown", "/api/", "/api"] {
        assert_eq!(code(&desk.get(path).await), (404, "not_found".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_head_request_gets_the_headers_alone() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let path = address(&program.id());
    let answer = program.send("HEAD", &path, &[], None).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert_eq!(answer.header("etag"), program.get(&path).await.header("etag"));
}

#[tokio::test]
async fn an_unknown_id_is_not_found_whatever_it_looks_like() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    for id in ["0195b9a0-0000-7000-8000-000000000000", "1", "%00", "%ff", "a%2Fb"] {
        let answer = program.get(&address(id)).await;
        assert_eq!(code(&answer), (404, "not_found".to_owned()), "{id}");
        let detail = &answer.json()["errors"][0]["detail"];
        assert_eq!(detail, "An entity with the requested identifier does not exist.");
    }
}

#[tokio::test]
async fn a_resource_that_was_changed_meanwhile_is_not_overwritten() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let id = program.make("Sync").await["data"]["id"].as_str().expect("an id").to_owned();
    let read = program.get(&address(&id)).await;
    let etag = read.header("etag").expect("an ETag").to_owned();
    let rename = |name: &str| change(&id, json!({ "name": name }));
    let headers = [("if-match", etag.as_str())];
    let first = program.send("PATCH", &address(&id), &headers, Some(&rename("One"))).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_ne!(first.header("etag"), Some(etag.as_str()));
    let head = desk.head().await;
    let second = program.send("PATCH", &address(&id), &headers, Some(&rename("Two"))).await;
    assert_eq!(code(&second), (412, "precondition_failed".to_owned()));
    for (method, path) in
        [("DELETE", address(&id)), ("POST", format!("{}/deactivate", address(&id)))]
    {
        let answer = program.send(method, &path, &headers, None).await;
        assert_eq!(answer.status, 412, "{method}");
    }
    assert_eq!(desk.head().await, head);
    let any = [("if-match", "*")];
    assert_eq!(program.send("DELETE", &address(&id), &any, None).await.status, 204);
}

#[tokio::test]
async fn an_entity_tag_never_saves_a_read() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let path = address(&program.id());
    let etag = program.get(&path).await.header("etag").expect("an ETag").to_owned();
    let answer = program.send("GET", &path, &[("if-none-match", &etag)], None).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_write_tells_its_position_and_a_read_can_wait_for_it() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let answer = program.post(APPLICATIONS, &new_application("Sync")).await;
    let position = answer.header("oathbook-position").expect("a position").to_owned();
    assert_eq!(position, desk.head().await.to_string());
    let answer = program.send("GET", APPLICATIONS, &[("oathbook-wait-for", &position)], None).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("oathbook-position"), Some(position.as_str()));
    let answer = program.send("GET", APPLICATIONS, &[("oathbook-wait-for", "soon")], None).await;
    assert_eq!(code(&answer), (409, "position_not_reached".to_owned()));
}

#[tokio::test]
async fn a_position_that_does_not_come_is_not_waited_for_for_ever() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let answer = program.send("GET", APPLICATIONS, &[("oathbook-wait-for", "9.9999")], None).await;
    assert_eq!(code(&answer), (409, "position_not_reached".to_owned()));
    assert!(answer.header("retry-after").is_some());
}

#[tokio::test]
async fn a_long_body_is_refused() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    let answer = program.post(APPLICATIONS, &new_application(&"a".repeat(65 * 1024))).await;
    assert_eq!(code(&answer), (413, "payload_too_large".to_owned()));
}

#[tokio::test]
async fn a_body_says_each_thing_once_and_nothing_else() {
    let desk = Desk::new().await;
    let program = program(&desk).await;
    for (body, expected, source) in [
        ("", (422, "empty"), json!(null)),
        ("{", (400, "bad_request"), json!(null)),
        ("[]", (400, "bad_request"), json!({ "pointer": "" })),
        ("{}", (422, "empty"), json!({ "pointer": "/data" })),
        (r#"{"data":null}"#, (422, "empty"), json!({ "pointer": "/data" })),
        (r#"{"data":{"type":"oauthapplications"},"data":{}}"#, (400, "bad_request"), json!(null)),
        (r#"{"data":{"type":"users"}}"#, (409, "conflict"), json!({ "pointer": "/data/type" })),
        (
            r#"{"data":{"type":"oauthapplications","id":"1"}}"#,
            (403, "access_denied"),
            json!({ "pointer": "/data/id" }),
        ),
        (
            r#"{"data":{"type":"oauthapplications","attributes":{"name":"a","colour":"red"}}}"#,
            (422, "unknown_field"),
            json!({ "pointer": "/data/attributes/colour" }),
        ),
        (
            r#"{"data":{"type":"oauthapplications","attributes":{"name":"a","clientId":"b"}}}"#,
            (422, "unknown_field"),
            json!({ "pointer": "/data/attributes/clientId" }),
        ),
        (
            r#"{"data":{"type":"oauthapplications"},"meta":{"upsert":true}}"#,
            (422, "unknown_field"),
            json!({ "pointer": "/meta" }),
        ),
    ] {
        let request = Request::post(APPLICATIONS)
            .header(header::AUTHORIZATION, format!("Bearer {}", program.token))
            .header(header::CONTENT_TYPE, JSON_API)
            .body(Body::from(body))
            .expect("a request");
        let answer = desk.send(request).await;
        assert_eq!(code(&answer), (expected.0, expected.1.to_owned()), "{body}");
        assert_eq!(errors(&answer)[0].2, source, "{body}");
    }
}

#[tokio::test]
async fn a_public_address_with_a_path_is_where_the_links_lead() {
    let public_url = "https://oathbook.test/book";
    let wishes = crate::support::Wishes {
        public_url,
        audience: vec![public_url.to_owned()],
        ..crate::support::Wishes::default()
    };
    let desk = Desk::with(wishes).await;
    let program = program(&desk).await;
    let answer = program.get(&format!("/book{}", address(&program.id()))).await;
    let link = answer.json()["links"]["self"].as_str().expect("a link").to_owned();
    assert_eq!(link, format!("{public_url}{}", address(&program.id())));
    let unknown = desk.get("/book/api/users").await;
    let challenge = unknown.header("www-authenticate").expect("a challenge");
    let metadata = "https://oathbook.test/.well-known/oauth-protected-resource/book";
    assert!(challenge.contains(metadata), "{challenge}");
}
