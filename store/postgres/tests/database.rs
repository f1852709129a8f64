//! What is true of a log in PostgreSQL and of no other: rights, crashes, silence, clocks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::future::join_all;
use postgres_database::{Address, Standing, migrate, standing};
use postgres_testing::{Database, Server};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use store::{
    Categories, Digest, EventId, EventStore, Expected, NewEvent, Position, StoreError, StreamName,
    contract::StoppedClock, limits,
};
use store_postgres::{PostgresStore, SCHEMA};
use tokio::net::TcpListener;
use uuid::Uuid;

/// What docs/deployment.md tells the owner of the schemas to grant.
const GRANTS: &str = include_str!("../../../deploy/postgres/grants.sql");

fn address(url: &str) -> Address {
    url.parse().unwrap()
}

async fn open(database: &Database) -> PostgresStore {
    PostgresStore::open(&address(&database.url())).await.unwrap()
}

fn stream(number: usize) -> StreamName {
    StreamName::parse(&format!("sample-{number}")).unwrap()
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

/// One event on a stream of its own.
async fn begin(store: &dyn EventStore, number: usize) -> Result<Position, StoreError> {
    let event = event(&format!("event {number}"));
    let appended = store.append(&stream(number), Expected::NoStream, vec![event]).await?;
    Ok(appended.position)
}

async fn run(connection: &mut PgConnection, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sql).execute(connection).await.map(|_| ())
}

#[tokio::test]
async fn events_are_not_changed_even_by_a_superuser() {
    let database = Database::create().await;
    let store = open(&database).await;
    begin(&store, 1).await.unwrap();
    let mut superuser = database.connect().await;
    for sql in [
        "UPDATE oathbook_log.events SET data = 'x'",
        "DELETE FROM oathbook_log.events",
        "TRUNCATE oathbook_log.events",
        "SET session_replication_role = replica; DELETE FROM oathbook_log.events",
    ] {
        let error = run(&mut superuser, sql).await.unwrap_err().to_string();
        assert!(error.contains("events are never changed"), "{sql}: {error}");
    }
    assert_eq!(store.count(&Categories::All).await.unwrap(), 1);
}

#[tokio::test]
async fn appends_that_wait_together_are_committed_together() {
    let database = Database::create().await;
    let store = open(&database).await;
    let outcomes = join_all((0..200).map(|number| begin(&store, number))).await;
    assert!(outcomes.iter().all(Result::is_ok));
    let statistics = store.statistics();
    assert_eq!(statistics.events, 200);
    assert!(statistics.commits < 100, "{statistics:?}");
}

#[tokio::test]
async fn an_append_to_a_log_that_grew_in_a_moment_looks_up_what_it_needs() {
    /// What was read by reading all, and what was found through an index. Counted soon after a connection ended.
    const READ: &str = "SELECT seq_tup_read, idx_scan FROM pg_stat_user_tables
        WHERE relname = 'events' AND schemaname = 'oathbook_log'";
    let database = Database::create().await;
    let store = open(&database).await;
    for number in 0..200 {
        begin(&store, number).await.unwrap();
    }
    store.close().await;
    let mut connection = database.connect().await;
    loop {
        let (read, found): (i64, i64) =
            sqlx::query_as(READ).fetch_one(&mut connection).await.unwrap();
        if found >= 200 {
            assert!(read < 200, "{read} rows were read for 200 appends");
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_event_from_a_clock_that_is_ahead_is_refused_and_its_neighbours_are_not() {
    let database = Database::create().await;
    let store = open(&database).await;
    let mut connection = database.connect().await;
    let now: i64 =
        sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    let at = |ahead: Duration| {
        let micros = now + i64::try_from(ahead.as_micros()).unwrap();
        store::Timestamp::from_micros(micros)
    };
    let far = NewEvent { occurred_at: at(Duration::from_hours(1)), ..event("far") };
    let near = NewEvent { occurred_at: at(limits::AHEAD / 2), ..event("near") };
    let (s1, s2) = (stream(1), stream(2));
    let far = store.append(&s1, Expected::NoStream, vec![far]);
    let near = store.append(&s2, Expected::NoStream, vec![near]);
    let (far, near) = tokio::join!(far, near);
    assert!(matches!(far, Err(StoreError::ClockAhead(ahead)) if ahead > limits::AHEAD), "{far:?}");
    assert!(near.is_ok(), "{near:?}");
}

#[tokio::test]
async fn a_role_that_may_not_alter_tables_serves_once_the_owner_migrated() {
    let database = Database::create().await;
    let mut owner = database.connect().await;
    let role = "oathbook_log_server";
    run(&mut owner, "DO $$ BEGIN CREATE ROLE oathbook_log_server LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$")
        .await
        .unwrap();
    let server = address(&database.url_as(role));

    let error = PostgresStore::open(&server).await.unwrap_err();
    let StoreError::Unavailable(source) = error else { panic!("{error:?}") };
    assert!(source.to_string().contains("oathbook migrate"), "{source}");
    assert!(source.to_string().contains(role), "{source}");

    assert_eq!(standing(&server, &SCHEMA).await.unwrap(), Standing::Missing);
    assert!(migrate(&address(&database.url()), &SCHEMA).await.unwrap() > 0);
    let log_part = GRANTS.split("-- ").find(|part| part.starts_with("the log")).unwrap();
    let (_, grants) = log_part.split_once('\n').unwrap();
    let grants = grants.replace("oathbook_server", role);
    sqlx::raw_sql(AssertSqlSafe(grants)).execute(&mut owner).await.unwrap();
    assert_eq!(standing(&server, &SCHEMA).await.unwrap(), Standing::Ready);

    let store = PostgresStore::open(&server).await.unwrap();
    begin(&store, 1).await.unwrap();
    assert_eq!(store.count(&Categories::All).await.unwrap(), 1);
    let mut connection = PgConnection::connect(&database.url_as(role)).await.unwrap();
    for sql in [
        "INSERT INTO oathbook_log.events DEFAULT VALUES",
        "UPDATE oathbook_log.events SET data = 'x'",
        "DELETE FROM oathbook_log.events",
        "TRUNCATE oathbook_log.events",
        "ALTER TABLE oathbook_log.events DISABLE TRIGGER ALL",
        "DROP TABLE oathbook_log.events",
        "CREATE TABLE oathbook_log.other (x int)",
    ] {
        let error = run(&mut connection, sql).await.unwrap_err();
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {error}");
    }
}

/// The function runs with its owner's rights, so whoever calls it must not choose which table it writes to.
#[tokio::test]
async fn a_temporary_table_does_not_take_the_place_of_the_log() {
    let database = Database::create().await;
    let store = open(&database).await;
    let mut connection = database.connect().await;
    run(&mut connection, "CREATE TEMPORARY TABLE events (LIKE oathbook_log.events INCLUDING ALL)")
        .await
        .unwrap();
    run(
        &mut connection,
        "SELECT oathbook_log.append(ARRAY['sample-1'], ARRAY[0::bigint], ARRAY[1], ARRAY[0::bigint],
             ARRAY[gen_random_uuid()], ARRAY['a.b.v1'], ARRAY[''::bytea], ARRAY[''::bytea],
             ARRAY[decode(repeat('00', 32), 'hex')], 0)",
    )
    .await
    .unwrap();
    assert_eq!(store.count(&Categories::All).await.unwrap(), 1);
}

#[tokio::test]
async fn connections_that_are_ended_are_replaced() {
    let database = Database::create().await;
    let store = open(&database).await;
    for number in 0..5 {
        begin_at_last(&store, number).await;
        database.terminate().await;
        assert!(soon_ok(&store).await > 0);
    }
    assert_eq!(store.count(&Categories::All).await.unwrap(), 5);
}

/// Sends the append again until the engine says that it is there, as commands do.
async fn begin_at_last(store: &PostgresStore, number: usize) {
    loop {
        match begin(store, number).await {
            Ok(_) => return,
            Err(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_)) => {
                tokio::task::yield_now().await;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// The number of events, as soon as there is an answer.
async fn soon_ok(store: &PostgresStore) -> u64 {
    let asked = async {
        loop {
            if let Ok(count) = store.count(&Categories::All).await {
                return count;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), asked).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_crashes_loses_nothing_it_acknowledged() {
    let server = Arc::new(Server::start(""));
    let database = Database::create_on(server.url()).await;
    let store = open(&database).await;
    let mut acknowledged = 0_u64;
    for round in 0..3 {
        let writing = async {
            for number in round * 100_000.. {
                match begin(&store, number).await {
                    Ok(_) => acknowledged += 1,
                    Err(_) => return,
                }
            }
        };
        let (victim, observer) = (server.clone(), store.clone());
        let crash = async move {
            observer.changed(Duration::from_mins(1)).await;
            tokio::task::spawn_blocking(move || victim.crash()).await.unwrap();
        };
        tokio::join!(writing, crash);
        server.resume();
        let there = soon_ok(&store).await;
        // What was not acknowledged may be there, too: one append.
        assert!((acknowledged..=acknowledged + 1).contains(&there), "{there}");
        begin_at_last(&store, round * 100_000 + 99_999).await;
        acknowledged = soon_ok(&store).await;
    }
}

#[tokio::test]
async fn a_standby_is_not_written_to() {
    // The words of the refusal are all that can be seen without a second server: see `standby` in docs/deployment.md.
    let server = Server::start("");
    let url = server.url();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let standby: bool =
        sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(&mut connection).await.unwrap();
    assert!(!standby);
    server.stop();
    server.become_standby();
    let error = PostgresStore::open(&address(&url)).await.unwrap_err();
    let StoreError::Unavailable(source) = error else { panic!("{error:?}") };
    assert!(source.to_string().contains("standby"), "{source}");
}

/// The other end took the connection and says nothing: that is an error within a time, and never a wait without end.
#[tokio::test]
async fn a_server_that_falls_silent_is_unavailable() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://oathbook@127.0.0.1:{port}/postgres");
    let address = address(&url);
    let opening = PostgresStore::open(&address);
    let error = tokio::time::timeout(Duration::from_mins(1), opening).await.unwrap().unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn questions_about_the_log_do_not_scan_it() {
    let database = Database::create().await;
    let store = open(&database).await;
    for number in 0..50 {
        begin(&store, number).await.unwrap();
    }
    let mut connection = database.connect().await;
    run(&mut connection, "ANALYZE oathbook_log.events; SET enable_seqscan = off").await.unwrap();
    for sql in [
        "EXPLAIN SELECT * FROM oathbook_log.events WHERE position > 3 ORDER BY position LIMIT 5",
        "EXPLAIN SELECT * FROM oathbook_log.events WHERE category = 'sample' AND position > 3
         ORDER BY position LIMIT 5",
        "EXPLAIN SELECT max(revision) FROM oathbook_log.events WHERE stream = 'sample-1'",
        "EXPLAIN SELECT max(position) FROM oathbook_log.events",
    ] {
        let plan: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains("Index") && !plan.contains("Sort"), "{sql}: {plan}");
    }
}
