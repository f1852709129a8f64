//! What is remembered of how credentials are used.

use std::sync::Arc;

use api::oauth::usage::Usage;
use projections::{
    Knowledge,
    state::{Day, Refusal},
};
use serde_json::Value;
use store::Clock;
use tokio_util::sync::CancellationToken;

use crate::support::{ADDRESS, House, Shelves, State, Style, Wishes};

async fn flush(house: &House) {
    house.flush_to(&*house.notebook).await;
}

#[tokio::test]
async fn tokens_are_counted_with_time_and_sealed_address() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    for _ in 0..3 {
        let (id, secret) = (created.client_id.as_str(), created.secret.expose());
        house.send(Style::BasicForm.request(id, secret, &[])).await.token();
    }
    flush(&house).await;
    let usage = house.notebook.of(created.id);
    assert_eq!((usage.issued, usage.last_used_at), (3, Some(house.clock.now())));
    let sealed = usage.last_address.expect("an address");
    assert!(!sealed.contains(ADDRESS));
    let mut document: Value = serde_json::from_str(&sealed).expect("JSON");
    house.app.commands.log.vault().open(&mut document).await.expect("an opened address");
    let address: domain::Personal = serde_json::from_value(document).expect("an address");
    assert_eq!(address.as_open(), Some(ADDRESS));
}

#[tokio::test]
async fn refusals_are_counted_by_reason_and_are_no_use() {
    let reasons = [
        (State::Deactivated, Refusal::Inactive),
        (State::OwnerDisabled, Refusal::OwnerUnavailable),
        (State::OwnerLeft, Refusal::OwnerUnavailable),
        (State::OrganizationDisabled, Refusal::OrganizationUnavailable),
    ];
    for (state, reason) in reasons {
        let house = House::new().await;
        let created = house.application("Till", &[]).await;
        house.bring_about(state, &created).await;
        let (id, secret) = (created.client_id.as_str(), created.secret.expose());
        house.send(Style::BasicForm.request(id, secret, &[])).await;
        house.send(Style::BasicForm.request(id, "wrong", &[])).await;
        flush(&house).await;
        let usage = house.notebook.of(created.id);
        assert_eq!(usage.refused, [(reason, 1), (Refusal::WrongSecret, 1)].into());
        assert_eq!((usage.issued, usage.last_used_at), (0, None));
    }
}

#[tokio::test]
async fn a_refused_scope_is_counted() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = (created.client_id.as_str(), created.secret.expose());
    house.send(Style::BasicForm.request(id, secret, &[("scope", "admin")])).await;
    flush(&house).await;
    assert_eq!(house.notebook.of(created.id).refused, [(Refusal::Scope, 1)].into());
}

#[tokio::test]
async fn the_token_shown_at_creation_counts_as_a_use() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    api::oauth::issue_for(&house.app, &created, ADDRESS.parse().ok()).await.expect("a token");
    flush(&house).await;
    assert_eq!(house.notebook.of(created.id).issued, 1);
}

#[tokio::test]
async fn counts_that_cannot_be_written_are_written_later() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let request =
        || Style::BasicForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
    house.send(request()).await.token();
    house.notebook.break_down();
    flush(&house).await;
    house.send(request()).await.token();
    house.notebook.repair();
    flush(&house).await;
    let usage = house.notebook.of(created.id);
    assert_eq!(usage.issued, 2);
    assert!(usage.last_address.is_some());
}

#[tokio::test(start_paused = true)]
async fn counts_are_written_within_a_second_and_at_the_end() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let cancelled = CancellationToken::new();
    let usage: Arc<Usage> = house.app.usage.clone();
    let vault = house.app.commands.log.vault().clone();
    let running = tokio::spawn(usage.run(
        house.notebook.clone(),
        vault,
        house.app.knowledge.clone(),
        cancelled.clone(),
    ));
    let request =
        || Style::BasicForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
    house.send(request()).await.token();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(house.notebook.of(created.id).issued, 1);
    house.send(request()).await.token();
    cancelled.cancel();
    running.await.expect("an end");
    assert_eq!(house.notebook.of(created.id).issued, 2);
}

#[tokio::test]
async fn the_last_use_is_found_in_sqlite() {
    let house = House::with(Wishes { shelves: Shelves::Sqlite, ..Wishes::default() }).await;
    let created = house.application("Till", &[]).await;
    let (id, secret) = (created.client_id.as_str(), created.secret.expose());
    house.send(Style::BasicForm.request(id, secret, &[])).await.token();
    house.flush_to(&*house.app.state).await;
    let now = house.clock.now();
    let usage = house.app.state.usage(&[created.id]).await.expect("usage");
    assert_eq!(usage[&created.id].last_used_at, Some(now));
    let today = house.app.state.usage_on(created.id, Day::of(now)).await.expect("usage");
    assert_eq!((today.issued, today.refused), (1, 0));
}

#[tokio::test]
async fn the_last_use_is_known_on_this_node_and_on_others() {
    let house = House::with(Wishes { shelves: Shelves::Sqlite, ..Wishes::default() }).await;
    let created = house.application("Till", &[]).await;
    let other = house.other_node().await;
    let last_used = |knowledge: &Knowledge| {
        knowledge.application(created.id).expect("it is known").last_used_at
    };
    let (id, secret) = (created.client_id.as_str(), created.secret.expose());
    house.send(Style::BasicForm.request(id, secret, &[])).await.token();
    house.flush_to(&*house.app.state).await;
    let used = Some(house.clock.now());
    assert_eq!(last_used(&house.app.knowledge), used);
    assert_eq!(last_used(&other), None);
    other.learn_uses(&*house.app.state).await.expect("state answers");
    assert_eq!(last_used(&other), used);
}

#[tokio::test(start_paused = true)]
async fn a_node_hears_of_uses_on_others_within_a_second() {
    let house = House::new().await;
    let created = house.application("Till", &[]).await;
    let (other, cancelled) = (house.other_node().await, CancellationToken::new());
    let following = other.clone().follow_uses(house.notebook.clone(), cancelled.clone());
    let following = tokio::spawn(following);
    let (id, secret) = (created.client_id.as_str(), created.secret.expose());
    house.send(Style::BasicForm.request(id, secret, &[])).await.token();
    house.flush_to(&*house.notebook).await;
    let heard = async {
        while other.application(created.id).is_none_or(|entry| entry.last_used_at.is_none()) {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), heard).await.expect("it hears");
    cancelled.cancel();
    following.await.expect("it ends");
}
