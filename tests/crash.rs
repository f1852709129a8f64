//! Nothing acknowledged is lost, whenever the process dies.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use reqwest::StatusCode;
use support::{Browser, Credentials, House, Server, dice::Dice, eventually};

const KILLS: u32 = 50;
/// People who register applications at once.
const CREATORS: u32 = 4;
/// Fewer acknowledgements than this come before a death.
const ACKNOWLEDGED: u64 = 6;

type Acknowledged = Arc<Mutex<BTreeMap<String, Credentials>>>;

/// Registers one application after the other until the server is gone.
async fn keep_adding(
    browser: Browser,
    server: Arc<Server>,
    csrf: String,
    label: String,
    acknowledged: Acknowledged,
) {
    for number in 0.. {
        let name = format!("{label}-{number}");
        match browser.add(&server, &csrf, &name).await {
            Ok(Some(credentials)) => {
                acknowledged.lock().expect("a list").insert(name, credentials);
            }
            Ok(None) => panic!("{name} was refused"),
            Err(_) => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_application_survives_fifty_kills() {
    let seed = std::env::var("OATHBOOK_CRASH_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or(0x0A7B_00C5);
    println!("OATHBOOK_CRASH_SEED={seed}");
    let mut dice = Dice::seeded(seed);
    let house = House::empty();
    let browser = Browser::new();
    let acknowledged = Acknowledged::default();

    let first = house.quickstart();
    let user = first.welcome()["username"].as_str().expect("a user").to_owned();
    let password = first.welcome()["password"].as_str().expect("a password").to_owned();
    assert_eq!(browser.sign_in(&first, &user, &password).await, StatusCode::OK);
    let csrf = browser.csrf(&first).await;
    first.kill();

    let mut due = 0;
    for kill in 0..KILLS {
        let server = Arc::new(house.quickstart());
        let creators: Vec<_> = (0..CREATORS)
            .map(|creator| {
                let label = format!("app-{kill}-{creator}");
                let work = keep_adding(
                    browser.clone(),
                    server.clone(),
                    csrf.clone(),
                    label,
                    acknowledged.clone(),
                );
                tokio::spawn(work)
            })
            .collect();
        // The moment of death is what is random here. Slow machines get as far as fast ones, though.
        due += dice.thrown(ACKNOWLEDGED);
        eventually("acknowledgements", async || {
            (acknowledged.lock().expect("a list").len() as u64 >= due).then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(dice.thrown(300))).await;
        server.signal_kill();
        for creator in creators {
            creator.await.expect("no creation was refused");
        }
    }

    let acknowledged = acknowledged.lock().expect("a list").clone();
    println!("{} applications were acknowledged in {KILLS} lives", acknowledged.len());
    assert!(acknowledged.len() > KILLS as usize);
    let server = house.quickstart();
    each_exists_once(&house, &acknowledged);
    each_has_its_letter(&house, &acknowledged).await;
    each_works(&server, &acknowledged).await;
    every_view_equals_a_rebuild(&house);
    assert_eq!(server.stop(), Some(0));
}

fn each_exists_once(house: &House, acknowledged: &BTreeMap<String, Credentials>) {
    let listed = house.json(&["applications", "list", "--json"]);
    let listed = listed.as_array().expect("a list");
    let mut names = BTreeMap::new();
    for application in listed {
        let name = application["name"].as_str().expect("a name").to_owned();
        let client_id = application["client_id"].as_str().expect("a client id").to_owned();
        assert_eq!(names.insert(name.clone(), client_id), None, "{name} exists twice");
    }
    for (name, credentials) in acknowledged {
        assert_eq!(names.get(name), Some(&credentials.client_id), "{name}");
    }
}

async fn each_has_its_letter(house: &House, acknowledged: &BTreeMap<String, Credentials>) {
    let folder = house.var().join("mail");
    let wanted: BTreeSet<_> = acknowledged.values().map(|one| one.client_id.clone()).collect();
    eventually("a letter for each application", async || {
        let letters = support::files(&folder);
        let told: BTreeSet<_> = letters
            .iter()
            .flat_map(|(_, bytes)| wanted.iter().filter(|id| support::holds(bytes, id)).cloned())
            .collect();
        (told == wanted).then_some(())
    })
    .await;
}

async fn each_works(server: &Server, acknowledged: &BTreeMap<String, Credentials>) {
    for (name, credentials) in acknowledged {
        let (status, document) = credentials.token(server).await;
        assert_eq!(status, StatusCode::OK, "{name}: {document}");
    }
}

fn every_view_equals_a_rebuild(house: &House) {
    let rebuilt = house.json(&["projections", "rebuild", "--json"]);
    let rebuilt = rebuilt.as_array().expect("a list");
    assert_eq!(rebuilt.len(), 4);
    for view in rebuilt {
        assert_eq!(view["differing"], 0, "{view}");
    }
    assert!(rebuilt.iter().any(|view| view["rows"].as_u64() > Some(u64::from(KILLS))));
}
