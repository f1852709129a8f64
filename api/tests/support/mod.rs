//! A house without a disk: log, knowledge and state in memory, a clock that stands still, and a client for its routes.

mod clock;
mod counting;
mod ledger;
mod notebook;

use std::{path::Path, sync::Arc, time::Duration};

use api::{
    App,
    app::{Cors, Metrics, Parts, RateLimit, Settings, Surface, Throttle},
    freshness::{Availability, Freshness},
    oauth::usage::Usage,
    remote::TrustedProxies,
    scopes::Catalogue,
    signing::{KeyFiles, KeySize, Keys, Overwrite, generate},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use briefing::Registry;
use commands::{
    Commands, Permit,
    applications::{Created, NewApplication, Switch},
    organizations::Change,
    password::Passwords,
    users::NewUser,
};
use domain::{
    Category, EventId, OrganizationId, Scope, UserId, application,
    authority::{Belonging, Role},
    name::{ApplicationName, OrganizationName, UserName},
    user::{DisplayName, Email, Locale},
};
use http_body_util::BodyExt;
use projections::{Knowledge, Projections, Views, state::SessionExpiry};
use projections_sqlite::{SqliteState, SqliteViews};
use serde_json::Value;
use store::{
    Direction, Expected, InstallationKey, Log, MemoryPersonKeys, MemoryStore, NewEvent, StreamName,
    Vault,
};
use tempfile::TempDir;
use tower::ServiceExt;
use url::Url;
use uuid::Uuid;

use self::{clock::Scripted, ledger::Ledger, notebook::NoRows};
pub(crate) use self::{clock::TestClock, counting::Counters, ledger::Fate, notebook::Notebook};

pub(crate) const ISSUER: &str = "https://oathbook.test";
/// From where the client of these tests calls.
pub(crate) const ADDRESS: &str = "192.0.2.44";
/// How long a deleted application can be brought back.
pub(crate) const RESTORABLE: Duration = Duration::from_hours(30 * 24);
pub(crate) const FRESHNESS: Duration = Duration::from_secs(1);

/// What a test may want to be otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Wishes {
    pub(crate) public_url: &'static str,
    pub(crate) audience: Vec<String>,
    pub(crate) cors: Cors,
    pub(crate) keys: KeysAtStart,
    pub(crate) shelves: Shelves,
    pub(crate) availability: Availability,
    pub(crate) surface: Surface,
    pub(crate) scopes: Catalogue,
    pub(crate) rate_limit: RateLimit,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) fate: Arc<Fate>,
}

/// Where views and state are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shelves {
    /// No rows, and state that can be told to fail: enough for tokens.
    Bare,
    /// SQLite in memory, as pages need it.
    Sqlite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeysAtStart {
    Present,
    Missing,
}

impl Default for Wishes {
    fn default() -> Self {
        let preflight_max_age = Duration::from_mins(10);
        Self {
            public_url: ISSUER,
            audience: vec![ISSUER.to_owned()],
            cors: Cors { preflight_max_age, ..Cors::default() },
            keys: KeysAtStart::Present,
            shelves: Shelves::Bare,
            availability: Availability::Fresh,
            surface: Surface::Everything,
            scopes: Catalogue::default(),
            rate_limit: RateLimit { rate: 100, burst: 200 },
            trusted_proxies: TrustedProxies::default(),
            fate: Arc::default(),
        }
    }
}

/// An installation with the organization Acme and Ada as its administrator.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) notebook: Arc<Notebook>,
    pub(crate) acme: OrganizationId,
    pub(crate) ada: UserId,
    pub(crate) files: KeyFiles,
    pub(crate) fate: Arc<Fate>,
    shelves: Shelves,
    _directory: TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(Wishes::default()).await
    }

    pub(crate) async fn with(wishes: Wishes) -> Self {
        let clock = Arc::new(TestClock::default());
        let entropy = Arc::new(Scripted::default());
        let key = Arc::new(InstallationKey::new([7; 32]));
        let people = Arc::new(MemoryPersonKeys::default());
        let vault = Arc::new(Vault::new(&key, people, entropy.clone()));
        let ledger = Arc::new(Ledger::new(MemoryStore::new(clock.clone()), wishes.fate.clone()));
        let log = Log::new(ledger, vault);
        let commands =
            Commands { log: log.clone(), key, clock: clock.clone(), entropy: entropy.clone() };
        let log_id = commands.as_operator().found().await.expect("a founded log");
        let notebook = Arc::new(Notebook::default());
        let (views, state): (Arc<dyn Views>, Arc<dyn projections::State>) = match wishes.shelves {
            Shelves::Bare => (Arc::new(NoRows::of(log_id)), notebook.clone()),
            Shelves::Sqlite => {
                let views = SqliteViews::memory(clock.clone()).await.expect("views");
                let state = SqliteState::memory().await.expect("state");
                (Arc::new(views), Arc::new(state))
            }
        };
        let (acme, ada) = populate(&commands).await;

        let knowledge = Knowledge::load(&log, log_id, &*views, clock.clone()).await;
        let knowledge = Arc::new(knowledge.expect("knowledge"));
        let directory = tempfile::tempdir().expect("a directory");
        let files = KeyFiles {
            private: directory.path().join("oauth_private.key"),
            public: directory.path().join("oauth_public.key"),
            allow_world_readable: false,
        };
        let app = App::new(Parts {
            settings: settings(&wishes),
            freshness: Freshness::new(FRESHNESS, wishes.availability),
            passwords: Passwords::default(),
            knowledge,
            projections: Arc::new(Projections::new(log, log_id, views, clock.clone())),
            state,
            keys: Arc::new(Keys::new(files.clone())),
            usage: Arc::new(Usage::default()),
            metrics: Metrics(Arc::new(|| "# metrics\n".to_owned())),
            registry: Registry::default(),
            commands,
        });
        let router = api::router(app.clone());
        let house = Self {
            app,
            router,
            clock,
            notebook,
            acme,
            ada,
            files,
            fate: wishes.fate,
            shelves: wishes.shelves,
            _directory: directory,
        };
        if wishes.keys == KeysAtStart::Present {
            house.bring_keys();
        }
        house.look_at_keys().await;
        house.settle().await;
        house
    }

    /// Puts the pair that all tests share where the house looks for it.
    pub(crate) fn bring_keys(&self) {
        let shared = shared_pair("shared");
        std::fs::copy(&shared.private, &self.files.private).expect("a private key");
        std::fs::copy(&shared.public, &self.files.public).expect("a public key");
    }

    /// Puts another pair there.
    pub(crate) fn bring_other_keys(&self) {
        let other = shared_pair("other");
        std::fs::copy(&other.private, &self.files.private).expect("a private key");
        std::fs::copy(&other.public, &self.files.public).expect("a public key");
    }

    pub(crate) async fn look_at_keys(&self) {
        self.app.keys.refresh(&self.app.commands).await;
    }

    /// Lets the node learn what the log says, and the views too if there are any.
    pub(crate) async fn settle(&self) {
        if self.shelves == Shelves::Sqlite {
            self.app.projections.catch_up(Duration::from_secs(10)).await.expect("views");
        }
        self.app.knowledge.read_to_head(&self.app.commands.log).await.expect("the head of the log");
    }

    /// What another node knows of the same log.
    pub(crate) async fn other_node(&self) -> Arc<Knowledge> {
        let log = &self.app.commands.log;
        let log_id = self.app.commands.as_operator().found().await.expect("a founded log");
        let views = self.app.projections.views();
        let knowledge = Knowledge::load(log, log_id, &**views, self.clock.clone()).await;
        let knowledge = Arc::new(knowledge.expect("knowledge"));
        knowledge.read_to_head(log).await.expect("the head of the log");
        knowledge
    }

    /// Writes what tokens were issued and refused.
    pub(crate) async fn flush_to(&self, state: &dyn projections::State) {
        let app = &self.app;
        app.usage.flush(state, app.commands.log.vault(), &app.knowledge).await;
    }

    pub(crate) fn belonging(&self) -> Belonging {
        Belonging { organization: self.acme, owner: self.ada }
    }

    /// Registers an active application of Ada's that is known to the node.
    pub(crate) async fn application(&self, name: &str, scopes: &[&str]) -> Created {
        let scopes = scopes.iter().map(|scope| Scope::parse(scope).expect("a scope")).collect();
        let new = NewApplication {
            belonging: self.belonging(),
            name: ApplicationName::parse(name).expect("a name"),
            active: true,
            settings: application::Settings { scopes, ..Default::default() },
        };
        let scribe = self.app.commands.as_operator();
        let created = scribe.create_application(&Permit::operator(), new).await;
        self.settle().await;
        created.expect("an application")
    }

    pub(crate) async fn switch(&self, created: &Created, switch: Switch) {
        let scribe = self.app.commands.as_operator();
        let done = scribe.switch_application(&Permit::operator(), created.id, switch).await;
        done.expect("a switched application");
        self.settle().await;
    }

    /// Brings about a state in which the client gets no token.
    pub(crate) async fn bring_about(&self, state: State, created: &Created) {
        let (scribe, permit) = (self.app.commands.as_operator(), Permit::operator());
        let failed = match state {
            State::Deactivated => scribe
                .switch_application(&permit, created.id, Switch::Deactivate)
                .await
                .err()
                .map(drop),
            State::Deleted => scribe.delete_application(&permit, created.id).await.err().map(drop),
            State::OwnerDisabled => {
                self.second_administrator().await;
                scribe.disable_user(&permit, self.ada).await.err().map(drop)
            }
            State::OwnerLeft => {
                self.second_administrator().await;
                scribe.dismiss(&permit, self.acme, self.ada).await.err().map(drop)
            }
            State::OrganizationDisabled => scribe
                .change_organization(&permit, self.acme, Change::Disable)
                .await
                .err()
                .map(drop),
        };
        assert_eq!(failed, None, "{state:?}");
        self.settle().await;
    }

    /// So that Ada may go.
    async fn second_administrator(&self) {
        let bob = register(&self.app.commands, "bob").await;
        let scribe = self.app.commands.as_operator();
        let admitted = scribe.admit(&Permit::operator(), self.acme, bob, Role::Administrator).await;
        admitted.expect("a second administrator");
    }

    /// Appends an event to the stream that no release can read.
    pub(crate) async fn append_unreadable(&self, category: Category, id: Uuid) {
        let stream = StreamName::parse(&format!("{category}-{id}")).expect("a stream");
        let store = self.app.commands.log.store();
        let last = store.read(&stream, u64::MAX, Direction::Backwards, 1).await.expect("a stream");
        let event = NewEvent {
            id: EventId::new(self.app.commands.mint()),
            tag: "nobody.knows.v9".to_owned(),
            data: "{}".into(),
            metadata: last[0].metadata.clone(),
            digest: last[0].digest,
            occurred_at: last[0].recorded_at,
        };
        let appended = store.append(&stream, Expected::Exact(last[0].revision), vec![event]).await;
        appended.expect("an event");
        self.settle().await;
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let mut request = request;
        let peer = std::net::SocketAddr::new(ADDRESS.parse().expect("an address"), 4711);
        request.extensions_mut().get_or_insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request")).await
    }
}

/// Why a client with the right secret gets no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Deactivated,
    Deleted,
    OwnerDisabled,
    OwnerLeft,
    OrganizationDisabled,
}

impl State {
    pub(crate) const ALL: [Self; 5] = [
        Self::Deactivated,
        Self::Deleted,
        Self::OwnerDisabled,
        Self::OwnerLeft,
        Self::OrganizationDisabled,
    ];
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a printable header"))
    }

    /// Status and `error` of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let error = self.json()["error"].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), error)
    }

    /// Of a success.
    pub(crate) fn token(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.json()["access_token"].as_str().expect("a token").to_owned()
    }
}

/// How a client says who it is, and how it packs its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    BasicForm,
    BasicJson,
    BodyForm,
    BodyJson,
}

impl Style {
    pub(crate) const ALL: [Self; 4] =
        [Self::BasicForm, Self::BasicJson, Self::BodyForm, Self::BodyJson];

    /// A token request in this style.
    pub(crate) fn request(self, id: &str, secret: &str, more: &[(&str, &str)]) -> Request<Body> {
        let mut parameters = vec![("grant_type", "client_credentials")];
        if matches!(self, Self::BodyForm | Self::BodyJson) {
            parameters.extend([("client_id", id), ("client_secret", secret)]);
        }
        parameters.extend(more);
        let mut request = match self {
            Self::BasicForm | Self::BodyForm => form(&parameters),
            Self::BasicJson | Self::BodyJson => {
                let object: serde_json::Map<String, Value> = parameters
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value.into()))
                    .collect();
                raw("application/json", Value::from(object).to_string())
            }
        };
        if matches!(self, Self::BasicForm | Self::BasicJson) {
            request.headers_mut().insert(header::AUTHORIZATION, basic(id, secret));
        }
        request
    }
}

pub(crate) fn basic(id: &str, secret: &str) -> header::HeaderValue {
    let value = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    value.try_into().expect("a header")
}

pub(crate) fn form(parameters: &[(&str, &str)]) -> Request<Body> {
    let body =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    raw("application/x-www-form-urlencoded", body)
}

/// A token request with exactly this body.
pub(crate) fn raw(content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri("/oauth2-token")
        .header(header::CONTENT_TYPE, content_type)
        .body(body.into())
        .expect("a request")
}

async fn populate(commands: &Commands) -> (OrganizationId, UserId) {
    let permit = Permit::operator();
    let name = OrganizationName::parse("Acme").expect("a name");
    let (acme, _) =
        commands.as_operator().register_organization(&permit, name).await.expect("an organization");
    let ada = register(commands, "ada").await;
    let admitted = commands.as_operator().admit(&permit, acme, ada, Role::Administrator).await;
    admitted.expect("a member");
    (acme, ada)
}

async fn register(commands: &Commands, name: &str) -> UserId {
    let new = NewUser {
        user_name: UserName::parse(name).expect("a name"),
        display_name: DisplayName::parse(name).expect("a name"),
        email: Email::parse(&format!("{name}@acme.test")).expect("an address"),
        locale: Locale::parse("en").expect("a locale"),
    };
    let registered = commands.as_operator().register_user(&Permit::operator(), new).await;
    registered.expect("a user").0
}

fn settings(wishes: &Wishes) -> Settings {
    Settings {
        public_url: Url::parse(wishes.public_url).expect("a URL"),
        token_lifetime: Duration::from_hours(1),
        surface: wishes.surface,
        audience: wishes.audience.clone(),
        cors: wishes.cors.clone(),
        sessions: SessionExpiry {
            idle: Duration::from_hours(1),
            absolute: Duration::from_hours(12),
        },
        invitation_lifetime: Duration::from_hours(7 * 24),
        throttle: Throttle {
            failures_per_account: 5,
            failures_per_address: 20,
            window: Duration::from_mins(15),
        },
        restorable_for: RESTORABLE,
        scopes: wishes.scopes.clone(),
        rate_limit: wishes.rate_limit,
        trusted_proxies: wishes.trusted_proxies.clone(),
        version: "0.0.0-test",
    }
}

/// Making a key takes a second, so each pair is made once and kept for all test processes.
fn shared_pair(name: &str) -> KeyFiles {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let files = |directory: &Path| KeyFiles {
        private: directory.join("private.key"),
        public: directory.join("public.key"),
        allow_world_readable: false,
    };
    let kept = directory.join(format!("signing-keys-{name}"));
    if !kept.exists() {
        let draft = tempfile::tempdir_in(directory).expect("a directory");
        let entropy = Scripted::seeded(name);
        generate(&files(draft.path()), KeySize::default(), Overwrite::Never, &entropy)
            .expect("a key pair");
        // Whoever comes second keeps the first one's.
        std::fs::rename(draft.keep(), &kept).ok();
    }
    files(&kept)
}
