//! PostgreSQL for tests: an empty database on the server that `bin/with-postgres` started, or a server of one's own.
//!
//! For tests alone, so it panics where a test could not go on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod port;
mod server;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

pub use port::free_port;
pub use server::Server;

/// An empty database.
#[derive(Clone, Debug)]
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    /// On the server that all tests share.
    pub async fn create() -> Self {
        let server = std::env::var("TEST_POSTGRES")
            .expect("a server to test on: run the tests through `bin/with-postgres`");
        Self::create_on(server).await
    }

    /// On a server whose database `postgres` has this URL.
    #[expect(clippy::disallowed_methods, reason = "the name of a database of tests")]
    pub async fn create_on(server: String) -> Self {
        let database = Self { server, name: format!("test_{}", Uuid::new_v4().simple()) };
        database.command(&format!("CREATE DATABASE {}", database.name)).await;
        database
    }

    /// As its owner, a superuser.
    pub fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }

    /// As another role, without a password.
    pub fn url_as(&self, role: &str) -> String {
        let url = self.url();
        let (scheme, rest) = url.split_once("://").unwrap();
        let (_, place) = rest.split_once('@').unwrap();
        format!("{scheme}://{role}@{place}")
    }

    /// A connection beside those of whatever is tested.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.unwrap()
    }

    /// The text that the question about `$1` finds; also `None` while the server cannot be reached.
    pub async fn find(&self, question: &'static str, about: &str) -> Option<String> {
        let mut connection = PgConnection::connect(&self.url()).await.ok()?;
        let found = sqlx::query_scalar(question).bind(about).fetch_optional(&mut connection);
        found.await.ok()?
    }

    /// Ends every connection and refuses all others until [`Database::accept`].
    pub async fn refuse(&self) {
        let name = &self.name;
        self.command(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")).await;
        self.terminate().await;
    }

    pub async fn accept(&self) {
        let name = &self.name;
        self.command(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")).await;
    }

    /// Ends every connection.
    pub async fn terminate(&self) {
        self.command(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        ))
        .await;
    }

    async fn command(&self, sql: &str) {
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}
