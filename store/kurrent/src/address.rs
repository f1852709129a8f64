//! Where a cluster is, and which of its streams are ours.

use std::{fmt, str::FromStr};

use eventstore::{ClientSettings, Credentials};
use percent_encoding::percent_decode_str;
use store::StreamName;

/// `kurrentdb://user:password@host1:2113,host2:2113,host3:2113?tlsCaFile=/path/ca.pem&streamPrefix=oathbook`.
///
/// The option `streamPrefix` is ours: the word before the dot with which all streams of the installation begin. Prints
/// without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    scheme: String,
    hosts: String,
    login: Option<Login>,
    /// In the order of the text, without ours.
    options: Vec<(String, String)>,
    prefix: String,
}

#[derive(Clone, PartialEq, Eq)]
struct Login {
    user: String,
    password: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAddress(String);

/// What an address may say, and nothing else: a misspelt option must not go unnoticed. Deadlines, and that the leader
/// is asked, are not for choice.
const OPTIONS: &[&str] = &[
    "tls",
    "tlsVerifyCert",
    "tlsCaFile",
    "userCertFile",
    "userKeyFile",
    "connectionName",
    "discoveryInterval",
    "maxDiscoverAttempts",
    "gossipTimeout",
    "keepAliveInterval",
    "keepAliveTimeout",
];
const PREFIX: &str = "streamPrefix";
const SCHEMES: &[&str] =
    &["kurrentdb", "kurrentdb+discover", "kdb", "kdb+discover", "esdb", "esdb+discover"];
/// Bytes of a prefix.
const LONGEST_PREFIX: usize = 64;

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text
            .split_once("://")
            .filter(|(scheme, _)| SCHEMES.contains(scheme))
            .ok_or_else(|| refuse("must be kurrentdb://USER:PASSWORD@HOST:PORT,HOST:PORT"))?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let place = place.strip_suffix('/').unwrap_or(place);
        let (login, hosts) = match place.rsplit_once('@') {
            Some((login, hosts)) => (Some(Login::parse(login)?), hosts),
            None => (None, place),
        };
        if hosts.is_empty() || hosts.contains('/') {
            return Err(refuse("must name hosts and no path: kurrentdb://HOST:PORT,HOST:PORT"));
        }
        let (options, prefix) = options(query)?;
        let (scheme, hosts) = (scheme.to_owned(), hosts.to_owned());
        let address = Self { scheme, hosts, login, options, prefix };
        // Also what the client's own reading refuses.
        address.settings()?;
        Ok(address)
    }
}

/// The options for the client, and the prefix.
fn options(query: &str) -> Result<(Vec<(String, String)>, String), InvalidAddress> {
    let (mut options, mut prefix) = (Vec::new(), "oathbook".to_owned());
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let known = OPTIONS.iter().find(|known| known.eq_ignore_ascii_case(name));
        if name.eq_ignore_ascii_case(PREFIX) {
            value.clone_into(&mut prefix);
        } else if let Some(known) = known {
            options.push(((*known).to_owned(), value.to_owned()));
        } else {
            return Err(InvalidAddress(format!(
                "has the option {name:?}, which is not known; there are {}, {PREFIX}",
                OPTIONS.join(", ")
            )));
        }
    }
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if prefix.is_empty() || prefix.len() > LONGEST_PREFIX || !prefix.bytes().all(word) {
        return Err(InvalidAddress(format!(
            "has a {PREFIX} that is not 1 to {LONGEST_PREFIX} of a-z and 0-9"
        )));
    }
    Ok((options, prefix))
}

impl Login {
    fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let (user, password) = text
            .split_once(':')
            .ok_or_else(|| refuse("names a user without a password: USER:PASSWORD@"))?;
        let decoded = |part: &str| match percent_decode_str(part).decode_utf8() {
            Ok(part) if !part.is_empty() => Ok(part.into_owned()),
            _ => Err(refuse("has a user or password that is empty or not percent-encoded UTF-8")),
        };
        Ok(Self { user: decoded(user)?, password: decoded(password)? })
    }
}

fn refuse(rule: &str) -> InvalidAddress {
    InvalidAddress(rule.to_owned())
}

impl Address {
    /// The word before the dot.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The same cluster, and the streams that begin with another word: 1 to 64 of a-z and 0-9.
    pub fn with_prefix(&self, prefix: &str) -> Result<Self, InvalidAddress> {
        let (_, prefix) = options(&format!("{PREFIX}={prefix}"))?;
        Ok(Self { prefix, ..self.clone() })
    }

    /// Whether what is said on the way can be read or changed by others: no TLS, or TLS with whoever answers.
    pub fn is_exposed(&self) -> bool {
        let local = self.hosts.split(',').all(|host| {
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            matches!(name, "localhost" | "127.0.0.1" | "[::1]")
        });
        let off = |name: &str| {
            self.options.iter().any(|(option, value)| option == name && value == "false")
        };
        !local && (off("tls") || off("tlsVerifyCert"))
    }

    pub(crate) fn stream(&self, stream: &StreamName) -> String {
        format!("{}.{stream}", self.prefix)
    }

    /// The name without the prefix, if it is one of ours.
    pub(crate) fn own<'a>(&self, stream: &'a str) -> Option<&'a str> {
        stream.strip_prefix(&*self.prefix)?.strip_prefix('.')
    }

    /// Handed over with every call: the client would send a password of the URL as it is written there.
    pub(crate) fn login(&self) -> Option<Credentials> {
        let login = self.login.as_ref()?;
        Some(Credentials::new(login.user.clone(), login.password.clone()))
    }

    /// For the client. What is not said differs from its defaults: it would wait half a second before it connects, and
    /// give up for ever after three attempts.
    pub(crate) fn settings(&self) -> Result<ClientSettings, InvalidAddress> {
        let mut text = format!("{}://{}?", self.scheme, self.hosts);
        let unsaid = [
            ("connectionName", "oathbook"),
            ("discoveryInterval", "20"),
            ("maxDiscoverAttempts", "10"),
            ("gossipTimeout", "1000"),
        ];
        let unsaid = unsaid.into_iter().filter(|(name, _)| !self.says(name));
        let said = self.options.iter().map(|(name, value)| (&**name, &**value));
        let all: Vec<_> =
            said.chain(unsaid).map(|(name, value)| format!("{name}={value}")).collect();
        text.push_str(&all.join("&"));
        text.parse().map_err(|error: eventstore::ClientSettingsParseError| {
            InvalidAddress(format!("cannot be read: {}", error.message()))
        })
    }

    fn says(&self, option: &str) -> bool {
        self.options.iter().any(|(name, _)| name == option)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        if let Some(login) = &self.login {
            write!(f, "{}:…@", login.user)?;
        }
        write!(f, "{}", self.hosts)?;
        let own = (self.prefix != "oathbook").then_some((PREFIX, &*self.prefix));
        let said = self.options.iter().map(|(name, value)| (&**name, &**value));
        for (index, (name, value)) in said.chain(own).enumerate() {
            write!(f, "{}{name}={value}", if index == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_prints_without_its_password() {
        let address =
            address("esdb://oath:s3%40cret@one:2113,two:2113?tls=false&streamPrefix=acme");
        let shown = "esdb://oath:…@one:2113,two:2113?tls=false&streamPrefix=acme";
        assert_eq!(address.to_string(), shown);
        assert!(!format!("{address:?}").contains("cret"));
        assert_eq!(address.login.unwrap().password, "s3@cret");
    }

    #[test]
    fn streams_of_others_are_told_apart() {
        let address = address("kurrentdb://one:2113");
        let stream = StreamName::parse("user-1").unwrap();
        assert_eq!(address.stream(&stream), "oathbook.user-1");
        assert_eq!(address.own("oathbook.user-1"), Some("user-1"));
        for foreign in ["user-1", "oathbook-1", "oathbook2.user-1", "$settings"] {
            assert_eq!(address.own(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused_by_name() {
        for (text, rule) in [
            ("http://one", "must be kurrentdb://"),
            ("kurrentdb://", "must name hosts"),
            ("kurrentdb://one/path", "no path"),
            ("kurrentdb://user@one", "without a password"),
            ("kurrentdb://one?tsl=false", "\"tsl\""),
            ("kurrentdb://one?nodePreference=follower", "nodePreference"),
            ("kurrentdb://one?defaultDeadline=-1", "defaultDeadline"),
            ("kurrentdb://one?streamPrefix=a_b", "streamPrefix"),
            ("kurrentdb://one?tls=perhaps", "cannot be read"),
        ] {
            let refused = text.parse::<Address>().unwrap_err();
            assert!(refused.to_string().contains(rule), "{text}: {refused}");
        }
    }

    #[test]
    fn a_way_that_others_can_read_is_exposed() {
        for (text, exposed) in [
            ("kurrentdb://db:2113", false),
            ("kurrentdb://db:2113?tls=false", true),
            ("kurrentdb://db:2113?tlsVerifyCert=false", true),
            ("kurrentdb://localhost:2113,127.0.0.1:2114?tls=false", false),
        ] {
            assert_eq!(address(text).is_exposed(), exposed, "{text}");
        }
    }
}
