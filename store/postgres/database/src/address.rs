//! Where a database is.

use std::{fmt, str::FromStr};

use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};
use url::Url;

/// `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=/path/ca.pem`.
///
/// What is missing is taken from the variables and files that PostgreSQL's own programs read (`PGHOST`, `PGPASSWORD`,
/// `~/.pgpass` …). Prints without the password.
#[derive(Clone)]
pub struct Address {
    pub(crate) options: Box<PgConnectOptions>,
    shown: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAddress(String);

/// What an address may say about how to connect, and nothing else: a misspelt option must not go unnoticed.
const OPTIONS: &[&str] = &["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "port", "user"];

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = |rule: &str| InvalidAddress(rule.to_owned());
        let url = Url::parse(text)
            .map_err(|_| refuse("must be postgres://USER:PASSWORD@HOST:PORT/DATABASE"))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(refuse("must begin with postgres://"));
        }
        if url.path().trim_start_matches('/').is_empty() {
            return Err(refuse("must name a database: postgres://USER@HOST/DATABASE"));
        }
        for (option, _) in url.query_pairs() {
            if !OPTIONS.contains(&&*option) {
                let known = OPTIONS.join(", ");
                return Err(InvalidAddress(format!(
                    "has the option {option:?}, which is not known; there are {known}"
                )));
            }
        }
        // The client's own message may repeat the text, and the text holds the password.
        let options = PgConnectOptions::from_str(text)
            .map_err(|_| refuse("has an option with a value that PostgreSQL does not know"))?;
        Ok(Self { options: Box::new(options), shown: shown(&url) })
    }
}

impl Address {
    /// Whether what is said on the way can be read or changed by others: no TLS, or TLS with whoever answers.
    pub fn is_exposed(&self) -> bool {
        let host = self.options.get_host();
        let local = self.options.get_socket().is_some()
            || host.starts_with('/')
            || matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]");
        let verified =
            matches!(self.options.get_ssl_mode(), PgSslMode::VerifyCa | PgSslMode::VerifyFull);
        !local && !verified
    }

    /// The same server and database, to be used as another role.
    #[must_use]
    pub fn as_role(&self, role: &str) -> Self {
        Self { options: Box::new(self.options.clone().username(role)), shown: self.shown.clone() }
    }
}

fn shown(url: &Url) -> String {
    let user = match (url.username(), url.password()) {
        ("", None) => String::new(),
        (user, None) => format!("{user}@"),
        (user, Some(_)) => format!("{user}:…@"),
    };
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}://{user}{host}{port}{}{query}", url.scheme(), url.path())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.shown)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.options.to_url_lossy() == other.options.to_url_lossy()
    }
}

impl Eq for Address {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_prints_without_its_password() {
        let address: Address =
            "postgres://oath:s3cret@db.example:5433/book?sslmode=verify-full".parse().unwrap();
        let shown = "postgres://oath:…@db.example:5433/book?sslmode=verify-full";
        assert_eq!(address.to_string(), shown);
        assert!(!format!("{address:?}").contains("s3cret"));
    }

    #[test]
    fn a_wrong_address_is_told_the_rule_and_never_repeated() {
        for (wrong, rule) in [
            ("postgres://", "database"),
            ("postgres://u:s3cret@host", "database"),
            ("postgres://u:s3cret@host/db?sslmod=require", "sslmod"),
            ("postgres://u:s3cret@host/db?sslmode=perhaps", "does not know"),
            ("mysql://u:s3cret@host/db", "postgres://"),
        ] {
            let error = wrong.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains(rule) && !error.contains("s3cret"), "{wrong}: {error}");
        }
    }

    #[test]
    fn an_address_is_exposed_unless_it_is_local_or_the_server_is_verified() {
        let exposed = |text: &str| text.parse::<Address>().unwrap().is_exposed();
        assert!(exposed("postgres://u@db.example/book"));
        assert!(exposed("postgres://u@db.example/book?sslmode=require"));
        assert!(!exposed("postgres://u@db.example/book?sslmode=verify-full"));
        assert!(!exposed("postgres://u@127.0.0.1/book"));
    }
}
