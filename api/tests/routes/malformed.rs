//! Requests that are no token requests: a clear 400, before any hashing.

use axum::{
    body::Body,
    http::{HeaderValue, Request, header},
};
use proptest::{
    prelude::{Strategy, any, prop_oneof},
    test_runner::{Config, TestRunner},
};
use serde_json::json;

use crate::support::{Counters, House, Style, form, raw};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const GRANT: (&str, &str) = ("grant_type", "client_credentials");

async fn refused(house: &House, request: Request<Body>) -> (u16, String, Option<String>) {
    let counters = Counters::default();
    let guard = counters.install();
    let answer = house.send(request).await;
    drop(guard);
    assert_eq!(counters.runs_for_secrets(), 0, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let document = answer.json();
    assert_eq!(document["message"], document["error_description"]);
    let (status, error) = answer.refusal();
    (status, error, document["hint"].as_str().map(str::to_owned))
}

fn invalid(hint: &str) -> (u16, String, Option<String>) {
    (400, "invalid_request".to_owned(), Some(hint.to_owned()))
}

#[tokio::test]
async fn another_grant_or_none_is_not_supported() {
    let house = House::new().await;
    let hint = Some("Check that all required parameters have been provided".to_owned());
    let expected = (400, "unsupported_grant_type".to_owned(), hint);
    for body in [
        "",
        "grant_type=",
        "grant_type=password",
        "grant_type=Client_Credentials",
        "grant_type=client_credentials+",
        "client_id=a&client_secret=b",
    ] {
        assert_eq!(refused(&house, raw(FORM, body)).await, expected, "{body:?}");
    }
    assert_eq!(refused(&house, raw(JSON, "{}")).await, expected);
}

#[tokio::test]
async fn a_request_without_a_client_is_told_so() {
    let house = House::new().await;
    let expected = invalid("Check the `client_id` parameter");
    assert_eq!(refused(&house, form(&[GRANT])).await, expected);
    assert_eq!(refused(&house, form(&[GRANT, ("client_secret", "b")])).await, expected);
    let mut bearer = form(&[GRANT]);
    bearer.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer abc"));
    assert_eq!(refused(&house, bearer).await, expected);
}

#[tokio::test]
async fn a_client_without_a_secret_is_refused_like_one_with_a_wrong_one() {
    let house = House::new().await;
    let answer = house.send(form(&[GRANT, ("client_id", "a")])).await;
    assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_parameter_may_come_once() {
    let house = House::new().await;
    for name in ["grant_type", "client_id", "client_secret", "scope"] {
        let expected = invalid(&format!("Check the `{name}` parameter"));
        let twice = [GRANT, ("client_id", "a"), ("client_secret", "b"), ("scope", "s")];
        let value = twice.iter().find(|(known, _)| *known == name).expect("a value").1;
        let mut pairs = twice.to_vec();
        pairs.push((name, value));
        assert_eq!(refused(&house, form(&pairs)).await, expected, "{name}");
        let members: Vec<_> =
            pairs.iter().map(|(name, value)| format!("{}:{}", json!(name), json!(value))).collect();
        let object = format!("{{{}}}", members.join(","));
        assert_eq!(refused(&house, raw(JSON, object)).await, expected, "{name}");
        let escaped = format!(
            r#"{{"grant_type":"client_credentials","{name}":"x","\u00{:02x}{}":"y"}}"#,
            name.as_bytes()[0],
            &name[1..]
        );
        assert_eq!(refused(&house, raw(JSON, escaped)).await, expected, "{name}");
    }
    let unknown = invalid("Check that no parameter is sent twice");
    assert_eq!(refused(&house, raw(FORM, "a=1&a=2")).await, unknown);
    assert_eq!(refused(&house, raw(JSON, r#"{"a":1,"a":{}}"#)).await, unknown);
}

#[tokio::test]
async fn an_unknown_parameter_is_ignored() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = (created.client_id.as_str(), created.secret.expose());
    house.send(Style::BodyForm.request(id, secret, &[("resource", "x")])).await.token();
    let object = json!({
        "grant_type": "client_credentials", "client_id": id, "client_secret": secret,
        "nested": { "a": [1, null, { "b": "é" }] }, "client_assertion": null,
    });
    house.send(raw(JSON, object.to_string())).await.token();
}

#[tokio::test]
async fn a_value_of_another_type_is_refused() {
    let house = House::new().await;
    for name in ["grant_type", "client_id", "client_secret", "scope"] {
        let expected = invalid(&format!("Check the `{name}` parameter"));
        for value in [
            json!(null),
            json!(true),
            json!(1),
            json!(-1),
            json!(1.5),
            json!([]),
            json!(["a"]),
            json!({}),
            json!({ "a": "b" }),
        ] {
            let mut object = json!({
                "grant_type": "client_credentials", "client_id": "a", "client_secret": "b",
            });
            object[name] = value;
            let outcome = refused(&house, raw(JSON, object.to_string())).await;
            assert_eq!(outcome, expected, "{object}");
        }
    }
}

#[tokio::test]
async fn a_value_with_other_characters_or_too_many_is_refused() {
    let house = House::new().await;
    let long = "a".repeat(1025);
    for name in ["grant_type", "client_id", "client_secret"] {
        let expected = invalid(&format!("Check the `{name}` parameter"));
        for value in ["a\0", "é", "a\nb", "\u{7f}", "\u{202e}", "🔑", &long] {
            let mut pairs = vec![("client_id", "a"), ("client_secret", "b"), GRANT];
            pairs.retain(|(known, _)| *known != name);
            pairs.push((name, value));
            assert_eq!(refused(&house, form(&pairs)).await, expected, "{name} {value:?}");
            let object: serde_json::Map<_, _> =
                pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            let request = raw(JSON, json!(object).to_string());
            assert_eq!(refused(&house, request).await, expected, "{name} {value:?}");
        }
    }
}

#[tokio::test]
async fn a_malformed_scope_is_refused_before_the_client_is_asked_for() {
    let house = House::new().await;
    let many = vec!["s"; 65].join(" ");
    let expected =
        (400, "invalid_scope".to_owned(), Some("Check the `scope` parameter".to_owned()));
    for scope in ["é", "a\0", "a\"b", "a\\b", "a  b", " ", " a", "a\tb", &many] {
        let request = Style::BodyJson.request("a", "b", &[("scope", scope)]);
        assert_eq!(refused(&house, request).await, expected, "{scope:?}");
    }
    let long = "a ".repeat(513);
    let request = Style::BodyForm.request("a", "b", &[("scope", long.trim_end())]);
    assert_eq!(refused(&house, request).await, invalid("Check the `scope` parameter"));
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    let house = House::new().await;
    let expected = invalid("Check the `Content-Type` header");
    for kind in ["text/plain", "", "application/jsonp", "multipart/form-data; boundary=a", "é"] {
        let mut request = form(&[GRANT, ("client_id", "a"), ("client_secret", "b")]);
        let kind = HeaderValue::from_bytes(kind.as_bytes()).expect("a header");
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        assert_eq!(refused(&house, request).await, expected);
    }
    let mut none = form(&[GRANT]);
    none.headers_mut().remove(header::CONTENT_TYPE);
    assert_eq!(refused(&house, none).await, expected);
    let mut two = form(&[GRANT]);
    two.headers_mut().append(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    assert_eq!(refused(&house, two).await, expected);
}

#[tokio::test]
async fn a_media_type_is_read_in_any_case_and_with_parameters() {
    let house = House::new().await;
    for kind in [
        "Application/JSON",
        "application/json; charset=utf-8",
        "APPLICATION/X-WWW-FORM-URLENCODED;charset=UTF-8",
    ] {
        let (_, error, _) =
            refused(&house, raw(kind, if kind.len() < 33 { "{}" } else { "" })).await;
        assert_eq!(error, "unsupported_grant_type", "{kind}");
    }
}

#[tokio::test]
async fn json_that_is_no_object_is_refused() {
    let house = House::new().await;
    let expected = invalid("The body must be one JSON object");
    let deep = "[".repeat(8000);
    let nested = format!("{{\"a\":{deep}}}");
    for body in [
        "",
        "null",
        "[]",
        "\"a\"",
        "{",
        "{}{}",
        "{} x",
        "{\"a\"}",
        "{'a':1}",
        "{\"a\":01}",
        "\u{feff}{}",
        "{\"a\":\"\\ud800\",}",
        &deep,
        &nested,
    ] {
        assert_eq!(refused(&house, raw(JSON, body.to_owned())).await, expected, "{body:?}");
    }
    assert_eq!(refused(&house, raw(JSON, b"{\"a\":\"\xff\"}".to_vec())).await.0, 400);
}

#[tokio::test]
async fn a_malformed_header_is_refused() {
    let house = House::new().await;
    let expected = invalid("Check the `Authorization` header");
    let long = format!("Basic {}", "A".repeat(9000));
    for value in [
        "Basic",
        "Basic ",
        "Basic !",
        "Basic YQ==",
        "Basic /zo=",
        "Basic OsOp",
        "Basic OgA=",
        &long,
    ] {
        let mut request = form(&[GRANT]);
        let value = HeaderValue::from_str(value).expect("a header");
        request.headers_mut().insert(header::AUTHORIZATION, value.clone());
        assert_eq!(refused(&house, request).await, expected, "{value:?}");
    }
    let mut twice = Style::BasicForm.request("a", "b", &[]);
    twice.headers_mut().append(header::AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
    assert_eq!(refused(&house, twice).await, expected);
}

/// Bytes as they come, and bodies that are nearly right.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let near = "(grant_type=client_credentials&?)?(client_id=.{0,40}&?)?(client_secret=.{0,40})?(&scope=.{0,9})?";
    let json =
        r#"\{("grant_type":"client_credentials",?)?("client_id":.{0,20},?)?("scope":".{0,5}")?\}"#;
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        near.prop_map(String::into_bytes),
        json.prop_map(String::into_bytes),
    ]
}

#[test]
fn no_body_and_no_header_whatever_is_a_fault_of_the_server() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let house = runtime.block_on(House::new());
    let kinds = prop_oneof![FORM, JSON, "[ -~]{0,20}"];
    let headers = proptest::option::of(proptest::collection::vec(0x20_u8..=0xff, 0..60));
    TestRunner::new(Config::with_cases(512))
        .run(&(bodies(), kinds, headers), |(body, kind, authorization)| {
            let mut request = raw(&kind, body);
            let value = authorization.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok());
            if let Some(value) = value {
                request.headers_mut().insert(header::AUTHORIZATION, value);
            }
            let answer = runtime.block_on(house.send(request));
            assert!(answer.status.is_client_error(), "{answer:?}");
            answer.json();
            Ok(())
        })
        .expect("client errors only");
}
