//! Every transport against the real thing: a server on a socket, a directory, a program.

#![expect(clippy::unwrap_used, reason = "clippy exempts the tests, but not what they share")]

mod support;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use domain::{NotificationId, Timestamp};
use letters::Rendered;
use notifier::post::{Delivered, Mail, Outlook, Post, PostError, Stage, Transport};
use support::{HANG_UP, STALL, Sink};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

const ID: NotificationId = NotificationId::new(Uuid::from_u128(0x0192));
const MESSAGE_ID: &str = "<00000000-0000-0000-0000-000000000192@oathbook.example>";

fn mail_to(address: &str) -> Mail {
    Mail {
        notification: ID,
        address: address.to_owned(),
        display_name: "Ada Lovelace".to_owned(),
        letter: Rendered {
            subject: "OAuth application added to your account".to_owned(),
            text: "Hello, Ada.\n.\nThe end.\n".to_owned(),
            html: "<p>Hello, Ada.</p>\n".to_owned(),
        },
        moment: Timestamp::from_micros(1_793_696_700_000_000),
    }
}

fn mail() -> Mail {
    mail_to("ada@example.com")
}

fn post(transport: &str) -> Post {
    let public_url = Url::parse("https://oathbook.example/").unwrap();
    let transport: Transport = transport.parse().unwrap();
    Post::new(transport, "Oathbook <oathbook@localhost>", &public_url).unwrap()
}

/// What becomes of the usual mail when the server answers like this.
async fn deliver(answers: &[(&'static str, &'static str)]) -> (Result<Delivered, PostError>, Sink) {
    let sink = Sink::start(answers).await;
    let outcome = post(&sink.url()).deliver(&mail()).await;
    (outcome, sink)
}

/// Where the usual mail fails, whether for good, and what is kept of it.
async fn refused(answers: &[(&'static str, &'static str)]) -> (Stage, Outlook, String) {
    let (outcome, _) = deliver(answers).await;
    let error = outcome.unwrap_err();
    let printed = format!("{error} {error:?}");
    assert!(!printed.contains('@') && !printed.to_lowercase().contains("ada"), "{printed}");
    (error.stage, error.outlook, error.reason)
}

#[tokio::test]
async fn a_mail_is_handed_over_whole() {
    let (outcome, sink) = deliver(&[]).await;
    let answer = "250 2.0.0 Ok: queued as 4F1".to_owned();
    assert_eq!(outcome, Ok(Delivered { message_id: MESSAGE_ID.to_owned(), answer }));
    sink.heard(|heard| {
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
    let sink = Sink::start(&[("RCPT", "550 5.1.1 no such user")]).await;
    let post = post(&sink.url());
    for _ in 0..3 {
        post.deliver(&mail()).await.unwrap_err();
    }
    assert_eq!(sink.heard(|heard| heard.connections), 1);
}

#[tokio::test]
async fn a_connection_that_the_server_gave_up_is_replaced() {
    let sink = Sink::start(&[("RSET", HANG_UP)]).await;
    let post = post(&sink.url());
    post.deliver(&mail()).await.unwrap();
    post.deliver(&mail()).await.unwrap();
    assert_eq!(sink.heard(|heard| (heard.connections, heard.mails.len())), (2, 2));
}

#[tokio::test]
async fn a_refused_recipient_is_final() {
    let answer = "550-5.1.1 <ada@example.com>:\r\n550 5.1.1 no user ada here";
    assert_eq!(
        refused(&[("RCPT", answer)]).await,
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
        let (refused_at, outlook, _) = refused(&[(verb, "554 5.7.1 spam")]).await;
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
        let (refused_at, outlook, reason) = refused(&[(verb, "451 4.7.1 greylisted")]).await;
        assert_eq!((refused_at, outlook), (stage, Outlook::Transient));
        assert_eq!(reason, "451 4.7.1 greylisted");
    }
}

#[tokio::test]
async fn what_an_operator_can_mend_is_not_final() {
    for (verb, stage) in
        [("hello", Stage::Connecting), ("EHLO", Stage::Connecting), ("MAIL", Stage::Sender)]
    {
        let (refused_at, outlook, _) = refused(&[(verb, "550 5.7.1 go away")]).await;
        assert_eq!((refused_at, outlook), (stage, Outlook::Transient));
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_leaves_the_mail_to_be_tried_again() {
    for (verb, stage) in [
        ("hello", Stage::Connecting),
        ("EHLO", Stage::Connecting),
        ("MAIL", Stage::Sender),
        ("RCPT", Stage::Recipient),
        ("DATA", Stage::Announcing),
        (".", Stage::HandingOver),
    ] {
        let (refused_at, outlook, _) = refused(&[(verb, HANG_UP)]).await;
        assert_eq!((refused_at, outlook), (stage, Outlook::Transient), "{verb}");
    }
}

#[tokio::test]
async fn a_server_that_stalls_is_left_when_the_time_is_up() {
    for verb in ["hello", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        let sink = Sink::start(&[(verb, STALL)]).await;
        let post = post(&sink.url()).within(Duration::from_millis(50));
        for _ in 0..2 {
            let error = post.deliver(&mail()).await.unwrap_err();
            assert_eq!(error.outlook, Outlook::Transient);
            assert_eq!(error.reason, "the server took too long");
        }
        // The second mail must not meet the first one's half conversation.
        assert_eq!(sink.heard(|heard| heard.connections), 2, "{verb}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_again() {
    let error = post("smtp://127.0.0.1:1").deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Connecting, Outlook::Transient));
}

#[tokio::test]
async fn a_server_that_does_not_speak_smtp_is_refused() {
    let (stage, outlook, _) = refused(&[("hello", "HTTP/1.1 400 Bad Request")]).await;
    assert_eq!((stage, outlook), (Stage::Connecting, Outlook::Transient));
}

#[tokio::test]
async fn without_starttls_nothing_is_said_in_clear() {
    let sink = Sink::start(&[]).await;
    let url = sink.url().replace("smtp://", "smtp://user:hunter2@") + "?tls=starttls";
    let error = post(&url).deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Securing, Outlook::Transient));
    sink.heard(|heard| assert_eq!(heard.commands, ["EHLO oathbook.example"]));
}

#[tokio::test]
async fn a_server_that_spoils_tls_gets_neither_password_nor_mail() {
    let sink =
        Sink::start(&[("EHLO", "250-sink\r\n250 STARTTLS"), ("STARTTLS", "220 go on\r\n250 me")])
            .await;
    let url = sink.url().replace("smtp://", "smtp://user:hunter2@") + "?tls=starttls";
    let post = post(&url).within(Duration::from_millis(200));
    let error = post.deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Securing, Outlook::Transient));
    let said = sink.heard(|heard| format!("{heard:?}"));
    assert!(!said.contains("AUTH") && !said.contains("MAIL"), "{said}");
}

#[tokio::test]
async fn implicit_tls_speaks_no_plain_smtp() {
    let sink = Sink::start(&[]).await;
    let url = sink.url().replace("smtp://", "smtps://user:hunter2@");
    let error = post(&url).deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Connecting, Outlook::Transient));
    sink.heard(|heard| assert!(heard.mails.is_empty() && !format!("{heard:?}").contains("AUTH")));
}

#[tokio::test]
async fn a_login_is_made_with_the_decoded_password() {
    let sink = Sink::start(&[]).await;
    let url = sink.url().replace("smtp://", "smtp://user:p%40ss@");
    post(&url).deliver(&mail()).await.unwrap();
    // Base64 of a zero byte, `user`, a zero byte and `p@ss` (RFC 4616).
    sink.heard(|heard| assert!(heard.commands.contains(&"AUTH PLAIN AHVzZXIAcEBzcw==".to_owned())));
}

#[tokio::test]
async fn a_refused_login_repeats_nothing_the_server_said() {
    let sink = Sink::start(&[("AUTH", "535 5.7.8 hunter2 is wrong for user")]).await;
    let post = post(&sink.url().replace("smtp://", "smtp://user:hunter2@"));
    let error = post.deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Login, Outlook::Transient));
    assert_eq!(error.reason, "535 the server refused");
    assert!(!format!("{post:?}").contains("hunter2"));
}

#[tokio::test]
async fn an_internationalised_address_is_delivered() {
    let sink = Sink::start(&[]).await;
    post(&sink.url()).deliver(&mail_to("zoë@bücher.example")).await.unwrap();
    sink.heard(|heard| {
        assert!(heard.commands[1].ends_with(" SMTPUTF8 BODY=8BITMIME"), "{:?}", heard.commands);
        assert_eq!(heard.commands[2], "RCPT TO:<zoë@xn--bcher-kva.example>");
        assert!(heard.mails[0].contains("zoë@xn--bcher-kva.example"));
    });
}

#[tokio::test]
async fn an_internationalised_address_is_final_where_the_server_takes_none() {
    let sink = Sink::start(&[("EHLO", "250 sink")]).await;
    let post = post(&sink.url());
    let error = post.deliver(&mail_to("zoë@bücher.example")).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Sender, Outlook::Permanent));
    post.deliver(&mail_to("zoe@bücher.example")).await.unwrap();
    assert_eq!(sink.heard(|heard| heard.mails.len()), 1);
}

#[tokio::test]
async fn names_addresses_and_texts_cannot_speak_smtp() {
    let sink = Sink::start(&[]).await;
    let post = post(&sink.url());
    let attack = "Ada\r\nBcc: eve@example.com\r\n\r\n.\r\nRCPT TO:<eve@example.com>\r\n";
    let mut mail = mail();
    mail.display_name = attack.to_owned();
    mail.letter =
        Rendered { subject: attack.to_owned(), text: attack.to_owned(), html: attack.to_owned() };
    post.deliver(&mail).await.unwrap();
    mail.address = attack.to_owned();
    assert_eq!(post.deliver(&mail).await.unwrap_err().stage, Stage::Composing);
    sink.heard(|heard| {
        assert_eq!(heard.mails.len(), 1);
        let recipients = heard.commands.iter().filter(|line| line.starts_with("RCPT"));
        assert_eq!(recipients.collect::<Vec<_>>(), ["RCPT TO:<ada@example.com>"]);
        let (head, _) = heard.mails[0].split_once("\r\n\r\n").unwrap();
        assert!(head.lines().all(|line| !line.starts_with("Bcc")), "{head}");
    });
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn a_mail_becomes_one_private_file_however_often_it_comes() {
    let base = TempDir::new().unwrap();
    let folder = base.path().join("var/mail");
    let post = post(&format!("file:{}", folder.display()));
    let mut delivered = post.deliver(&mail()).await.unwrap();
    let first = fs::read(&files_in(&folder)[0]).unwrap();
    for _ in 0..3 {
        delivered = post.deliver(&mail()).await.unwrap();
    }
    assert_eq!(delivered.answer, "written to 00000000-0000-0000-0000-000000000192.eml");
    assert_eq!(delivered.message_id, MESSAGE_ID);
    let files = files_in(&folder);
    assert_eq!(files, [folder.join("00000000-0000-0000-0000-000000000192.eml")]);
    assert_eq!(fs::read(&files[0]).unwrap(), first);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&files[0]), mode(&folder)), (0o600, 0o700));
}

#[tokio::test]
async fn mails_written_at_once_are_each_whole() {
    let folder = TempDir::new().unwrap();
    let post = post(&format!("file:{}", folder.path().display()));
    let mails: Vec<Mail> = (0..20)
        .map(|number: u128| Mail {
            notification: NotificationId::new(Uuid::from_u128(number / 2)),
            ..mail()
        })
        .collect();
    for outcome in futures::future::join_all(mails.iter().map(|mail| post.deliver(mail))).await {
        outcome.unwrap();
    }
    let files = files_in(folder.path());
    assert_eq!(files.len(), 10);
    for file in files {
        assert!(fs::read_to_string(file).unwrap().ends_with("--\r\n"));
    }
}

#[tokio::test]
async fn a_mail_that_cannot_be_written_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    // A directory where the file should be.
    fs::create_dir(folder.path().join(format!("{ID}.eml"))).unwrap();
    let post = post(&format!("file:{}", folder.path().display()));
    let error = post.deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::File, Outlook::Transient));
    assert_eq!(files_in(folder.path()).len(), 1);
}

/// A program that keeps its arguments and its input, complains about the recipient and ends with this status.
async fn sendmail(status: u8) -> (Result<Delivered, PostError>, String) {
    let folder = TempDir::new().unwrap();
    let (program, kept) = (folder.path().join("sendmail"), folder.path().join("kept"));
    let script = format!(
        "#!/bin/sh\necho \"$@\" >'{kept}'; cat >>'{kept}'; echo \"$5: no\" >&2; exit {status}\n",
        kept = kept.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let outcome = post(&format!("sendmail:{}", program.display())).deliver(&mail()).await;
    (outcome, fs::read_to_string(kept).unwrap())
}

// One test, because a program that another thread's fork still holds open cannot be run.
#[tokio::test]
async fn sendmail_gets_the_mail_on_its_input_and_its_exit_status_counts() {
    let (outcome, kept) = sendmail(0).await;
    assert_eq!(outcome.unwrap().answer, "taken by sendmail");
    assert!(kept.starts_with("-i -f oathbook@localhost -- ada@example.com\nMessage-ID: "));
    assert!(kept.ends_with("--\n") && !kept.contains('\r'));
    for (status, outlook) in [(67, Outlook::Permanent), (75, Outlook::Transient)] {
        let error = sendmail(status).await.0.unwrap_err();
        assert_eq!((error.stage, error.outlook), (Stage::Sendmail, outlook));
        assert_eq!(error.reason, format!("exit status: {status} (withheld) no"));
    }
}

#[tokio::test]
async fn a_sendmail_that_is_missing_is_tried_again() {
    let error = post("sendmail:/nonexistent").deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Sendmail, Outlook::Transient));
}
