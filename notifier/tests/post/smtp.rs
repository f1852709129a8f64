//! A server in the clear, friendly or not.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn a_mail_is_handed_over_whole() {
    let (outcome, server) = deliver(&[]).await;
    let answer = "250 2.0.0 Ok: queued as 4F1".to_owned();
    let by = server.url();
    assert_eq!(outcome, Ok(Delivered { message_id: MESSAGE_ID.to_owned(), by, answer }));
    server.heard(|heard| {
        assert_eq!(
            heard.commands,
            [
                "EHLO oathbook.example",
                "MAIL FROM:<oathbook@localhost>",
                "RCPT TO:<ada@example.com>",
                "DATA"
            ]
        );
        let mail = &heard.mails[0];
        assert!(mail.contains(&format!("Message-ID: {MESSAGE_ID}\r\n")));
        assert!(mail.contains("To: \"Ada Lovelace\" <ada@example.com>\r\n"));
        assert!(mail.contains("Hello, Ada.\r\n.\r\nThe end.\r\n"), "{mail}");
    });
}

#[tokio::test]
async fn a_connection_is_used_again_also_after_a_refusal() {
    let server = Server::start();
    server.says("RCPT", "550 5.1.1 no such user");
    let post = post(&server.url());
    for _ in 0..3 {
        post.deliver(&mail()).await.unwrap_err();
    }
    assert_eq!(server.heard(|heard| heard.connections), 1);
    nothing_was_forbidden(&server);
}

#[tokio::test]
async fn a_connection_that_the_server_gave_up_is_replaced() {
    for answer in [Answer::HangUp, "421 4.4.2 idle too long".into()] {
        let server = Server::start();
        server.says("RSET", answer);
        let post = post(&server.url());
        post.deliver(&mail()).await.unwrap();
        post.deliver(&mail()).await.unwrap();
        assert_eq!(server.heard(|heard| (heard.connections, heard.mails.len())), (2, 2));
    }
}

#[tokio::test]
async fn a_refused_recipient_is_final() {
    let answer = "550-5.1.1 <ada@example.com>:\r\n550 5.1.1 no user ada here";
    assert_eq!(
        refused("RCPT", answer).await,
        (
            Stage::Recipient,
            Outlook::Permanent,
            "550 5.1.1 (withheld) no user (withheld) here".to_owned()
        )
    );
}

#[tokio::test]
async fn a_refused_content_is_final() {
    for (verb, stage) in [("DATA", Stage::Announcing), (".", Stage::HandingOver)] {
        let (refused_at, outlook, _) = refused(verb, "554 5.7.1 spam").await;
        assert_eq!((refused_at, outlook), (stage, Outlook::Permanent));
    }
}

#[tokio::test]
async fn a_server_that_asks_for_patience_gets_it() {
    for (verb, stage) in [
        ("MAIL", Stage::Sender),
        ("RCPT", Stage::Recipient),
        ("DATA", Stage::Announcing),
        (".", Stage::HandingOver),
    ] {
        let (refused_at, outlook, reason) = refused(verb, "451 4.7.1 greylisted").await;
        assert_eq!((refused_at, outlook), (stage, Outlook::Transient));
        assert_eq!(reason, "451 4.7.1 greylisted");
    }
}

#[tokio::test]
async fn a_greylisted_mail_arrives_once_with_the_next_try() {
    let server = Server::start();
    server.says_once("RCPT", "450 4.2.0 greylisted, come back later");
    let post = post(&server.url());
    assert_eq!(post.deliver(&mail()).await.unwrap_err().outlook, Outlook::Transient);
    post.deliver(&mail()).await.unwrap();
    let arrivals = server.arrivals();
    assert_eq!((arrivals.len(), arrivals[MESSAGE_ID].taken), (1, 1));
}

#[tokio::test]
async fn what_an_operator_can_mend_is_not_final() {
    for (verb, stage) in
        [("hello", Stage::Greeting), ("EHLO", Stage::Greeting), ("MAIL", Stage::Sender)]
    {
        let (refused_at, outlook, _) = refused(verb, "550 5.7.1 go away").await;
        assert_eq!((refused_at, outlook), (stage, Outlook::Transient));
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_before_a_mail_was_whole_does_not_have_it() {
    for (verb, stage) in [
        ("hello", Stage::Greeting),
        ("EHLO", Stage::Greeting),
        ("MAIL", Stage::Sender),
        ("RCPT", Stage::Recipient),
        ("DATA", Stage::Announcing),
    ] {
        let (refused_at, outlook, _) = refused(verb, Answer::HangUp).await;
        assert_eq!((refused_at, outlook), (stage, Outlook::Transient), "{verb}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_the_end_of_a_mail_may_have_it() {
    let (refused_at, outlook, _) = refused(".", Answer::HangUp).await;
    assert_eq!((refused_at, outlook), (Stage::HandingOver, Outlook::Unknown));
    for nonsense in ["354 go on", "what?"] {
        let (refused_at, outlook, _) = refused(".", nonsense).await;
        assert_eq!((refused_at, outlook), (Stage::HandingOver, Outlook::Unknown), "{nonsense}");
    }
}

/// Too long to be on the way as a whole before the server hangs up.
fn long_mail() -> Mail {
    let mut mail = mail();
    mail.letter.text = "A line of a long letter.\r\n".repeat(180_000);
    mail
}

#[tokio::test]
async fn a_server_that_goes_in_the_middle_of_a_mail_does_not_have_it() {
    let server = Server::start();
    server.says_once("content", Answer::HangUp);
    let post = post(&server.url());
    let error = post.deliver(&long_mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::HandingOver, Outlook::Transient));
    post.deliver(&long_mail()).await.unwrap();
    let arrivals = server.arrivals();
    assert_eq!((arrivals.len(), arrivals[MESSAGE_ID].taken), (1, 1));
}

#[tokio::test]
async fn a_server_that_stalls_is_left_when_the_time_is_up() {
    for verb in ["hello", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        let server = Server::start();
        server.says(verb, Answer::Stall);
        let post = post(&server.url()).within(Duration::from_millis(50));
        for _ in 0..2 {
            let error = post.deliver(&mail()).await.unwrap_err();
            let may_have_it = verb == "." && error.stage == Stage::HandingOver;
            let outlook = if may_have_it { Outlook::Unknown } else { Outlook::Transient };
            assert_eq!((error.outlook, &*error.reason), (outlook, "the server took too long"));
        }
        // The second mail must not meet the first one's half conversation.
        server.until(|heard| heard.connections == 2).await;
    }
}

#[tokio::test]
async fn a_server_that_stalls_in_the_middle_of_a_mail_does_not_have_it() {
    let server = Server::start();
    server.says("content", Answer::Stall);
    let post = post(&server.url()).within(Duration::from_secs(1));
    let error = post.deliver(&long_mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::HandingOver, Outlook::Transient));
}

#[tokio::test]
async fn a_server_that_is_away_for_a_while_gets_the_mail_when_it_is_back() {
    let mut server = Server::start();
    let post = post(&server.url());
    post.deliver(&mail()).await.unwrap();
    server.leave().await;
    for _ in 0..2 {
        let error = post.deliver(&mail()).await.unwrap_err();
        assert_eq!((error.stage, error.outlook), (Stage::Connecting, Outlook::Transient));
    }
    server.come_back();
    post.deliver(&mail()).await.unwrap();
    assert_eq!(server.heard(|heard| heard.mails.len()), 2);
}

#[tokio::test]
async fn a_name_that_nobody_has_is_tried_again() {
    let error = post("smtp://mail.invalid?tls=none").deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Resolving, Outlook::Transient));
}

#[tokio::test]
async fn a_server_that_does_not_speak_smtp_is_refused() {
    let (stage, outlook, _) = refused("hello", "HTTP/1.1 400 Bad Request").await;
    assert_eq!((stage, outlook), (Stage::Greeting, Outlook::Transient));
}

#[tokio::test]
async fn an_answer_to_another_question_is_not_taken_for_one() {
    for (verb, stage) in
        [("MAIL", Stage::Sender), ("RCPT", Stage::Recipient), ("DATA", Stage::Announcing)]
    {
        let wrong = if verb == "DATA" { "250 ok" } else { "354 go on" };
        let (refused_at, outlook, _) = refused(verb, wrong).await;
        assert_eq!((refused_at, outlook), (stage, Outlook::Transient), "{verb}");
    }
}
