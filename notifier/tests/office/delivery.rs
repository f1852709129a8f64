use std::time::Duration;

use commands::applications::Switch;
use domain::{
    EmailTemplateId, email_template::Source, notification_preference::Pace, user::Locale,
};
use smtp_stand_in::{Answer, Server};

use crate::{
    office::DAY,
    open_office::{OpenOffice, subjects},
};

/// From the noon at which it begins until the mail of the day has left.
const TO_MORNING: Duration = Duration::from_hours(13);

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_for_one_mail_keeps_no_other_waiting() {
    let server = Server::start();
    server.says_once(".", Answer::Stall);
    let open = OpenOffice::start(&server).await;
    open.office.add("Stalled").await;
    server.until(|heard| heard.unanswered.len() == 1).await;
    open.office.add("Free").await;
    server.until(|heard| heard.mails.iter().any(|mail| mail.contains("Free"))).await;
    server.heard(|heard| assert_eq!((heard.mails.len(), heard.unanswered.len()), (1, 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_took_is_written_down_however_long_the_log_is_away() {
    let server = Server::start();
    let open = OpenOffice::start(&server).await;
    open.office.ledger.refuse("notification.sent.v1", 3);
    open.office.add("Sync").await;
    open.until_recorded("notification.sent.v1", 1).await;
    // The lease is over, and still nobody sends it again.
    open.office.clock.forward(DAY);
    open.office.add("Next").await;
    open.until_recorded("notification.sent.v1", 2).await;
    assert!(server.arrivals().values().all(|it| it.taken == 1), "{:?}", server.arrivals());
    assert_eq!(open.recorded("notification.attempted.v1").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_letters_of_a_day_leave_in_one_mail_and_stay_together_when_it_fails() {
    let server = Server::start();
    server.says_once("RCPT", "450 4.2.0 greylisted");
    let open = OpenOffice::start(&server).await;
    open.office.choose(Pace::Daily).await;
    for name in ["One", "Two", "Three"] {
        open.office.add(name).await;
    }
    open.until_recorded("notification.requested.v2", 3).await;
    open.until_projected().await;
    open.office.clock.forward(TO_MORNING);
    open.until_recorded("notification.failed.v1", 3).await;
    open.office.clock.forward(Duration::from_secs(6));
    open.until_recorded("notification.sent.v1", 3).await;
    assert_eq!(subjects(&server), ["3 notices from Oathbook"]);
    let mail = server.heard(|heard| heard.mails[0].clone());
    assert!(["One", "Two", "Three"].iter().all(|name| mail.contains(name)), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_day_is_as_few_mails_as_can_be() {
    const LETTERS: usize = 320;
    let server = Server::start();
    let open = OpenOffice::start(&server).await;
    open.office.choose(Pace::Daily).await;
    for number in 0..LETTERS {
        open.office.add(&format!("Application {number}")).await;
    }
    open.until_recorded("notification.requested.v2", LETTERS).await;
    open.until_projected().await;
    open.office.clock.forward(TO_MORNING);
    open.until_recorded("notification.sent.v1", LETTERS).await;
    assert_eq!(server.heard(|heard| heard.mails.len()), LETTERS.div_ceil(letters::MOST_IN_A_MAIL));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_fail_for_an_event_give_way_to_those_that_ship() {
    let server = Server::start();
    let open = OpenOffice::start(&server).await;
    open.office.rule_about("application_deactivated", |_| {}).await;
    // The sample has a reason.
    let source = Source {
        subject: "{{reason}}".to_owned(),
        text: "Hello.".to_owned(),
        html: "<p>Hello.</p>".to_owned(),
    };
    let template = EmailTemplateId::shipped("oauth_application_deactivated");
    open.office.customize(template, Locale::parse("en").unwrap(), source).await;
    let id = open.office.add("Sync").await;
    open.office.switch(id, Switch::Deactivate).await;
    open.until_recorded("notification.sent.v1", 2).await;
    let subjects = subjects(&server);
    assert!(
        subjects.iter().all(|subject| subject.starts_with("OAuth application")),
        "{subjects:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_account_is_disabled_is_told_nothing() {
    let server = Server::start();
    let open = OpenOffice::start(&server).await;
    open.office.choose(Pace::Daily).await;
    open.office.add("Sync").await;
    open.until_recorded("notification.requested.v2", 1).await;
    open.office.disable_ada().await;
    open.office.clock.forward(TO_MORNING);
    open.until_recorded("notification.abandoned.v1", 1).await;
    assert_eq!(server.heard(|heard| heard.connections), 0);
}
