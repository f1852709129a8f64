//! From which networks people signed in.

use std::sync::Arc;

use super::given::{at, user};
use crate::{
    State,
    state::{NETWORKS, SignedInFrom},
};

fn network(number: u8) -> [u8; 32] {
    [number; 32]
}

async fn keep(state: &dyn State, person: u128, number: u8, seconds: u64) {
    let kept = state.keep_network(user(person), network(number), at(seconds)).await;
    kept.expect("it is kept");
}

async fn known(state: &dyn State, person: u128, number: u8) -> SignedInFrom {
    state.signed_in_from(user(person), network(number)).await.expect("state answers")
}

pub async fn a_network_is_known_of_who_was_there(state: Arc<dyn State>) {
    assert_eq!(known(&*state, 1, 1).await, SignedInFrom::Nowhere);
    keep(&*state, 1, 1, 0).await;
    keep(&*state, 1, 1, 5).await;
    assert_eq!(known(&*state, 1, 1).await, SignedInFrom::Here);
    assert_eq!(known(&*state, 1, 2).await, SignedInFrom::Elsewhere);
    assert_eq!(known(&*state, 2, 1).await, SignedInFrom::Nowhere);
}

pub async fn of_a_persons_networks_the_one_not_seen_for_longest_goes(state: Arc<dyn State>) {
    keep(&*state, 2, 0, 0).await;
    for number in 0..NETWORKS {
        keep(&*state, 1, number, u64::from(number)).await;
    }
    // It was seen again since.
    keep(&*state, 1, 0, 500).await;
    keep(&*state, 1, NETWORKS, 501).await;
    assert_eq!(known(&*state, 1, 0).await, SignedInFrom::Here);
    assert_eq!(known(&*state, 1, 1).await, SignedInFrom::Elsewhere);
    assert_eq!(known(&*state, 1, 2).await, SignedInFrom::Here);
    assert_eq!(known(&*state, 1, NETWORKS).await, SignedInFrom::Here);
    assert_eq!(known(&*state, 2, 0).await, SignedInFrom::Here, "another person's stay");
}

pub async fn a_network_is_known_even_if_the_clock_went_back(state: Arc<dyn State>) {
    for number in 0..NETWORKS {
        keep(&*state, 1, number, 100).await;
    }
    keep(&*state, 1, NETWORKS, 0).await;
    assert_eq!(known(&*state, 1, NETWORKS).await, SignedInFrom::Here);
    keep(&*state, 1, 1, 0).await;
    keep(&*state, 1, NETWORKS + 1, 101).await;
    assert_eq!(known(&*state, 1, NETWORKS).await, SignedInFrom::Elsewhere, "it is the oldest");
}
