//! What became of letters, through the pages: for administrators of the installation.

use std::time::Duration;

use commands::organizations::Change;
use domain::{
    authority::Role,
    notification::{Command, Recipient},
};

use crate::{browser::Browser, office::Office};

const LIST: &str = "/emails/deliveries";

/// Ada operates it.
async fn office() -> Office {
    let office = Office::new().await;
    office.change(office.acme, Change::GrantGlobalAccess).await;
    office
}

fn refused(reason: &str) -> Command {
    Command::Abandon { attempt: 1, reason: reason.to_owned() }
}

fn taken() -> Command {
    let (message_id, answer) = ("<1@oathbook.test>".to_owned(), "250 Ok".to_owned());
    Command::Succeed { attempt: 1, message_id, answer }
}

/// The ids of the letters that the list shows.
async fn listed(browser: &mut Browser<'_>, query: &str) -> Vec<String> {
    let page = browser.get(&format!("{LIST}{query}")).await.text();
    let rows = page.split("class=\"cell-name\"><a href=\"/emails/deliveries/").skip(1);
    rows.map(|row| row.split('"').next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn letters_are_found_by_state_occasion_recipient_and_application() {
    let office = office().await;
    let bob = office.colleague("bob", Role::Member).await;
    let application = office.register(office.ada, office.acme, "Warehouse sync").await.id;
    let failed = office.letter(Recipient::User(office.ada), Some(application)).await;
    office.attempt(failed, refused("550 No such user")).await;
    office.clock.advance(Duration::from_secs(1));
    let waiting = office.letter(Recipient::User(bob), None).await;
    let mut browser = office.ada().await;
    let (failed, waiting) = (failed.to_string(), waiting.to_string());
    for (query, expected) in [
        ("", vec![&waiting, &failed]),
        ("?state=abandoned", vec![&failed]),
        ("?state=abandoned&state=waiting", vec![&waiting, &failed]),
        ("?occasion=user_invited", vec![]),
        ("?recipient=BOB", vec![&waiting]),
        ("?recipient=nobody", vec![]),
        (&format!("?application={application}"), vec![&failed]),
    ] {
        let found = listed(&mut browser, query).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let page = browser.get(&format!("{LIST}?state=abandoned")).await;
    for said in ["Abandoned", "550 No such user", "Warehouse sync", "State is Abandoned"] {
        assert!(page.says(said), "{said}: {}", page.text());
    }
    let nobody = browser.get(&format!("{LIST}?recipient=nobody")).await;
    assert!(nobody.says("There is no user of this name."), "{}", nobody.text());
}

#[tokio::test]
async fn a_list_of_many_letters_has_pages() {
    let office = office().await;
    for _ in 0..30 {
        office.letter(Recipient::User(office.ada), None).await;
    }
    let mut browser = office.ada().await;
    let first = browser.get(LIST).await.text();
    let next = first.split("rel=\"next\"").next().expect("a link");
    let next = next.rsplit("href=\"").next().expect("an address").split('"').next();
    let query = next.expect("an address").trim_start_matches(LIST).replace("&#x3D;", "=");
    let (one, two) = (listed(&mut browser, "").await, listed(&mut browser, &query).await);
    assert_eq!((one.len(), two.len()), (25, 5));
    assert!(one.iter().all(|letter| !two.contains(letter)));
    let second = browser.get(&format!("{LIST}{query}")).await;
    assert!(second.says("rel=\"prev\"") && !second.says("rel=\"next\""), "{}", second.text());
}

#[tokio::test]
async fn a_letter_tells_all_that_happened_to_it() {
    let office = office().await;
    let letter = office.letter(Recipient::User(office.ada), None).await;
    office.attempt(letter, taken()).await;
    let mut browser = office.ada().await;
    let page = browser.get(&format!("{LIST}/{letter}")).await;
    for said in ["Sent by attempt 1", "250 Ok", "Attempt 1 began", "Asked for", "ada@acme.test"] {
        assert!(page.says(said), "{said}: {}", page.text());
    }
    assert_eq!(browser.get(&format!("{LIST}/{}", office.ada)).await.status, 404);
}

#[tokio::test]
async fn a_letter_is_sent_again_after_saying_who_gets_it() {
    let office = office().await;
    let letter = office.letter(Recipient::User(office.ada), None).await;
    let (page, form) = (format!("{LIST}/{letter}"), format!("{LIST}/{letter}/resend"));
    let mut browser = office.ada().await;
    assert!(browser.get(&page).await.says("It has not come to an end yet."));
    let early = browser.post(&form, &[]).await;
    assert_eq!(early.status, 422, "{}", early.text());
    office.attempt(letter, taken()).await;
    let question = browser.get(&form).await;
    assert!(question.says("ada@acme.test"), "{}", question.text());
    let sent = browser.post(&form, &[("return_to", page.as_str())]).await;
    assert_eq!((sent.status.as_u16(), sent.location()), (303, Some(page.clone())));
    assert!(browser.get(&page).await.says("The letter is on its way again."));
    assert_eq!(listed(&mut browser, "?state=waiting").await, [letter.to_string()]);
}

#[tokio::test]
async fn a_letter_that_waits_is_called_off_and_one_that_left_is_not() {
    let office = office().await;
    let letter = office.letter(Recipient::User(office.ada), None).await;
    let (page, form) = (format!("{LIST}/{letter}"), format!("{LIST}/{letter}/cancel"));
    let mut browser = office.ada().await;
    browser.post(&form, &[("return_to", page.as_str())]).await;
    let canceled = browser.get(&page).await;
    assert!(canceled.says("The letter has been canceled."), "{}", canceled.text());
    assert!(canceled.says("It was canceled."), "{}", canceled.text());
    let other = office.letter(Recipient::User(office.ada), None).await;
    office.attempt(other, taken()).await;
    let page = format!("{LIST}/{other}");
    browser.post(&format!("{page}/cancel"), &[("return_to", page.as_str())]).await;
    let sent = browser.get(&page).await;
    assert!(sent.says("The letter was not canceled"), "{}", sent.text());
    assert!(sent.says("Sent by attempt 1"), "{}", sent.text());
}

#[tokio::test]
async fn the_address_of_somebody_without_account_is_masked_also_in_what_the_server_said() {
    let office = office().await;
    let letter = office.letter_to("olga@partner.test").await;
    office.attempt(letter, refused("550 olga@partner.test is unknown")).await;
    let mut browser = office.ada().await;
    for path in [LIST.to_owned(), format!("{LIST}/{letter}"), format!("{LIST}/{letter}/resend")] {
        let page = browser.get(&path).await;
        assert!(page.says("o…@partner.test") && !page.says("olga"), "{}", page.text());
        assert!(page.says("Tell the partner"), "{}", page.text());
    }
}

#[tokio::test]
async fn an_applications_page_tells_who_was_told_as_far_as_the_viewer_may_know() {
    let office = office().await;
    let bob = office.colleague("bob", Role::Member).await;
    let application = office.register(bob, office.acme, "Warehouse sync").await.id;
    for recipient in [office.ada, bob] {
        let letter = office.letter(Recipient::User(recipient), Some(application)).await;
        office.attempt(letter, taken()).await;
        office.clock.advance(Duration::from_secs(1));
    }
    let waiting = office.letter(Recipient::User(bob), Some(application)).await;
    let (rule, olga) = office.partner("olga@partner.test").await;
    office.clock.advance(Duration::from_secs(1));
    office.letter_of(rule, olga, Some(application)).await;
    office.test_letter(office.ada, application).await;
    let elsewhere = office.letter(Recipient::User(bob), None).await;
    let path = format!("/applications/{application}");
    let told = |page: &str| {
        let entries = page.split("<li class=\"letter\">").skip(1);
        let texts = entries.map(|entry| {
            let text = entry.split("<p>").nth(1).expect("a text").split("</p>").next();
            let text = text.expect("a text").trim_end_matches("</a>");
            text.rsplit('>').next().expect("a text").to_owned()
        });
        texts.collect::<Vec<_>>()
    };
    let seen = office.ada().await.get(&path).await.text();
    assert_eq!(
        told(&seen),
        [
            "o…@partner.test (Rule “Tell the partner”) was not told by mail yet: Application created",
            "bob the tester was not told by mail yet: Application created",
            "bob the tester was told by mail: Application created",
            "You were told by mail: Application created",
        ],
        "{seen}"
    );
    assert!(seen.contains(&format!("{LIST}/{waiting}")) && !seen.contains(&elsewhere.to_string()));
    assert!(seen.contains("Letters as of position "), "{seen}");
    let own = office.signed_in(bob, office.acme).await.get(&path).await.text();
    assert_eq!(
        told(&own),
        [
            "You were not told by mail yet: Application created",
            "You were told by mail: Application created",
        ],
        "{own}"
    );
    assert!(!own.contains(LIST), "{own}");
}

#[tokio::test]
async fn letters_that_the_viewer_may_not_know_of_do_not_crowd_out_those_they_may() {
    let office = Office::new().await;
    let application = office.register(office.ada, office.acme, "Warehouse sync").await.id;
    let carl = office.colleague("carl", Role::Manager).await;
    let stranger = office.person("stranger").await;
    let letter = office.letter(Recipient::User(office.ada), Some(application)).await;
    office.attempt(letter, taken()).await;
    let (rule, olga) = office.partner("olga@partner.test").await;
    for _ in 0..12 {
        office.clock.advance(Duration::from_secs(1));
        office.test_letter(office.ada, application).await;
        office.letter_of(rule, olga, Some(application)).await;
        office.letter(Recipient::User(stranger), Some(application)).await;
    }
    let mut browser = office.signed_in(carl, office.acme).await;
    let path = format!("/applications/{application}");
    let page = browser.get(&path).await.text();
    assert!(page.contains("was told by mail: Application created"), "{page}");
    assert!(!page.contains("partner.test") && !page.contains("stranger"), "{page}");
    assert_eq!(page.matches("<li class=\"letter\">").count(), 1, "{page}");
    office.change(office.acme, Change::GrantGlobalAccess).await;
    let page = browser.get(&format!("{path}?activity=all")).await.text();
    assert!(!page.contains("partner.test"), "{page}");
    assert_eq!(page.matches("<li class=\"letter\">").count(), 13, "{page}");
}

#[tokio::test]
async fn a_letter_that_tries_a_template_says_so() {
    let office = office().await;
    let application = office.register(office.ada, office.acme, "Warehouse sync").await.id;
    let letter = office.test_letter(office.ada, application).await;
    let mut browser = office.ada().await;
    for path in [LIST.to_owned(), format!("{LIST}/{letter}")] {
        let page = browser.get(&path).await;
        assert!(page.says("Test: Application created"), "{}", page.text());
    }
}
