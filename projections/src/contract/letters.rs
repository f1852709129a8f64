//! Questions to the notifications.

use std::sync::Arc;

use domain::Timestamp;

use super::given::{at, built, letter, posted, written};
use crate::{
    Projection, Views,
    notifications::{Delivery, Notifications},
};

async fn due(views: &dyn Views, now: Timestamp, limit: u32) -> Vec<u128> {
    let due = views.due_notifications(now, limit).await.expect("views answer");
    due.iter().map(|letter| letter.id.as_uuid().as_u128()).collect()
}

pub async fn letters_are_due_from_their_moment_on(views: Arc<dyn Views>) {
    let letters = [
        letter(1, Delivery::Waiting, Some(at(5))),
        letter(2, Delivery::Attempted, Some(at(6))),
        letter(3, Delivery::Sent, None),
    ];
    posted(&*views, &letters).await;
    assert_eq!(due(&*views, at(4), 10).await, []);
    assert_eq!(due(&*views, at(5), 10).await, [1]);
    assert_eq!(due(&*views, at(1_000_000), 10).await, [1, 2]);
    let found = views.due_notifications(at(5), 10).await.expect("views answer");
    assert_eq!(found, letters[..1]);
}

pub async fn the_letter_that_waits_longest_comes_first(views: Arc<dyn Views>) {
    let waiting = |number, seconds| letter(number, Delivery::Waiting, Some(at(seconds)));
    posted(&*views, &[waiting(1, 30), waiting(2, 9), waiting(3, 10), waiting(4, 9)]).await;
    assert_eq!(due(&*views, at(60), 10).await, [2, 4, 3, 1]);
    assert_eq!(due(&*views, at(60), 2).await, [2, 4]);
}

pub async fn the_next_letter_due_is_known(views: Arc<dyn Views>) {
    assert_eq!(views.next_due().await.expect("views answer"), None);
    let sent = letter(1, Delivery::Sent, None);
    posted(&*views, std::slice::from_ref(&sent)).await;
    assert_eq!(views.next_due().await.expect("views answer"), None);
    let waiting = |number, seconds| letter(number, Delivery::Waiting, Some(at(seconds)));
    posted(&*views, &[sent, waiting(2, 10), waiting(3, 9)]).await;
    assert_eq!(views.next_due().await.expect("views answer"), Some(at(9)));
}

/// Every state with the number of letters in it, in the order of [`Delivery::ALL`].
async fn counted(views: &dyn Views) -> Vec<(Delivery, u64)> {
    views.deliveries().await.expect("views answer")
}

pub async fn letters_are_counted_by_state(views: Arc<dyn Views>) {
    let none = Delivery::ALL.map(|state| (state, 0));
    assert_eq!(counted(&*views).await, none);
    // One in the first state, two in the second, and so on.
    let states =
        (1..).zip(Delivery::ALL).flat_map(|(count, state)| std::iter::repeat_n(state, count));
    let letters: Vec<_> = (1..).zip(states).map(|(id, state)| letter(id, state, None)).collect();
    posted(&*views, &letters).await;
    let expected: Vec<_> = Delivery::ALL.into_iter().zip(1..).collect();
    assert_eq!(counted(&*views).await, expected);
    posted(&*views, &letters[..1]).await;
    assert_eq!(counted(&*views).await.iter().map(|(_, count)| count).sum::<u64>(), 1);
}

pub async fn letters_of_other_generations_are_not_due(views: Arc<dyn Views>) {
    let waiting = |number| letter(number, Delivery::Waiting, Some(at(1)));
    posted(&*views, &[waiting(1)]).await;
    built(&*views, Notifications::IDENTITY, written(&[waiting(2)])).await;
    assert_eq!(due(&*views, at(2), 10).await, [1]);
    posted(&*views, &[]).await;
    assert_eq!(due(&*views, at(2), 10).await, []);
    assert_eq!(views.next_due().await.expect("views answer"), None);
}
