//! Who gets a token, and what is in it.

use std::time::Duration;

use axum::http::header;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use commands::applications::Switch;
use domain::ClientId;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rsa::{
    BoxedUint, Pkcs1v15Sign, PublicKey,
    sha2::{Digest, Sha256},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::Clock;

use crate::support::{Answer, Counters, House, ISSUER, State, Style, Wishes, basic, form, raw};

pub(crate) fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn credentials(created: &commands::applications::Created) -> (&str, &str) {
    (created.client_id.as_str(), created.secret.expose())
}

const DEACTIVATED: (u16, &str) = (401, "invalid_client");

fn refusal((status, code): (u16, &str)) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn a_client_gets_a_token_in_every_style() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = credentials(&created);
    for style in Style::ALL {
        let answer = house.send(style.request(id, secret, &[])).await;
        let token = answer.token();
        assert_eq!(
            answer.json(),
            json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": token }),
            "{style:?}"
        );
        assert_eq!(answer.header("content-type"), Some("application/json; charset=UTF-8"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.header("x-request-id").is_some());
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn a_token_says_what_rfc_9068_wants_and_where_it_comes_from() {
    let house = House::new().await;
    let created = house.application("Till", &["read", "write"]).await;
    let (id, secret) = credentials(&created);
    let token = house.send(Style::BasicForm.request(id, secret, &[])).await.token();
    let kid = house.app.keys.signer().expect("a key").kid().0.clone();
    assert_eq!(part(&token, 0), json!({ "typ": "at+jwt", "alg": "RS256", "kid": kid }));
    let mut claims = part(&token, 1);
    let jti = claims["jti"].take();
    assert_eq!(jti.as_str().map(str::len), Some(36));
    let cred = claims["cred"].take();
    let found = match house.app.knowledge.client(&created.client_id) {
        projections::knowledge::Lookup::Known(client) => client,
        other => panic!("{other:?}"),
    };
    assert_eq!(cred, json!(found.row.secrets[0].id));
    let now = house.clock.now().as_secs();
    assert_eq!(
        claims,
        json!({
            "iss": ISSUER, "sub": id, "client_id": id, "aud": ISSUER,
            "iat": now, "nbf": now, "exp": now + 3600, "jti": null,
            "scope": "read write", "org": house.acme, "owner": house.ada, "cred": null, "rev": 1, "owner_rev": 0,
            "org_rev": 1,
        })
    );
}

#[tokio::test]
async fn two_tokens_are_never_the_same() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = credentials(&created);
    let one = house.send(Style::BodyJson.request(id, secret, &[])).await.token();
    let two = house.send(Style::BodyJson.request(id, secret, &[])).await.token();
    assert_ne!(part(&one, 1)["jti"], part(&two, 1)["jti"]);
}

#[tokio::test]
async fn several_audiences_are_an_array() {
    let audience = vec![ISSUER.to_owned(), "https://api.test".to_owned()];
    let house = House::with(Wishes { audience: audience.clone(), ..Wishes::default() }).await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = credentials(&created);
    let token = house.send(Style::BodyForm.request(id, secret, &[])).await.token();
    assert_eq!(part(&token, 1)["aud"], json!(audience));
}

#[tokio::test]
async fn another_library_verifies_a_token_by_the_published_keys() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = credentials(&created);
    let token = house.send(Style::BodyForm.request(id, secret, &[])).await.token();
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let kid = &part(&token, 0)["kid"];
    let set = house.get("/.well-known/jwks.json").await.json();
    let keys = set["keys"].as_array().expect("keys");
    let key = keys.iter().find(|key| key["kid"] == *kid).expect("the key");
    let number = |name: &str| {
        let text = key[name].as_str().expect("a number");
        BoxedUint::from_be_slice_vartime(&URL_SAFE_NO_PAD.decode(text).expect("base64url"))
    };
    let public = PublicKey::new(number("n"), number("e")).expect("a public key");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let hash = Sha256::digest(signed.as_bytes());
    let scheme = Pkcs1v15Sign::new::<Sha256>;
    assert!(public.verify(scheme(), &hash, &signature).is_ok());
    let other = Sha256::digest(b"something else");
    assert!(public.verify(scheme(), &other, &signature).is_err());
}

#[tokio::test]
async fn no_state_but_the_good_one_yields_a_token_and_each_refusal_costs_one_run() {
    for state in State::ALL {
        let house = House::new().await;
        let created = house.application("Till", &[]).await;
        house.bring_about(state, &created).await;
        let (id, secret) = credentials(&created);
        for style in Style::ALL {
            let counters = Counters::default();
            let guard = counters.install();
            let answer = house.send(style.request(id, secret, &[])).await;
            drop(guard);
            assert_eq!(answer.refusal(), refusal(DEACTIVATED), "{state:?} {style:?}");
            assert_eq!(counters.runs_for_secrets(), 1, "{state:?} {style:?}");
            assert_eq!(counters.get("oathbook_tokens_total invalid_client"), 1);
        }
    }
}

#[tokio::test]
async fn whoever_is_unknown_or_has_no_right_secret_is_refused_at_the_cost_of_one_run() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let other = house.application("Scale", &[]).await;
    let (id, secret) = credentials(&created);
    let unknown = "a".repeat(ClientId::LENGTH);
    let cut = &secret[..secret.len() - 1];
    for (id, secret) in [
        (unknown.as_str(), secret),
        (id, other.secret.expose()),
        (id, cut),
        (id, ""),
        ("", ""),
        ("", secret),
        ("no client id", secret),
        (id, "with spaces & signs: +%/="),
        (&id[1..], secret),
        (id, &id.repeat(30)),
    ] {
        for style in Style::ALL {
            let counters = Counters::default();
            let guard = counters.install();
            // Form-encoded, as RFC 6749, section 2.3.1, wants it in the header.
            let encoded = |text: &str| {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
            };
            let request = match style {
                Style::BasicForm | Style::BasicJson => {
                    style.request(&encoded(id), &encoded(secret), &[])
                }
                Style::BodyForm | Style::BodyJson => style.request(id, secret, &[]),
            };
            let answer = house.send(request).await;
            drop(guard);
            assert_eq!(answer.refusal(), refusal(DEACTIVATED), "{id:?} {secret:?} {style:?}");
            assert_eq!(counters.runs_for_secrets(), 1, "{id:?} {secret:?} {style:?}");
        }
    }
}

#[tokio::test]
async fn a_refusal_says_the_same_whatever_its_reason() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    house.switch(&created, Switch::Deactivate).await;
    let (id, secret) = credentials(&created);
    let unknown = "a".repeat(ClientId::LENGTH);
    for (id, secret) in [(id, secret), (id, "wrong"), (unknown.as_str(), secret)] {
        let answer = house.send(Style::BodyForm.request(id, secret, &[])).await;
        assert_eq!(
            answer.json(),
            json!({
                "error": "invalid_client",
                "error_description": "Client authentication failed",
                "message": "Client authentication failed",
            })
        );
    }
}

#[tokio::test]
async fn a_client_that_is_activated_again_gets_tokens_again() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = credentials(&created);
    house.switch(&created, Switch::Deactivate).await;
    house.switch(&created, Switch::Activate).await;
    let token = house.send(Style::BasicForm.request(id, secret, &[])).await.token();
    assert_eq!(part(&token, 1)["rev"], 3);
}

#[tokio::test]
async fn only_who_used_the_header_is_told_how_to_use_it() {
    let house = House::new().await;
    let challenge = |answer: Answer| answer.header("www-authenticate").map(str::to_owned);
    let body = house.send(Style::BodyForm.request("a", "b", &[])).await;
    assert_eq!(challenge(body), None);
    let header = house.send(Style::BasicForm.request("a", "b", &[])).await;
    assert_eq!(challenge(header).as_deref(), Some("Basic realm=\"OAuth\""));
    let mut bearer = Style::BodyForm.request("a", "b", &[]);
    bearer.headers_mut().insert(header::AUTHORIZATION, "Bearer abc".try_into().expect("a header"));
    let bearer = house.send(bearer).await;
    assert_eq!(bearer.refusal(), refusal(DEACTIVATED));
    assert_eq!(challenge(bearer).as_deref(), Some("Bearer realm=\"OAuth\""));
    let other_error = house.send(form(&[("grant_type", "client_credentials")])).await;
    assert_eq!(challenge(other_error), None);
}

#[tokio::test]
async fn scopes_are_granted_as_asked_for_and_told_when_they_were_not() {
    let house = House::new().await;
    let created = house.application("Till", &["read", "write"]).await;
    let (id, secret) = credentials(&created);
    let ask = async |scope: &str| {
        house.send(Style::BodyForm.request(id, secret, &[("scope", scope)])).await
    };
    let answer = ask("write").await;
    assert_eq!(part(&answer.token(), 1)["scope"], "write");
    assert_eq!(answer.json().get("scope"), None);
    for nothing in [ask("").await, house.send(Style::BodyForm.request(id, secret, &[])).await] {
        assert_eq!(part(&nothing.token(), 1)["scope"], "read write");
        assert_eq!(nothing.json()["scope"], "read write");
    }
    let answer = ask("read admin").await;
    assert_eq!(answer.refusal(), refusal((400, "invalid_scope")));
    assert_eq!(answer.json()["hint"], "Check the `admin` scope");
}

#[tokio::test]
async fn a_client_id_beside_the_header_is_no_second_method_unless_it_differs() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = credentials(&created);
    let send =
        async |body: &[(&str, &str)]| house.send(Style::BasicForm.request(id, secret, body)).await;
    send(&[("client_id", id)]).await.token();
    let both = refusal((400, "invalid_request"));
    assert_eq!(send(&[("client_id", "other")]).await.refusal(), both);
    assert_eq!(send(&[("client_secret", secret)]).await.refusal(), both);
    assert_eq!(send(&[("client_id", id), ("client_secret", secret)]).await.refusal(), both);
    assert_eq!(send(&[("client_secret", "")]).await.refusal(), both);
}

#[tokio::test]
async fn credentials_in_the_header_are_form_decoded() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = credentials(&created);
    assert!(secret.contains('_'));
    let encode = |text: &str| percent_encode(text.as_bytes(), NON_ALPHANUMERIC).to_string();
    house.send(Style::BasicForm.request(&encode(id), &encode(secret), &[])).await.token();
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case_and_without_padding() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = credentials(&created);
    let padded = basic(id, secret).to_str().expect("a header").to_owned();
    let bare = padded.trim_end_matches('=').replace("Basic", "bAsIc ");
    let mut request = form(&[("grant_type", "client_credentials")]);
    request.headers_mut().insert(header::AUTHORIZATION, bare.try_into().expect("a header"));
    house.send(request).await.token();
}

#[tokio::test]
async fn parameters_in_the_address_are_not_looked_at() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = credentials(&created);
    let query = format!(
        "/oauth2-token?client_id={id}&client_secret={secret}&grant_type=client_credentials"
    );
    for body in ["", "grant_type=client_credentials"] {
        let mut request = raw("application/x-www-form-urlencoded", body);
        *request.uri_mut() = query.parse().expect("a path");
        assert_eq!(house.send(request).await.status.as_u16(), 400, "{body:?}");
    }
}

#[tokio::test]
async fn other_methods_are_told_which_there_are() {
    let house = House::new().await;
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
        let mut request = raw("application/json", "");
        *request.method_mut() = method.parse().expect("a method");
        let answer = house.send(request).await;
        assert_eq!(answer.status.as_u16(), 405, "{method}");
        assert_eq!(answer.header("allow"), Some("OPTIONS, POST"), "{method}");
    }
}

#[tokio::test]
async fn a_new_application_gets_a_temporary_token_without_its_secret() {
    let house = House::new().await;
    let created = house.application("Till", &["read"]).await;
    let counters = Counters::default();
    let guard = counters.install();
    let issued = api::oauth::issue_for(&house.app, &created, None).await.expect("a token");
    drop(guard);
    assert_eq!(counters.runs_for_secrets(), 0);
    assert_eq!(issued.expires_in, Duration::from_hours(1));
    let claims = part(issued.token.expose_secret(), 1);
    assert_eq!(claims["client_id"], json!(created.client_id));
    assert_eq!(claims["scope"], "read");
    house.switch(&created, Switch::Deactivate).await;
    let refused = api::oauth::issue_for(&house.app, &created, None).await.err();
    assert_eq!(refused, Some(api::oauth::NotIssued::NotAllowed));
}
