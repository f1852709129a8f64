use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::testing::given;

const NOON: Timestamp = Timestamp::from_micros(43_200_000_000);
const WORKER: Uuid = Uuid::from_u128(7);
const OTHER: Uuid = Uuid::from_u128(8);

fn request() -> Request {
    Request {
        occasion: "application_created".to_owned(),
        event: EventId::new(Uuid::nil()),
        stream: "application-00000000-0000-0000-0000-000000000000".to_owned(),
        rule: NotificationRuleId::shipped("application_created"),
        template: EmailTemplateId::shipped("oauth_application_created"),
        recipient: Recipient::User(UserId::new(Uuid::nil())),
        about: None,
        daily: false,
        test: None,
    }
}

fn ask() -> Command {
    Command::Request { request: request(), not_before: None }
}

fn requested() -> Event {
    Event::Requested { request: request(), not_before: None }
}

fn attempted(attempt: u32) -> Event {
    Event::Attempted { attempt, worker: WORKER, until: NOON.plus(LEASE) }
}

fn failed(attempt: u32, next: Timestamp) -> Event {
    Event::Failed { attempt, reason: "451".to_owned(), next }
}

fn sent(attempt: u32) -> Event {
    Event::Sent { attempt, message_id: "m".to_owned(), answer: "250".to_owned() }
}

fn abandoned(attempt: u32) -> Event {
    Event::Abandoned { attempt, reason: "550".to_owned() }
}

fn attempt_at(at: Timestamp) -> Command {
    Command::Attempt { worker: WORKER, at }
}

fn succeed(attempt: u32) -> Command {
    Command::Succeed { attempt, message_id: "m".to_owned(), answer: "250".to_owned() }
}

fn fail(attempt: u32) -> Command {
    let give_up = NOON.plus(Duration::from_hours(1));
    Command::Fail { attempt, reason: "451".to_owned(), at: NOON, chance: 0, give_up }
}

fn abandon(attempt: u32) -> Command {
    Command::Abandon { attempt, reason: "550".to_owned() }
}

fn renew(worker: Uuid, at: Timestamp) -> Command {
    Command::Renew { worker, attempt: 1, at }
}

#[test]
fn a_letter_is_requested_once() {
    given::<Notification>([]).when(ask()).then([requested()]);
    for history in [vec![], vec![attempted(1)], vec![attempted(1), sent(1)]] {
        given::<Notification>([vec![requested()], history].concat()).when(ask()).then([]);
    }
}

#[test]
fn a_requested_letter_can_be_attempted() {
    given::<Notification>([requested()]).when(attempt_at(NOON)).then([attempted(1)]);
    given::<Notification>([]).when(attempt_at(NOON)).then_refused(Error::Absent);
}

#[test]
fn a_letter_for_later_waits() {
    let at_noon = Event::Requested { request: request(), not_before: Some(NOON) };
    let before = Timestamp::from_micros(NOON.as_micros() - 1);
    given::<Notification>([at_noon.clone()]).when(attempt_at(before)).then_refused(Error::NotDue);
    given::<Notification>([at_noon]).when(attempt_at(NOON)).then([attempted(1)]);
}

#[test]
fn while_one_worker_is_at_it_others_stay_away_until_its_lease_ends() {
    let history = [requested(), attempted(1)];
    given::<Notification>(history.clone()).when(attempt_at(NOON)).then_refused(Error::Leased);
    let later = NOON.plus(LEASE);
    let again = Event::Attempted { attempt: 2, worker: WORKER, until: later.plus(LEASE) };
    given::<Notification>(history).when(attempt_at(later)).then([again]);
}

#[test]
fn a_worker_that_needs_longer_renews_its_lease() {
    let history = [requested(), attempted(1)];
    let later = NOON.plus(Duration::from_secs(5));
    let longer = Event::Attempted { attempt: 1, worker: WORKER, until: later.plus(LEASE) };
    given::<Notification>(history.clone()).when(renew(WORKER, later)).then([longer.clone()]);
    given::<Notification>(history.clone()).when(renew(WORKER, NOON)).then([]);
    given::<Notification>(history.clone())
        .when(renew(OTHER, later))
        .then_refused(Error::Superseded);
    let history = [history.to_vec(), vec![longer]].concat();
    given::<Notification>(history).when(succeed(1)).then([sent(1)]);
}

#[test]
fn a_failed_letter_is_due_again_after_the_back_off() {
    let next = NOON.plus(Duration::from_secs(2));
    given::<Notification>([requested(), attempted(1)]).when(fail(1)).then([failed(1, next)]);
    let history = [requested(), attempted(1), failed(1, next)];
    given::<Notification>(history.clone()).when(attempt_at(NOON)).then_refused(Error::NotDue);
    given::<Notification>(history).when(attempt_at(next)).then([Event::Attempted {
        attempt: 2,
        worker: WORKER,
        until: next.plus(LEASE),
    }]);
}

#[test]
fn a_letter_that_failed_for_too_long_is_abandoned() {
    let late = Command::Fail {
        attempt: 1,
        reason: "550".to_owned(),
        at: NOON,
        chance: 0,
        give_up: NOON.plus(Duration::from_secs(1)),
    };
    given::<Notification>([requested(), attempted(1)]).when(late).then([abandoned(1)]);
}

#[test]
fn what_has_ended_is_never_attempted_again() {
    given::<Notification>([requested(), attempted(1)]).when(succeed(1)).then([sent(1)]);
    given::<Notification>([requested(), attempted(1)]).when(abandon(1)).then([abandoned(1)]);
    let ends = [
        (vec![attempted(1), sent(1)], Error::Sent),
        (vec![attempted(1), abandoned(1)], Error::Abandoned),
        (vec![Event::Canceled {}], Error::Canceled),
    ];
    for (end, error) in ends {
        let history = [vec![requested()], end].concat();
        for command in [attempt_at(NOON), renew(WORKER, NOON), succeed(1), fail(1), abandon(1)] {
            given::<Notification>(history.clone()).when(command).then_refused(error);
        }
        given::<Notification>(history).when(ask()).then([]);
    }
}

#[test]
fn only_the_current_attempt_settles_a_letter() {
    for settle in [succeed(1), fail(1), abandon(1), renew(WORKER, NOON)] {
        given::<Notification>([]).when(settle.clone()).then_refused(Error::Absent);
        given::<Notification>([requested()]).when(settle.clone()).then_refused(Error::Superseded);
        given::<Notification>([requested(), attempted(1), attempted(2)])
            .when(settle)
            .then_refused(Error::Superseded);
    }
}

#[test]
fn only_what_has_not_left_is_called_off() {
    given::<Notification>([requested()]).when(Command::Cancel).then([Event::Canceled {}]);
    given::<Notification>([requested(), Event::Canceled {}]).when(Command::Cancel).then([]);
    given::<Notification>([requested(), attempted(1)])
        .when(Command::Cancel)
        .then_refused(Error::Leased);
    given::<Notification>([requested(), attempted(1), sent(1)])
        .when(Command::Cancel)
        .then_refused(Error::Sent);
}

#[test]
fn what_has_ended_can_be_sent_again_as_another_message() {
    for end in [sent(1), abandoned(1)] {
        let history = [requested(), attempted(1), end, Event::Resent {}];
        given::<Notification>(history[..3].to_vec()).when(Command::Resend).then([Event::Resent {}]);
        let Notification::Requested(delivery) =
            history.into_iter().fold(Notification::default(), Notification::evolve)
        else {
            panic!("it was requested");
        };
        assert_eq!((delivery.round, delivery.attempts), (1, 1));
        assert_eq!(delivery.progress, Progress::Waiting { not_before: None });
    }
    given::<Notification>([requested()]).when(Command::Resend).then_refused(Error::Underway);
}

#[test]
fn a_letter_that_is_sent_again_does_not_wait_for_failures_of_before() {
    let next = NOON.plus(Duration::from_secs(2));
    let before = [requested(), attempted(1), failed(1, NOON), attempted(2), abandoned(2)];
    let history = [before.to_vec(), vec![Event::Resent {}, attempted(3)]].concat();
    given::<Notification>(history).when(fail(3)).then([failed(3, next)]);
}

#[test]
fn back_off_doubles_from_two_to_five_seconds_up_to_fifteen_minutes() {
    assert_eq!([1, 2, 3].map(|attempt| back_off(attempt, 0).as_secs()), [2, 4, 8]);
    assert_eq!([1, 2, 3].map(|attempt| back_off(attempt, 1000).as_secs()), [5, 10, 20]);
    assert_eq!([0, 1000].map(|chance| back_off(u32::MAX, chance).as_secs()), [6 * 60, 15 * 60]);
}
