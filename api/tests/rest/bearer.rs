//! Who may call: Oro's cases of bearer tokens, and everything that ends one.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use commands::{Permit, applications::Switch, organizations::Change};
use domain::{Category, authority::Role};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    desk::{APPLICATIONS, Desk, JSON_API, address, code},
    support::{Answer, State, Wishes},
};

async fn with_header(desk: &Desk, authorization: &str) -> Answer {
    let request = Request::get(APPLICATIONS).header(header::AUTHORIZATION, authorization);
    desk.send(request.body(Body::empty()).expect("a request")).await
}

fn challenge(answer: &Answer) -> String {
    assert_eq!(answer.status, 401, "{answer:?}");
    assert!(answer.body.is_empty(), "{answer:?}");
    answer.header("www-authenticate").expect("a challenge").to_owned()
}

#[tokio::test]
async fn a_token_is_good_for_more_than_one_call() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read"]).await;
    for _ in 0..2 {
        assert_eq!(program.get(APPLICATIONS).await.status, 200);
    }
}

#[tokio::test]
async fn a_call_without_a_token_is_challenged_and_told_where_to_get_one() {
    let desk = Desk::new().await;
    let metadata = "https://oathbook.test/.well-known/oauth-protected-resource";
    let answer = desk.get(APPLICATIONS).await;
    assert_eq!(challenge(&answer), format!("Bearer resource_metadata=\"{metadata}\""));
    assert!(!challenge(&with_header(&desk, "Basic YTpi").await).contains("error"));
}

#[tokio::test]
async fn a_wrong_token_is_invalid() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read"]).await;
    let [head, claims, signature] = program.token.split('.').collect::<Vec<_>>()[..] else {
        panic!("a token of three parts");
    };
    let other = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt","kid":"a"}"#);
    for wrong in [
        "",
        "a",
        "a.b.c",
        &format!("{head}.{claims}"),
        &format!("{head}.{claims}."),
        &format!("{head}.{claims}.{signature}."),
        &format!("{head}.{claims}.{}", &signature[..signature.len() - 4]),
        &format!("{other}.{claims}."),
        &"a".repeat(20_000),
    ] {
        let answer = with_header(&desk, &format!("Bearer {wrong}")).await;
        assert!(challenge(&answer).contains("error=\"invalid_token\""), "{wrong}");
    }
}

#[tokio::test]
async fn a_token_whose_claims_were_changed_is_invalid() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read"]).await;
    let parts: Vec<_> = program.token.split('.').collect();
    let claims = URL_SAFE_NO_PAD.decode(parts[1]).expect("base64url");
    let mut claims: Value = serde_json::from_slice(&claims).expect("JSON");
    claims["scope"] = json!("applications:read applications:write");
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    let answer = with_header(&desk, &format!("Bearer {}.{claims}.{}", parts[0], parts[2])).await;
    assert!(challenge(&answer).contains("invalid_token"));
}

#[tokio::test]
async fn a_token_in_the_address_is_none() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read"]).await;
    let path = format!("{APPLICATIONS}?access_token={}", program.token);
    challenge(&desk.get(&path).await);
    assert_eq!(code(&program.get(&path).await), (400, "unknown_parameter".to_owned()));
}

#[tokio::test]
async fn a_token_in_the_body_is_none() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:write"]).await;
    let body = json!({
        "access_token": program.token,
        "data": { "type": "oauthapplications", "attributes": { "name": "Sync" } },
    });
    let request = Request::post(APPLICATIONS).header(header::CONTENT_TYPE, JSON_API);
    let request = request.body(Body::from(body.to_string())).expect("a request");
    challenge(&desk.send(request).await);
    let answer = program.post(APPLICATIONS, &body).await;
    assert_eq!(code(&answer), (422, "unknown_field".to_owned()));
}

#[tokio::test]
async fn two_tokens_at_once_are_none() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read"]).await;
    let more = format!("Bearer {}", program.token);
    let answer = program.send("GET", APPLICATIONS, &[("authorization", &more)], None).await;
    assert!(challenge(&answer).contains("invalid_request"));
}

#[tokio::test]
async fn whoever_may_have_no_token_may_not_use_the_one_they_have() {
    for state in State::ALL {
        let desk = Desk::new().await;
        let program = desk.program(&["applications:read"]).await;
        desk.bring_about(state, &program.created).await;
        let answer = program.get(APPLICATIONS).await;
        assert!(challenge(&answer).contains("invalid_token"), "{state:?}");
    }
}

#[tokio::test]
async fn a_token_of_whom_an_event_cannot_be_read_is_neither_good_nor_bad() {
    for category in [Category::Application, Category::User, Category::Organization] {
        let desk = Desk::new().await;
        let program = desk.program(&["applications:read"]).await;
        let stream = match category {
            Category::User => desk.ada.as_uuid(),
            Category::Organization => desk.acme.as_uuid(),
            _ => program.created.id.as_uuid(),
        };
        desk.append_unreadable(category, stream).await;
        assert_eq!(code(&program.get(APPLICATIONS).await), (503, "unavailable".to_owned()));
    }
}

#[tokio::test]
async fn a_token_from_before_a_deactivation_stays_void() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read"]).await;
    desk.switch(&program.created, Switch::Deactivate).await;
    desk.switch(&program.created, Switch::Activate).await;
    challenge(&program.get(APPLICATIONS).await);
    let token = desk.token(&program.created).await;
    assert_eq!(with_header(&desk, &format!("Bearer {token}")).await.status, 200);
}

#[tokio::test]
async fn a_token_from_before_a_disabling_or_the_end_of_a_membership_stays_void() {
    for ended in [State::OwnerDisabled, State::OwnerLeft, State::OrganizationDisabled] {
        let desk = Desk::new().await;
        let program = desk.program(&["applications:read"]).await;
        desk.bring_about(ended, &program.created).await;
        let (permit, scribe) = (Permit::operator(), || desk.app.commands.as_operator());
        match ended {
            State::OwnerDisabled => {
                scribe().enable_user(&permit, desk.ada).await.expect("enabled");
            }
            State::OwnerLeft => desk.admit(desk.acme, desk.ada, Role::Administrator).await,
            _ => desk.change(desk.acme, Change::Enable).await,
        }
        desk.settle().await;
        assert!(challenge(&program.get(APPLICATIONS).await).contains("invalid_token"), "{ended:?}");
        let token = desk.token(&program.created).await;
        let answer = with_header(&desk, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, 200, "{ended:?}");
        // Another role is no end.
        desk.colleague("grace", Role::Administrator).await;
        desk.admit(desk.acme, desk.ada, Role::Manager).await;
        let answer = with_header(&desk, &format!("Bearer {token}")).await;
        assert_eq!(answer.status, 200, "{ended:?}");
    }
}

#[tokio::test]
async fn a_restored_application_works_again_with_its_secret_and_not_with_its_tokens() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read"]).await;
    let (permit, scribe) = (Permit::operator(), || desk.app.commands.as_operator());
    scribe().delete_application(&permit, program.created.id).await.expect("a deletion");
    let name = domain::name::ApplicationName::parse("Program").expect("a name");
    let day = Duration::from_hours(24);
    let restored = scribe().restore_application(&permit, program.created.id, name, day).await;
    restored.expect("a restored application");
    desk.switch(&program.created, Switch::Activate).await;
    challenge(&program.get(APPLICATIONS).await);
    let token = desk.token(&program.created).await;
    assert_eq!(with_header(&desk, &format!("Bearer {token}")).await.status, 200);
}

#[tokio::test]
async fn a_token_for_somebody_else_is_invalid() {
    let audience = vec!["https://elsewhere.test".to_owned()];
    let desk = Desk::with(Wishes { audience, ..Wishes::default() }).await;
    let program = desk.program(&["applications:read"]).await;
    challenge(&program.get(APPLICATIONS).await);
}

#[tokio::test]
async fn a_token_ends_when_it_says_so() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read"]).await;
    desk.clock.advance(Duration::from_secs(3599));
    desk.settle().await;
    assert_eq!(program.get(APPLICATIONS).await.status, 200);
    desk.clock.advance(Duration::from_secs(1));
    desk.settle().await;
    challenge(&program.get(APPLICATIONS).await);
}

#[tokio::test]
async fn a_token_without_the_scope_is_told_which_one() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read"]).await;
    let answer = program.delete(&address(&program.id())).await;
    assert_eq!(code(&answer), (403, "insufficient_scope".to_owned()));
    let challenge = answer.header("www-authenticate").expect("a challenge");
    assert_eq!(challenge, "Bearer error=\"insufficient_scope\", scope=\"applications:write\"");
}

#[tokio::test]
async fn a_scope_that_was_taken_away_is_gone_from_tokens_at_once() {
    let desk = Desk::new().await;
    let program = desk.program(&["applications:read", "applications:write"]).await;
    let body = crate::desk::change(&program.id(), json!({ "scopes": ["applications:write"] }));
    assert_eq!(program.patch(&address(&program.id()), &body).await.status, 200);
    let answer = program.get(APPLICATIONS).await;
    assert_eq!(code(&answer), (403, "insufficient_scope".to_owned()));
}

#[tokio::test]
async fn the_way_to_a_token_is_described() {
    let desk = Desk::new().await;
    let answer = desk.get("/.well-known/oauth-protected-resource").await;
    let document = answer.json();
    assert_eq!(document["resource"], "https://oathbook.test");
    assert_eq!(document["authorization_servers"], json!(["https://oathbook.test"]));
    assert_eq!(document["bearer_methods_supported"], json!(["header"]));
    let answer = desk.get("/.well-known/oauth-protected-resource/other").await;
    assert_eq!(answer.body, "The resource not found.");
    let server = desk.get("/.well-known/oauth-authorization-server").await.json();
    assert!(server["scopes_supported"].as_array().expect("scopes").contains(&json!("users:read")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_other_bytes_in_place_of_a_token_are_refused(token in "[ -~]{0,200}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let desk = Desk::new().await;
            challenge(&with_header(&desk, &format!("Bearer {token}")).await);
        });
    }
}
