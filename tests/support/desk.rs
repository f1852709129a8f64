//! A person at a browser whose requests may fail, and a client whose tokens may not come.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

use super::{Browser, Credentials, Site, csrf, element, eventually};

/// Whoever is signed in there, at any node.
#[derive(Clone, Debug)]
pub struct Desk {
    client: Client,
    csrf: String,
}

/// What became of a request.
#[derive(Debug)]
pub enum Answer<T> {
    Done(T),
    /// 503, which a client asks again after.
    Unavailable,
    /// Nothing listens there: whoever balances takes another node.
    NotThere,
    Failed(String),
}

/// A request for a token that was answered.
#[derive(Clone, Debug)]
pub struct TokenAnswer {
    pub sent: Instant,
    pub answered: Instant,
    pub status: StatusCode,
    pub retry_after: Option<String>,
}

/// Connections are not kept, so that none is closed by a node that ends while a request is on its way.
fn client() -> Client {
    let client = Client::builder().cookie_store(true).pool_max_idle_per_host(0);
    client.timeout(Duration::from_secs(20)).build().expect("a client")
}

impl Desk {
    /// Signs in, and keeps the form token of the session, which is good at every node.
    pub async fn open(site: &impl Site, (user, password): &(String, String)) -> Self {
        let client = client();
        let browser = Browser { client: client.clone() };
        eventually("signed in", async || {
            let status = browser.sign_in(site, user, password).await;
            (status == StatusCode::OK).then_some(())
        })
        .await;
        let csrf = csrf(&browser.page(&site.url("/applications/new")).await);
        Self { client, csrf }
    }

    /// Registers an application, once.
    pub async fn add(&self, site: &impl Site, name: &str) -> Answer<Credentials> {
        let form = [("csrf", self.csrf.as_str()), ("name", name), ("active", "true")];
        let answer = self.client.post(site.url("/applications")).form(&form).send().await;
        settled(answer).await.and_then(|page| {
            let client_id = element(&page, "created-client-id");
            let client_secret = element(&page, "created-client-secret");
            match client_id.zip(client_secret) {
                Some((client_id, client_secret)) => {
                    Answer::Done(Credentials { client_id, client_secret })
                }
                None => Answer::Failed("a page without credentials".to_owned()),
            }
        })
    }

    /// Registers an application, as soon as it can be.
    pub async fn add_eventually(&self, site: &impl Site, name: &str) -> Credentials {
        eventually(name, async || match self.add(site, name).await {
            Answer::Done(credentials) => Some(credentials),
            Answer::Unavailable | Answer::NotThere => None,
            Answer::Failed(reason) => panic!("{name}: {reason}"),
        })
        .await
    }

    /// The page with the list of applications.
    pub async fn list(&self, site: &impl Site, query: &str) -> Answer<String> {
        let url = site.url(&format!("/me{query}"));
        settled(self.client.get(url).send().await).await
    }

    /// Waits until the list shows it.
    pub async fn until_listed(&self, site: &impl Site, name: &str) -> Instant {
        eventually(&format!("{name} is listed"), async || {
            match self.list(site, &format!("?name={name}")).await {
                Answer::Done(page) => page.contains(&format!(">{name}<")).then(Instant::now),
                Answer::Unavailable | Answer::NotThere => None,
                Answer::Failed(reason) => panic!("{name}: {reason}"),
            }
        })
        .await
    }
}

impl<T> Answer<T> {
    fn and_then<U>(self, next: impl FnOnce(T) -> Answer<U>) -> Answer<U> {
        match self {
            Self::Done(done) => next(done),
            Self::Unavailable => Answer::Unavailable,
            Self::NotThere => Answer::NotThere,
            Self::Failed(reason) => Answer::Failed(reason),
        }
    }
}

async fn settled(answer: reqwest::Result<reqwest::Response>) -> Answer<String> {
    let failed = |error: reqwest::Error| {
        if error.is_connect() { Answer::NotThere } else { Answer::Failed(format!("{error:?}")) }
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return failed(error),
    };
    match answer.status() {
        StatusCode::OK => answer.text().await.map_or_else(failed, Answer::Done),
        StatusCode::SERVICE_UNAVAILABLE => Answer::Unavailable,
        status => Answer::Failed(format!("{status} for {}", answer.url())),
    }
}

impl Credentials {
    /// Asks for a token. `None` when nothing listens there.
    pub async fn ask(&self, site: &impl Site) -> Option<TokenAnswer> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
        ];
        let sent = Instant::now();
        let answer = client().post(site.url("/oauth2-token")).form(&form).send().await;
        let answered = Instant::now();
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => return None,
            Err(error) => panic!("no answer to a token request: {error:?}"),
        };
        let status = answer.status();
        let header = answer.headers().get("retry-after").cloned();
        let retry_after = header.map(|value| value.to_str().expect("a text").to_owned());
        let document: Value = answer.json().await.expect("a document");
        assert_eq!(status == StatusCode::OK, document["access_token"].is_string(), "{document}");
        Some(TokenAnswer { sent, answered, status, retry_after })
    }
}
