//! What operators are told.

use std::time::Duration;

use api::app::Surface;
use serde_json::json;

use crate::support::{Counters, FRESHNESS, House, KeysAtStart, Shelves, Style, Wishes};

#[tokio::test]
async fn a_process_that_answers_is_alive() {
    let house = House::with(Wishes { keys: KeysAtStart::Missing, ..Wishes::default() }).await;
    house.clock.advance(Duration::from_hours(1));
    house.notebook.break_down();
    assert_eq!(house.get("/livez").await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_node_that_can_do_everything_is_ready() {
    let house = House::new().await;
    let answer = house.get("/readyz").await;
    let document = answer.json();
    assert_eq!(answer.status.as_u16(), 200, "{document}");
    assert_eq!(document["ready"], true);
    for component in ["log", "projections", "knowledge", "state", "keys"] {
        assert_eq!(document["components"][component]["ready"], true, "{component}");
    }
}

#[tokio::test]
async fn a_node_that_works_for_others_answers_about_its_health_and_nothing_else() {
    let (surface, keys) = (Surface::Operations, KeysAtStart::Missing);
    let house = House::with(Wishes { keys, surface, ..Wishes::default() }).await;
    house.clock.advance(FRESHNESS * 2);
    let ready = house.get("/readyz").await;
    assert_eq!(ready.status.as_u16(), 200, "{}", ready.json());
    assert_eq!(house.get("/livez").await.status.as_u16(), 200);
    assert_eq!(house.get("/metrics").await.status.as_u16(), 200);
    for absent in ["/", "/sign-in", "/oauth2-token", "/.well-known/jwks.json", "/applications"] {
        assert_eq!(house.get(absent).await.status.as_u16(), 404, "{absent}");
    }
}

#[tokio::test]
async fn a_node_with_its_views_at_the_head_is_ready_and_does_not_lag() {
    let house = House::with(Wishes { shelves: Shelves::Sqlite, ..Wishes::default() }).await;
    house.clock.advance(Duration::from_mins(1));
    house.settle().await;
    let document = house.get("/readyz").await.json();
    assert_eq!(document["ready"], true, "{document}");
    let directory = &document["components"]["projections"]["details"]["directory"];
    assert_eq!((&directory["lag_seconds"], &directory["parked_streams"]), (&json!(0.0), &json!(0)));
}

#[tokio::test]
async fn a_node_without_keys_is_ready_for_pages_only() {
    let house = House::with(Wishes { keys: KeysAtStart::Missing, ..Wishes::default() }).await;
    let answer = house.get("/readyz").await;
    assert_eq!(answer.status.as_u16(), 503);
    let reason = answer.json()["components"]["keys"]["reason"].to_string();
    assert!(reason.contains("oathbook keys generate"), "{reason}");
    let answer = house.get("/readyz?role=web").await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(answer.json()["components"].get("keys"), None);
}

#[tokio::test]
async fn a_node_is_not_ready_while_views_lag_or_knowledge_is_old() {
    let house = House::new().await;
    house.clock.advance(Duration::from_secs(11));
    let answer = house.get("/readyz").await;
    assert_eq!(answer.status.as_u16(), 503);
    let components = &answer.json()["components"];
    let reason = components["projections"]["reason"].to_string();
    assert!(reason.contains("directory lags 11.0 s behind the log"), "{reason}");
    assert_eq!(components["knowledge"]["ready"], false);
    assert_eq!(components["log"], json!({ "ready": true }));
}

#[tokio::test]
async fn a_node_whose_state_fails_is_not_ready() {
    let house = House::new().await;
    house.notebook.break_down();
    let answer = house.get("/readyz").await;
    assert_eq!(answer.status.as_u16(), 503);
    assert_eq!(answer.json()["components"]["state"]["ready"], false);
    assert!(!String::from_utf8_lossy(&answer.body).contains("on purpose"));
}

#[tokio::test]
async fn the_numbers_are_brought_up_to_date_when_asked_for() {
    let house = House::new().await;
    house.clock.advance(Duration::from_secs(3));
    let counters = Counters::default();
    let guard = counters.install();
    let answer = house.get("/metrics").await;
    drop(guard);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(answer.body, "# metrics\n");
    let gauge = |name: &str| f64::from_bits(counters.get(name));
    let close = |name: &str, expected: f64| (gauge(name) - expected).abs() < 1e-6;
    assert!(close("oathbook_knowledge_age_seconds", 3.0));
    assert!(close("oathbook_projection_lag_seconds directory", 3.0));
    assert!(close("oathbook_parked_streams directory", 0.0));
    assert!(close("oathbook_signing_key_ready", 1.0));
    assert!(close("oathbook_mails sent", 3.0));
}

#[tokio::test]
async fn tokens_are_counted_by_outcome() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let counters = Counters::default();
    let guard = counters.install();
    for secret in [created.secret.expose(), "wrong", "wrong"] {
        house.send(Style::BodyForm.request(created.client_id.as_str(), secret, &[])).await;
    }
    drop(guard);
    assert_eq!(counters.get("oathbook_tokens_total issued"), 1);
    assert_eq!(counters.get("oathbook_tokens_total invalid_client"), 2);
    assert_eq!(counters.get("oathbook_token_refusals_total wrong_secret"), 2);
}
