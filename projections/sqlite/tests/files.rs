//! What is true of the files that views and state are kept in.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use domain::{LogId, OrganizationId, Timestamp, UserId};
use projections::{
    Checkpoint, Identity, Projection, State, Views,
    credentials::Credentials,
    state::{Begun, KeptRequest, Session},
    views::{Change, Generation, Parked, Target},
};
use projections_sqlite::{SqliteState, SqliteViews};
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use store::{Clock, Digest, Position, StreamName};
use tempfile::TempDir;
use uuid::Uuid;

const IDENTITY: Identity = Credentials::IDENTITY;

#[derive(Debug)]
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_795_456_800_123_457)
    }

    fn since_boot(&self) -> Duration {
        Duration::ZERO
    }
}

/// A directory that nobody made yet.
fn place(file: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("var").join(file);
    (directory, path)
}

async fn views(path: &Path) -> SqliteViews {
    SqliteViews::open(path, Arc::new(StoppedClock)).await.unwrap()
}

fn stream(number: u32) -> StreamName {
    StreamName::parse(&format!("application-{number}")).unwrap()
}

fn checkpoint(minor: u64) -> Checkpoint {
    Checkpoint {
        log: LogId::new(Uuid::from_u128(1)),
        position: Position::new(0, minor),
        digest: Digest([7; 32]),
    }
}

/// A new generation with so many rows and a parked stream.
async fn built(views: &SqliteViews, rows: u32) -> Generation {
    let generation = views.begin(IDENTITY, checkpoint(0)).await.unwrap();
    let parked = Parked {
        stream: stream(0),
        revision: 1,
        position: Position::new(0, 1),
        reason: "unreadable".to_owned(),
    };
    let change = Change {
        to: Target::Current,
        behind: Position::START,
        checkpoint: checkpoint(1),
        rows: (0..rows).map(|number| (stream(number), Some("{}".to_owned()))).collect(),
        parked: vec![parked],
    };
    views.commit(generation, change).await.unwrap();
    generation
}

/// How many rows, parked streams and generations the file holds, whoever may find them.
async fn held(path: &Path) -> (i64, i64, i64) {
    let mut connection: SqliteConnection =
        SqliteConnectOptions::new().filename(path).read_only(true).connect().await.unwrap();
    let question = "SELECT (SELECT count(*) FROM credentials), (SELECT count(*) FROM parked),
                           (SELECT count(*) FROM generations)";
    sqlx::query_as(question).fetch_one(&mut connection).await.unwrap()
}

fn modes(path: &Path) -> Vec<u32> {
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap();
    files.map(|file| file.unwrap().metadata().unwrap().permissions().mode() & 0o777).collect()
}

#[tokio::test]
async fn views_are_there_when_opened_again() {
    let (_directory, path) = place("views.db");
    let before = views(&path).await;
    let generation = built(&before, 3).await;
    before.switch(generation).await.unwrap();
    before.close().await;
    assert!(before.live(IDENTITY).await.is_err(), "a closed handle says so");

    let after = views(&path).await;
    let live = after.live(IDENTITY).await.unwrap().unwrap();
    assert_eq!((live.generation, live.checkpoint), (generation, checkpoint(1)));
    assert_eq!(after.page(generation, None, 10).await.unwrap().len(), 3);
    assert_eq!(after.parked(generation).await.unwrap().len(), 1);
}

#[tokio::test]
async fn state_is_there_when_opened_again() {
    let (_directory, path) = place("state.db");
    let (user, organization) =
        (UserId::new(Uuid::from_u128(1)), OrganizationId::new(Uuid::from_u128(2)));
    let seen_at = Timestamp::from_micros(5);
    let session = Session {
        id_hash: [1; 32],
        user,
        organization,
        created_at: seen_at,
        seen_at,
        device: None,
        user_revision: 0,
    };
    let before = SqliteState::open(&path).await.unwrap();
    before.keep_session(&session).await.unwrap();
    before.keep_person_key(user, vec![1, 2]).await.unwrap();
    before.advance_listener("letters", checkpoint(4)).await.unwrap();
    before.close().await;

    let after = SqliteState::open(&path).await.unwrap();
    assert_eq!(after.session([1; 32]).await.unwrap(), Some(session));
    assert_eq!(after.person_key(user).await.unwrap(), Some(vec![1, 2]));
    assert_eq!(after.listener("letters").await.unwrap(), Some(checkpoint(4)));
}

/// Its command id followed from other things than the moment of its first use.
#[tokio::test]
async fn a_request_that_an_earlier_release_began_is_begun_again_as_such() {
    let (_directory, path) = place("state.db");
    let state = SqliteState::open(&path).await.unwrap();
    let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let insertion = "INSERT INTO requests (key_hash, fingerprint, begun_at)
                 VALUES (zeroblob(32), zeroblob(32), 0)";
    sqlx::query(insertion).execute(&mut connection).await.unwrap();
    let at = Timestamp::from_micros;
    let (patience, kept) = (Duration::from_micros(5), Duration::from_micros(9));
    let request = |moment| KeptRequest { key_hash: [0; 32], fingerprint: [0; 32], at: at(moment) };
    let mut began = Vec::new();
    for moment in [5, 14] {
        let outcome = state.begin_request(request(moment), patience, kept).await.unwrap();
        let Begun::Now(key) = outcome else { panic!("{moment}: {outcome:?}") };
        began.push(key.since);
    }
    assert_eq!(began, [None, Some(at(14))]);
}

#[tokio::test]
async fn a_closed_file_is_complete_without_its_write_ahead_log() {
    let (_directory, path) = place("state.db");
    let (user, copy) = (UserId::new(Uuid::from_u128(1)), path.with_file_name("copy.db"));
    let (state, neighbour) =
        (SqliteState::open(&path).await.unwrap(), SqliteState::open(&path).await.unwrap());
    state.keep_person_key(user, vec![1, 2]).await.unwrap();
    state.close().await;
    std::fs::copy(&path, &copy).unwrap();
    let copy = SqliteState::open(&copy).await.unwrap();
    assert_eq!(copy.person_key(user).await.unwrap(), Some(vec![1, 2]));
    assert_eq!(neighbour.person_key(user).await.unwrap(), Some(vec![1, 2]));
}

#[tokio::test]
async fn files_are_readable_by_their_owner_only() {
    let (_directory, path) = place("views.db");
    let views = views(&path).await;
    built(&views, 1).await;
    let _lease = views.claim_projector().await.unwrap().unwrap();
    let state = SqliteState::open(&path.with_file_name("state.db")).await.unwrap();
    state.keep_person_key(UserId::new(Uuid::nil()), vec![1]).await.unwrap();

    assert_eq!(modes(&path), [0o600; 7], "two files with -wal and -shm, and the projector's");
    let directory = path.parent().unwrap().metadata().unwrap().permissions();
    assert_eq!(directory.mode() & 0o777, 0o700);
}

#[tokio::test]
async fn dropped_rows_are_swept_from_the_file() {
    let (_directory, path) = place("views.db");
    let views = views(&path).await;
    for _ in 0..3 {
        built(&views, 450).await;
    }
    let chosen = built(&views, 2).await;
    assert_eq!(held(&path).await, (1352, 4, 4));
    views.switch(chosen).await.unwrap();
    views.sweep().await.unwrap();
    assert_eq!(held(&path).await, (2, 1, 1));
    assert_eq!(views.sweep().await.unwrap(), 0);
}

#[tokio::test]
async fn what_an_unfinished_sweep_left_is_swept_after_opening() {
    let (_directory, path) = place("views.db");
    let before = views(&path).await;
    built(&before, 450).await;
    let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let dropped = "UPDATE generations SET state = 'dropped'";
    sqlx::query(dropped).execute(&mut connection).await.unwrap();
    before.close().await;

    views(&path).await.sweep().await.unwrap();
    assert_eq!(held(&path).await, (0, 0, 0));
}

#[tokio::test]
async fn a_number_of_a_swept_generation_is_not_used_again() {
    let (_directory, path) = place("views.db");
    let views = views(&path).await;
    let former = built(&views, 1).await;
    views.discard(former).await.unwrap();
    views.sweep().await.unwrap();
    assert_ne!(built(&views, 1).await, former);
}

#[tokio::test]
async fn a_path_that_cannot_be_opened_is_named() {
    let (_directory, path) = place("views.db");
    std::fs::create_dir_all(&path).unwrap();
    let error = SqliteViews::open(&path, Arc::new(StoppedClock)).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, format!("cannot open {}", path.display()));
}

#[tokio::test]
async fn handles_that_open_a_new_file_together_find_one_schema() {
    let (_directory, path) = place("views.db");
    let opened = futures::future::join_all((0..8).map(|_| views(&path))).await;
    built(&opened[0], 1).await;
    assert_eq!(held(&path).await, (1, 1, 1));
}
