//! A node that does not know how things stand gives no token.

use std::{sync::Arc, time::Duration};

use api::freshness::Availability;
use commands::{Permit, applications::Switch};
use domain::Category;
use futures::executor::block_on;
use tokio::time::Instant;

use crate::support::{Counters, FRESHNESS, House, Style, Wishes};

/// How often a request asks for the time before it signs: for its own id, and for the token.
const BEFORE_SIGNING: usize = 1;

#[tokio::test(start_paused = true)]
async fn a_node_with_old_knowledge_waits_a_second_and_refuses() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let request =
        || Style::BodyForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
    house.clock.advance(FRESHNESS);
    house.send(request()).await.token();
    house.clock.advance(Duration::from_micros(1));
    let began = Instant::now();
    let counters = Counters::default();
    let guard = counters.install();
    let answer = house.send(request()).await;
    drop(guard);
    assert_eq!(began.elapsed().as_secs(), 1);
    assert_eq!(counters.runs_for_secrets(), 0);
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    house.settle().await;
    house.send(request()).await.token();
}

#[tokio::test(start_paused = true)]
async fn a_node_that_learns_meanwhile_answers_by_what_it_learned() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let scribe = house.app.commands.as_operator();
    let done = scribe.switch_application(&Permit::operator(), created.id, Switch::Deactivate).await;
    done.expect("deactivated behind the node's back");
    let request =
        || Style::BodyForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
    house.send(request()).await.token();
    house.clock.advance(FRESHNESS * 2);
    let (answer, ()) = tokio::join!(house.send(request()), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        house.settle().await;
    });
    assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()));
}

/// `tokens.availability: last_known`.
#[tokio::test]
async fn a_node_that_prefers_tokens_gives_them_on_what_it_knew_last_and_counts_them() {
    let availability = Availability::LastKnown;
    let house = House::with(Wishes { availability, ..Wishes::default() }).await;
    let created = house.application("Till", &[]).await;
    let scribe = house.app.commands.as_operator();
    let done = scribe.switch_application(&Permit::operator(), created.id, Switch::Deactivate).await;
    done.expect("deactivated behind the node's back");
    let request =
        || Style::BodyForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
    house.clock.advance(FRESHNESS * 100);
    let counters = Counters::default();
    let guard = counters.install();
    house.send(request()).await.token();
    house.send(request()).await.token();
    drop(guard);
    assert_eq!(counters.get("oathbook_tokens_on_last_knowledge_total"), 2);
    house.settle().await;
    assert_eq!(house.send(request()).await.refusal(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn knowledge_that_grew_old_during_the_signature_gives_no_token() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let clock = house.clock.clone();
    house.clock.interrupt(BEFORE_SIGNING, move || clock.advance(FRESHNESS * 2));
    let request = Style::BodyForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
    let answer = house.send(request).await;
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
}

#[tokio::test]
async fn a_client_that_is_deactivated_during_the_signature_gets_no_token() {
    let house = Arc::new(House::new().await);
    let created = Arc::new(house.application("Till", &[]).await);
    let (inside, theirs) = (house.clone(), created.clone());
    house.clock.interrupt(BEFORE_SIGNING, move || {
        block_on(inside.switch(&theirs, Switch::Deactivate));
    });
    let request = Style::BodyForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
    let counters = Counters::default();
    let guard = counters.install();
    let answer = house.send(request).await;
    drop(guard);
    assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()));
    assert_eq!(counters.runs_for_secrets(), 1);
    house.flush_to(&*house.notebook).await;
    assert_eq!(house.notebook.of(created.id).issued, 0);
}

#[tokio::test]
async fn a_client_with_an_event_nobody_can_read_gets_neither_yes_nor_no() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    house.append_unreadable(Category::Application, created.id.as_uuid()).await;
    let request = Style::BodyForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
    let answer = house.send(request).await;
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
}

#[tokio::test]
async fn a_client_of_an_owner_with_an_event_nobody_can_read_gets_neither_yes_nor_no() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    house.append_unreadable(Category::User, house.ada.as_uuid()).await;
    let request = Style::BodyForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
    let answer = house.send(request).await;
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
}
