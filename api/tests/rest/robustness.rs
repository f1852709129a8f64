//! Whatever is sent: never a 5xx, and errors are documents.

use std::sync::LazyLock;

use axum::{
    body::Body,
    http::{Request, header},
};
use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::desk::{ALL_SCOPES, Desk, JSON_API, Program};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
});
static DESK: LazyLock<Desk> = LazyLock::new(|| {
    RUNTIME.block_on(async {
        let rate_limit = api::app::RateLimit { rate: 1_000_000, burst: 1_000_000 };
        let wishes = crate::support::Wishes { rate_limit, ..crate::support::Wishes::default() };
        Desk::with(wishes).await
    })
});
static PROGRAM: LazyLock<Program<'static>> =
    LazyLock::new(|| RUNTIME.block_on(DESK.program(&ALL_SCOPES)));

fn method() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"][..])
}

fn path() -> impl Strategy<Value = String> {
    let id = PROGRAM.id();
    let known = prop::sample::select(vec![
        "/api/oauthapplications".to_owned(),
        format!("/api/oauthapplications/{id}"),
        format!("/api/oauthapplications/{id}/restore"),
        format!("/api/oauthapplications/{id}/relationships/owner"),
        "/api/users".to_owned(),
        "/api/organizations".to_owned(),
        "/api/memberships".to_owned(),
    ]);
    prop_oneof![4 => known, 1 => "/api/[a-z0-9%./-]{0,30}".prop_map(|path| path.replace('%', "%25"))]
}

fn query() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        "filter\\[(name|createdAt|id|status|owner|scopes|lastUsedAt|userName|role)\\]",
        "filter\\[(name|createdAt|id|status)\\]\\[(eq|neq|lt|gte|exists|contains|empty)\\]",
        "page\\[(size|number|after|before)\\]",
        "(sort|include|fields\\[users\\]|x)",
    ];
    let value = "[a-zA-Z0-9:.,_-]{0,40}";
    prop::collection::vec((name, value), 0..5).prop_map(|pairs| {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    })
}

fn body() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(Into::into),
        "[ -~é𝄞]{0,20}".prop_map(Into::into),
        Just("oauthapplications".into()),
    ];
    let name = prop::sample::select(
        &[
            "data",
            "type",
            "id",
            "attributes",
            "relationships",
            "name",
            "scopes",
            "owner",
            "meta",
            "reason",
            "active",
            "description",
        ][..],
    );
    let json = leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|object| serde_json::Value::Object(object.into_iter().collect())),
        ]
    });
    prop_oneof![4 => json.prop_map(|json| json.to_string()), 1 => "[ -~]{0,60}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_request_fails(
        method in method(),
        path in path(),
        query in query(),
        body in body(),
        key in prop::option::of("[a-c]{0,2}"),
        tag in prop::option::of("[*\",a-z0-9W/]{0,8}"),
    ) {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{path}?{query}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", PROGRAM.token))
            .header(header::CONTENT_TYPE, JSON_API);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        let answer = RUNTIME.block_on(DESK.send(request.body(Body::from(body)).expect("a request")));
        prop_assert!(!answer.status.is_server_error(), "{answer:?}");
        if answer.status.is_client_error() && method != "HEAD" && answer.status != 401 {
            prop_assert_eq!(answer.header("content-type"), Some(JSON_API));
            prop_assert!(answer.json()["errors"][0]["detail"].is_string());
        }
    }
}
