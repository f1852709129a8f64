//! Browsers of other origins at the token endpoint: the table of `oro.md` 3.11.

use std::time::Duration;

use api::app::Cors;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Request, header},
};

use crate::support::{Answer, House, ISSUER, Style, Wishes};

const THEIRS: &str = "https://oauth.test.com";
const STRANGERS: &str = "https://stranger.test";

async fn house() -> House {
    let cors = Cors {
        allow_origins: vec![THEIRS.to_owned()],
        allow_headers: vec!["X-Foo".to_owned()],
        preflight_max_age: Duration::from_mins(10),
    };
    House::with(Wishes { cors, ..Wishes::default() }).await
}

fn options(headers: &[(HeaderName, &'static str)]) -> Request<Body> {
    let mut request = Request::options("/oauth2-token").body(Body::empty()).expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    request
}

fn from(origin: &'static str, mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert(header::ORIGIN, HeaderValue::from_static(origin));
    request
}

fn cors_headers(answer: &Answer) -> Vec<&str> {
    let names = answer.headers.keys().map(HeaderName::as_str);
    names.filter(|name| name.starts_with("access-control-")).collect()
}

#[tokio::test]
async fn an_allowed_origin_may_read_success_and_error() {
    let house = house().await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = (created.client_id.as_str(), created.secret.expose());
    for (secret, status) in [(secret, 200), ("wrong", 401)] {
        let answer = house.send(from(THEIRS, Style::BodyJson.request(id, secret, &[]))).await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.header("access-control-allow-origin"), Some(THEIRS));
        assert_eq!(answer.header("vary"), Some("Origin"));
        assert_eq!(cors_headers(&answer), ["access-control-allow-origin"]);
    }
}

#[tokio::test]
async fn strangers_and_our_own_pages_get_no_such_headers() {
    let house = house().await;
    for origin in [STRANGERS, ISSUER, "null"] {
        let answer = house.send(from(origin, Style::BodyJson.request("a", "b", &[]))).await;
        assert_eq!(cors_headers(&answer), Vec::<&str>::new(), "{origin}");
    }
    let answer = house.send(Style::BodyJson.request("a", "b", &[])).await;
    assert_eq!(cors_headers(&answer), Vec::<&str>::new());
    assert_eq!(answer.header("vary"), None);
}

#[tokio::test]
async fn everybody_learns_the_methods() {
    let house = house().await;
    let answer = house.send(options(&[])).await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(answer.header("allow"), Some("OPTIONS, POST"));
    assert_eq!(cors_headers(&answer), Vec::<&str>::new());
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn options_of_an_allowed_origin_without_a_preflight_learn_the_methods() {
    let house = house().await;
    let answer = house.send(options(&[(header::ORIGIN, THEIRS)])).await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(answer.header("allow"), Some("OPTIONS, POST"));
    assert_eq!(cors_headers(&answer), ["access-control-allow-origin"]);
}

#[tokio::test]
async fn a_preflight_for_any_method_is_answered_alike() {
    let house = house().await;
    for method in ["OPTIONS", "GET", "POST", "PUT", "PATCH", "DELETE"] {
        let answer = house
            .send(options(&[
                (header::ORIGIN, THEIRS),
                (header::ACCESS_CONTROL_REQUEST_METHOD, method),
                (header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization"),
            ]))
            .await;
        assert_eq!(answer.status.as_u16(), 200, "{method}");
        let expected = [
            ("access-control-allow-origin", THEIRS),
            ("access-control-allow-methods", "OPTIONS, POST"),
            ("access-control-allow-headers", "Authorization,Content-Type,X-Foo"),
            ("access-control-max-age", "600"),
            ("cache-control", "max-age=600, public"),
            ("vary", "Origin"),
        ];
        for (name, value) in expected {
            assert_eq!(answer.header(name), Some(value), "{method} {name}");
        }
        assert_eq!(cors_headers(&answer).len(), 4);
        assert_eq!(answer.header("allow"), None);
    }
}

#[tokio::test]
async fn a_preflight_of_a_stranger_permits_nothing() {
    let house = house().await;
    let answer = house
        .send(options(&[
            (header::ORIGIN, STRANGERS),
            (header::ACCESS_CONTROL_REQUEST_METHOD, "POST"),
        ]))
        .await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(cors_headers(&answer), Vec::<&str>::new());
}

#[tokio::test]
async fn a_star_allows_every_origin_by_name() {
    let cors = Cors { allow_origins: vec!["*".to_owned()], ..Cors::default() };
    let house = House::with(Wishes { cors, ..Wishes::default() }).await;
    let answer = house.send(from(STRANGERS, Style::BodyJson.request("a", "b", &[]))).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some(STRANGERS));
}

#[tokio::test]
async fn the_documents_have_no_such_headers() {
    let house = house().await;
    for path in ["/.well-known/jwks.json", "/.well-known/oauth-authorization-server"] {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        assert_eq!(cors_headers(&house.send(from(THEIRS, request)).await), Vec::<&str>::new());
    }
}
