//! Several processes with the same views or state.

use std::sync::Arc;

use futures::future::join_all;

use super::given::{
    APPLICATIONS, application, at, begun, change, checkpoint, claimed, found, kept, organization,
    row, secret, shown, user,
};
use crate::{
    State, Views,
    state::{Session, UsageDelta, UsageKey},
    views::{Pace, Progress, ViewsError, Work},
};

pub async fn processes_see_each_others_rows(views: Arc<dyn Views>, neighbour: Arc<dyn Views>) {
    let generation = shown(&*views, &[row(1)]).await;
    assert_eq!(found(&*neighbour).await, [1]);
    neighbour.commit(generation, change(1, kept(&[row(2)]))).await.expect("it is written");
    assert_eq!(found(&*views).await, [1, 2]);
    let live = views.live(APPLICATIONS).await.expect("views answer").expect("it is live");
    assert_eq!(live.checkpoint, checkpoint(2));
    shown(&*neighbour, &[row(3)]).await;
    assert_eq!(found(&*views).await, [3]);
    let written = views.commit(generation, change(2, vec![])).await;
    assert!(matches!(written, Err(ViewsError::Raced)), "{written:?}");
}

pub async fn of_processes_racing_from_one_position_one_writes(
    views: Arc<dyn Views>,
    neighbour: Arc<dyn Views>,
) {
    let generation = begun(&*views, APPLICATIONS).await;
    let racers = (1..=16).map(|number| {
        let views = if number % 2 == 0 { views.clone() } else { neighbour.clone() };
        let change = change(0, kept(&[row(number)]));
        async move { views.commit(generation, change).await }
    });
    let outcomes = join_all(racers).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let raced = outcomes.iter().filter(|outcome| matches!(outcome, Err(ViewsError::Raced)));
    assert_eq!(raced.count(), 15, "{outcomes:?}");
    assert_eq!(views.page(generation, None, 100).await.expect("views answer").len(), 1);
}

pub async fn a_place_to_project_is_one_for_all_processes(
    views: Arc<dyn Views>,
    neighbour: Arc<dyn Views>,
) {
    let lease = views.claim_projector().await.expect("views answer");
    assert!(lease.is_some());
    assert!(neighbour.claim_projector().await.expect("views answer").is_none());
    drop(lease);
    let _lease = claimed(&*neighbour).await;
    assert!(views.claim_projector().await.expect("views answer").is_none());
}

pub async fn a_rebuild_is_asked_for_and_followed_from_another_process(
    views: Arc<dyn Views>,
    neighbour: Arc<dyn Views>,
) {
    let work = Work::Rebuild(Pace::Full);
    let id = neighbour.request_rebuild("applications", work).await.expect("it is noted");
    let requested = views.requested_rebuilds().await.expect("views answer");
    assert_eq!(requested.iter().map(|rebuild| rebuild.id).collect::<Vec<_>>(), [id]);
    let done = Progress::Done { rows: 3, differing: 0 };
    views.report_rebuild(id, done.clone()).await.expect("it is noted");
    let seen = neighbour.rebuild(id).await.expect("views answer");
    assert_eq!(seen.map(|rebuild| rebuild.progress), Some(done));
}

pub async fn processes_agree_on_a_persons_key(state: Arc<dyn State>, neighbour: Arc<dyn State>) {
    let racers = (0..16).map(|number: u8| {
        let state = if number.is_multiple_of(2) { state.clone() } else { neighbour.clone() };
        async move { state.keep_person_key(user(1), vec![number]).await }
    });
    let kept: Vec<_> = join_all(racers).await.into_iter().map(Result::ok).collect();
    let winner = neighbour.person_key(user(1)).await.expect("state answers");
    assert!(winner.is_some());
    assert_eq!(kept, vec![winner; 16]);
}

pub async fn processes_see_each_others_sessions(state: Arc<dyn State>, neighbour: Arc<dyn State>) {
    let session = Session {
        id_hash: [1; 32],
        user: user(1),
        organization: organization(1),
        created_at: at(0),
        seen_at: at(0),
        device: None,
        user_revision: 0,
    };
    state.keep_session(&session).await.expect("it is kept");
    assert_eq!(neighbour.session([1; 32]).await.expect("state answers"), Some(session));
    neighbour.end_session([1; 32]).await.expect("it ends");
    assert_eq!(state.session([1; 32]).await.expect("state answers"), None);
}

pub async fn usage_of_several_processes_is_added_up(
    state: Arc<dyn State>,
    neighbour: Arc<dyn State>,
) {
    let key = UsageKey { application: application(1), secret: secret(1) };
    let flushes = (0..20).map(|number: u64| {
        let state = if number.is_multiple_of(2) { state.clone() } else { neighbour.clone() };
        let last_used_at = Some(at(number));
        let delta = UsageDelta { issued: 1, last_used_at, ..UsageDelta::default() };
        async move { state.add_usage(&[(key, delta)]).await }
    });
    for outcome in join_all(flushes).await {
        outcome.expect("it is added");
    }
    let usage = state.usage(&[key.application]).await.expect("state answers");
    let usage = &usage[&key.application];
    assert_eq!((usage.issued, usage.last_used_at), (20, Some(at(19))));
}
