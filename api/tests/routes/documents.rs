//! What the server says about itself: metadata and keys.

use std::time::Duration;

use commands::Permit;
use domain::signing_key::{KeyId, PublicKey};
use serde_json::json;

use crate::support::{House, KeysAtStart, Style, Wishes};

const METADATA: &str = "/.well-known/oauth-authorization-server";

#[tokio::test]
async fn the_metadata_say_where_everything_is() {
    let house = House::new().await;
    let answer = house.get(METADATA).await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.json(),
        json!({
            "issuer": "https://oathbook.test",
            "token_endpoint": "https://oathbook.test/oauth2-token",
            "jwks_uri": "https://oathbook.test/.well-known/jwks.json",
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": [
                "applications:read",
                "applications:write",
                "audit:read",
                "notifications:read",
                "notifications:write",
                "organizations:read",
                "organizations:write",
                "users:read",
                "users:write",
            ],
        })
    );
}

#[tokio::test]
async fn another_issuer_is_not_found() {
    let house = House::new().await;
    for path in ["/oauth2-server", "/a/b", "/%00", "/é"] {
        let path = path.replace('é', "%C3%A9");
        let answer = house.get(&format!("{METADATA}{path}")).await;
        assert_eq!(answer.status.as_u16(), 404, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.body, "The OAuth server not found.");
    }
    assert_eq!(house.get("/oauth2-server").await.status.as_u16(), 404);
}

#[tokio::test]
async fn an_issuer_with_a_path_has_its_metadata_behind_the_well_known_path() {
    let public_url = "https://example.test/auth/oathbook/";
    let house = House::with(Wishes { public_url, ..Wishes::default() }).await;
    for path in ["/auth/oathbook", ""] {
        let answer = house.get(&format!("{METADATA}{path}")).await;
        assert_eq!(answer.json()["issuer"], "https://example.test/auth/oathbook", "{path}");
    }
    assert_eq!(house.get(&format!("{METADATA}/auth")).await.status.as_u16(), 404);
    let created = house.application("Till", &[]).await;
    for path in ["/auth/oathbook/oauth2-token", "/oauth2-token"] {
        let (id, secret) = (created.client_id.as_str(), created.secret.expose());
        let mut request = Style::BodyForm.request(id, secret, &[]);
        *request.uri_mut() = path.parse().expect("a path");
        house.send(request).await.token();
    }
}

#[tokio::test]
async fn the_documents_are_for_reading() {
    let house = House::new().await;
    for path in ["/.well-known/jwks.json", METADATA] {
        let mut request = Style::BodyForm.request("a", "b", &[]);
        *request.uri_mut() = path.parse().expect("a path");
        assert_eq!(house.send(request).await.status.as_u16(), 405);
    }
}

#[tokio::test]
async fn the_key_set_holds_the_public_half_of_the_active_key() {
    let house = House::new().await;
    let answer = house.get("/.well-known/jwks.json").await;
    assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
    assert_eq!(answer.header("content-type"), Some("application/jwk-set+json"));
    let set = answer.json();
    let key = &set["keys"][0];
    let mut members: Vec<_> = key.as_object().expect("a key").keys().collect();
    members.sort();
    assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!(
        (&key["kty"], &key["alg"], &key["use"]),
        (&json!("RSA"), &json!("RS256"), &json!("sig"))
    );
    assert_eq!(key["kid"], house.app.keys.signer().expect("a key").kid().0);
    assert_eq!(set["keys"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn without_keys_the_set_is_empty() {
    let house = House::with(Wishes { keys: KeysAtStart::Missing, ..Wishes::default() }).await;
    assert_eq!(house.get("/.well-known/jwks.json").await.json(), json!({ "keys": [] }));
}

#[tokio::test]
async fn a_replaced_key_stays_published_while_its_tokens_are_valid() {
    let house = House::new().await;
    let old = house.app.keys.signer().expect("a key").kid().0.clone();
    let new = PublicKey { n: "AQAB".to_owned(), e: "AQAB".to_owned() };
    let scribe = house.app.commands.as_operator();
    let replaced =
        scribe.replace_signing_key(&Permit::operator(), KeyId("new".to_owned()), new).await;
    replaced.expect("a new key");
    let published = async || -> Vec<String> {
        let set = house.get("/.well-known/jwks.json").await.json();
        let keys = set["keys"].as_array().expect("keys").clone();
        keys.iter().map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
    };
    assert_eq!(published().await, ["new".to_owned(), old]);
    house.clock.advance(Duration::from_hours(1));
    assert_eq!(published().await, ["new"]);
}
