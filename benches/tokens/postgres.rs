//! Three nodes on one PostgreSQL against one of them, and what they ask PostgreSQL for meanwhile.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::Path,
    thread,
    time::Duration,
};

use postgres_testing::{Database, Server};
use sqlx::PgConnection;
use tempfile::TempDir;
use tokio::time::Instant;

use super::{ASKING, Rounds};
use crate::{
    load::Load,
    nodes::{Credentials, Node, ask, free_address, oathbook, output},
    report::{Bound, Samples, Verdicts, figure, part_of_it, shown},
    support::{folder, number},
};

const ROUNDS: usize = 5;
/// A multiple of the nodes and of the threads, so that each node gets as many.
const CONNECTIONS: usize = 48;
/// After which everything is written that nodes count in memory, which they write twice a second.
const FLUSH: Duration = Duration::from_secs(1);
/// Statements that are shown, of all that the nodes execute.
const SHOWN: usize = 5;

pub(crate) async fn measure(verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let server = Server::start("-c shared_preload_libraries=pg_stat_statements");
    let database = Database::create_on(server.url()).await;
    let installation = Installation::found(&database.url())?;
    let mut statements = Statements::of(&server, &database).await?;
    let request = installation.credentials.in_body();
    let nodes = &installation.nodes;
    nodes.iter().try_for_each(|node| node.wait_for(&request))?;
    let load = Load { connections: CONNECTIONS, threads: 2, time: ASKING };

    let (mut alone, mut together) = <(Rounds, Rounds)>::default();
    let (mut share, mut trips) = <(Samples, Samples)>::default();
    let (mut idle, mut loaded) = <(Calls, Calls)>::default();
    for _ in 0..ROUNDS {
        let ((), nothing) = statements.during(|| thread::sleep(ASKING)).await?;
        let (one, _) = statements.during(|| ask(&nodes[..1], load, &request)).await?.0?;
        let (three, asked) = statements.during(|| ask(nodes, load, &request)).await?;
        let (three, _) = three?;
        let more = asked.in_all() - nothing.per_second() * asked.elapsed.as_secs_f64();
        trips.push(more / number(three.times));
        share.push(100.0 * three.per_second() / one.per_second());
        alone.add(one);
        together.add(three);
        idle.add(nothing);
        loaded.add(asked);
    }
    figure("tokens of one node, the others idle", "/s", &alone.per_second);
    figure("tokens of three nodes", "/s", &together.per_second);
    figure("CPU of a token, one node", "µs", &alone.cpu_micros);
    figure("CPU of a token, three nodes", "µs", &together.cpu_micros);
    figure("statements of three idle nodes", "/s", &idle.per_second);
    figure("statements of three nodes that issue tokens", "/s", &loaded.per_second);
    for (statement, calls) in loaded.most(SHOWN) {
        let (before, calls) = (idle.of(&statement).median(), calls.median());
        let (before, calls) = (shown(before), shown(calls));
        let beginning = beginning(&statement);
        part_of_it(format!("{before:>6}/s idle, {calls:>6}/s issuing: {beginning}"));
    }
    verdicts.target("statements for a token, beyond idle", "", &trips, Bound::AtMost(0.01));
    verdicts.target("tokens/s of three nodes to one's", "%", &share, Bound::AtLeast(90.0));
    Ok(())
}

/// What one line holds of a statement.
fn beginning(statement: &str) -> String {
    let words: Vec<_> = statement.split_whitespace().collect();
    words.join(" ").chars().take(80).collect()
}

/// Three nodes and an application.
struct Installation {
    nodes: Vec<Node>,
    credentials: Credentials,
    _folder: TempDir,
}

impl Installation {
    fn found(engine: &str) -> anyhow::Result<Self> {
        let folder = folder()?;
        let place = folder.path();
        let config = format!(
            "public_url: http://oathbook.test\nevents: {engine}\nviews: {engine}\nstate: {engine}\n"
        );
        fs::write(place.join("config.yml"), config)?;
        let member = ["--organization", "Main", "--role", "administrator"];
        for arguments in [
            &["migrate"][..],
            &["keys", "generate"],
            &["organizations", "create", "Main"],
            &[&["users", "create", "ada", "--email", "ada@oathbook.test"], &member[..]].concat(),
        ] {
            output(place, arguments)?;
        }
        let credentials = Credentials::register(place, "ada", "Main")?;
        let nodes = (0..3).map(|number| serve(place, number)).collect::<Result<_, _>>()?;
        Ok(Self { nodes, credentials, _folder: folder })
    }
}

/// A node that answers requests and does nothing else.
fn serve(place: &Path, number: usize) -> anyhow::Result<Node> {
    let address = free_address()?;
    let log = File::create(place.join(format!("log-{number}")))?;
    let arguments = ["serve", "--listen", &address.to_string(), "--roles", "api"];
    let child = oathbook(place, &arguments).stdout(log.try_clone()?).stderr(log).spawn()?;
    Ok(Node::new(child, address))
}

/// What PostgreSQL counts of the statements in a database (`pg_stat_statements`), looked at from another one.
struct Statements {
    connection: PgConnection,
    database: String,
}

impl Statements {
    async fn of(server: &Server, database: &Database) -> anyhow::Result<Self> {
        let mut connection = <PgConnection as sqlx::Connection>::connect(&server.url()).await?;
        sqlx::query("CREATE EXTENSION pg_stat_statements").execute(&mut connection).await?;
        let url = database.url();
        let (_, name) = url.rsplit_once('/').unwrap_or_default();
        Ok(Self { connection, database: name.to_owned() })
    }

    /// The statements that are executed during the work, and until what it left in memory is written.
    async fn during<T>(&mut self, work: impl FnOnce() -> T) -> anyhow::Result<(T, Counted)> {
        sqlx::query("SELECT pg_stat_statements_reset()").execute(&mut self.connection).await?;
        let began = Instant::now();
        let done = work();
        thread::sleep(FLUSH);
        let elapsed = began.elapsed();
        let counted = sqlx::query_as::<_, (String, i64)>(
            "SELECT query, sum(calls)::bigint FROM pg_stat_statements
             WHERE dbid = (SELECT oid FROM pg_database WHERE datname = $1) GROUP BY query",
        )
        .bind(&self.database)
        .fetch_all(&mut self.connection)
        .await?;
        let calls = counted.into_iter().map(|(query, calls)| (query, calls.unsigned_abs()));
        Ok((done, Counted { calls: calls.collect(), elapsed }))
    }
}

/// How often each statement was executed in some time.
struct Counted {
    calls: BTreeMap<String, u64>,
    elapsed: Duration,
}

impl Counted {
    fn in_all(&self) -> f64 {
        number(self.calls.values().sum())
    }

    fn per_second(&self) -> f64 {
        self.in_all() / self.elapsed.as_secs_f64()
    }
}

/// The same for several rounds.
#[derive(Default)]
struct Calls {
    per_second: Samples,
    rounds: Vec<Counted>,
}

impl Calls {
    fn add(&mut self, counted: Counted) {
        self.per_second.push(counted.per_second());
        self.rounds.push(counted);
    }

    /// Calls per second of one statement.
    fn of(&self, statement: &str) -> Samples {
        let per_second = |counted: &Counted| {
            let calls = counted.calls.get(statement).copied().unwrap_or_default();
            number(calls) / counted.elapsed.as_secs_f64()
        };
        self.rounds.iter().map(per_second).collect()
    }

    /// The statements executed most often.
    fn most(&self, so_many: usize) -> Vec<(String, Samples)> {
        let mut all: BTreeMap<&String, Samples> = BTreeMap::new();
        for statement in self.rounds.iter().flat_map(|counted| counted.calls.keys()) {
            all.entry(statement).or_insert_with(|| self.of(statement));
        }
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by(|(_, one), (_, other)| other.median().total_cmp(&one.median()));
        all.into_iter().take(so_many).map(|(name, samples)| (name.clone(), samples)).collect()
    }
}
