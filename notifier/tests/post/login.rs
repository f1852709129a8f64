//! Passwords and tokens.

use smtp_stand_in::{Login, Setup};

use super::*;

fn server(login: Login) -> Server {
    Server::with(Setup { login: Some(login), ..Setup::default() })
}

fn words() -> (String, String) {
    ("user".to_owned(), "p@ss".to_owned())
}

fn plain() -> Login {
    let (user, password) = words();
    Login::Plain { user, password }
}

/// The transport of this user, with whatever stands behind the name.
fn url(server: &Server, login: &str) -> String {
    server.url().replace("smtp://", &format!("smtp://{login}@"))
}

#[tokio::test]
async fn a_login_is_made_with_the_decoded_password() {
    let (user, password) = words();
    for login in [plain(), Login::Login { user, password }] {
        let server = server(login);
        post(&url(&server, "user:p%40ss")).deliver(&mail()).await.unwrap();
        nothing_was_forbidden(&server);
    }
}

#[tokio::test]
async fn a_password_in_a_file_is_read_at_each_login() {
    let server = server(plain());
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "wrong\n").unwrap();
    let url = url(&server, "user") + &format!("?password_file={}", file.path().display());
    let post = post(&url);
    assert_eq!(post.deliver(&mail()).await.unwrap_err().stage, Stage::Login);
    std::fs::write(file.path(), "p@ss\n").unwrap();
    post.deliver(&mail()).await.unwrap();
}

#[tokio::test]
async fn a_token_is_read_at_each_login() {
    let token = "ya29.fresh".to_owned();
    let server = server(Login::Xoauth2 { user: "ada@example.com".to_owned(), token });
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "ya29.expired\n").unwrap();
    let url = url(&server, "ada%40example.com") + &format!("?token_file={}", file.path().display());
    let post = post(&url);
    let error = post.deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Login, Outlook::Transient));
    assert_eq!(error.reason, "535 5.7.8 the server refused");
    std::fs::write(file.path(), "ya29.fresh\n").unwrap();
    post.deliver(&mail()).await.unwrap();
    nothing_was_forbidden(&server);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_not_said() {
    let server = server(plain());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let post = post(&(url(&server, "user") + &format!("?password_file={}", file.display())));
    for content in [None, Some(""), Some("\n"), Some("hunter2\nmore")] {
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let error = post.deliver(&mail()).await.unwrap_err();
        assert_eq!((error.stage, error.outlook), (Stage::Login, Outlook::Transient));
        assert!(error.reason.contains(&file.display().to_string()), "{error}");
        assert!(!error.reason.contains("hunter2"), "{error}");
    }
    let said = server.heard(|heard| format!("{:?}", heard.commands));
    assert!(!said.contains("AUTH"), "{said}");
}

#[tokio::test]
async fn a_login_that_the_server_does_not_offer_is_not_tried() {
    let token = "ya29.fresh".to_owned();
    let server = server(Login::Xoauth2 { user: "user".to_owned(), token });
    let error = post(&url(&server, "user:p%40ss")).deliver(&mail()).await.unwrap_err();
    assert_eq!(error.reason, "the server offers no login by PLAIN nor LOGIN");
    let said = server.heard(|heard| format!("{:?}", heard.commands));
    assert!(!said.contains("AUTH"), "{said}");
}

#[tokio::test]
async fn a_refused_login_repeats_nothing_the_server_said() {
    let server = Server::start();
    server.says("AUTH", "535 5.7.8 hunter2 is wrong for user");
    let post = post(&url(&server, "user:hunter2"));
    let error = post.deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Login, Outlook::Transient));
    assert_eq!(error.reason, "535 5.7.8 the server refused");
    assert!(!format!("{post:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_server_that_wants_a_login_first_is_tried_again() {
    let server = server(plain());
    let error = post(&server.url()).deliver(&mail()).await.unwrap_err();
    assert_eq!((error.stage, error.outlook), (Stage::Sender, Outlook::Transient));
}
