//! Several transports: who is asked next, and when nobody may be.

use std::time::Duration;

use super::*;

struct Two {
    first: Server,
    second: Server,
    post: Post,
}

fn two() -> Two {
    let (first, second) = (Server::start(), Server::start());
    let post = with(&settings(&[&first.url(), &second.url()]));
    Two { first, second, post }
}

impl Two {
    /// How many mails each took.
    fn taken(&self) -> (usize, usize) {
        let taken = |server: &Server| server.heard(|heard| heard.mails.len());
        (taken(&self.first), taken(&self.second))
    }
}

#[tokio::test]
async fn the_first_that_takes_a_mail_gets_it() {
    let two = two();
    let delivered = two.post.deliver(&mail()).await.unwrap();
    assert_eq!(delivered.by, two.first.url());
    assert_eq!(two.taken(), (1, 0));
}

#[tokio::test]
async fn a_transport_that_is_away_or_refuses_for_now_passes_the_mail_on() {
    for (verb, answer) in [
        ("hello", Answer::HangUp),
        ("EHLO", "550 5.7.1 go away".into()),
        ("MAIL", "550 5.7.1 not you".into()),
        ("RCPT", "450 4.2.0 greylisted".into()),
        ("DATA", Answer::HangUp),
        (".", "451 4.3.0 try again".into()),
    ] {
        let two = two();
        two.first.says(verb, answer);
        let delivered = two.post.deliver(&mail()).await.unwrap();
        assert_eq!(delivered.by, two.second.url(), "{verb}");
        assert_eq!(two.taken(), (0, 1), "{verb}");
    }
}

#[tokio::test]
async fn a_server_that_stalls_leaves_time_for_the_next() {
    let Two { first, second, post } = two();
    first.says("RCPT", Answer::Stall);
    let delivered = post.within(Duration::from_secs(2)).deliver(&mail()).await.unwrap();
    assert_eq!(delivered.by, second.url());
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_goes_to_no_other() {
    for verb in ["RCPT", "DATA", "."] {
        let two = two();
        two.first.says(verb, "550 5.1.1 no such user");
        assert_eq!(two.post.deliver(&mail()).await.unwrap_err().outlook, Outlook::Permanent);
        assert_eq!(two.second.heard(|heard| heard.connections), 0, "{verb}");
    }
}

#[tokio::test]
async fn a_mail_that_may_have_been_taken_goes_to_no_other() {
    let two = two();
    two.first.says(".", Answer::HangUp);
    assert_eq!(two.post.deliver(&mail()).await.unwrap_err().outlook, Outlook::Unknown);
    assert_eq!(two.second.heard(|heard| heard.connections), 0);
}

#[tokio::test]
async fn an_answer_that_comes_late_is_waited_for_as_long_as_there_is_time() {
    let Two { first, second, post } = two();
    first.says(".", Answer::Stall);
    let error = post.within(Duration::from_secs(2)).deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::HandingOver, Outlook::Unknown));
    assert_eq!(second.heard(|heard| heard.connections), 0);
}

#[tokio::test]
async fn what_every_transport_said_is_kept() {
    let two = two();
    two.first.says("MAIL", "550 5.7.1 not you");
    two.second.says("RCPT", "450 4.2.0 <ada@example.com> is greylisted");
    let error = two.post.deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Transports, Outlook::Transient));
    let (first, second) = (two.first.url(), two.second.url());
    assert_eq!(
        error.reason,
        format!(
            "{first}: naming the sender: 550 5.7.1 not you; {second}: naming the recipient: 450 4.2.0 (withheld) is \
             greylisted"
        )
    );
}

#[tokio::test]
async fn another_transport_may_take_what_the_first_has_no_extension_for() {
    let two = two();
    two.first.says("EHLO", "250 first");
    two.post.deliver(&mail_to("zoë@example.com")).await.unwrap();
    assert_eq!(two.taken(), (0, 1));
    two.second.says("EHLO", "250 second");
    let post = with(&settings(&[&two.first.url(), &two.second.url()]));
    let error = post.deliver(&mail_to("zoë@example.com")).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Transports, Outlook::Permanent));
    let post = with(&settings(&[&two.first.url(), "smtp://127.0.0.1:1"]));
    let error = post.deliver(&mail_to("zoë@example.com")).await.unwrap_err();
    assert_eq!(error.outlook, Outlook::Transient, "the one that is away may take it");
}

#[tokio::test]
async fn the_last_resort_can_be_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("file:{}", folder.path().display());
    let delivered = with(&settings(&["smtp://127.0.0.1:1", &file])).deliver(&mail()).await.unwrap();
    assert_eq!(delivered.by, file);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
