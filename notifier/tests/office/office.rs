//! A log in memory with the organization Acme and its member Ada, and as many notifiers as a test wants.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use briefing::{Foresight, Reach, Rules};
use commands::{
    Commands, Permit,
    applications::{NewApplication, Switch},
    notifications::NewRule,
    users::NewUser,
};
use domain::{
    ApplicationId, Category, EmailTemplateId, Event, EventId, LogId, NotificationRuleId,
    OrganizationId, Timestamp, UserId,
    application::{Application, Settings},
    authority::{Belonging, Role},
    email_template::Source,
    name::{ApplicationName, OrganizationName, UserName},
    notification,
    notification_preference::Pace,
    notification_rule::Rule,
    observation::{self, Observation},
    user::{DisplayName, Email, Locale},
};
use notifier::{
    LISTENERS, Notifier, begin_announcing,
    post::{self, Post},
};
use projections::{
    Knowledge, Projections, State, Views,
    state::{UsageDelta, UsageKey},
};
use projections_sqlite::{SqliteState, SqliteViews};
use store::{
    Categories, Clock, Direction, Entropy, Expected, InstallationKey, Log, MemoryPersonKeys,
    MemoryStore, NewEvent, PersonKeys, Position, RecordedEvent, StreamName, Vault, VaultError,
    WrappedKey, limits,
};
use tempfile::TempDir;
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use crate::fickle::Fickle;

pub(crate) const DAY: Duration = Duration::from_hours(24);

/// Stands still until a test moves it, in either direction.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn back(&self, by: Duration) {
        self.0.fetch_sub(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }

    /// What was learned is always long ago.
    fn since_boot(&self) -> Duration {
        static HOURS: AtomicU64 = AtomicU64::new(1);
        Duration::from_hours(HOURS.fetch_add(1, Ordering::SeqCst))
    }
}

/// Bytes of a counter.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

/// Keys of persons that can be out of reach for a while.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    kept: MemoryPersonKeys,
    away: AtomicBool,
    missed: AtomicU64,
}

impl Keys {
    pub(crate) fn are_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Until somebody asked twice while they were away.
    pub(crate) async fn missed_twice(&self) {
        while self.missed.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl PersonKeys for Keys {
    async fn find(&self, person: UserId) -> Result<Option<WrappedKey>, VaultError> {
        if self.away.load(Ordering::SeqCst) {
            self.missed.fetch_add(1, Ordering::SeqCst);
            return Err(VaultError::Unavailable("the keys are away".into()));
        }
        self.kept.find(person).await
    }

    async fn keep(&self, person: UserId, key: WrappedKey) -> Result<WrappedKey, VaultError> {
        self.kept.keep(person, key).await
    }
}

/// A notifier that runs.
pub(crate) struct Running {
    cancelled: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.cancelled.cancel();
        self.task.await.unwrap();
    }
}

pub(crate) struct Office {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) ledger: Arc<Fickle>,
    pub(crate) acme: OrganizationId,
    commands: Commands,
    log_id: LogId,
    views: Arc<dyn Views>,
    state: Arc<dyn State>,
    ada: UserId,
    folder: TempDir,
}

fn operator() -> Permit {
    Permit::operator()
}

impl Office {
    pub(crate) async fn new() -> Self {
        // A Sunday at noon.
        let noon: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(noon.as_micros())));
        let entropy = Arc::new(Counting::default());
        let key = Arc::new(InstallationKey::new([7; 32]));
        let keys = Arc::new(Keys::default());
        let vault = Arc::new(Vault::new(&key, keys.clone(), entropy.clone()));
        let ledger = Arc::new(Fickle::of(MemoryStore::new(clock.clone())));
        let log = Log::new(ledger.clone(), vault);
        let commands = Commands { log, key, clock: clock.clone(), entropy };
        let log_id = commands.as_operator().found().await.unwrap();
        let state: Arc<dyn State> = Arc::new(SqliteState::memory().await.unwrap());
        begin_announcing(&commands.log, log_id, &*state).await.unwrap();
        let acme = OrganizationName::parse("Acme").unwrap();
        let (acme, _) =
            commands.as_operator().register_organization(&operator(), acme).await.unwrap();
        let ada = NewUser {
            user_name: UserName::parse("ada").unwrap(),
            display_name: DisplayName::parse("Ada").unwrap(),
            email: Email::parse("ada@acme.test").unwrap(),
            locale: Locale::parse("en").unwrap(),
        };
        let (ada, _) = commands.as_operator().register_user(&operator(), ada).await.unwrap();
        commands.as_operator().admit(&operator(), acme, ada, Role::Member).await.unwrap();
        let views: Arc<dyn Views> = Arc::new(SqliteViews::memory(clock.clone()).await.unwrap());
        let folder = tempfile::tempdir().unwrap();
        Self { clock, keys, ledger, acme, commands, log_id, views, state, ada, folder }
    }

    /// The same log brought to an installation that has never seen it.
    pub(crate) async fn elsewhere(self) -> Self {
        let views = Arc::new(SqliteViews::memory(self.clock.clone()).await.unwrap());
        let state = Arc::new(SqliteState::memory().await.unwrap());
        begin_announcing(&self.commands.log, self.log_id, &*state).await.unwrap();
        Self { views, state, ..self }
    }

    pub(crate) fn projections(&self) -> Projections {
        let (log, clock) = (self.commands.log.clone(), self.commands.clock.clone());
        Projections::new(log, self.log_id, self.views.clone(), clock)
    }

    /// A process that has just begun.
    pub(crate) async fn notifier(&self) -> Notifier {
        let folder = format!("file:{}", self.folder.path().join("mail").display());
        self.notifier_by(&folder).await
    }

    pub(crate) async fn notifier_by(&self, transport: &str) -> Notifier {
        let (log, clock) = (&self.commands.log, self.commands.clock.clone());
        let knowledge = Knowledge::load(log, self.log_id, &*self.views, clock).await.unwrap();
        let public_url = Url::parse("https://oathbook.test/").unwrap();
        let settings = post::Settings {
            transports: vec![transport.parse().unwrap()],
            sender: "Oathbook <oathbook@oathbook.test>".parse().unwrap(),
            authorities: None,
        };
        Notifier {
            commands: self.commands.clone(),
            log_id: self.log_id,
            views: self.views.clone(),
            state: self.state.clone(),
            post: Arc::new(Post::new(&settings, &public_url).unwrap()),
            public_url,
            worker: self.commands.mint(),
            give_up: DAY,
            digest_at: Duration::ZERO,
            knowledge: Arc::new(knowledge),
            private_keys: vec![self.private_key()],
        }
    }

    pub(crate) fn private_key(&self) -> PathBuf {
        self.folder.path().join("oauth_private.key")
    }

    pub(crate) async fn look(&self) {
        self.notifier().await.look_around().await.unwrap();
    }

    /// Two processes look at the same time.
    pub(crate) async fn look_together(&self) {
        let (one, other) = (self.notifier().await, self.notifier().await);
        let (one, other) = tokio::join!(one.look_around(), other.look_around());
        one.and(other).unwrap();
    }

    /// Everything that was noted, in order.
    pub(crate) async fn noted(&self) -> Vec<Observation> {
        let (log, categories) = (&self.commands.log, Categories::of(&[Category::Observation]));
        let batch = log.store().read_all(Position::START, &categories, limits::EVENTS).await;
        let mut found = vec![];
        for event in batch.unwrap().events {
            let event = log.decode(&event).await.unwrap().event;
            if let Event::Observation(observation::Event::Noted(observation)) = event {
                found.push(observation);
            }
        }
        found
    }

    pub(crate) async fn organization(&self, name: &str) -> OrganizationId {
        let name = OrganizationName::parse(name).unwrap();
        let scribe = self.commands.as_operator();
        scribe.register_organization(&operator(), name).await.unwrap().0
    }

    pub(crate) async fn add(&self, name: &str) -> ApplicationId {
        let new = NewApplication {
            belonging: Belonging { organization: self.acme, owner: self.ada },
            name: ApplicationName::parse(name).unwrap(),
            active: true,
            settings: Settings::default(),
        };
        let scribe = self.commands.as_operator();
        scribe.create_application(&operator(), new).await.unwrap().id
    }

    pub(crate) async fn switch(&self, id: ApplicationId, switch: Switch) {
        let scribe = self.commands.as_operator();
        scribe.switch_application(&operator(), id, switch).await.unwrap();
    }

    pub(crate) async fn delete(&self, id: ApplicationId) {
        self.commands.as_operator().delete_application(&operator(), id).await.unwrap();
    }

    /// The application gets a token now.
    pub(crate) async fn use_now(&self, application: ApplicationId) -> Timestamp {
        let now = self.clock.now();
        let secret = domain::SecretId::new(Uuid::nil());
        let delta = UsageDelta { issued: 1, last_used_at: Some(now), ..UsageDelta::default() };
        self.state.add_usage(&[(UsageKey { application, secret }, delta)]).await.unwrap();
        now
    }

    /// Makes a rule about disuse out of the one that ships.
    pub(crate) async fn rule(&self, shape: impl FnOnce(&mut Rule)) {
        self.rule_about("application_unused", shape).await;
    }

    /// Makes a rule out of the one that ships for the occasion, switched on.
    pub(crate) async fn rule_about(&self, occasion: &str, shape: impl FnOnce(&mut Rule)) {
        let id = NotificationRuleId::shipped(occasion);
        let (_, mut rule) = briefing::shipped_rules().find(|(it, _)| *it == id).unwrap();
        rule.active = true;
        shape(&mut rule);
        let new = NewRule { rule, addresses: vec![] };
        self.commands.as_operator().create_rule(&operator(), new).await.unwrap();
    }

    /// How fast Ada wants her letters.
    pub(crate) async fn choose(&self, pace: Pace) {
        self.commands.as_operator().choose_pace(&operator(), self.ada, pace).await.unwrap();
    }

    pub(crate) async fn customize(&self, id: EmailTemplateId, locale: Locale, source: Source) {
        let scribe = self.commands.as_operator();
        scribe.customize_template(&operator(), id, locale, source, true).await.unwrap();
    }

    pub(crate) async fn disable_ada(&self) {
        self.commands.as_operator().disable_user(&operator(), self.ada).await.unwrap();
    }

    pub(crate) async fn rename(&self, id: ApplicationId, name: &str) {
        let name = ApplicationName::parse(name).unwrap();
        self.commands.as_operator().rename_application(&operator(), id, name).await.unwrap();
    }

    /// Lets an event stand in the stream that no release can read.
    pub(crate) async fn spoil(&self, stream: &StreamName) {
        let last = self.last_of(stream).await;
        self.append_as_it_is(stream, "riddle.told.v1", &last).await;
    }

    /// Lets the last event of the one application happen to the other as well, whatever stands in the stream of that.
    pub(crate) async fn repeat(&self, from: ApplicationId, to: ApplicationId) {
        let last = self.last_of(&StreamName::of::<Application>(&from)).await;
        self.append_as_it_is(&StreamName::of::<Application>(&to), &last.tag, &last).await;
    }

    async fn last_of(&self, stream: &StreamName) -> RecordedEvent {
        let store = self.commands.log.store();
        store.read(stream, u64::MAX, Direction::Backwards, 1).await.unwrap().remove(0)
    }

    async fn append_as_it_is(&self, stream: &StreamName, tag: &str, event: &RecordedEvent) {
        let expected = Expected::Exact(self.last_of(stream).await.revision);
        let event = NewEvent {
            id: EventId::new(self.commands.mint()),
            tag: tag.to_owned(),
            data: event.data.clone(),
            metadata: event.metadata.clone(),
            digest: event.digest,
            occurred_at: self.clock.now(),
        };
        self.commands.log.store().append(stream, expected, vec![event]).await.unwrap();
    }

    /// A notifier that remembers no keys and goes on until it is stopped.
    pub(crate) async fn run(&self) -> Running {
        let mut notifier = self.notifier().await;
        let Commands { log, key, entropy, .. } = &self.commands;
        let vault = Arc::new(Vault::new(key, self.keys.clone(), entropy.clone()));
        notifier.commands.log = Log::new(log.store().clone(), vault);
        let cancelled = CancellationToken::new();
        Running { cancelled: cancelled.clone(), task: tokio::spawn(notifier.run(cancelled)) }
    }

    /// Until everything that is in the log by now is told.
    pub(crate) async fn told(&self) {
        let store = self.commands.log.store();
        let head = store.head().await.unwrap();
        let until = async {
            while self.told_through().await < head {
                store.changed(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(20), until).await.expect("the announcer goes on");
    }

    async fn told_through(&self) -> Position {
        let place = self.state.listener(LISTENERS[0]).await.unwrap();
        place.map_or(Position::START, |place| place.position)
    }

    /// The streams of the events that the shipped rule about the occasion would have told of, the latest first.
    pub(crate) async fn foreseen(&self, occasion: &str) -> Vec<StreamName> {
        let log = &self.commands.log;
        let rule = briefing::shipped_rule(NotificationRuleId::shipped(occasion)).unwrap();
        let head = log.store().head().await.unwrap();
        let rules = Rules::at(log, head).await.unwrap();
        let since = self.clock.now().minus(DAY);
        let foresight = Foresight::of(log, rule, &rules, since, Reach::PAGE, 10).await.unwrap();
        foresight.tellings.into_iter().map(|telling| telling.recorded.stream).collect()
    }

    /// The streams of the events that letters were asked for about, in order.
    pub(crate) async fn asked_for(&self, occasion: &str) -> Vec<StreamName> {
        let (log, categories) = (&self.commands.log, Categories::of(&[Category::Notification]));
        let batch = log.store().read_all(Position::START, &categories, limits::EVENTS).await;
        let mut found = vec![];
        for event in batch.unwrap().events {
            let event = log.decode(&event).await.unwrap().event;
            if let Event::Notification(notification::Event::Requested { request, .. }) = event
                && request.occasion == occasion
            {
                found.push(StreamName::parse(&request.stream).unwrap());
            }
        }
        found
    }
}
