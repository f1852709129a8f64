//! What a projector promises on these views: rebuilding, going back, and releases that follow each other.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use domain::{
    ClientId, LogId, Timestamp,
    application::{self, Application, Grant},
    authority::Reach,
    name::ApplicationName,
};
use store::{
    Actor, Clock, Entropy, EventStore, InstallationKey, Log, MemoryPersonKeys, MemoryStore,
    Metadata, Recorded, Stamp, StreamName, Vault,
};

use tokio_util::sync::CancellationToken;

use super::given::{
    APPLICATIONS, application, at, change, claimed, found, organization, user, uuid,
};
use crate::{
    Checkpoint, Identity, Knowledge, Projection, Projections, Views,
    applications::{Applications, Row},
    projector::{AnyProjector, Projector, ProjectorError},
    register::{Query, Sort},
    views::{Change, Pace, Progress, Work},
};

/// The same view in the release after this one.
#[derive(Debug)]
struct Next;

impl Projection for Next {
    const IDENTITY: Identity = Identity { version: APPLICATIONS.version + 1, ..APPLICATIONS };
    const CATEGORIES: &'static [domain::Category] = Applications::CATEGORIES;
    type Row = Row;

    fn evolve(row: Option<Row>, event: &Recorded) -> Option<Row> {
        Applications::evolve(row, event)
    }

    fn revision(row: &Row) -> u64 {
        Applications::revision(row)
    }
}

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        at(0)
    }

    fn since_boot(&self) -> Duration {
        Duration::ZERO
    }
}

impl Entropy for Noon {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn log() -> Log {
    log_on(Arc::new(MemoryStore::new(Arc::new(Noon))))
}

fn log_on(store: Arc<dyn EventStore>) -> Log {
    let key = InstallationKey::new([7; InstallationKey::LENGTH]);
    let vault = Vault::new(&key, Arc::new(MemoryPersonKeys::default()), Arc::new(Noon));
    Log::new(store, Arc::new(vault))
}

async fn register(log: &Log, number: u128) {
    let id = application(number);
    let history = log.history::<Application>(&id).await.expect("the log is readable");
    let created = application::Event::Created {
        client_id: ClientId::parse(&format!("{number:032}")).expect("a client id"),
        organization: organization(1),
        owner: user(1),
        name: ApplicationName::parse("Sync").expect("a name"),
        active: true,
        grants: vec![Grant::ClientCredentials],
        scopes: vec![],
    };
    let metadata = Metadata {
        occurred_at: at(0),
        actor: Actor::Operator,
        organization: None,
        correlation: uuid(number),
        causation: None,
        command: uuid(number),
        remote_address: None,
        user_agent: None,
        reason: None,
    };
    let stamp = Stamp { metadata };
    log.append::<Application>(&id, &history, &[created], &stamp).await.expect("it is appended");
}

async fn register_all(log: &Log, numbers: std::ops::RangeInclusive<u128>) {
    for number in numbers {
        register(log, number).await;
    }
}

fn projector<P: Projection>(log: &Log, views: &Arc<dyn Views>) -> Projector<P> {
    Projector::new(log.clone(), LogId::new(uuid(1)), views.clone())
}

async fn live_version(views: &dyn Views) -> u32 {
    views.live(APPLICATIONS).await.expect("views answer").expect("it is live").version
}

async fn numbers(views: &dyn Views) -> Vec<u128> {
    found(views).await
}

pub async fn a_rebuild_gives_the_rows_that_are_live(views: Arc<dyn Views>) {
    let log = log();
    register_all(&log, 1..=20).await;
    let id = LogId::new(uuid(1));
    let projections = Projections::new(log, id, views.clone(), Arc::new(Noon));
    projections.catch_up(Duration::from_mins(1)).await.expect("the views catch up");
    for pace in [Pace::Full, Pace::Half, Pace::PerSecond(NonZeroU32::MAX)] {
        let work = Work::Rebuild(pace);
        let done = projections.work("applications", work, |_| {}).await.expect("it is rebuilt");
        assert_eq!(done, Progress::Done { rows: 20, differing: 0 });
        let noted =
            views.latest_rebuilds().await.expect("views answer").pop().expect("it is noted");
        assert_eq!((noted.work, noted.progress), (work, done));
    }
}

pub async fn a_rebuild_finds_the_row_that_is_wrong_and_can_be_undone(views: Arc<dyn Views>) {
    let log = log();
    register_all(&log, 1..=3).await;
    let projector = projector::<Applications>(&log, &views);
    let position = projector.to_head().await.expect("it projects");
    let live = views.live(APPLICATIONS).await.expect("views answer").expect("it is live");
    // As if a release before had a fault: the row is gone.
    let checkpoint = Checkpoint { position, ..live.checkpoint };
    let gone = vec![(StreamName::of::<Application>(&application(2)), None)];
    let change = Change { behind: position, checkpoint, rows: gone, ..change(0, vec![]) };
    views.commit(live.generation, change).await.expect("it is written");
    assert_eq!(numbers(&*views).await, [1, 3]);

    let done = projector.rebuild(Pace::Full, &|_, _| {}).await.expect("it is rebuilt");
    assert_eq!(done, Progress::Done { rows: 3, differing: 1 });
    assert_eq!(numbers(&*views).await, [1, 2, 3]);

    register(&log, 4).await;
    let done = projector.roll_back(&|_, _| {}).await.expect("it is rolled back");
    assert_eq!(done, Progress::Done { rows: 3, differing: 1 });
    assert_eq!(numbers(&*views).await, [1, 3, 4], "the former rows, brought to the present");
    projector.roll_back(&|_, _| {}).await.expect("that can be undone as well");
    assert_eq!(numbers(&*views).await, [1, 2, 3, 4]);
    register(&log, 5).await;
    projector.to_head().await.expect("it goes on");
    assert_eq!(numbers(&*views).await, [1, 2, 3, 4, 5]);
}

pub async fn without_former_rows_nothing_is_rolled_back(views: Arc<dyn Views>) {
    let log = log();
    register(&log, 1).await;
    let projector = projector::<Applications>(&log, &views);
    projector.to_head().await.expect("it projects");
    let outcome = projector.roll_back(&|_, _| {}).await;
    assert!(matches!(outcome, Err(ProjectorError::NoFormer("applications"))), "{outcome:?}");
    assert_eq!(numbers(&*views).await, [1]);
}

pub async fn a_release_prepares_its_rows_beside_the_one_before_it(views: Arc<dyn Views>) {
    let log = log();
    register_all(&log, 1..=20).await;
    let former = projector::<Applications>(&log, &views);
    former.to_head().await.expect("it projects");

    let next = projector::<Next>(&log, &views);
    next.prepare().await.expect("it prepares");
    let noted = views.latest_rebuilds().await.expect("views answer").pop().expect("it is noted");
    assert_eq!(noted.progress, Progress::Running { events: 20, of: 20 });
    register(&log, 21).await;
    former.to_head().await.expect("it goes on meanwhile");
    assert_eq!(live_version(&*views).await, APPLICATIONS.version);
    assert_eq!(numbers(&*views).await.len(), 21);

    let prepared = views.live(APPLICATIONS).await.expect("views answer").map(|it| it.generation);
    next.to_head().await.expect("it takes over");
    assert_eq!(live_version(&*views).await, Next::IDENTITY.version);
    assert_eq!(numbers(&*views).await.len(), 21);
    let kept = views.former(APPLICATIONS).await.expect("views answer").expect("it is kept");
    assert_eq!(Some(kept.generation), prepared);
    let noted = views.rebuild(noted.id).await.expect("views answer").expect("it is noted");
    assert_eq!(noted.progress, Progress::Done { rows: 21, differing: 0 });
}

pub async fn an_earlier_release_leaves_later_rows_alone_until_it_is_told_to_go_back(
    views: Arc<dyn Views>,
) {
    let log = log();
    register_all(&log, 1..=3).await;
    let former = projector::<Applications>(&log, &views);
    former.to_head().await.expect("it projects");
    let next = projector::<Next>(&log, &views);
    next.to_head().await.expect("it rebuilds");
    register(&log, 4).await;

    let restarted = projector::<Applications>(&log, &views);
    for earlier in [&former, &restarted] {
        let outcome = earlier.to_head().await;
        let stays = matches!(outcome, Err(ProjectorError::OfLaterRelease { .. }));
        assert!(stays, "{outcome:?}");
    }
    assert_eq!(
        (live_version(&*views).await, numbers(&*views).await.len()),
        (Next::IDENTITY.version, 3)
    );
    let outcome = next.roll_back(&|_, _| {}).await;
    let another = matches!(outcome, Err(ProjectorError::FormerOfAnotherVersion { .. }));
    assert!(another, "{outcome:?}");

    restarted.roll_back(&|_, _| {}).await.expect("it goes back");
    assert_eq!(
        (live_version(&*views).await, numbers(&*views).await.len()),
        (APPLICATIONS.version, 4)
    );
    restarted.to_head().await.expect("it goes on");
}

/// Two processes, the former of which does not know what the later one made.
pub async fn an_earlier_release_leaves_the_place_to_the_later_one(views: Arc<dyn Views>) {
    let log = log();
    register(&log, 1).await;
    projector::<Next>(&log, &views).to_head().await.expect("it builds");
    let id = LogId::new(uuid(1));
    let earlier = Arc::new(Projections::new(log, id, views.clone(), Arc::new(Noon)));
    let stop = CancellationToken::new();
    let running = tokio::spawn(earlier.run(stop.clone()));
    // Free again and again, for long enough to be taken.
    for _ in 0..2 {
        drop(claimed(&*views).await);
        let taken = async {
            while !views.projector_is_held().await.expect("views answer") {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), taken).await.expect("it tries again");
    }
    stop.cancel();
    running.await.expect("it ends");
}

/// What is known without views, and what views and log tell together.
pub async fn a_node_knows_the_applications_of_the_views_and_of_the_log_behind_them(
    views: Arc<dyn Views>,
) {
    let log = log();
    register_all(&log, 1..=3).await;
    let id = LogId::new(uuid(1));
    let load = async || {
        let knowledge = Knowledge::load(&log, id, &*views, Arc::new(Noon)).await;
        let knowledge = Arc::new(knowledge.expect("it loads"));
        knowledge.read_to_head(&log).await.expect("it reads");
        knowledge
    };
    let early = load().await;
    let projections = Projections::new(log.clone(), id, views.clone(), Arc::new(Noon));
    projections.catch_up(Duration::from_mins(1)).await.expect("the views catch up");
    register_all(&log, 4..=5).await;
    let late = load().await;
    early.read_to_head(&log).await.expect("it reads");
    let all = Query::all(Reach::EVERYTHING, 10);
    assert_eq!(known(&early), [1, 2, 3, 4, 5]);
    assert_eq!(early.applications(&all), late.applications(&all));
    let one = late.application(application(4)).expect("it is known");
    assert_eq!(late.entries(&[application(9), application(4)]), [one]);
}

/// All applications that a node knows.
fn known(knowledge: &Arc<Knowledge>) -> Vec<u128> {
    let export = knowledge.export(Reach::EVERYTHING, &[], Sort::BY_NAME);
    export.flatten().map(|entry| entry.row.id.as_uuid().as_u128()).collect()
}

pub async fn an_export_leaves_out_what_comes_after_it_began(views: Arc<dyn Views>) {
    let log = log();
    register_all(&log, 1..=1_200).await;
    let id = LogId::new(uuid(1));
    let knowledge = Knowledge::load(&log, id, &*views, Arc::new(Noon)).await.expect("it loads");
    let knowledge = Arc::new(knowledge);
    knowledge.read_to_head(&log).await.expect("it reads");
    let mut export = knowledge.export(Reach::EVERYTHING, &[], Sort::BY_NAME);
    assert_eq!(export.next().map(|part| part.len()), Some(1000));
    register(&log, 1_201).await;
    knowledge.read_to_head(&log).await.expect("it reads while others are on their way");
    assert_eq!(export.next().map(|part| part.len()), Some(200));
    assert_eq!(export.next(), None);
    assert_eq!(known(&knowledge).len(), 1_201);
}

pub async fn a_log_that_went_back_is_read_anew(views: Arc<dyn Views>) {
    let (whole, behind) = (log(), log());
    register_all(&whole, 1..=5).await;
    register_all(&behind, 1..=3).await;
    let id = LogId::new(uuid(1));
    let knowledge = Knowledge::load(&whole, id, &*views, Arc::new(Noon)).await.expect("it loads");
    knowledge.read_to_head(&whole).await.expect("it reads");
    let known = |number: u128| {
        let listed = knowledge.application(application(number)).is_some();
        assert_eq!(knowledge.standing(application(number)).is_some(), listed);
        listed
    };
    assert!(known(5));
    knowledge.note_uses(&[(application(3), at(7))]);
    // Another five, so that positions alone would not tell.
    register_all(&behind, 6..=7).await;
    knowledge.read_to_head(&behind).await.expect("it reads");
    assert!(known(3) && known(7) && !known(5));
    let used = knowledge.application(application(3)).and_then(|entry| entry.last_used_at);
    assert_eq!(used, Some(at(7)), "the log does not tell of uses");
}

pub async fn a_rebuild_ends_with_its_process(views: Arc<dyn Views>) {
    let log = log();
    // More than a batch, so that there is something to wait for in between.
    register_all(&log, 1..=600).await;
    let id = LogId::new(uuid(1));
    let projections = Arc::new(Projections::new(log, id, views.clone(), Arc::new(Noon)));
    let stop = CancellationToken::new();
    let running = tokio::spawn(projections.clone().run(stop.clone()));
    let slowly = Work::Rebuild(Pace::PerSecond(NonZeroU32::MIN));
    let asked = views.request_rebuild("applications", slowly).await.expect("it is noted");
    let progress = async || {
        let rebuild = views.rebuild(asked).await.expect("views answer");
        rebuild.expect("it is known").progress
    };
    let begun = async {
        while !matches!(progress().await, Progress::Running { events: 500.., .. }) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), begun).await.expect("it begins");
    stop.cancel();
    tokio::time::timeout(Duration::from_mins(1), running)
        .await
        .expect("it does not take as long as the rebuild")
        .expect("it ends");
    assert!(matches!(progress().await, Progress::Failed { .. }), "{:?}", progress().await);
    assert_eq!(found(&*views).await.len(), 600, "what was live stays");
}
