use api::remote::TrustedProxies;
use domain::{Category, Event, observation::Observation};
use store::{Actor, Position, Recorded};

use crate::{
    browser::Browser,
    office::{Office, PASSWORD, PLAIN},
    support::{KeysAtStart, Wishes},
};

const HOME: &str = "192.0.2.44";
const NEXT_DOOR: &str = "192.0.2.45";
const AWAY: &str = "198.51.100.7";
const PROXY: &str = "10.0.0.7/32";

async fn office() -> Office {
    let office = Office::new().await;
    office.set_password(office.ada, PASSWORD).await;
    office
}

fn browser<'a>(office: &'a Office, address: &'static str) -> Browser<'a> {
    let mut browser = office.browser();
    browser.address = Some(address);
    browser
}

/// Where a proxy stands in front, which says where its callers are.
async fn behind_a_proxy() -> Office {
    let trusted_proxies = TrustedProxies::of(vec![PROXY.parse().expect("a network")]);
    let wishes = Office::wishes(PLAIN, KeysAtStart::Present);
    let office = Office::with(Wishes { trusted_proxies, ..wishes }).await;
    office.set_password(office.ada, PASSWORD).await;
    office
}

async fn sign_in(office: &Office, address: &'static str) {
    let answer = browser(office, address).sign_in("ada", PASSWORD).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

/// Every sign-in from a new network that was noted, in order.
async fn noted(office: &Office) -> Vec<Recorded> {
    let mut found = vec![];
    for event in office.written_since(Position::START).await {
        if event.stream.category() == Category::Observation.as_str() {
            found.push(office.app().commands.log.decode(&event).await.expect("an event"));
        }
    }
    found
}

#[tokio::test]
async fn a_sign_in_from_a_new_network_is_noted_once() {
    let office = office().await;
    sign_in(&office, HOME).await;
    sign_in(&office, NEXT_DOOR).await;
    assert!(noted(&office).await.is_empty(), "there is nothing to compare the first time with");
    sign_in(&office, AWAY).await;
    sign_in(&office, AWAY).await;
    sign_in(&office, HOME).await;
    let [noted] = &noted(&office).await[..] else { panic!("once") };
    let Event::Observation(domain::observation::Event::Noted(observation)) = &noted.event else {
        panic!("{noted:?}");
    };
    let Observation::SignedInFromNetwork { user, network } = observation else {
        panic!("{observation:?}");
    };
    assert_eq!((*user, network.len()), (office.ada, 64));
    let open = noted.metadata.remote_address.as_ref().and_then(|it| it.as_open());
    assert_eq!((open, noted.metadata.actor), (Some(AWAY), Actor::User { id: office.ada }));
}

#[tokio::test]
async fn behind_a_trusted_proxy_people_are_where_it_says() {
    let office = behind_a_proxy().await;
    for address in [HOME, AWAY, AWAY] {
        let mut browser = browser(&office, "10.0.0.7");
        browser.headers.push(("x-forwarded-for", format!("203.0.113.9, {address}")));
        assert_eq!(browser.sign_in("ada", PASSWORD).await.status, 303);
    }
    let [noted] = &noted(&office).await[..] else { panic!("once") };
    let open = noted.metadata.remote_address.as_ref().and_then(|it| it.as_open());
    assert_eq!(open, Some(AWAY));
}

#[tokio::test]
async fn nobody_else_says_where_they_are() {
    let office = behind_a_proxy().await;
    for address in [HOME, AWAY] {
        let mut browser = browser(&office, "10.0.0.8");
        browser.headers.push(("x-forwarded-for", address.to_owned()));
        assert_eq!(browser.sign_in("ada", PASSWORD).await.status, 303);
    }
    assert!(noted(&office).await.is_empty());
}

#[tokio::test]
async fn where_others_were_is_no_matter() {
    let office = office().await;
    let grace = office.colleague("grace", domain::authority::Role::Member).await;
    office.set_password(grace, PASSWORD).await;
    sign_in(&office, HOME).await;
    let answer = browser(&office, AWAY).sign_in("grace", PASSWORD).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(noted(&office).await.is_empty());
    sign_in(&office, AWAY).await;
    assert_eq!(noted(&office).await.len(), 1);
}

#[tokio::test]
async fn who_does_not_get_in_is_not_noted() {
    let office = office().await;
    sign_in(&office, HOME).await;
    let answer = browser(&office, AWAY).sign_in("ada", "incorrect horse battery").await;
    assert_eq!(answer.status, 422);
    assert!(noted(&office).await.is_empty());
    sign_in(&office, AWAY).await;
    assert_eq!(noted(&office).await.len(), 1, "nor is the network known from it");
}

#[tokio::test]
async fn what_cannot_be_noted_keeps_nobody_out_and_is_noted_the_next_time() {
    let office = office().await;
    sign_in(&office, HOME).await;
    *office.fate.closed.lock() = Some(Category::Observation);
    sign_in(&office, AWAY).await;
    assert!(noted(&office).await.is_empty());
    *office.fate.closed.lock() = None;
    sign_in(&office, AWAY).await;
    assert_eq!(noted(&office).await.len(), 1);
}
