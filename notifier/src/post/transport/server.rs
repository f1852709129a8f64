//! A mail server and how to talk to it, as a URL says it.

use std::{fmt, path::PathBuf, str::FromStr};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

use super::InvalidTransport;

#[derive(Clone, Debug)]
pub struct Server {
    pub host: Host,
    pub port: u16,
    pub tls: Tls,
    pub credentials: Option<Credentials>,
}

/// Prints neither user nor password.
#[derive(Clone)]
pub struct Credentials {
    pub user: String,
    pub secret: Secret,
}

/// By what a user is believed. Files are read at each login, so that what is in them can be replaced at any time.
#[derive(Clone, Debug)]
pub enum Secret {
    Password(SecretString),
    PasswordFile(PathBuf),
    /// An OAuth 2.0 access token, for the SASL mechanism XOAUTH2.
    TokenFile(PathBuf),
}

/// How a connection is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    None,
    /// By STARTTLS (RFC 3207), or there is no mail.
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
}

impl FromStr for Server {
    type Err = InvalidTransport;

    /// Of an `smtp://` or `smtps://` URL.
    fn from_str(text: &str) -> Result<Self, InvalidTransport> {
        let url = Url::parse(text).map_err(|error| match error {
            url::ParseError::InvalidPort => InvalidTransport::Port,
            url::ParseError::EmptyHost => InvalidTransport::Host,
            _ => InvalidTransport::Malformed,
        })?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(InvalidTransport::Host)?;
        let host = Host::parse(host).map_err(|_| InvalidTransport::Host)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(InvalidTransport::Path);
        }
        let Options { tls, secret } = options(url.query().unwrap_or_default())?;
        let tls = match (url.scheme(), tls) {
            ("smtps", Some(_)) => return Err(InvalidTransport::Option),
            ("smtps", None) => Tls::Implicit,
            (_, Some(tls)) => tls,
            // STARTTLS unless the URL says otherwise, or nothing leaves the machine.
            (_, None) if is_loopback(&host) => Tls::None,
            (_, None) => Tls::StartTls,
        };
        let credentials = credentials(&url, secret)?;
        if tls == Tls::None && credentials.is_some() && !is_loopback(&host) {
            return Err(InvalidTransport::SecretInClear);
        }
        let port = url.port().unwrap_or(tls.port());
        if port == 0 {
            return Err(InvalidTransport::Port);
        }
        Ok(Self { host, port, tls, credentials })
    }
}

#[derive(Default)]
struct Options {
    tls: Option<Tls>,
    secret: Option<Secret>,
}

fn options(query: &str) -> Result<Options, InvalidTransport> {
    let mut options = Options::default();
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').ok_or(InvalidTransport::Option)?;
        let path = || match decoded(value) {
            Ok(path) if !path.is_empty() => Ok(PathBuf::from(path)),
            Ok(_) | Err(_) => Err(InvalidTransport::Option),
        };
        let secret = match (name, value) {
            ("tls", "none" | "starttls") => {
                let tls = if value == "none" { Tls::None } else { Tls::StartTls };
                if options.tls.replace(tls).is_some() {
                    return Err(InvalidTransport::Option);
                }
                continue;
            }
            ("password_file", _) => Secret::PasswordFile(path()?),
            ("token_file", _) => Secret::TokenFile(path()?),
            _ => return Err(InvalidTransport::Option),
        };
        if options.secret.replace(secret).is_some() {
            return Err(InvalidTransport::Credentials);
        }
    }
    Ok(options)
}

fn credentials(url: &Url, file: Option<Secret>) -> Result<Option<Credentials>, InvalidTransport> {
    let secret = match (url.username(), url.password(), file) {
        ("", None, None) => return Ok(None),
        ("", _, _) | (_, None, None) | (_, Some(_), Some(_)) => {
            return Err(InvalidTransport::Credentials);
        }
        (_, Some(password), None) => Secret::Password(decoded(password)?.into()),
        (_, None, Some(file)) => file,
    };
    Ok(Some(Credentials { user: decoded(url.username())?, secret }))
}

/// No control characters: they separate the fields of what a login says (RFC 4616).
fn decoded(text: &str) -> Result<String, InvalidTransport> {
    let decoded =
        percent_decode_str(text).decode_utf8().map_err(|_| InvalidTransport::Malformed)?;
    if decoded.chars().any(char::is_control) {
        return Err(InvalidTransport::Malformed);
    }
    Ok(decoded.into_owned())
}

/// RFC 6761 keeps `localhost` on this machine.
fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
        }
    }
}

impl Server {
    /// The host as resolvers and certificates spell it: an IPv6 address without brackets.
    pub(in crate::post) fn name(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }
}

impl Tls {
    /// The usual port: relay on the machine, submission (RFC 6409), submissions (RFC 8314).
    const fn port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::StartTls => 587,
            Self::Implicit => 465,
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.tls {
            Tls::None | Tls::StartTls => "smtp",
            Tls::Implicit => "smtps",
        };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(withheld)")
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn smtp(text: &str) -> Server {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn starttls_is_required_unless_nothing_leaves_the_machine() {
        for (text, port, tls) in [
            ("smtp://mail.example", 587, Tls::StartTls),
            ("smtp://mail.example:25?tls=none", 25, Tls::None),
            ("smtp://localhost.example", 587, Tls::StartTls),
            ("smtp://localhost", 25, Tls::None),
            ("SMTP://LOCALHOST/", 25, Tls::None),
            ("smtp://127.8.9.1:2525", 2525, Tls::None),
            ("smtp://[::1]", 25, Tls::None),
            ("smtp://[::1]?tls=starttls", 587, Tls::StartTls),
            ("smtp://[2001:db8::1]", 587, Tls::StartTls),
            ("smtps://mail.example", 465, Tls::Implicit),
            ("SMTPS://mail.example", 465, Tls::Implicit),
        ] {
            let server = smtp(text);
            assert_eq!((server.port, server.tls), (port, tls), "{text}");
        }
        assert_eq!(smtp("smtps://bücher.example").host.to_string(), "xn--bcher-kva.example");
    }

    #[test]
    fn a_password_is_decoded_and_never_printed() {
        let server = smtp("smtps://ada%40example.com:p%2Fs+s%3A%23%2C@mail.example");
        let credentials = server.credentials.as_ref().unwrap();
        assert_eq!(credentials.user, "ada@example.com");
        let Secret::Password(password) = &credentials.secret else { panic!("a password") };
        assert_eq!(password.expose_secret(), "p/s+s:#,");
        let printed = format!("{server} {server:?}");
        assert!(!printed.contains("p/s") && !printed.contains("ada"), "{printed}");
        assert_eq!(server.to_string(), "smtps://mail.example:465");
    }

    #[test]
    fn a_secret_can_be_in_a_file() {
        let secret = |text| smtp(text).credentials.unwrap().secret;
        let token = secret("smtp://ada@mail.example?token_file=/run/a+b%20c/token&tls=starttls");
        assert!(matches!(token, Secret::TokenFile(file) if file == *"/run/a+b c/token"));
        let password = secret("smtps://ada@mail.example?password_file=secret");
        assert!(matches!(password, Secret::PasswordFile(file) if file == *"secret"));
    }
}
