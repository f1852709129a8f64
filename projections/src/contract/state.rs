//! Keys of persons, sessions, usage and listeners.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::{ApplicationId, LogId, Timestamp};
use futures::future::join_all;
use store::{Digest, Position};
use uuid::Uuid;

use super::given::{application, at, checkpoint, organization, secret, user, uuid};
use crate::{
    Checkpoint, State,
    state::{
        Day, DayUsage, LastUses, Refusal, Session, SessionExpiry, Usage, UsageDelta, UsageKey,
        UsesMark, Valid,
    },
};

pub async fn a_person_without_a_key_has_none(state: Arc<dyn State>) {
    assert_eq!(state.person_key(user(1)).await.expect("state answers"), None);
}

pub async fn the_first_key_kept_for_a_person_stays(state: Arc<dyn State>) {
    for key in [vec![0, 255, 7], vec![1]] {
        let kept = state.keep_person_key(user(1), key).await.expect("state answers");
        assert_eq!(kept, [0, 255, 7]);
    }
    let found = state.person_key(user(1)).await.expect("state answers");
    assert_eq!(found, Some(vec![0, 255, 7]));
    assert_eq!(state.person_key(user(2)).await.expect("state answers"), None);
}

pub async fn of_writers_racing_with_keys_one_wins(state: Arc<dyn State>) {
    let racers = (0..16).map(|number: u8| {
        let state = state.clone();
        async move { state.keep_person_key(user(1), vec![number; 40]).await }
    });
    let kept: Vec<_> = join_all(racers).await.into_iter().map(Result::ok).collect();
    let winner = state.person_key(user(1)).await.expect("state answers");
    assert!(winner.is_some());
    assert_eq!(kept, vec![winner; 16]);
}

fn session(number: u8) -> Session {
    Session {
        id_hash: [number; 32],
        user: user(number.into()),
        organization: organization(1),
        created_at: at(0),
        seen_at: at(10),
        device: None,
        user_revision: u64::from(number),
    }
}

pub async fn a_session_keeps_from_where_it_began(state: Arc<dyn State>) {
    let device = Some("{\"address\":\"…\"}".to_owned());
    let kept = Session { device, ..session(1) };
    state.keep_session(&kept).await.expect("it is kept");
    state.touch_session([1; 32], at(20), organization(1)).await.expect("it is noted");
    let found = state.session([1; 32]).await.expect("state answers");
    assert_eq!(found, Some(Session { seen_at: at(20), ..kept }));
}

/// The first byte of the hash of each, and how many there are in all.
async fn listed(state: &dyn State, person: u128, valid: Valid, limit: u32) -> (Vec<u8>, u64) {
    let found = state.sessions_of(user(person), valid, limit).await.expect("state answers");
    (found.newest.iter().map(|session| session.id_hash[0]).collect(), found.total)
}

const ALL_VALID: Valid = Valid {
    now: Timestamp::from_micros(0),
    expiry: SessionExpiry { idle: Duration::from_hours(1), absolute: Duration::from_hours(1) },
    void_before: 0,
};

pub async fn the_sessions_of_a_person_come_in_the_order_of_their_use(state: Arc<dyn State>) {
    for (number, person, seen) in [(1, 1, 10), (2, 1, 30), (3, 2, 40), (4, 1, 20)] {
        let session = Session { user: user(person), seen_at: at(seen), ..session(number) };
        state.keep_session(&session).await.expect("it is kept");
    }
    assert_eq!(listed(&*state, 1, ALL_VALID, 10).await, (vec![2, 4, 1], 3));
    assert_eq!(listed(&*state, 1, ALL_VALID, 2).await, (vec![2, 4], 3));
    assert_eq!(listed(&*state, 3, ALL_VALID, 10).await, (vec![], 0));
}

pub async fn sessions_that_are_over_or_void_are_not_listed(state: Arc<dyn State>) {
    let expiry = SessionExpiry { idle: Duration::from_mins(1), absolute: Duration::from_mins(10) };
    let sessions = [
        Session { created_at: at(500), seen_at: at(960), user_revision: 7, ..session(1) },
        Session { created_at: at(500), seen_at: at(940), user_revision: 7, ..session(2) },
        Session { created_at: at(400), seen_at: at(999), user_revision: 7, ..session(3) },
        Session { created_at: at(900), seen_at: at(970), user_revision: 6, ..session(4) },
        Session { created_at: at(2000), seen_at: at(2000), user_revision: 8, ..session(5) },
    ];
    for session in sessions {
        state.keep_session(&Session { user: user(1), ..session }).await.expect("it is kept");
    }
    let valid = Valid { now: at(1000), expiry, void_before: 7 };
    assert_eq!(listed(&*state, 1, valid, 10).await, (vec![5, 1], 2));
}

pub async fn all_sessions_of_a_person_end_or_all_but_one(state: Arc<dyn State>) {
    for (number, person) in [(1, 1), (2, 1), (3, 2), (4, 1)] {
        let session = Session { user: user(person), ..session(number) };
        state.keep_session(&session).await.expect("it is kept");
    }
    let end = async |except| state.end_sessions(user(1), except).await.expect("state answers");
    assert_eq!(end(Some([2; 32])).await, 2);
    assert!(state.session([2; 32]).await.expect("state answers").is_some());
    assert_eq!(end(Some([3; 32])).await, 1, "somebody else's session is no exception");
    assert_eq!(end(None).await, 0);
    assert!(state.session([3; 32]).await.expect("state answers").is_some());
}

pub async fn a_session_is_found_by_its_hash(state: Arc<dyn State>) {
    for number in [1, 2] {
        state.keep_session(&session(number)).await.expect("it is kept");
    }
    assert_eq!(state.session([2; 32]).await.expect("state answers"), Some(session(2)));
    assert_eq!(state.session([3; 32]).await.expect("state answers"), None);
}

pub async fn a_session_notes_when_and_where_it_was_used(state: Arc<dyn State>) {
    state.keep_session(&session(1)).await.expect("it is kept");
    state.touch_session([1; 32], at(20), organization(2)).await.expect("it is noted");
    let used = Session { seen_at: at(20), organization: organization(2), ..session(1) };
    assert_eq!(state.session([1; 32]).await.expect("state answers"), Some(used.clone()));
    state.touch_session([1; 32], at(15), organization(2)).await.expect("it is noted");
    let found = state.session([1; 32]).await.expect("state answers");
    assert_eq!(found, Some(used), "an earlier moment told later changes nothing");
    state.touch_session([9; 32], at(20), organization(2)).await.expect("nothing happens");
    assert_eq!(state.session([9; 32]).await.expect("state answers"), None);
}

pub async fn a_session_is_raised_and_never_lowered(state: Arc<dyn State>) {
    for number in [1, 2] {
        state.keep_session(&session(number)).await.expect("it is kept");
    }
    for (told, kept) in [(7, 7), (3, 7), (9, 9)] {
        state.raise_session([1; 32], told).await.expect("it is noted");
        let found = state.session([1; 32]).await.expect("state answers");
        assert_eq!(found, Some(Session { user_revision: kept, ..session(1) }));
    }
    state.raise_session([3; 32], 1).await.expect("nothing happens");
    assert_eq!(state.session([2; 32]).await.expect("state answers"), Some(session(2)));
}

pub async fn an_ended_session_is_gone(state: Arc<dyn State>) {
    for number in [1, 2] {
        state.keep_session(&session(number)).await.expect("it is kept");
    }
    for _ in 0..2 {
        state.end_session([1; 32]).await.expect("it ends");
        assert_eq!(state.session([1; 32]).await.expect("state answers"), None);
    }
    assert_eq!(state.session([2; 32]).await.expect("state answers"), Some(session(2)));
}

pub async fn sessions_that_are_over_are_swept(state: Arc<dyn State>) {
    let expiry = SessionExpiry { idle: Duration::from_mins(1), absolute: Duration::from_mins(10) };
    let sessions = [
        Session { created_at: at(500), seen_at: at(960), ..session(1) },
        Session { created_at: at(500), seen_at: at(940), ..session(2) },
        Session { created_at: at(400), seen_at: at(999), ..session(3) },
        Session { created_at: at(2000), seen_at: at(2000), ..session(4) },
    ];
    for session in &sessions {
        state.keep_session(session).await.expect("it is kept");
    }
    let now = at(1000);
    assert_eq!(state.sweep_sessions(now, expiry).await.expect("state answers"), 2);
    for session in &sessions {
        let found = state.session(session.id_hash).await.expect("state answers");
        assert_eq!(found.is_some(), session.is_valid(now, expiry), "{session:?}");
    }
    assert_eq!(state.sweep_sessions(now, expiry).await.expect("state answers"), 0);
}

fn of(application_: u128, secret_: u128) -> UsageKey {
    UsageKey { application: application(application_), secret: secret(secret_) }
}

fn issued(issued: u64, last: Timestamp, address: &str) -> UsageDelta {
    UsageDelta {
        issued,
        last_used_at: Some(last),
        last_address: Some(address.to_owned()),
        refused: HashMap::new(),
        days: [(Day::of(last), DayUsage { issued, refused: 0 })].into(),
    }
}

fn refused(refused: &[(Refusal, u64)]) -> UsageDelta {
    UsageDelta { refused: refused.iter().copied().collect(), ..UsageDelta::default() }
}

async fn usage(state: &dyn State, number: u128) -> Option<Usage> {
    let id = application(number);
    state.usage(&[id]).await.expect("state answers").remove(&id)
}

pub async fn usage_is_added_up_over_secrets_and_flushes(state: Arc<dyn State>) {
    state
        .add_usage(&[
            (of(1, 1), issued(3, at(5), "one")),
            (of(1, 2), issued(4, at(9), "two")),
            (of(2, 3), issued(1, at(1), "elsewhere")),
        ])
        .await
        .expect("it is added");
    state.add_usage(&[(of(1, 1), issued(10, at(7), "three"))]).await.expect("it is added");
    let expected = Usage {
        issued: 17,
        refused: 0,
        last_used_at: Some(at(9)),
        last_address: Some("two".to_owned()),
    };
    assert_eq!(usage(&*state, 1).await, Some(expected));
    assert_eq!(usage(&*state, 2).await.map(|usage| usage.issued), Some(1));
}

pub async fn the_last_address_is_that_of_the_last_use(state: Arc<dyn State>) {
    let last = async |state: &dyn State| {
        let usage = usage(state, 1).await.expect("it was used");
        (usage.last_used_at, usage.last_address)
    };
    let here = (Some(at(9)), Some("here".to_owned()));
    state.add_usage(&[(of(1, 1), issued(1, at(9), "here"))]).await.expect("it is added");
    state.add_usage(&[(of(1, 1), issued(1, at(5), "before"))]).await.expect("it is added");
    assert_eq!(last(&*state).await, here, "an earlier use told later changes nothing");
    let silent = UsageDelta { issued: 1, ..UsageDelta::default() };
    state.add_usage(&[(of(1, 1), silent)]).await.expect("it is added");
    assert_eq!(last(&*state).await, here, "nor does a use at an unknown moment");
    let hidden = UsageDelta { last_address: None, ..issued(1, at(11), "") };
    state.add_usage(&[(of(1, 1), hidden)]).await.expect("it is added");
    assert_eq!(last(&*state).await, (Some(at(11)), None));
    assert_eq!(usage(&*state, 1).await.map(|usage| usage.issued), Some(4));
}

pub async fn refusals_are_counted_beside_what_was_issued(state: Arc<dyn State>) {
    let nil = UsageKey { secret: domain::SecretId::new(Uuid::nil()), ..of(1, 0) };
    state
        .add_usage(&[
            (of(1, 1), issued(3, at(5), "here")),
            (of(1, 1), refused(&[(Refusal::Inactive, 2), (Refusal::Scope, 1)])),
            (nil, refused(&[(Refusal::WrongSecret, 4)])),
            (of(2, 2), refused(&[(Refusal::Inactive, 1)])),
        ])
        .await
        .expect("it is added");
    state.add_usage(&[(nil, refused(&[(Refusal::WrongSecret, 5)]))]).await.expect("it is added");
    let one = usage(&*state, 1).await.expect("it was used");
    assert_eq!((one.issued, one.refused, one.last_used_at), (3, 12, Some(at(5))));
    let only_refused = Usage { refused: 1, ..Usage::default() };
    assert_eq!(usage(&*state, 2).await, Some(only_refused));
}

pub async fn an_application_that_was_never_used_has_no_usage(state: Arc<dyn State>) {
    state.add_usage(&[]).await.expect("nothing happens");
    state.add_usage(&[(of(1, 1), UsageDelta::default())]).await.expect("nothing happens");
    state.add_usage(&[(of(2, 1), issued(1, at(1), "here"))]).await.expect("it is added");
    assert_eq!(usage(&*state, 1).await, None);
    assert_eq!(state.usage(&[]).await.expect("state answers"), HashMap::new());
}

pub async fn usage_of_many_applications_is_read_at_once(state: Arc<dyn State>) {
    let deltas: Vec<_> =
        (0..2500).map(|number| (of(number, 1), issued(1, at(1), "here"))).collect();
    state.add_usage(&deltas).await.expect("it is added");
    let asked: Vec<_> = (100..5000).map(application).collect();
    assert_eq!(state.usage(&asked).await.expect("state answers").len(), 2400);
}

pub async fn usage_is_known_of_each_secret(state: Arc<dyn State>) {
    state
        .add_usage(&[
            (of(1, 1), issued(3, at(5), "one")),
            (of(1, 2), issued(4, at(9), "two")),
            (of(1, 3), refused(&[(Refusal::Inactive, 1)])),
            (of(2, 4), issued(1, at(1), "elsewhere")),
        ])
        .await
        .expect("it is added");
    state.add_usage(&[(of(1, 1), issued(1, at(7), "three"))]).await.expect("it is added");
    let known = state.usage_of_secrets(application(1)).await.expect("state answers");
    let used = |issued, last: u64, address: &str| Usage {
        issued,
        refused: 0,
        last_used_at: Some(at(last)),
        last_address: Some(address.to_owned()),
    };
    let expected = [(secret(1), used(4, 7, "three")), (secret(2), used(4, 9, "two"))];
    assert_eq!(known, HashMap::from(expected));
    let unused = state.usage_of_secrets(application(3)).await.expect("state answers");
    assert_eq!(unused, HashMap::new());
}

async fn used(state: &dyn State, number: u128, last: Timestamp) {
    state.add_usage(&[(of(number, 1), issued(1, last, "here"))]).await.expect("it is added");
}

/// Asks for the last uses behind the mark; answers with them, sorted, and with the next mark.
async fn last_uses(
    state: &dyn State,
    behind: Option<UsesMark>,
) -> (Vec<(ApplicationId, Timestamp)>, Option<UsesMark>) {
    let LastUses { mut uses, through } = state.last_uses(behind).await.expect("state answers");
    uses.sort_unstable();
    (uses, Some(through))
}

pub async fn the_last_use_of_every_application_is_known(state: Arc<dyn State>) {
    assert_eq!(last_uses(&*state, None).await.0, []);
    state
        .add_usage(&[
            (of(1, 1), issued(1, at(5), "one")),
            (of(1, 2), issued(1, at(9), "two")),
            (of(2, 3), issued(1, at(1), "elsewhere")),
            (of(3, 4), refused(&[(Refusal::Inactive, 2)])),
            (of(4, 5), UsageDelta { issued: 1, ..UsageDelta::default() }),
        ])
        .await
        .expect("it is added");
    let expected = [(application(1), at(9)), (application(2), at(1))];
    assert_eq!(last_uses(&*state, None).await.0, expected, "refusals are no uses");
}

pub async fn behind_a_mark_every_later_use_comes_back(state: Arc<dyn State>) {
    let (_, start) = last_uses(&*state, None).await;
    used(&*state, 1, at(1)).await;
    let (uses, first) = last_uses(&*state, start).await;
    assert_eq!(uses, [(application(1), at(1))]);
    used(&*state, 2, at(2)).await;
    let (uses, second) = last_uses(&*state, first).await;
    assert!(uses.contains(&(application(2), at(2))), "{uses:?}");
    used(&*state, 1, at(3)).await;
    let (uses, _) = last_uses(&*state, second).await;
    assert!(uses.contains(&(application(1), at(3))), "{uses:?}");
    assert_eq!(last_uses(&*state, None).await.0.len(), 2);
}

pub async fn uses_that_are_known_do_not_come_back_for_ever(state: Arc<dyn State>) {
    for number in 1..=3 {
        used(&*state, number, at(1)).await;
    }
    let (mut uses, mut mark) = last_uses(&*state, None).await;
    let asking = async {
        while !uses.is_empty() {
            (uses, mark) = last_uses(&*state, mark).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), asking).await.expect("they are known in the end");
}

pub async fn no_use_is_missed_while_others_are_written(state: Arc<dyn State>) {
    let writers = (1..=8_u128).map(|number| {
        let state = state.clone();
        async move {
            for moment in 1..=20 {
                used(&*state, number, at(moment)).await;
            }
        }
    });
    let reader = async {
        let (mut known, mut mark) = (HashMap::new(), None);
        while known.len() < 8 || known.values().any(|last| *last < at(20)) {
            let (uses, through) = last_uses(&*state, mark).await;
            known.extend(uses);
            mark = through;
        }
    };
    let both = futures::future::join(join_all(writers), reader);
    tokio::time::timeout(Duration::from_mins(1), both).await.expect("every last use is told");
}

pub async fn usage_is_counted_by_day(state: Arc<dyn State>) {
    let (today, tomorrow) = (Day::of(at(0)), Day(Day::of(at(0)).0 + 1));
    let counts = |issued, refused| DayUsage { issued, refused };
    let days = |days: &[(Day, DayUsage)]| UsageDelta {
        days: days.iter().copied().collect(),
        ..UsageDelta::default()
    };
    let deltas = [
        (of(1, 1), days(&[(today, counts(3, 1)), (tomorrow, counts(5, 0))])),
        (of(1, 2), days(&[(today, counts(10, 0))])),
        (of(2, 3), days(&[(today, counts(100, 0))])),
    ];
    state.add_usage(&deltas).await.expect("it is added");
    state.add_usage(&deltas[..1]).await.expect("it is added");
    let on =
        async |number, day| state.usage_on(application(number), day).await.expect("state answers");
    assert_eq!(on(1, today).await, counts(16, 2));
    assert_eq!(on(1, tomorrow).await, counts(10, 0));
    assert_eq!(on(2, tomorrow).await, counts(0, 0));
    assert_eq!(usage(&*state, 1).await, None, "the sums are counted apart");
}

pub async fn counts_of_days_long_gone_are_swept(state: Arc<dyn State>) {
    for days in 0..4_u32 {
        used(&*state, 1, at(u64::from(days) * 86_400)).await;
    }
    let on = async |day| state.usage_on(application(1), day).await.expect("state answers").issued;
    let third = Day(Day::of(at(0)).0 + 2);
    assert_eq!(state.sweep_usage(third).await.expect("state answers"), 2);
    assert_eq!((on(third.days_before(1)).await, on(third).await), (0, 1));
    assert_eq!(state.sweep_usage(third).await.expect("state answers"), 0);
    assert_eq!(usage(&*state, 1).await.map(|usage| usage.issued), Some(4), "the sum stays");
}

pub async fn a_listener_that_is_not_known_has_not_begun(state: Arc<dyn State>) {
    assert_eq!(state.listener("letters").await.expect("state answers"), None);
}

pub async fn a_listener_goes_on_where_it_was(state: Arc<dyn State>) {
    let far = Checkpoint {
        log: LogId::new(uuid(u128::MAX)),
        position: Position::new(u64::MAX, u64::MAX),
        digest: Digest([7; 32]),
    };
    state.advance_listener("other", checkpoint(3)).await.expect("it is noted");
    for there in [checkpoint(1), checkpoint(2), far, checkpoint(0)] {
        state.advance_listener("letters", there).await.expect("it is noted");
        assert_eq!(state.listener("letters").await.expect("state answers"), Some(there));
    }
    assert_eq!(state.listener("other").await.expect("state answers"), Some(checkpoint(3)));
}
