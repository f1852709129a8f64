//! Questions to the notifications.

use std::sync::Arc;

use domain::{
    Timestamp,
    application::Application,
    notification::{Recipient, Request},
    user::Locale,
};

use super::given::{application, at, built, key, letter, posted, user, uuid, written};
use crate::{
    Projection, Views,
    notifications::{
        Delivery, Notifications, Row,
        listing::{Filter, From, Page, Query, Readers, Trials},
    },
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

/// A letter that was asked for so many seconds after noon.
fn asked_for(number: u128, seconds: u64) -> Row {
    Row { requested_at: at(seconds), ..letter(number, Delivery::Sent, None) }
}

async fn page(views: &dyn Views, from: From, limit: u32) -> Page {
    let query = Query { filter: Filter::default(), from, limit };
    views.letters(&query).await.expect("views answer")
}

fn numbers(page: &Page) -> Vec<u128> {
    page.rows.iter().map(|letter| letter.id.as_uuid().as_u128()).collect()
}

pub async fn letters_are_listed_newest_first(views: Arc<dyn Views>) {
    let nothing = page(&*views, From::Start, 10).await;
    assert_eq!(nothing, Page { rows: vec![], total: 0, previous: None, next: None });
    let letters = [asked_for(1, 9), asked_for(2, 10), asked_for(4, 10), asked_for(3, 10)];
    posted(&*views, &letters).await;
    let all = page(&*views, From::Start, 4).await;
    assert_eq!(numbers(&all), [4, 3, 2, 1]);
    assert_eq!((all.total, all.previous, all.next), (4, None, None));
    assert_eq!(all.rows[3], letters[0]);
}

pub async fn letters_are_found_by_what_they_are(views: Arc<dyn Views>) {
    let plain = asked_for(1, 1);
    let request = |number: u128| Request {
        recipient: Recipient::User(user(number)),
        ..asked_for(number, 1).request
    };
    let waiting = Row { state: Delivery::Waiting, request: request(1), ..asked_for(2, 2) };
    let canceled = Row { state: Delivery::Canceled, request: request(2), ..asked_for(3, 3) };
    let elsewhere = Request {
        occasion: "application_unused".to_owned(),
        stream: "observation-of-it".to_owned(),
        about: Some(key::<Application>(&application(2)).to_string()),
        recipient: Recipient::Address(uuid(1)),
        ..request(4)
    };
    let elsewhere = Row { request: elsewhere, ..asked_for(4, 4) };
    let trial = Request { test: Locale::parse("en").ok(), ..request(3) };
    let trial = Row { state: Delivery::Attempted, request: trial, ..asked_for(5, 0) };
    posted(&*views, &[plain, waiting, canceled, elsewhere, trial]).await;
    let found = async |filter| {
        let query = Query { filter, from: From::Start, limit: 10 };
        let page = views.letters(&query).await.expect("views answer");
        assert_eq!(page.total, page.rows.len() as u64);
        numbers(&page)
    };
    let states = |states: &[Delivery]| Some(states.iter().copied().collect());
    let occasions = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    let any = Filter::default;
    assert_eq!(found(Filter { states: states(&[]), ..any() }).await, []);
    assert_eq!(found(Filter { occasions: occasions(&[]), ..any() }).await, []);
    assert_eq!(found(Filter { states: states(&[Delivery::Sent]), ..any() }).await, [4, 1]);
    let two = states(&[Delivery::Waiting, Delivery::Canceled]);
    assert_eq!(found(Filter { states: two, ..any() }).await, [3, 2]);
    assert_eq!(found(Filter { occasions: occasions(&["application_unused"]), ..any() }).await, [4]);
    for (readers, letters) in [
        (Readers::Anybody, &[4, 3, 2, 1, 5][..]),
        (Readers::WithAccount, &[3, 2, 1, 5]),
        (Readers::One(user(1)), &[2, 1]),
        (Readers::Among([user(1), user(2)].into()), &[3, 2, 1]),
        (Readers::Among([user(9)].into()), &[]),
        (Readers::Among([].into()), &[]),
    ] {
        assert_eq!(found(Filter { readers, ..any() }).await, letters);
    }
    assert_eq!(found(Filter { trials: Trials::LeftOut, ..any() }).await, [4, 3, 2, 1]);
    let about = |number| Some(key::<Application>(&application(number)));
    assert_eq!(found(Filter { subject: about(1), ..any() }).await, [3, 2, 1, 5]);
    assert_eq!(found(Filter { subject: about(2), ..any() }).await, [4]);
    let all_at_once = Filter {
        states: states(&[Delivery::Sent]),
        occasions: occasions(&["application_created"]),
        readers: Readers::One(user(1)),
        subject: about(1),
        trials: Trials::LeftOut,
    };
    assert_eq!(found(all_at_once.clone()).await, [1]);
    assert_eq!(found(Filter { readers: Readers::One(user(2)), ..all_at_once }).await, []);
}

pub async fn pages_of_letters_follow_each_other_there_and_back(views: Arc<dyn Views>) {
    // Two at once, so that places differ in nothing but the letter.
    let letters: Vec<_> = (1..=7).map(|number| asked_for(u128::from(number), number / 2)).collect();
    posted(&*views, &letters).await;
    let (mut from, mut seen) = (From::Start, vec![]);
    let last = loop {
        let page = page(&*views, from, 3).await;
        assert_eq!(page.total, 7);
        seen.extend(numbers(&page));
        match page.next {
            Some(place) => from = From::After(place),
            None => break page,
        }
    };
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    let before = page(&*views, From::Before(last.previous.expect("a page")), 3).await;
    assert_eq!(numbers(&before), [4, 3, 2]);
    let first = page(&*views, From::Before(before.previous.expect("a page")), 3).await;
    assert_eq!(numbers(&first), [7, 6, 5]);
    assert_eq!(first.previous, None);
    let second = page(&*views, From::Offset(3), 3).await;
    assert_eq!(second.rows, before.rows);
    assert_eq!(page(&*views, From::Offset(9), 3).await.rows, []);
    let again = page(&*views, From::After(first.next.expect("a page")), 3).await;
    assert_eq!(again.rows, before.rows);
}

pub async fn a_place_between_letters_outlives_its_letter(views: Arc<dyn Views>) {
    let letters: Vec<_> = (1..=4).map(|number| asked_for(u128::from(number), number)).collect();
    posted(&*views, &letters).await;
    let place = page(&*views, From::Start, 2).await.next.expect("more");
    posted(&*views, &[&letters[..2], &letters[3..]].concat()).await;
    assert_eq!(numbers(&page(&*views, From::After(place), 2).await), [2, 1]);
    posted(&*views, &letters[2..]).await;
    let nothing = page(&*views, From::After(place), 2).await;
    assert_eq!((numbers(&nothing), nothing.next), (vec![], None));
    let back = page(&*views, From::Before(nothing.previous.expect("a way back")), 2).await;
    assert_eq!(numbers(&back), [4]);
}

pub async fn letters_of_other_generations_are_not_listed(views: Arc<dyn Views>) {
    posted(&*views, &[asked_for(1, 1)]).await;
    built(&*views, Notifications::IDENTITY, written(&[asked_for(2, 2)])).await;
    let live = page(&*views, From::Start, 10).await;
    assert_eq!((numbers(&live), live.total), (vec![1], 1));
}
