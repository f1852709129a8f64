use std::time::Duration;

use axum::http::StatusCode;
use commands::{Permit, users::NewUser};
use domain::{
    UserId,
    authority::Role,
    name::UserName,
    user::{DisplayName, Email, Locale},
};

use crate::office::Office;

const CHOSEN: &str = "seven purple elephants dancing";
const WEEK: Duration = Duration::from_hours(7 * 24);

/// Zoe was invited into Acme.
async fn invite(office: &Office) -> UserId {
    let new = NewUser {
        user_name: UserName::parse("zoe").expect("a name"),
        display_name: DisplayName::parse("Zoe").expect("a name"),
        email: Email::parse("zoe@acme.test").expect("an address"),
        locale: Locale::parse("en").expect("a locale"),
    };
    let scribe = office.app().commands.as_operator();
    let membership = (office.acme, Role::Manager);
    let invited = scribe.invite_user(&Permit::operator(), new, membership, WEEK).await;
    let (zoe, position) = invited.expect("an invitation");
    assert!(office.app().settled(position).await);
    zoe
}

/// The link as the letter about the latest invitation has it.
async fn link(office: &Office, user: UserId) -> String {
    let commands = &office.app().commands;
    let account = commands.as_operator().user(user).await.expect("a log").expect("an account");
    let invitation = account.invitation.expect("an invitation");
    let token = commands.invitation_token(user, invitation.id, invitation.until);
    format!("/invitation/{token}")
}

#[tokio::test]
async fn whoever_follows_the_link_chooses_a_password_once_and_is_signed_in() {
    let office = Office::new().await;
    let zoe = invite(&office).await;
    let link = link(&office, zoe).await;
    let mut browser = office.browser();
    let page = browser.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.says("Hello, Zoe.") && page.says("12 characters or more"));
    let page = browser.post_and_follow(&link, &[("password", CHOSEN)]).await;
    assert!(page.says("Your password has been saved. Welcome.") && page.says("Manager in Acme"));
    assert_eq!(office.browser().sign_in("zoe", CHOSEN).await.status, StatusCode::SEE_OTHER);

    let again = office.browser().get(&link).await;
    assert_eq!(again.status, StatusCode::GONE);
    assert!(again.says("This link has been used") && again.says("Sign in with that password."));
}

#[tokio::test]
async fn a_weak_password_is_refused_and_the_link_still_works() {
    let office = Office::new().await;
    let zoe = invite(&office).await;
    let link = link(&office, zoe).await;
    let mut browser = office.browser();
    browser.get(&link).await;
    for (weak, said) in [
        ("zoe", "This value is too short."),
        ("zoe@acme.test", "This password is too easy to guess."),
        ("passwordpassword", "This password is too easy to guess."),
    ] {
        let page = browser.post(&link, &[("password", weak)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{weak}");
        assert!(page.says(said), "{weak}: {}", page.text());
    }
    let answer = browser.post(&link, &[("password", CHOSEN)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_link_that_does_not_work_says_why_and_what_to_do() {
    let office = Office::new().await;
    let zoe = invite(&office).await;
    let first = link(&office, zoe).await;
    let scribe = office.app().commands.as_operator();
    scribe.invite_again(&Permit::operator(), zoe, WEEK).await.expect("an invitation");
    let second = link(&office, zoe).await;
    let mut browser = office.browser();
    assert!(browser.get(&first).await.says("This link counts no more"));
    assert_eq!(browser.get(&second).await.status, StatusCode::OK);
    let shortened = &second[..second.len() - 1];
    for odd in
        [shortened, "/invitation/x", "/invitation/%FF", "/invitation/%00", &format!("{second}A")]
    {
        let page = browser.get(odd).await;
        assert_eq!(page.status, StatusCode::GONE, "{odd}");
        assert!(page.says("This link is not complete"), "{odd}");
    }
    office.wait(WEEK).await;
    let page = browser.get(&second).await;
    assert!(page.says("This link has expired") && page.says("send the invitation again"));
}

#[tokio::test]
async fn a_link_that_stopped_working_meanwhile_changes_nothing() {
    let office = Office::new().await;
    let zoe = invite(&office).await;
    let link = link(&office, zoe).await;
    let mut browser = office.browser();
    browser.get(&link).await;
    let scribe = office.app().commands.as_operator();
    scribe.disable_user(&Permit::operator(), zoe).await.expect("a disabled account");
    let head = office.head().await;
    let page = browser.post(&link, &[("password", CHOSEN)]).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.says("This link counts no more"));
    assert_eq!(office.head().await, head);
}

#[tokio::test]
async fn the_form_is_accepted_from_the_browser_it_was_shown_in_only() {
    let office = Office::new().await;
    let zoe = invite(&office).await;
    let link = link(&office, zoe).await;
    let mut other = office.browser();
    other.get(&link).await;
    let mut browser = office.browser();
    browser.csrf.clone_from(&other.csrf);
    let page = browser.post(&link, &[("password", CHOSEN)]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let mut foreign = office.browser();
    foreign.headers.push(("sec-fetch-site", "cross-site".to_owned()));
    foreign.get(&link).await;
    assert_eq!(foreign.post(&link, &[("password", CHOSEN)]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_gets_a_link_although_they_have_a_password_is_signed_out_elsewhere() {
    let office = Office::new().await;
    let session = office.session(office.ada, office.acme).await;
    let scribe = office.app().commands.as_operator();
    scribe.invite_again(&Permit::operator(), office.ada, WEEK).await.expect("an invitation");
    let link = link(&office, office.ada).await;
    let mut browser = office.browser();
    browser.get(&link).await;
    browser.post(&link, &[("password", CHOSEN)]).await;
    assert_eq!(office.kept_session(&session).await, None);
}
