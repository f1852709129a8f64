//! Writes that may be sent again.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;

use super::given::at;
use crate::{
    State,
    state::{Begun, KeptRequest},
};

const STALE: Duration = Duration::from_mins(1);
const KEPT: Duration = Duration::from_secs(1000);

fn request(key: u8, fingerprint: u8, seconds: u64) -> KeptRequest {
    KeptRequest { key_hash: [key; 32], fingerprint: [fingerprint; 32], at: at(seconds) }
}

async fn begun(state: &dyn State, request: KeptRequest) -> Begun {
    state.begin_request(request, STALE, KEPT).await.expect("state answers")
}

pub async fn a_request_is_begun_once_and_answered_again(state: Arc<dyn State>) {
    assert_eq!(begun(&*state, request(1, 1, 0)).await, Begun::Now);
    assert_eq!(begun(&*state, request(1, 1, 1)).await, Begun::UnderWay);
    assert_eq!(begun(&*state, request(1, 2, 1)).await, Begun::ByAnother);
    assert_eq!(begun(&*state, request(2, 1, 1)).await, Begun::Now);
    state.finish_request([1; 32], vec![0, 255]).await.expect("it is kept");
    state.finish_request([1; 32], vec![9]).await.expect("nothing happens");
    let answered = Begun::Answered(vec![0, 255]);
    assert_eq!(begun(&*state, request(1, 1, 900)).await, answered);
    assert_eq!(begun(&*state, request(1, 2, 900)).await, Begun::ByAnother);
}

pub async fn an_abandoned_request_may_be_another(state: Arc<dyn State>) {
    assert_eq!(begun(&*state, request(1, 1, 0)).await, Begun::Now);
    state.abandon_request([1; 32]).await.expect("it is forgotten");
    assert_eq!(begun(&*state, request(1, 2, 1)).await, Begun::Now);
    state.finish_request([1; 32], vec![1]).await.expect("it is kept");
    state.abandon_request([1; 32]).await.expect("what is answered stays");
    assert_eq!(begun(&*state, request(1, 2, 2)).await, Begun::Answered(vec![1]));
}

pub async fn a_request_whose_carrier_died_is_begun_again(state: Arc<dyn State>) {
    assert_eq!(begun(&*state, request(1, 1, 0)).await, Begun::Now);
    assert_eq!(begun(&*state, request(1, 2, 60)).await, Begun::ByAnother);
    assert_eq!(begun(&*state, request(1, 1, 59)).await, Begun::UnderWay);
    assert_eq!(begun(&*state, request(1, 1, 60)).await, Begun::Now);
    assert_eq!(begun(&*state, request(1, 1, 61)).await, Begun::UnderWay);
}

pub async fn an_old_request_is_forgotten(state: Arc<dyn State>) {
    for key in [1, 2] {
        assert_eq!(begun(&*state, request(key, 1, 0)).await, Begun::Now);
        state.finish_request([key; 32], vec![1]).await.expect("it is kept");
    }
    assert_eq!(begun(&*state, request(1, 2, 1000)).await, Begun::Now);
    assert_eq!(state.sweep_requests(at(1)).await.expect("state answers"), 1);
    assert_eq!(begun(&*state, request(2, 2, 2)).await, Begun::Now);
}

pub async fn of_the_same_requests_at_once_one_is_begun(state: Arc<dyn State>) {
    let racers = (0..16).map(|_| {
        let state = state.clone();
        async move { begun(&*state, request(1, 1, 0)).await }
    });
    let outcomes = join_all(racers).await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Begun::Now).count(), 1);
}
