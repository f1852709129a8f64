//! TLS: required, checked, and from the first byte where that was asked for.

use std::time::Duration;

use smtp_stand_in::{Security, Setup};

use super::*;

fn server(security: Security) -> Server {
    Server::with(Setup { security, ..Setup::default() })
}

fn implicit(server: &Server) -> String {
    format!("smtps://user:hunter2@localhost:{}", server.port())
}

fn starttls(server: &Server) -> String {
    format!("smtp://user:hunter2@localhost:{}?tls=starttls", server.port())
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_is_accepted() {
    let authority = Authority::new();
    let identity = authority.certify("localhost");
    let by_starttls = server(Security::StartTls(identity.clone()));
    let by_tls = server(Security::Implicit(identity));
    for (server, url) in [(&by_starttls, starttls(&by_starttls)), (&by_tls, implicit(&by_tls))] {
        trusting(&authority, &url).deliver(&mail()).await.unwrap();
        server.heard(|heard| assert_eq!((heard.secured, heard.mails.len()), (1, 1)));
        nothing_was_forbidden(server);
    }
    by_starttls.heard(|heard| {
        assert_eq!(heard.commands[..2], ["EHLO oathbook.example", "STARTTLS"]);
        assert_eq!(heard.commands[2], "EHLO oathbook.example", "said again under TLS");
    });
}

#[tokio::test]
async fn an_address_can_be_certified_instead_of_a_name() {
    let authority = Authority::new();
    let server = server(Security::Implicit(authority.certify("127.0.0.1")));
    let url = format!("smtps://127.0.0.1:{}", server.port());
    trusting(&authority, &url).deliver(&mail()).await.unwrap();
}

#[tokio::test]
async fn a_certificate_that_is_not_good_gets_neither_password_nor_mail() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (identity, wrong) in [
        (stranger.certify("localhost"), "UnknownIssuer"),
        (authority.certify("other.example"), "not valid for name"),
    ] {
        for implicitly in [true, false] {
            let server = server(if implicitly {
                Security::Implicit(identity.clone())
            } else {
                Security::StartTls(identity.clone())
            });
            let url = if implicitly { implicit(&server) } else { starttls(&server) };
            let error = trusting(&authority, &url).deliver(&mail()).await.unwrap_err();
            assert_eq!((error.stage, error.outlook), (Stage::Securing, Outlook::Transient));
            assert!(error.reason.contains(wrong), "{error}");
            let said = server.heard(|heard| format!("{heard:?}"));
            assert!(!said.contains("AUTH") && !said.contains("MAIL"), "{said}");
        }
    }
}

#[tokio::test]
async fn an_authority_is_trusted_only_where_it_is_configured() {
    let authority = Authority::new();
    let server = server(Security::Implicit(authority.certify("localhost")));
    let error = post(&implicit(&server)).deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Securing, Outlook::Transient));
}

#[test]
fn a_file_without_an_authority_is_named() {
    let file = NamedTempFile::new().unwrap();
    let public_url = Url::parse("https://oathbook.example/").unwrap();
    for text in ["", "no PEM", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        std::fs::write(file.path(), text).unwrap();
        let authorities = Some(file.path().to_owned());
        let settings = Settings { authorities, ..settings(&["smtps://mail.example"]) };
        let error = Post::new(&settings, &public_url).unwrap_err().to_string();
        assert!(error.contains("mail.authorities"), "{error}");
        assert!(error.contains(&file.path().display().to_string()), "{error}");
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_said_in_clear() {
    let server = Server::start();
    let error = post(&starttls(&server)).deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Securing, Outlook::Transient));
    server.heard(|heard| assert_eq!(heard.commands, ["EHLO oathbook.example"]));
}

#[tokio::test]
async fn a_server_that_spoils_tls_gets_neither_password_nor_mail() {
    let server = Server::start();
    server.says("EHLO", "250-sink\r\n250 STARTTLS");
    server.says("STARTTLS", "220 go on\r\n250 me");
    let post = post(&starttls(&server)).within(Duration::from_secs(2));
    let error = post.deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Securing, Outlook::Transient));
    let said = server.heard(|heard| format!("{:?}", heard.commands));
    assert!(!said.contains("AUTH") && !said.contains("MAIL"), "{said}");
}

#[tokio::test]
async fn implicit_tls_speaks_no_plain_smtp() {
    let server = Server::start();
    let error = post(&implicit(&server)).deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Securing, Outlook::Transient));
    server.heard(|heard| assert!(heard.mails.is_empty() && heard.commands.is_empty()));
}
