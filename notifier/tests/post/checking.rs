//! What `mail check` finds, and in which step.

use smtp_stand_in::{Login, Security, Setup};

use super::*;

/// The steps that were taken with the only transport: their names, and what the last one found.
async fn check(post: Post, mail: Option<Mail>) -> (Vec<&'static str>, Result<String, String>) {
    let mut checked = post.check(|| mail.clone()).await.unwrap();
    let (_, mut steps) = checked.pop().unwrap();
    let last = steps.last().unwrap().found.clone();
    assert!(steps.iter().rev().skip(1).all(|step| step.found.is_ok()), "{steps:?}");
    (steps.drain(..).map(|step| step.name).collect(), last)
}

fn secured(host: &str, authority: &Authority) -> Server {
    let login = Login::Plain { user: "user".to_owned(), password: "hunter2".to_owned() };
    let security = Security::StartTls(authority.certify(host));
    Server::with(Setup { security, login: Some(login), without_smtputf8: false })
}

fn url(server: &Server, login: &str) -> String {
    format!("smtp://{login}localhost:{}?tls=starttls", server.port())
}

#[tokio::test]
async fn a_good_configuration_is_good_in_every_step() {
    let authority = Authority::new();
    let server = secured("localhost", &authority);
    let post = || trusting(&authority, &url(&server, "user:hunter2@"));
    let all = ["name", "connection", "greeting", "TLS", "login", "sender"];
    let (steps, last) = check(post(), None).await;
    assert_eq!((&steps[..], last.unwrap()), (&all[..], "250 2.1.0 ok".to_owned()));
    assert_eq!(server.heard(|heard| heard.mails.len()), 0);
    let (steps, last) = check(post(), Some(mail())).await;
    assert_eq!(steps, [&all[..], &["recipient", "mail"]].concat());
    assert_eq!(last.unwrap(), "250 2.0.0 Ok: queued as 4F1");
    assert_eq!(server.heard(|heard| heard.mails.len()), 1);
    nothing_was_forbidden(&server);
}

#[tokio::test]
async fn implicit_tls_comes_before_the_greeting() {
    let authority = Authority::new();
    let security = Security::Implicit(authority.certify("localhost"));
    let server = Server::with(Setup { security, ..Setup::default() });
    let post = trusting(&authority, &format!("smtps://localhost:{}", server.port()));
    let (steps, last) = check(post, None).await;
    assert_eq!(steps, ["name", "connection", "TLS", "greeting", "sender"]);
    last.unwrap();
}

#[tokio::test]
async fn the_step_that_fails_is_the_last_one() {
    let authority = Authority::new();
    let good = secured("localhost", &authority);
    let other = secured("other.example", &authority);
    let sender = secured("localhost", &authority);
    sender.says("MAIL", "550 5.7.1 <oathbook@localhost>: not yours");
    let recipient = secured("localhost", &authority);
    recipient.says("RCPT", "550 5.1.1 <ada@example.com>: unknown");
    let away = "smtp://localhost:1?tls=starttls".to_owned();
    let nobody = "smtps://mail.invalid".to_owned();
    let implicitly = format!("smtps://localhost:{}", good.port());
    for (url, step, wrong) in [
        (nobody, "name", ""),
        (away, "connection", "refused"),
        (implicitly, "TLS", "corrupt message"),
        (url(&other, ""), "TLS", "not valid for name"),
        (url(&good, "user:wrong@"), "login", "535 5.7.8"),
        (url(&good, ""), "sender", "530 5.7.0 log in first"),
        (url(&sender, "user:hunter2@"), "sender", "<oathbook@localhost>: not yours"),
        (url(&recipient, "user:hunter2@"), "recipient", "<ada@example.com>: unknown"),
    ] {
        let (steps, last) = check(trusting(&authority, &url), Some(mail())).await;
        assert_eq!(steps.last(), Some(&step), "{url}");
        let found = last.unwrap_err();
        assert!(found.contains(wrong), "{url}: {found}");
        assert!(!found.contains("hunter2"), "{found}");
    }
}

#[tokio::test]
async fn every_transport_is_checked() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let file = format!("file:{}", folder.path().display());
    let post =
        with(&settings(&["smtp://127.0.0.1:1", &server.url(), &file, "sendmail:/nonexistent"]));
    let mut number = 0;
    let numbered = || {
        number += 1;
        Some(Mail { notification: NotificationId::new(Uuid::from_u128(number)), ..mail() })
    };
    let checked = post.check(numbered).await.unwrap();
    let good = |(_, steps): &(String, Vec<_>)| {
        steps.iter().all(|step: &notifier::post::Step| step.found.is_ok())
    };
    assert_eq!(checked.iter().map(good).collect::<Vec<_>>(), [false, true, true, false]);
    let routes: Vec<_> = checked.iter().map(|(route, _)| route.clone()).collect();
    assert_eq!(routes, ["smtp://127.0.0.1:1", &*server.url(), &*file, "sendmail:/nonexistent"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(server.arrivals().len(), 1);
}

#[tokio::test]
async fn a_recipient_that_is_no_address_is_said_before_anything_is_done() {
    let server = Server::start();
    let error = post(&server.url()).check(|| Some(mail_to("ada"))).await.unwrap_err();
    assert_eq!(error.stage, Stage::Composing);
    assert_eq!(server.heard(|heard| heard.connections), 0);
}
