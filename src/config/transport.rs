//! How letters leave.

use std::{fmt, path::PathBuf};

use secrecy::SecretString;
use url::{Host, Url};

use super::{
    value::{Given, Shown, Wrong},
    withheld,
};

#[derive(Clone, Debug)]
pub enum Transport {
    /// A directory that letters are written to.
    File(PathBuf),
    Smtp(Smtp),
    /// The program, when it is not the one on the path.
    Sendmail(Option<PathBuf>),
}

/// An `smtp` or `smtps` URL with at most `tls=required` or `tls=opportunistic`, as lettre's `from_url` takes it.
#[derive(Clone)]
pub struct Smtp {
    pub url: SecretString,
    shown: String,
    in_the_clear: bool,
}

impl Transport {
    /// Whether letters may leave this machine unencrypted.
    pub(super) fn is_in_the_clear(&self) -> bool {
        matches!(self, Self::Smtp(smtp) if smtp.in_the_clear)
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({})", self.shown)
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(directory) => write!(f, "file:{}", directory.display()),
            Self::Smtp(smtp) => f.write_str(&smtp.shown),
            Self::Sendmail(None) => f.write_str("sendmail:"),
            Self::Sendmail(Some(program)) => write!(f, "sendmail:{}", program.display()),
        }
    }
}

impl Shown for Transport {
    fn shown(&self) -> String {
        self.to_string()
    }
}

pub(super) fn read(given: &Given<'_>) -> Result<Transport, Wrong> {
    let text = given.text()?;
    match text.split_once(':') {
        Some(("file", path)) => {
            given.resolve(path.strip_prefix("//").unwrap_or(path)).map(Transport::File)
        }
        Some(("sendmail", "")) => Ok(Transport::Sendmail(None)),
        Some(("sendmail", path)) => given.resolve(path).map(Some).map(Transport::Sendmail),
        Some(("smtp" | "smtps", _)) => smtp(text).map(Transport::Smtp),
        _ => Err("must be file:DIRECTORY, smtp://HOST, smtps://HOST, sendmail: or sendmail:PATH"
            .to_owned()),
    }
}

fn smtp(text: &str) -> Result<Smtp, Wrong> {
    let wrong = |rule: &str| Err(rule.to_owned());
    let url = Url::parse(text).ok().filter(|url| url.host().is_some());
    let Some(url) = url else {
        return wrong(
            "must be a URL with a host, as in smtp://localhost:25; special characters of user and password are percent-encoded",
        );
    };
    let encrypted = match (url.scheme(), url.query()) {
        ("smtps", None) | ("smtp", Some("tls=required")) => true,
        ("smtp", None | Some("tls=opportunistic")) => false,
        ("smtp", Some(_)) => {
            return wrong("may end with ?tls=required or ?tls=opportunistic, and nothing else");
        }
        _ => return wrong("must not have a query with smtps://, which is always encrypted"),
    };
    if url.fragment().is_some() {
        return wrong("must not have a fragment");
    }
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let shown = withheld::shown(&url).trim_end_matches("?…").to_owned() + &query;
    let in_the_clear = !encrypted && !is_loopback(&url);
    Ok(Smtp { url: text.to_owned().into(), shown, in_the_clear })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        // RFC 6761, section 6.3. `smtp` is no special scheme, so addresses in it stay text.
        Some(Host::Domain(name)) => {
            name == "localhost"
                || name.ends_with(".localhost")
                || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        None => false,
    }
}
