//! What the SQLite engine promises beyond the port: shared commits, and a file that nothing but appends changes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    error::Error,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures::{
    FutureExt,
    future::{join_all, poll_immediate},
};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Executor, SqliteConnection, sqlite::SqliteConnectOptions,
};
use store::{
    Appended, Categories, Digest, Direction, EventId, EventStore, Expected, NewEvent, Position,
    RecordedEvent, StoreError, StreamName, contract::StoppedClock, group_commit::Statistics,
};
use store_sqlite::SqliteStore;
use tempfile::TempDir;
use uuid::Uuid;

#[tokio::test]
async fn appends_that_wait_together_are_committed_together() {
    let log = Log::new();
    let store = log.open().await;
    let lock = log.write_lock().await;

    let mut appends: Vec<_> = (0..64).map(|writer| begin(&store, writer).boxed()).collect();
    for append in &mut appends {
        assert!(poll_immediate(append).await.is_none(), "nobody can commit yet");
    }
    assert_eq!(store.statistics(), Statistics::default());
    lock.release().await;

    assert!(join_all(appends).await.iter().all(Result::is_ok));
    let Statistics { commits, events } = store.statistics();
    assert_eq!(events, 64);
    // The first append may have begun a transaction of its own before the others came.
    assert!(commits <= 2, "{commits} commits");
}

#[tokio::test]
async fn an_append_that_conflicts_does_not_hurt_those_committed_with_it() {
    let log = Log::new();
    let store = log.open().await;
    begin(&store, 0).await.unwrap();
    let lock = log.write_lock().await;

    let (name, half_known) = (stream(1), vec![event("new"), event("writer 0"), event("newer")]);
    let conflict = || store.append(&name, Expected::NoStream, half_known.clone());
    let mut appends = vec![begin(&store, 2).boxed(), conflict().boxed(), begin(&store, 3).boxed()];
    appends.extend([begin(&store, 0).boxed(), conflict().boxed(), begin(&store, 2).boxed()]);
    for append in &mut appends {
        assert!(poll_immediate(append).await.is_none());
    }
    lock.release().await;

    let outcomes = join_all(appends).await;
    let replayed: Vec<_> =
        outcomes.iter().map(|outcome| outcome.as_ref().ok().map(|one| one.replayed)).collect();
    assert_eq!(replayed, [Some(false), None, Some(false), Some(true), None, Some(true)]);
    assert!(matches!(outcomes[1], Err(StoreError::Conflict { actual: None, .. })));
    assert_eq!(whole_log(&store).await.len(), 3);
}

#[tokio::test]
async fn appends_committed_together_are_each_stored_whole_or_not_at_all() {
    let log = Log::new();
    let store = log.open().await;
    begin(&store, 0).await.unwrap();
    let lock = log.write_lock().await;

    // Of every three, the first is good, the second ends with a known event and the third expects a stream.
    let mut appends: Vec<_> = (1..=200)
        .map(|writer| {
            let mut events: Vec<_> =
                (0..=writer % 4).map(|index| event(&format!("{writer} {index}"))).collect();
            let expected = if writer % 3 == 0 { Expected::Exact(0) } else { Expected::NoStream };
            if writer % 3 == 2 {
                events.push(event("writer 0"));
            }
            let (store, stream) = (&store, stream(writer));
            async move { store.append(&stream, expected, events).await }.boxed()
        })
        .collect();
    for append in &mut appends {
        assert!(poll_immediate(append).await.is_none());
    }
    lock.release().await;

    for (writer, outcome) in (1..).zip(join_all(appends).await) {
        let stored = store.read(&stream(writer), 0, Direction::Forwards, 10).await.unwrap();
        let whole = if writer % 3 == 1 { 1 + writer % 4 } else { 0 };
        assert_eq!(stored.len(), whole, "writer {writer}");
        assert_eq!(outcome.is_ok(), whole > 0, "writer {writer}");
    }
}

#[tokio::test]
async fn an_append_survives_the_caller_who_stops_waiting() {
    let log = Log::new();
    let store = log.open().await;
    let lock = log.write_lock().await;
    assert!(poll_immediate(begin(&store, 1)).await.is_none());
    lock.release().await;
    store.close().await;
    assert_eq!(whole_log(&log.open().await).await.len(), 1);
}

#[tokio::test]
async fn closing_writes_what_waits_and_refuses_what_comes_later() {
    let log = Log::new();
    let store = log.open().await;
    let lock = log.write_lock().await;
    let mut appends: Vec<_> = (0..10).map(|writer| begin(&store, writer).boxed()).collect();
    for append in &mut appends {
        assert!(poll_immediate(append).await.is_none());
    }
    let mut closing = store.close().boxed();
    assert!(poll_immediate(&mut closing).await.is_none());
    lock.release().await;
    closing.await;

    assert!(join_all(appends).await.iter().all(Result::is_ok));
    assert!(matches!(begin(&store, 10).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.head().await, Err(StoreError::Unavailable(_))));
    assert_eq!(whole_log(&log.open().await).await.len(), 10);
}

#[tokio::test]
async fn a_log_that_refuses_to_be_written_is_unavailable_and_recovers_with_the_same_handle() {
    let log = Log::new();
    let store = log.open().await;
    let mut connection = log.connect().await;
    let fail = "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END";
    connection.execute(fail).await.unwrap();
    let outcomes = join_all((0..10).map(|writer| begin(&store, writer))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(StoreError::Engine(_)))));
    assert_eq!(store.statistics(), Statistics::default());

    connection.execute("DROP TRIGGER full").await.unwrap();
    assert!(begin(&store, 0).await.is_ok());
    assert_eq!(whole_log(&store).await.len(), 1);
}

#[tokio::test]
async fn recorded_events_cannot_be_changed_deleted_or_replaced() {
    let log = Log::new();
    let store = log.open().await;
    begin(&store, 0).await.unwrap();
    let before = whole_log(&store).await;

    let mut connection = log.connect().await;
    for (statement, refusal) in [
        ("UPDATE events SET data = x'00'", "events are never changed"),
        ("UPDATE events SET position = 7", "events are never changed"),
        ("UPDATE OR REPLACE events SET tag = 'x'", "events are never changed"),
        ("DELETE FROM events", "events are never deleted"),
        ("DELETE FROM events WHERE position = 1", "events are never deleted"),
        ("REPLACE INTO events SELECT * FROM events", "events are never replaced"),
        (
            "REPLACE INTO events SELECT 9, stream, category, revision, randomblob(16), tag, data,
                 metadata, digest, recorded_at FROM events",
            "events are never replaced",
        ),
        (
            "REPLACE INTO events SELECT 9, 'a-b', category, 7, id, tag, data, metadata, digest,
                 recorded_at FROM events",
            "events are never replaced",
        ),
        (
            "INSERT INTO events SELECT * FROM events WHERE true
             ON CONFLICT (position) DO UPDATE SET tag = 'x'",
            "events are never replaced",
        ),
    ] {
        let refused = connection.execute(statement).await.expect_err(statement);
        assert!(refused.to_string().contains(refusal), "{statement}: {refused}");
    }
    assert_eq!(whole_log(&store).await, before);
}

#[tokio::test]
async fn events_are_recorded_by_the_clock_handed_in() {
    let log = Log::new();
    let store = log.open().await;
    begin(&store, 0).await.unwrap();
    assert_eq!(whole_log(&store).await[0].recorded_at, StoppedClock::NOW);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_loses_nothing_it_acknowledged() {
    let log = Log::new();
    let store = log.open().await;
    let outcomes = join_all((0..50).map(|writer| begin(&store, writer))).await;
    assert!(outcomes.iter().all(Result::is_ok));

    // The files as they are now are what a kill would leave.
    let left = Log::new();
    for file in ["events.db", "events.db-wal"] {
        fs::copy(log.directory.path().join(file), left.directory.path().join(file)).unwrap();
    }
    assert_eq!(whole_log(&left.open().await).await, whole_log(&store).await);
}

#[test]
fn a_store_that_is_dropped_without_closing_loses_nothing_it_acknowledged() {
    let log = Log::new();
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let first = runtime();
    first.block_on(async {
        let store = log.open().await;
        assert!(
            join_all((0..50).map(|writer| begin(&store, writer))).await.iter().all(Result::is_ok)
        );
    });
    first.shutdown_timeout(Duration::ZERO);
    let events = runtime().block_on(async { whole_log(&log.open().await).await });
    assert_eq!(events.len(), 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_may_open_a_new_log_at_the_same_time() {
    let log = Arc::new(Log::new());
    let openers = (0..8).map(|writer| {
        let log = log.clone();
        tokio::spawn(async move { begin(&log.open().await, writer).await.unwrap() })
    });
    assert!(join_all(openers).await.iter().all(Result::is_ok));
    assert_eq!(whole_log(&log.open().await).await.len(), 8);
}

#[tokio::test]
async fn only_the_owner_may_read_what_is_created() {
    let log = Log::new();
    let path = log.directory.path().join("var/deep/events.db");
    let store = SqliteStore::open(&path, Arc::new(StoppedClock)).await.unwrap();
    begin(&store, 0).await.unwrap();
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for file in ["events.db", "events.db-wal", "events.db-shm"] {
        assert_eq!(mode(&path.with_file_name(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_path_that_cannot_be_opened_is_named() {
    let log = Log::new();
    let in_the_way = log.directory.path().join("var");
    fs::write(&in_the_way, "a file, not a directory").unwrap();
    let path = in_the_way.join("events.db");
    let error = SqliteStore::open(&path, Arc::new(StoppedClock)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)));
    let said = chain(&error);
    assert!(said.contains(path.to_str().unwrap()), "{said}");
    assert!(said.contains("os error"), "{said}");
}

#[tokio::test]
async fn a_file_that_is_no_log_is_not_opened() {
    let log = Log::new();
    fs::write(log.path(), "something that is certainly no database, and long enough to tell")
        .unwrap();
    let error = SqliteStore::open(&log.path(), Arc::new(StoppedClock)).await.unwrap_err();
    assert!(chain(&error).contains("not a database"), "{}", chain(&error));
}

#[tokio::test]
async fn a_log_of_a_newer_release_is_not_opened() {
    let log = Log::new();
    log.open().await.close().await;
    let newer = "INSERT INTO _sqlx_migrations VALUES (9999, 'newer', 0, true, x'00', 0)";
    log.connect().await.execute(newer).await.unwrap();
    let error = SqliteStore::open(&log.path(), Arc::new(StoppedClock)).await.unwrap_err();
    assert!(chain(&error).contains("9999"), "{}", chain(&error));
}

#[tokio::test]
async fn questions_about_the_log_do_not_scan_it() {
    let log = Log::new();
    log.open().await.close().await;
    let mut connection = log.connect().await;
    for question in [
        "SELECT * FROM events WHERE stream = 'a-b' AND revision >= 3 ORDER BY revision",
        "SELECT max(revision) FROM events WHERE stream = 'a-b'",
        "SELECT position FROM events WHERE category = 'a' AND position > 5 ORDER BY position",
        "SELECT 1 FROM events WHERE id = x'00'",
    ] {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {question}"));
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(explain).fetch_all(&mut connection).await.unwrap();
        assert!(plan.iter().all(|(.., step)| step.starts_with("SEARCH events")), "{plan:?}");
    }
}

/// A place for a log.
struct Log {
    directory: TempDir,
}

impl Log {
    fn new() -> Self {
        Self { directory: TempDir::new().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("events.db")
    }

    async fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path(), Arc::new(StoppedClock)).await.unwrap()
    }

    /// A connection as somebody else has one.
    async fn connect(&self) -> SqliteConnection {
        SqliteConnectOptions::new().filename(self.path()).connect().await.unwrap()
    }

    async fn write_lock(&self) -> WriteLock {
        let mut connection = self.connect().await;
        connection.execute("BEGIN IMMEDIATE").await.unwrap();
        WriteLock(connection)
    }
}

/// Keeps everybody else from writing.
struct WriteLock(SqliteConnection);

impl WriteLock {
    async fn release(mut self) {
        self.0.execute("ROLLBACK").await.unwrap();
    }
}

fn stream(writer: usize) -> StreamName {
    StreamName::parse(&format!("sample-{writer}")).unwrap()
}

fn event(label: &str) -> NewEvent {
    NewEvent {
        id: EventId::new(Uuid::new_v5(&Uuid::NAMESPACE_OID, label.as_bytes())),
        tag: "sample.taken.v1".to_owned(),
        data: Bytes::from_static(b"{}"),
        metadata: Bytes::from_static(b"{}"),
        digest: Digest::NONE,
        occurred_at: StoppedClock::NOW,
    }
}

/// One event on a stream of the writer's own.
async fn begin(store: &SqliteStore, writer: usize) -> Result<Appended, StoreError> {
    let event = event(&format!("writer {writer}"));
    store.append(&stream(writer), Expected::NoStream, vec![event]).await
}

async fn whole_log(store: &SqliteStore) -> Vec<RecordedEvent> {
    let batch = store.read_all(Position::START, &Categories::All, 1_000).await.unwrap();
    for event in &batch.events {
        let read = store.read(&event.stream, event.revision, Direction::Forwards, 1).await.unwrap();
        assert_eq!(read, std::slice::from_ref(event));
    }
    batch.events
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The error and everything that caused it.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
