//! What a node knows of clients, people, organizations and applications, in memory, and how old that knowledge may be.
//!
//! It is fed by the log itself. Its age counts from the moment *before* the last successful reading to the head began,
//! by a clock that goes on while the machine sleeps: whoever was paused knows that it knows nothing.

mod people;
mod rights;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::{
    ApplicationId, ClientId, LogId, OrganizationId, Timestamp, UserId, application::Application,
    authority::Reach, name::OrganizationName, organization::Organization, user::User,
};
use parking_lot::{Mutex, RwLock};
use store::{Clock, Digest, Log, LogError, Position, StreamName, subscription::work_then_wait};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    Checkpoint, Projection, State, Views,
    applications::Applications,
    credentials::{self, Credentials},
    directory::{self, Directory},
    mirror::{LoadError, Mirror},
    projector::{Chain, Reading, categories, pause, read},
    register::{Entry, Filter, Page, Query, Register, Sort},
    roster::Roster,
    state::{LastUses, Refusal, StateError, UsesMark},
};

pub use self::{
    people::{Found, Membership, People, PeoplePage, SortPeople, UserStatus},
    rights::{Revisions, Unknowable},
};

/// How long to rest after a failed reading; short, since tokens wait for it.
const REST: Duration = Duration::from_millis(50);
/// How often last uses are read that other nodes wrote.
const USES: Duration = Duration::from_secs(1);
/// Every so many times all of them are read, for those that a mark does not tell of.
const ALL_USES: u64 = 300;
/// Uses noted while others wait.
const AT_ONCE: usize = 4096;

/// A node's knowledge. One per process, shared.
#[derive(Debug)]
pub struct Knowledge {
    facts: RwLock<Facts>,
    /// Under a lock of its own: a question to the register takes milliseconds, and tokens do not wait for it.
    register: RwLock<Mirror<Applications, Register>>,
    /// Likewise.
    roster: RwLock<Roster>,
    /// As far as which the last uses are known that the state holds.
    uses: Mutex<Option<UsesMark>>,
    clock: Arc<dyn Clock>,
    /// Microseconds since boot at which the last successful reading to the head began; zero before the first.
    as_of: AtomicU64,
    progress: watch::Sender<Position>,
}

#[derive(Debug)]
struct Facts {
    credentials: Mirror<Credentials>,
    clients: HashMap<ClientId, StreamName>,
    directory: Mirror<Directory, HashMap<StreamName, Arc<directory::Row>>>,
    /// The organizations whose roles reach every other one: few among many.
    far_reaching: HashSet<StreamName>,
}

/// What a node knows about a presented client id.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart where it is asked for, and a token does not pay for an allocation"
)]
pub enum Lookup {
    Unknown,
    /// An event of the client, its owner or its organization cannot be read: neither yes nor no.
    Unknowable,
    Known(Client),
}

/// A client, and whether it may have tokens, read at one moment.
#[derive(Clone, Debug)]
pub struct Client {
    pub row: credentials::Row,
    pub standing: Result<(), Refusal>,
    /// What a token that is issued now names.
    pub as_of: Revisions,
    /// Tokens that name an earlier one of these are void: an owner or organization that was disabled, or a membership that
    /// ended, does not bring them back.
    pub void_before: Revisions,
}

/// The node does not know how things stand now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what this node knows is too old")]
pub struct Stale;

impl Knowledge {
    /// Takes over what the views hold; the rest comes from the log.
    pub async fn load(
        log: &Log,
        id: LogId,
        views: &dyn Views,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LoadError> {
        let credentials = Mirror::<Credentials>::load(log, id, views).await?;
        let directory = Mirror::<Directory, HashMap<_, Arc<_>>>::load(log, id, views).await?;
        let mut applications = Mirror::<Applications, Register>::load(log, id, views).await?;
        for row in directory.rows.values() {
            applications.rows.know(row);
        }
        let clients = credentials
            .rows
            .iter()
            .map(|(stream, row)| (row.client_id.clone(), stream.clone()))
            .collect();
        let roster = Roster::of(directory.rows.values(), directory.checkpoint.position);
        let directory_streams = directory.rows.keys().cloned().collect();
        let mut facts = Facts { credentials, clients, directory, far_reaching: HashSet::new() };
        facts.note_reach(directory_streams);
        Ok(Self {
            facts: RwLock::new(facts),
            register: RwLock::new(applications),
            roster: RwLock::new(roster),
            uses: Mutex::new(None),
            clock,
            as_of: AtomicU64::new(0),
            progress: watch::Sender::new(Position::START),
        })
    }

    /// Reads to the head of the log every quarter of the bound, and at once when it grows, until cancelled.
    pub async fn follow(self: Arc<Self>, log: Log, bound: Duration, cancelled: CancellationToken) {
        while !cancelled.is_cancelled() {
            let round = work_then_wait(&**log.store(), bound / 4, self.read_to_head(&log));
            let outcome = tokio::select! {
                outcome = round => outcome,
                () = cancelled.cancelled() => return,
            };
            if let Err(error) = outcome {
                warn!(error = %Chain(&error), "The log cannot be followed");
                pause(REST, &cancelled).await.ok();
            }
        }
    }

    /// Learns every second when applications were used on other nodes, until cancelled.
    pub async fn follow_uses(self: Arc<Self>, state: Arc<dyn State>, cancelled: CancellationToken) {
        for turn in 1_u64.. {
            if let Err(error) = self.learn_uses(&*state).await {
                warn!(error = %Chain(&error), "Last uses cannot be read");
            }
            if pause(USES, &cancelled).await.is_err() {
                return;
            }
            if turn.is_multiple_of(ALL_USES) {
                *self.uses.lock() = None;
            }
        }
    }

    /// Learns of the last uses that the state holds and that were not known yet.
    pub async fn learn_uses(&self, state: &dyn State) -> Result<(), StateError> {
        let behind = *self.uses.lock();
        let LastUses { uses, through } = state.last_uses(behind).await?;
        self.note_uses(&uses);
        *self.uses.lock() = Some(through);
        Ok(())
    }

    /// Reads everything there is, and remembers when that began.
    ///
    /// A log that has gone back, as it does when a standby takes over that lacks the last commits, is read anew: until
    /// then this node knows nothing.
    pub async fn read_to_head(&self, log: &Log) -> Result<(), LogError> {
        let began = self.clock.since_boot();
        let before = self.newest();
        let mut reached = self.advance_facts(log).await?;
        let nothing_new = before == self.newest() && before.digest != Digest::NONE;
        if nothing_new && !before.holds_in(before.log, &**log.store()).await? {
            warn!(position = %before.position, "The log has gone back: it is read anew");
            self.as_of.store(0, Ordering::Release);
            let anew = Self::empty(before.log, self.clock.clone());
            reached = anew.advance_facts(log).await?;
            anew.advance_register(log).await?;
            self.replace_by(anew);
        }
        let began = u64::try_from(began.as_micros()).unwrap_or(u64::MAX);
        self.as_of.store(began, Ordering::Release);
        let reached = reached.min(self.advance_register(log).await?);
        self.progress.send_replace(reached);
        Ok(())
    }

    fn replace_by(&self, anew: Self) {
        let mut register = anew.register.into_inner();
        let mut replaced = self.register.write();
        register.rows.note_uses(replaced.rows.uses().iter().map(|(id, at)| (*id, *at)));
        *replaced = register;
        *self.roster.write() = anew.roster.into_inner();
        *self.facts.write() = anew.facts.into_inner();
    }

    /// What tokens depend on.
    async fn advance_facts(&self, log: &Log) -> Result<Position, LogError> {
        let credentials = advance::<Credentials>(
            log,
            || self.facts.read().credentials.checkpoint,
            |reading| {
                let mut facts = self.facts.write();
                let touched = facts.credentials.apply(reading);
                facts.index(touched);
            },
        );
        let credentials = credentials.await?;
        let directory = advance::<Directory>(
            log,
            || self.facts.read().directory.checkpoint,
            |reading| {
                let mut facts = self.facts.write();
                let touched = facts.directory.apply(reading);
                let known = touched.iter().filter_map(|stream| facts.directory.rows.get(stream));
                let known: Vec<_> = known.cloned().collect();
                let position = facts.directory.checkpoint.position;
                facts.note_reach(touched);
                drop(facts);
                let mut register = self.register.write();
                for row in &known {
                    register.rows.know(row);
                }
                drop(register);
                self.roster.write().update(&known, position);
            },
        );
        Ok(credentials.min(directory.await?))
    }

    async fn advance_register(&self, log: &Log) -> Result<Position, LogError> {
        let behind = || self.register.read().checkpoint;
        advance::<Applications>(log, behind, |reading| {
            self.register.write().apply(reading);
        })
        .await
    }

    /// The checkpoint that is farther.
    fn newest(&self) -> Checkpoint {
        let facts = self.facts.read();
        let (one, other) = (facts.credentials.checkpoint, facts.directory.checkpoint);
        if one.position >= other.position { one } else { other }
    }

    fn empty(id: LogId, clock: Arc<dyn Clock>) -> Self {
        let facts = Facts {
            credentials: Mirror::empty(id),
            clients: HashMap::new(),
            directory: Mirror::empty(id),
            far_reaching: HashSet::new(),
        };
        Self {
            facts: RwLock::new(facts),
            register: RwLock::new(Mirror::empty(id)),
            roster: RwLock::new(Roster::of([], Position::START)),
            uses: Mutex::new(None),
            clock,
            as_of: AtomicU64::new(0),
            progress: watch::Sender::new(Position::START),
        }
    }

    /// How old the knowledge is.
    pub fn age(&self) -> Duration {
        let as_of = Duration::from_micros(self.as_of.load(Ordering::Acquire));
        self.clock.since_boot().saturating_sub(as_of)
    }

    pub fn is_fresh(&self, bound: Duration) -> bool {
        self.as_of.load(Ordering::Acquire) != 0 && self.age() <= bound
    }

    /// Waits until the knowledge is younger than the bound.
    pub async fn freshen(&self, bound: Duration, at_most: Duration) -> Result<(), Stale> {
        if self.is_fresh(bound) {
            return Ok(());
        }
        let mut progress = self.progress.subscribe();
        let fresh = async { while !self.is_fresh(bound) && progress.changed().await.is_ok() {} };
        tokio::time::timeout(at_most, fresh).await.map_err(|_| Stale)?;
        if self.is_fresh(bound) { Ok(()) } else { Err(Stale) }
    }

    /// Waits until what was written at the position is known. `false` when the time is up.
    pub async fn wait_for(&self, position: Position, at_most: Duration) -> bool {
        let mut progress = self.progress.subscribe();
        let known = async {
            while *progress.borrow_and_update() < position && progress.changed().await.is_ok() {}
        };
        tokio::time::timeout(at_most, known).await.is_ok()
    }

    /// As of which position the node knows what it knows.
    pub fn position(&self) -> Position {
        *self.progress.borrow()
    }

    /// The client and whether it may have tokens, all read at once.
    pub fn client(&self, id: &ClientId) -> Lookup {
        let facts = self.facts.read();
        let Some(stream) = facts.clients.get(id) else {
            return Lookup::Unknown;
        };
        let Some(row) = facts.credentials.rows.get(stream).filter(|row| !row.deleted) else {
            return Lookup::Unknown;
        };
        let parked = facts.credentials.parked.contains(stream);
        if parked || facts.check_readable(row.owner, row.organization).is_err() {
            return Lookup::Unknowable;
        }
        Lookup::Known(facts.known(row))
    }

    /// Whether an application may have tokens now, and at which revision; `None` when it does not exist.
    pub fn standing(&self, application: ApplicationId) -> Option<Client> {
        let facts = self.facts.read();
        let stream = StreamName::of::<Application>(&application);
        let row = facts.credentials.rows.get(&stream).filter(|row| !row.deleted)?;
        Some(facts.known(row))
    }

    pub fn user(&self, id: UserId) -> Option<directory::User> {
        self.facts.read().user(id).cloned()
    }

    pub fn organization(&self, id: OrganizationId) -> Option<directory::Organization> {
        self.facts.read().organization(id).cloned()
    }

    /// The enabled organizations the user is a member of, by name.
    pub fn organizations_of(&self, user: UserId) -> Vec<directory::Organization> {
        let facts = self.facts.read();
        let mut found: Vec<_> = facts
            .organizations()
            .filter(|organization| organization.enabled && organization.members.contains_key(&user))
            .cloned()
            .collect();
        found.sort_by(|one, two| one.name_key.cmp(&two.name_key));
        found
    }

    /// Every user, by user name.
    pub fn users(&self) -> Vec<directory::User> {
        let facts = self.facts.read();
        let mut all: Vec<_> = facts
            .directory
            .rows
            .values()
            .filter_map(|row| match &**row {
                directory::Row::User(user) => Some(user.clone()),
                directory::Row::Organization(_) => None,
            })
            .collect();
        all.sort_by(|one, two| one.user_name.as_open().cmp(&two.user_name.as_open()));
        all
    }

    /// Every organization, by name.
    pub fn organizations(&self) -> Vec<directory::Organization> {
        let mut all: Vec<_> = self.facts.read().organizations().cloned().collect();
        all.sort_by(|one, two| one.name_key.cmp(&two.name_key));
        all
    }

    /// Answers a question about people and organizations, all of it from one moment.
    pub fn ask_roster<T>(&self, question: impl FnOnce(&Roster) -> T) -> T {
        question(&self.roster.read())
    }

    /// Whether there is more than one organization.
    pub fn has_several_organizations(&self) -> bool {
        self.facts.read().organizations().nth(1).is_some()
    }

    /// The id and name of every organization, by name.
    pub fn organization_names(&self) -> Vec<(OrganizationId, OrganizationName)> {
        let facts = self.facts.read();
        let mut all: Vec<_> = facts.organizations().collect();
        all.sort_by(|one, two| one.name_key.cmp(&two.name_key));
        all.into_iter().map(|it| (it.id, it.name.clone())).collect()
    }

    /// A page of applications. Takes some milliseconds of processor time for each hundred thousand of them.
    pub fn applications(&self, query: &Query) -> Page {
        let as_of = self.position();
        let register = self.register.read();
        register.rows.page(query, &register.parked, as_of)
    }

    /// One application, living or deleted.
    pub fn application(&self, id: ApplicationId) -> Option<Entry> {
        self.entries(&[id]).pop()
    }

    /// Those of the applications that are there, in the order of asking.
    pub fn entries(&self, ids: &[ApplicationId]) -> Vec<Entry> {
        let register = self.register.read();
        register.rows.entries(ids, &register.parked)
    }

    /// The ids of all that match, in order.
    pub fn matching(&self, reach: Reach, filters: &[Filter], sort: Sort) -> Vec<ApplicationId> {
        self.register.read().rows.ids(reach, filters, sort)
    }

    /// All that match, in order, in parts of at most [`Query::LIMIT`]. What matches is decided now; each row is as it is
    /// when its part is asked for. No lock is held between the parts.
    pub fn export(self: &Arc<Self>, reach: Reach, filters: &[Filter], sort: Sort) -> Export {
        let as_of = self.position();
        let ids = self.matching(reach, filters, sort);
        Export { knowledge: self.clone(), ids: ids.into_iter(), as_of }
    }

    /// Notes when applications were used.
    pub fn note_uses(&self, uses: &[(ApplicationId, Timestamp)]) {
        for some in uses.chunks(AT_ONCE) {
            self.register.write().rows.note_uses(some.iter().copied());
        }
    }

    /// How many streams cannot be read.
    pub fn parked(&self) -> usize {
        let facts = self.facts.read();
        facts.credentials.parked.len() + facts.directory.parked.len()
    }
}

/// Applications on their way out.
#[derive(Debug)]
pub struct Export {
    knowledge: Arc<Knowledge>,
    ids: std::vec::IntoIter<ApplicationId>,
    /// As of which position it was decided what matches.
    pub as_of: Position,
}

impl Iterator for Export {
    type Item = Vec<Entry>;

    fn next(&mut self) -> Option<Vec<Entry>> {
        let ids: Vec<_> = self.ids.by_ref().take(Query::LIMIT as usize).collect();
        (!ids.is_empty()).then(|| self.knowledge.entries(&ids))
    }
}

/// Reads up to the head of the log, batch by batch.
async fn advance<P: Projection>(
    log: &Log,
    behind: impl Fn() -> Checkpoint + Send,
    apply: impl Fn(Reading) + Send,
) -> Result<Position, LogError> {
    loop {
        let behind = behind();
        let reading = read(log, behind, &categories::<P>(), None).await?;
        let (at_head, reached) = (reading.at_head, reading.checkpoint.position);
        if reading.checkpoint != behind {
            apply(reading);
        }
        if at_head {
            return Ok(reached);
        }
    }
}

impl Facts {
    /// Keeps the index of client ids in step with the rows. Ids are never reused, so nothing is taken out of it.
    fn index(&mut self, touched: Vec<StreamName>) {
        for stream in touched {
            if let Some(row) = self.credentials.rows.get(&stream) {
                self.clients.insert(row.client_id.clone(), stream);
            }
        }
    }

    /// Keeps [`Self::far_reaching`] in step with the rows.
    fn note_reach(&mut self, touched: Vec<StreamName>) {
        for stream in touched {
            match self.directory.rows.get(&stream).map(|row| &**row) {
                Some(directory::Row::Organization(it)) if it.global_access => {
                    self.far_reaching.insert(stream);
                }
                Some(directory::Row::Organization(_) | directory::Row::User(_)) | None => {
                    self.far_reaching.remove(&stream);
                }
            }
        }
    }

    fn standing(&self, client: &credentials::Row) -> Result<(), Refusal> {
        if !client.active {
            return Err(Refusal::Inactive);
        }
        let organization = self
            .organization(client.organization)
            .filter(|organization| organization.enabled)
            .ok_or(Refusal::OrganizationUnavailable)?;
        let owner = self.user(client.owner).filter(|owner| owner.enabled);
        match owner {
            Some(owner) if organization.members.contains_key(&owner.id) => Ok(()),
            Some(_) | None => Err(Refusal::OwnerUnavailable),
        }
    }

    fn user(&self, id: UserId) -> Option<&directory::User> {
        match &**self.directory.rows.get(&StreamName::of::<User>(&id))? {
            directory::Row::User(user) => Some(user),
            directory::Row::Organization(_) => None,
        }
    }

    fn organization(&self, id: OrganizationId) -> Option<&directory::Organization> {
        match &**self.directory.rows.get(&StreamName::of::<Organization>(&id))? {
            directory::Row::Organization(organization) => Some(organization),
            directory::Row::User(_) => None,
        }
    }

    fn organizations(&self) -> impl Iterator<Item = &directory::Organization> {
        self.directory.rows.values().filter_map(|row| match &**row {
            directory::Row::Organization(organization) => Some(organization),
            directory::Row::User(_) => None,
        })
    }
}
