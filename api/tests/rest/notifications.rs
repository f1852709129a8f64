//! `notifications`: who may see letters, how they are found, and what can be done about them.

use commands::organizations::Change;
use domain::{
    NotificationId,
    authority::Role,
    notification::{Command, Recipient},
};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, Program, code},
    support::Answer,
};

const LETTERS: &str = "/api/notifications";
const SCOPES: [&str; 2] = ["notifications:read", "notifications:write"];

/// Ada operates it.
async fn desk() -> Desk {
    let desk = Desk::new().await;
    desk.change(desk.acme, Change::GrantGlobalAccess).await;
    desk
}

fn refused(reason: &str) -> Command {
    Command::Abandon { attempt: 1, reason: reason.to_owned() }
}

fn taken() -> Command {
    let (message_id, answer) = ("<1@oathbook.test>".to_owned(), "250 Ok".to_owned());
    Command::Succeed { attempt: 1, message_id, answer }
}

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let data = answer.json()["data"].as_array().expect("a list").clone();
    data.iter().map(|it| it["id"].as_str().expect("an id").to_owned()).collect()
}

fn attribute(answer: &Answer, name: &str) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["data"]["attributes"][name].clone()
}

/// Does it, and answers with the answer.
async fn post(program: &Program<'_>, id: NotificationId, what: &str) -> Answer {
    program.send("POST", &format!("{LETTERS}/{id}/{what}"), &[], None).await
}

#[tokio::test]
async fn letters_are_found_by_what_they_are_and_listed_newest_first() {
    let desk = desk().await;
    let bob = desk.colleague("bob", Role::Member).await;
    let program = desk.program(&SCOPES).await;
    let (about, mut letters) = (program.created.id, vec![]);
    for (recipient, application) in [(desk.ada, Some(about)), (bob, None), (desk.ada, None)] {
        desk.clock.advance(std::time::Duration::from_secs(1));
        letters.push(desk.letter(Recipient::User(recipient), application).await);
    }
    desk.attempt(letters[0], refused("550 No such user")).await;
    let [first, second, third] = [0, 1, 2].map(|index| letters[index].to_string());
    for (query, expected) in [
        (String::new(), vec![&third, &second, &first]),
        ("?filter[state]=abandoned,sent".to_owned(), vec![&first]),
        ("?filter[state][neq]=abandoned".to_owned(), vec![&third, &second]),
        ("?filter[state]=waiting&filter[state][neq]=waiting".to_owned(), vec![]),
        ("?filter[occasion]=application_created".to_owned(), vec![&third, &second, &first]),
        ("?filter[occasion]=user_invited".to_owned(), vec![]),
        (format!("?filter[recipient]={bob}"), vec![&second]),
        (format!("?filter[application]={about}"), vec![&first]),
        ("?page[size]=2&page[number]=2".to_owned(), vec![&first]),
    ] {
        let found = ids(&program.get(&format!("{LETTERS}{query}")).await);
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let page = program.get(&format!("{LETTERS}?page[size]=2")).await.json();
    let next = page["links"]["next"].as_str().expect("a next page").to_owned();
    let next = next.split_once("/api/").expect("an address of ours").1;
    assert_eq!(ids(&program.get(&format!("/api/{next}")).await), [first]);
}

#[tokio::test]
async fn what_no_list_can_be_asked_is_refused() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    for query in ["filter[state]=lost", "filter[recipient]=ada", "filter[occasion]=party"] {
        let answer = program.get(&format!("{LETTERS}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
    }
    let answer = program.get(&format!("{LETTERS}?page[after]=nowhere")).await;
    assert_eq!(code(&answer).0, 404);
}

#[tokio::test]
async fn a_letter_that_ended_is_sent_again_and_one_that_waits_is_called_off() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let letter = desk.letter(Recipient::User(desk.ada), None).await;
    assert_eq!(post(&program, letter, "resend").await.status, 409);
    desk.attempt(letter, taken()).await;
    let sent = program.get(&format!("{LETTERS}/{letter}")).await;
    assert_eq!(attribute(&sent, "state"), "sent");
    assert_eq!(attribute(&sent, "messageId"), "<1@oathbook.test>");
    assert_eq!(attribute(&sent, "lastAnswer"), "250 Ok");
    let recipient = &sent.json()["data"]["relationships"]["recipient"]["data"];
    assert_eq!(*recipient, json!({ "type": "users", "id": desk.ada }));
    assert_eq!(post(&program, letter, "cancel").await.status, 409);
    assert_eq!(attribute(&post(&program, letter, "resend").await, "state"), "waiting");
    assert_eq!(attribute(&post(&program, letter, "cancel").await, "state"), "canceled");
    let again = post(&program, letter, "cancel").await;
    assert_eq!(attribute(&again, "state"), "canceled");
}

#[tokio::test]
async fn a_letter_is_sent_again_once_however_often_it_is_asked_for_under_one_key() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let letter = desk.letter(Recipient::User(desk.ada), None).await;
    desk.attempt(letter, taken()).await;
    let path = format!("{LETTERS}/{letter}/resend");
    let headers = [("idempotency-key", "once")];
    let first = program.send("POST", &path, &headers, None).await;
    assert_eq!(attribute(&first, "state"), "waiting");
    let head = desk.head().await;
    let second = program.send("POST", &path, &headers, None).await;
    assert_eq!((second.status, second.json()), (first.status, first.json()));
    assert_eq!(desk.head().await, head);
}

#[tokio::test]
async fn nobody_resends_what_they_have_not_seen() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let letter = desk.letter(Recipient::User(desk.ada), None).await;
    desk.attempt(letter, taken()).await;
    let path = format!("{LETTERS}/{letter}/resend");
    let stale = program.send("POST", &path, &[("if-match", "\"0\"")], None).await;
    assert_eq!(stale.status, 412, "{stale:?}");
    let seen = program.get(&format!("{LETTERS}/{letter}")).await;
    let tag = seen.header("etag").expect("a revision").to_owned();
    let fresh = program.send("POST", &path, &[("if-match", &tag)], None).await;
    assert_eq!(fresh.status, 200, "{fresh:?}");
}

#[tokio::test]
async fn the_address_of_somebody_without_account_is_told_to_nobody() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let letter = desk.letter_to("olga@partner.test").await;
    desk.attempt(letter, refused("550 <olga@partner.test>: unknown")).await;
    let answer = program.get(&format!("{LETTERS}/{letter}")).await;
    assert_eq!(attribute(&answer, "address"), "o…@partner.test");
    assert_eq!(attribute(&answer, "lastAnswer"), "550 <o…@partner.test>: unknown");
    assert!(answer.json()["data"].get("relationships").is_none());
    let list = program.get(LETTERS).await.json().to_string();
    assert!(list.contains("o…@partner.test") && !list.contains("olga"), "{list}");
}

#[tokio::test]
async fn whoever_does_not_operate_the_installation_is_told_of_no_letter() {
    let desk = Desk::new().await;
    let program = desk.program(&SCOPES).await;
    let letter = desk.letter(Recipient::User(desk.ada), None).await;
    assert!(ids(&program.get(LETTERS).await).is_empty());
    assert_eq!(code(&program.get(&format!("{LETTERS}/{letter}")).await).0, 404);
    let head = desk.head().await;
    for what in ["resend", "cancel"] {
        assert_eq!(code(&post(&program, letter, what).await).0, 404);
    }
    assert_eq!(desk.head().await, head);
}

#[tokio::test]
async fn a_letter_that_tries_a_template_says_so() {
    let desk = desk().await;
    let program = desk.program(&SCOPES).await;
    let tried = desk.test_letter(desk.ada, program.created.id).await;
    let told = desk.letter(Recipient::User(desk.ada), None).await;
    for (letter, test) in [(tried, true), (told, false)] {
        let answer = program.get(&format!("{LETTERS}/{letter}")).await;
        assert_eq!(attribute(&answer, "test"), test);
    }
}
