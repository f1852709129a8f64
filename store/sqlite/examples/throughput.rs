use bytes::Bytes;
use futures::future::join_all;
use sqlx::{ConnectOptions, sqlite::*};
use std::{sync::Arc, time::Instant};
use store::{contract::StoppedClock, *};
use store_sqlite::SqliteStore;
use uuid::Uuid;

fn event(label: &str) -> NewEvent {
    NewEvent {
        id: EventId::new(Uuid::new_v5(&Uuid::NAMESPACE_OID, label.as_bytes())),
        tag: "application.created.v1".into(),
        data: Bytes::from(vec![b'd'; 250]),
        metadata: Bytes::from(vec![b'm'; 250]),
        digest: Digest([7; 32]),
    }
}
async fn run(
    store: &SqliteStore,
    label: &str,
    writers: usize,
    each: usize,
    per: usize,
    grow: bool,
) {
    let before = store.statistics();
    let t = Instant::now();
    let tasks = (0..writers).map(|w| {
        let store = store.clone();
        let label = label.to_owned();
        tokio::spawn(async move {
            let mut expected = Expected::NoStream;
            let mut stream = StreamName::parse(&format!("application-{label}{w}")).unwrap();
            for i in 0..each {
                if !grow {
                    expected = Expected::NoStream;
                    stream = StreamName::parse(&format!(
                        "application-{}",
                        Uuid::new_v5(&Uuid::NAMESPACE_DNS, format!("{label} {w} {i}").as_bytes())
                    ))
                    .unwrap();
                }
                let events = (0..per).map(|p| event(&format!("{label} {w} {i} {p}"))).collect();
                let a = store.append(&stream, expected, events).await.unwrap();
                expected = Expected::Exact(a.last_revision);
            }
        })
    });
    join_all(tasks).await.into_iter().for_each(|r| r.unwrap());
    let s = t.elapsed().as_secs_f64();
    let after = store.statistics();
    let n = after.events - before.events;
    let c = after.commits - before.commits;
    println!(
        "{label}: writers {writers} per {per}: {:.0} events/s, {:.0} commits/s, {:.1} appends/commit, {:.0} us/append/writer",
        n as f64 / s,
        c as f64 / s,
        (n as f64 / per as f64) / c as f64,
        s / each as f64 * 1e6
    );
}
#[tokio::main]
async fn main() {
    let dir = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    std::fs::remove_dir_all(&dir).ok();
    std::fs::create_dir_all(&dir).unwrap();
    for round in 0..2 {
        // raw
        let raw = SqliteConnectOptions::new()
            .filename(dir.join(format!("raw{round}.db")))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging();
        let mut c = raw.connect().await.unwrap();
        sqlx::raw_sql("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, b BLOB)")
            .execute(&mut c)
            .await
            .unwrap();
        let t = Instant::now();
        for _ in 0..5000 {
            sqlx::query("INSERT INTO t(b) VALUES (?)")
                .bind(vec![1u8; 500])
                .execute(&mut c)
                .await
                .unwrap();
        }
        println!("raw one-row commits: {:.0}/s", 5000.0 / t.elapsed().as_secs_f64());
        sqlx::raw_sql(include_str!("../../../migrations/sqlite/log/0001_events.sql"))
            .execute(&mut c)
            .await
            .unwrap();
        let t = Instant::now();
        for i in 0..5000 {
            sqlx::query("INSERT INTO events VALUES (NULL, ?, 'application', 0, ?, 'application.created.v1', ?, ?, ?, 0)")
       .bind(format!("application-{}", Uuid::new_v5(&Uuid::NAMESPACE_DNS, format!("{i}").as_bytes()))).bind(Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{i}").as_bytes()).as_bytes().as_slice())
       .bind(vec![1u8; 250]).bind(vec![1u8; 250]).bind(vec![1u8; 32])
       .execute(&mut c).await.unwrap();
        }
        println!(
            "raw one-event commits into the real table: {:.0}/s",
            5000.0 / t.elapsed().as_secs_f64()
        );
        let store =
            SqliteStore::open(&dir.join(format!("events{round}.db")), Arc::new(StoppedClock))
                .await
                .unwrap();
        run(&store, "a1", 1, 5000, 1, false).await;
        run(&store, "a1same", 1, 5000, 1, true).await;
        run(&store, "a1x2", 1, 5000, 2, false).await;
        run(&store, "b8", 8, 2000, 1, false).await;
        run(&store, "c64", 64, 1000, 1, false).await;
        run(&store, "c64same", 64, 1000, 1, true).await;
        run(&store, "c64x2", 64, 500, 2, false).await;
        run(&store, "d256", 256, 300, 1, false).await;
        let n = store.count(&Categories::All).await.unwrap();
        for cats in [
            Categories::All,
            Categories::Of(vec!["application".into()]),
            Categories::Of(vec!["user".into()]),
            Categories::Of(vec!["application".into(), "user".into(), "name".into()]),
        ] {
            for page in [500, 5000] {
                let t = Instant::now();
                let mut after = Position::START;
                let mut seen = 0;
                loop {
                    let b = store.read_all(after, &cats, page).await.unwrap();
                    after = b.through;
                    seen += b.events.len();
                    if b.at_head {
                        break;
                    }
                }
                println!(
                    "read_all {cats:?} page {page}: {seen} of {n} in {:.3} s = {:.0}/s",
                    t.elapsed().as_secs_f64(),
                    n as f64 / t.elapsed().as_secs_f64()
                );
            }
        }
        let t = Instant::now();
        for _ in 0..20000 {
            store.head().await.unwrap();
        }
        println!("head: {:.0}/s", 20000.0 / t.elapsed().as_secs_f64());
        let s = StreamName::parse("application-c64same3").unwrap();
        let t = Instant::now();
        for _ in 0..20000 {
            store.read(&s, 999, Direction::Forwards, 1).await.unwrap();
        }
        println!("read one: {:.0}/s", 20000.0 / t.elapsed().as_secs_f64());
        // subscription latency
        store.close().await;
    }
}
