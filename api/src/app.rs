//! What every handler works with.

use std::{fmt, sync::Arc, time::Duration};

use briefing::Registry;
use commands::{Commands, password::Passwords};
use projections::{Knowledge, Projections, State, state::SessionExpiry, views::READ_YOUR_WRITES};
use store::Position;
use url::Url;

use crate::{
    freshness::Freshness, oauth::usage::Usage, remote::TrustedProxies, scopes::Catalogue,
    signing::Keys,
};

/// Shared by all requests.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

/// What an [`App`] is made of.
#[derive(Debug)]
pub struct Parts {
    pub settings: Settings,
    pub freshness: Freshness,
    pub commands: Commands,
    pub passwords: Passwords,
    pub knowledge: Arc<Knowledge>,
    pub projections: Arc<Projections>,
    pub state: Arc<dyn State>,
    pub keys: Arc<Keys>,
    pub usage: Arc<Usage>,
    pub metrics: Metrics,
    /// Rules about letters, and their templates.
    pub registry: Registry,
}

/// Renders the metrics of the process in Prometheus' text form.
#[derive(Clone)]
pub struct Metrics(pub Arc<dyn Fn() -> String + Send + Sync>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// What a node answers to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surface {
    #[default]
    Everything,
    /// Health and metrics, on a node that works for others.
    Operations,
}

/// What the configuration decides about HTTP.
#[derive(Clone, Debug)]
pub struct Settings {
    pub surface: Surface,
    /// The issuer, without a slash at the end.
    pub public_url: Url,
    pub trusted_proxies: TrustedProxies,
    /// How long tokens are valid.
    pub token_lifetime: Duration,
    /// The `aud` of tokens.
    pub audience: Vec<String>,
    pub cors: Cors,
    pub sessions: SessionExpiry,
    /// How long somebody may take to choose a password.
    pub invitation_lifetime: Duration,
    pub throttle: Throttle,
    /// The scopes that applications may be given.
    pub scopes: Catalogue,
    /// How long a deleted application can be brought back; zero is never.
    pub restorable_for: Duration,
    /// Of the web API.
    pub rate_limit: RateLimit,
    /// Shown at the foot of pages.
    pub version: &'static str,
}

impl Settings {
    /// The `iss` of tokens: `public_url` without a slash at the end.
    pub fn issuer(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    /// What comes after the host: empty, or begins with a slash and does not end with one.
    pub fn path(&self) -> &str {
        self.public_url.path().trim_end_matches('/')
    }
}

/// Which other origins may use the token endpoint from a browser.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// `*` allows every origin.
    pub allow_origins: Vec<String>,
    /// Besides `Authorization` and `Content-Type`.
    pub allow_headers: Vec<String>,
    pub preflight_max_age: Duration,
}

/// How many failed sign-ins are borne before further ones are refused for a while.
#[derive(Clone, Copy, Debug)]
pub struct Throttle {
    pub failures_per_account: u32,
    pub failures_per_address: u32,
    /// In which failures are counted.
    pub window: Duration,
}

/// How many requests to the web API the tokens of one application are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Per second, on the average. At least one.
    pub rate: u32,
    /// At once, after a rest. At least one.
    pub burst: u32,
}

impl App {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Waits until this node shows and obeys what was written at the position. `false` when the bound is hit: the
    /// write is safe, and will be seen later.
    pub async fn settled(&self, position: Position) -> bool {
        self.settled_within(position, READ_YOUR_WRITES).await
    }

    /// The same with another bound.
    pub async fn settled_within(&self, position: Position, at_most: Duration) -> bool {
        self.knowledge.wait_for(position, at_most).await
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
