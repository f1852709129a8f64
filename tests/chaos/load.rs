//! People and clients at work, and what they remember of it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use postgres_testing::Database;
use reqwest::{Client, Response, StatusCode, redirect::Policy};
use serde_json::Value;
use tokio::time::Instant;

use crate::support::{Credentials, Site, cluster::Node, dice::Dice, element, form_token};

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Activate,
    Deactivate,
    Delete,
}

/// What somebody did to an application, and what they know of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    pub(crate) deed: Deed,
    pub(crate) sent: Instant,
    /// When it was acknowledged; `None` when nobody knows whether it happened.
    pub(crate) acknowledged: Option<Instant>,
}

/// An application from its creation on, as whoever works with it remembers.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) id: String,
    name: String,
    pub(crate) credentials: Credentials,
    pub(crate) created: Instant,
    pub(crate) acts: Mutex<Vec<Act>>,
}

/// A client's request for a token that was answered by yes or no.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) story: usize,
    pub(crate) sent: Instant,
    pub(crate) answered: Instant,
    pub(crate) issued: bool,
}

/// Everything that is remembered.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) stories: Mutex<Vec<Arc<Story>>>,
    pub(crate) requests: Mutex<Vec<Request>>,
    pub(crate) counts: Counts,
    done: AtomicBool,
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) unavailable: AtomicU64,
    pub(crate) unanswered: AtomicU64,
    pub(crate) pages: AtomicU64,
    pub(crate) unknown: AtomicU64,
    /// Answers that nobody should ever get.
    pub(crate) failures: Mutex<Vec<String>>,
}

impl Memory {
    pub(crate) fn finish(&self) {
        self.done.store(true, Ordering::Relaxed);
    }

    fn is_done(&self) -> bool {
        self.done.load(Ordering::Relaxed)
    }

    /// Whatever is no expected answer: a 503 is, in a storm.
    fn note(&self, what: &str, answer: Result<StatusCode, reqwest::Error>) {
        match answer {
            Ok(StatusCode::SERVICE_UNAVAILABLE) => count(&self.counts.unavailable),
            Ok(status) => {
                let mut failures = self.counts.failures.lock().expect("failures");
                failures.push(format!("{what}: {status}"));
            }
            Err(_) => count(&self.counts.unanswered),
        }
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Registers applications and switches them off and on, always asking another node.
pub(crate) async fn administer(
    memory: Arc<Memory>,
    nodes: Vec<Arc<Node>>,
    administrator: (String, String),
    database: Database,
    mut dice: Dice,
    label: String,
) {
    let desk = Desk::new(nodes, administrator);
    for number in 0.. {
        if memory.is_done() {
            return;
        }
        let name = format!("{label}-{number}");
        let Some(story) = desk.create(&memory, &database, &mut dice, &name).await else {
            continue;
        };
        let story = Arc::new(story);
        memory.stories.lock().expect("stories").push(story.clone());
        for round in 0..2 + dice.thrown(4) {
            dice.pause(50, 1500).await;
            let deed = if round % 2 == 0 { Deed::Deactivate } else { Deed::Activate };
            desk.act(&memory, &mut dice, &story, deed).await;
        }
        if dice.thrown(3) == 0 {
            desk.act(&memory, &mut dice, &story, Deed::Delete).await;
        }
    }
}

/// A browser that is signed in and takes whichever node answers.
struct Desk {
    client: Client,
    nodes: Vec<Arc<Node>>,
    administrator: (String, String),
}

impl Desk {
    fn new(nodes: Vec<Arc<Node>>, administrator: (String, String)) -> Self {
        let client =
            Client::builder().cookie_store(true).timeout(PATIENCE).redirect(Policy::none()).build();
        Self { client: client.expect("a client"), nodes, administrator }
    }

    /// The form token of the session; signs in first if need be.
    async fn csrf(&self, node: &Node) -> Option<String> {
        let answer = self.client.get(node.url("/applications/new")).send().await.ok()?;
        if answer.status().is_success() {
            // What another node's session did not know yet is asked again.
            return form_token(&answer.text().await.ok()?);
        }
        let page = self.client.get(node.url("/sign-in")).send().await.ok()?;
        let page = page.error_for_status().ok()?.text().await.ok()?;
        let (user, password) = &self.administrator;
        let token = form_token(&page)?;
        let form = [("user_name", user.as_str()), ("password", password), ("csrf", &token)];
        self.client.post(node.url("/sign-in")).form(&form).send().await.ok()?;
        None
    }

    /// `None` when nobody knows whether it was created.
    async fn create(
        &self,
        memory: &Memory,
        database: &Database,
        dice: &mut Dice,
        name: &str,
    ) -> Option<Story> {
        let node = dice.choice(&self.nodes).clone();
        let Some(csrf) = self.csrf(&node).await else {
            dice.pause(10, 100).await;
            return None;
        };
        let form = [("csrf", csrf.as_str()), ("name", name), ("active", "true")];
        let answer = self.client.post(node.url("/applications")).form(&form).send().await;
        let created = Instant::now();
        let page = match answer {
            Ok(answer) if answer.status() == StatusCode::OK => answer.text().await.ok()?,
            other => {
                count(&memory.counts.unknown);
                if !other.as_ref().is_ok_and(signed_out) {
                    memory.note(&format!("creating {name}"), other.map(|it| it.status()));
                }
                return None;
            }
        };
        let client_id = element(&page, "created-client-id")?;
        let client_secret = element(&page, "created-client-secret")?;
        let id = application_id(database, &client_id).await;
        let credentials = Credentials { client_id, client_secret };
        let name = name.to_owned();
        Some(Story { id, name, credentials, created, acts: Mutex::default() })
    }

    /// Asks again until it is acknowledged or everything is over.
    async fn act(&self, memory: &Memory, dice: &mut Dice, story: &Story, deed: Deed) {
        while !memory.is_done() {
            let node = dice.choice(&self.nodes).clone();
            let Some(csrf) = self.csrf(&node).await else {
                dice.pause(10, 100).await;
                continue;
            };
            let verb = match deed {
                Deed::Activate => "activate",
                Deed::Deactivate => "deactivate",
                Deed::Delete => "delete",
            };
            let url = node.url(&format!("/applications/{}/{verb}", story.id));
            let sent = Instant::now();
            let remember = |acknowledged| {
                story.acts.lock().expect("acts").push(Act { deed, sent, acknowledged });
            };
            // Whoever deletes an application says its name.
            let form = [("csrf", csrf.as_str()), ("name", &story.name)];
            let answer = self.client.post(url).form(&form).send().await;
            match answer {
                Ok(answer) if answer.status() == StatusCode::SEE_OTHER && !signed_out(&answer) => {
                    return remember(Some(Instant::now()));
                }
                // Whoever asked again for a deletion that had happened finds nothing there.
                Ok(answer) if answer.status() == StatusCode::NOT_FOUND && deed == Deed::Delete => {
                    return remember(None);
                }
                other => {
                    remember(None);
                    count(&memory.counts.unknown);
                    if !other.as_ref().is_ok_and(signed_out) {
                        let what = format!("{deed:?} of {} at {}", story.id, node.name);
                        memory.note(&what, other.map(|it| it.status()));
                    }
                }
            }
            dice.pause(10, 100).await;
        }
    }
}

/// By the log, since the page that shows the credentials names no id.
async fn application_id(database: &Database, client_id: &str) -> String {
    const QUESTION: &str =
        "SELECT substr(stream, length('application-') + 1) FROM oathbook_log.events
        WHERE tag = 'application.created.v1' AND position($1 IN convert_from(data, 'UTF8')) > 0";
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        if let Some(id) = database.find(QUESTION, client_id).await {
            return id;
        }
        assert!(Instant::now() < until, "{client_id} is not in the log");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn signed_out(answer: &Response) -> bool {
    let location = answer.headers().get("location").and_then(|it| it.to_str().ok());
    location.is_some_and(|location| location.contains("/sign-in"))
}

/// Asks for tokens, for any application at any node.
pub(crate) async fn ask_for_tokens(memory: Arc<Memory>, nodes: Vec<Arc<Node>>, mut dice: Dice) {
    let client = Client::builder().timeout(PATIENCE).build().expect("a client");
    while !memory.is_done() {
        let known = memory.stories.lock().expect("stories").len();
        if known == 0 {
            dice.pause(10, 50).await;
            continue;
        }
        // Mostly the applications that somebody works with at the moment.
        let story = if dice.thrown(4) == 0 {
            dice.index(known)
        } else {
            known - 1 - dice.index(known.min(8))
        };
        let credentials = memory.stories.lock().expect("stories")[story].credentials.clone();
        let node = dice.choice(&nodes);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &credentials.client_id),
            ("client_secret", &credentials.client_secret),
        ];
        let sent = Instant::now();
        let answer = client.post(node.url("/oauth2-token")).form(&form).send().await;
        let answered = Instant::now();
        let issued = match answer {
            Ok(answer) if answer.status() == StatusCode::OK => {
                let Ok(document) = answer.json::<Value>().await else { continue };
                assert!(document["access_token"].is_string());
                true
            }
            Ok(answer) if answer.status() == StatusCode::UNAUTHORIZED => false,
            other => {
                memory.note("a token", other.map(|it| it.status()));
                dice.pause(5, 50).await;
                continue;
            }
        };
        let request = Request { story, sent, answered, issued };
        memory.requests.lock().expect("requests").push(request);
        dice.pause(0, 30).await;
    }
}

/// Looks at what was registered last, at any node.
pub(crate) async fn read_pages(
    memory: Arc<Memory>,
    nodes: Vec<Arc<Node>>,
    administrator: (String, String),
    mut dice: Dice,
) {
    let desk = Desk::new(nodes, administrator);
    while !memory.is_done() {
        let node = dice.choice(&desk.nodes).clone();
        let known = memory.stories.lock().expect("stories").last().map(|story| story.id.clone());
        if let (Some(id), Some(_)) = (known, desk.csrf(&node).await) {
            let answer = desk.client.get(node.url(&format!("/applications/{id}"))).send().await;
            match answer {
                Ok(answer) if matches!(answer.status(), StatusCode::OK | StatusCode::NOT_FOUND) => {
                    count(&memory.counts.pages);
                }
                Ok(answer) if signed_out(&answer) => {}
                other => memory.note("a page", other.map(|it| it.status())),
            }
        }
        dice.pause(20, 200).await;
    }
}
