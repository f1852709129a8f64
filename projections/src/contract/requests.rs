//! Writes that may be sent again.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;

use super::given::at;
use crate::{
    State,
    state::{Begun, KeptRequest, KeyInUse},
};

const STALE: Duration = Duration::from_mins(1);
const KEPT: Duration = Duration::from_secs(1000);

fn request(key: u8, fingerprint: u8, seconds: u64) -> KeptRequest {
    KeptRequest { key_hash: [key; 32], fingerprint: [fingerprint; 32], at: at(seconds) }
}

async fn begun(state: &dyn State, request: KeptRequest) -> Begun {
    state.begin_request(request, STALE, KEPT).await.expect("state answers")
}

/// A request that begins now, under a key that is in use since then.
fn now(request: KeptRequest, since: u64) -> Begun {
    Begun::Now(in_use(request, since))
}

fn in_use(request: KeptRequest, since: u64) -> KeyInUse {
    KeyInUse { request, since: Some(at(since)) }
}

pub async fn a_request_is_begun_once_and_answered_again(state: Arc<dyn State>) {
    let first = request(1, 1, 0);
    assert_eq!(begun(&*state, first).await, now(first, 0));
    assert_eq!(begun(&*state, request(1, 1, 1)).await, Begun::UnderWay);
    assert_eq!(begun(&*state, request(1, 2, 1)).await, Begun::ByAnother);
    assert_eq!(begun(&*state, request(2, 1, 1)).await, now(request(2, 1, 1), 1));
    state.finish_request(in_use(first, 0), vec![0, 255]).await.expect("it is kept");
    state.finish_request(in_use(first, 0), vec![9]).await.expect("nothing happens");
    let answered = Begun::Answered(vec![0, 255]);
    assert_eq!(begun(&*state, request(1, 1, 900)).await, answered);
    assert_eq!(begun(&*state, request(1, 2, 900)).await, Begun::ByAnother);
}

pub async fn a_released_key_stays_in_use_for_the_same_request_or_another(state: Arc<dyn State>) {
    let (refused, again, mended) = (request(1, 1, 1), request(1, 1, 2), request(1, 2, 3));
    assert_eq!(begun(&*state, refused).await, now(refused, 1));
    state.release_request(in_use(refused, 1)).await.expect("it is released");
    assert_eq!(begun(&*state, again).await, now(again, 1));
    assert_eq!(begun(&*state, mended).await, Begun::ByAnother);
    state.release_request(in_use(refused, 1)).await.expect("whoever came first has no say");
    assert_eq!(begun(&*state, mended).await, Begun::ByAnother);
    state.release_request(in_use(again, 1)).await.expect("it is released");
    assert_eq!(begun(&*state, mended).await, now(mended, 1));
    state.finish_request(in_use(mended, 1), vec![1]).await.expect("it is kept");
    state.release_request(in_use(mended, 1)).await.expect("what is answered stays");
    assert_eq!(begun(&*state, request(1, 2, 4)).await, Begun::Answered(vec![1]));
}

pub async fn a_request_whose_carrier_died_is_begun_again(state: Arc<dyn State>) {
    assert_eq!(begun(&*state, request(1, 1, 0)).await, now(request(1, 1, 0), 0));
    assert_eq!(begun(&*state, request(1, 2, 60)).await, Begun::ByAnother);
    assert_eq!(begun(&*state, request(1, 1, 59)).await, Begun::UnderWay);
    assert_eq!(begun(&*state, request(1, 1, 60)).await, now(request(1, 1, 60), 0));
    assert_eq!(begun(&*state, request(1, 1, 61)).await, Begun::UnderWay);
}

pub async fn a_key_is_free_so_long_after_its_first_request(state: Arc<dyn State>) {
    for moment in [0, 600] {
        let it = request(1, 1, moment);
        assert_eq!(begun(&*state, it).await, now(it, 0));
    }
    state.finish_request(in_use(request(1, 1, 600), 0), vec![1]).await.expect("it is kept");
    assert_eq!(begun(&*state, request(1, 1, 999)).await, Begun::Answered(vec![1]));
    let free = request(1, 1, 1000);
    assert_eq!(begun(&*state, free).await, now(free, 1000));
}

pub async fn whoever_answers_after_the_key_was_free_answers_nobody_else(state: Arc<dyn State>) {
    let (slow, next) = (request(1, 1, 0), request(1, 1, 1000));
    assert_eq!(begun(&*state, slow).await, now(slow, 0));
    assert_eq!(begun(&*state, next).await, now(next, 1000));
    state.finish_request(in_use(slow, 0), vec![1]).await.expect("nothing happens");
    state.release_request(in_use(slow, 0)).await.expect("nothing happens");
    assert_eq!(begun(&*state, request(1, 1, 1001)).await, Begun::UnderWay);
    state.finish_request(in_use(next, 1000), vec![2]).await.expect("it is kept");
    assert_eq!(begun(&*state, request(1, 1, 1002)).await, Begun::Answered(vec![2]));
}

pub async fn an_old_request_is_forgotten(state: Arc<dyn State>) {
    for key in [1, 2] {
        let it = request(key, 1, 0);
        assert_eq!(begun(&*state, it).await, now(it, 0));
        state.finish_request(in_use(it, 0), vec![1]).await.expect("it is kept");
    }
    assert_eq!(begun(&*state, request(1, 2, 1000)).await, now(request(1, 2, 1000), 1000));
    assert_eq!(state.sweep_requests(at(1)).await.expect("state answers"), 1);
    assert_eq!(begun(&*state, request(2, 2, 2)).await, now(request(2, 2, 2), 2));
}

pub async fn of_the_same_requests_at_once_one_is_begun(state: Arc<dyn State>) {
    let racers = (0..16).map(|_| {
        let state = state.clone();
        async move { begun(&*state, request(1, 1, 0)).await }
    });
    let outcomes = join_all(racers).await;
    let first = now(request(1, 1, 0), 0);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == first).count(), 1);
}
