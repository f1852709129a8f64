//! Keys that are missing, appear, are exposed, or are not the ones the log names.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use api::signing::{Condition, EXPOSED, Exposure, Keys, UNAVAILABLE};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{Counters, House, KeysAtStart, Style, Wishes};

async fn without_keys() -> House {
    House::with(Wishes { keys: KeysAtStart::Missing, ..Wishes::default() }).await
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

#[tokio::test]
async fn without_keys_there_is_no_token_and_pages_say_so() {
    let house = without_keys().await;
    let created = house.application("Till", &[]).await;
    let counters = Counters::default();
    let guard = counters.install();
    let request = Style::BodyForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
    let answer = house.send(request).await;
    drop(guard);
    assert_eq!(answer.status.as_u16(), 503);
    assert_eq!(
        answer.json(),
        json!({
            "error": "no_encryption_key",
            "error_description": "The encryption key does not exist.",
            "message": "The encryption key does not exist.",
        })
    );
    assert_eq!(counters.runs_for_secrets(), 0);
    assert!(matches!(house.app.keys.condition(), Condition::Missing(_)));
    assert_eq!(house.app.keys.warnings(), [UNAVAILABLE]);
    let refused = api::oauth::issue_for(&house.app, &created, None).await.err();
    assert_eq!(refused, Some(api::oauth::NotIssued::NoKey));
}

#[tokio::test]
async fn keys_that_appear_are_picked_up_and_keys_that_vanish_are_not_used() {
    let house = without_keys().await;
    let created = house.application("Till", &[]).await;
    let request =
        || Style::BodyForm.request(created.client_id.as_str(), created.secret.expose(), &[]);
    let cancelled = CancellationToken::new();
    let watching = house.app.keys.clone().watch(house.app.commands.clone(), cancelled.clone());
    let watching = tokio::spawn(watching);
    house.bring_keys();
    while house.app.keys.signer().is_none() {
        tokio::task::yield_now().await;
    }
    house.settle().await;
    house.send(request()).await.token();
    assert_eq!(house.app.keys.warnings(), Vec::<&str>::new());
    cancelled.cancel();
    watching.await.expect("an end");
    fs::remove_file(&house.files.public).expect("a file");
    house.look_at_keys().await;
    assert_eq!(house.send(request()).await.status.as_u16(), 503);
}

#[tokio::test]
async fn a_key_the_world_can_read_does_not_sign_and_pages_say_why() {
    let house = House::new().await;
    set_mode(&house.files.private, 0o644);
    house.look_at_keys().await;
    let exposed = Exposure::World { mode: 0o644 };
    let condition = house.app.keys.condition();
    assert!(matches!(condition, Condition::Refused(exposure, _) if exposure == exposed));
    assert_eq!(house.app.keys.warnings(), [UNAVAILABLE, EXPOSED]);
    set_mode(&house.files.private, 0o640);
    house.look_at_keys().await;
    assert!(house.app.keys.signer().is_some());
    assert_eq!(house.app.keys.warnings(), [EXPOSED]);
    set_mode(&house.files.private, 0o600);
    house.look_at_keys().await;
    assert_eq!(house.app.keys.warnings(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_key_that_the_log_does_not_name_does_not_sign() {
    let house = House::new().await;
    let named = house.app.keys.signer().expect("a key").kid().0.clone();
    house.bring_other_keys();
    house.look_at_keys().await;
    let Condition::Faulty(reason) = house.app.keys.condition() else {
        panic!("{:?}", house.app.keys.condition());
    };
    assert!(reason.contains(&named) && reason.contains("oathbook keys activate"), "{reason}");
    assert_eq!(house.app.keys.warnings(), [UNAVAILABLE]);
    house.bring_keys();
    house.look_at_keys().await;
    assert_eq!(house.app.keys.signer().expect("a key").kid().0, named);
}

#[tokio::test]
async fn a_damaged_key_is_named_as_the_fault() {
    let house = House::new().await;
    fs::write(&house.files.private, "no key").expect("a file");
    house.look_at_keys().await;
    assert!(matches!(house.app.keys.condition(), Condition::Faulty(_)));
}

#[tokio::test]
async fn every_node_with_the_same_pair_signs() {
    let house = House::new().await;
    let other = Arc::new(Keys::new(house.files.clone()));
    other.refresh(&house.app.commands).await;
    let kid = |keys: &Keys| keys.signer().map(|signer| signer.kid().clone());
    assert_eq!(kid(&other), kid(&house.app.keys));
}
