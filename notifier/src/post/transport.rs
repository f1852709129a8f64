//! The URL that says how mail leaves.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

/// How mail leaves, as `mail.transport` names it.
#[derive(Clone, Debug)]
pub enum Transport {
    /// `file:DIR`: each mail becomes a file there.
    File(PathBuf),
    /// `smtp://[user:password@]host[:port][?tls=none|starttls]` or `smtps://[user:password@]host[:port]`.
    Smtp(Server),
    /// `sendmail:[PATH]`: the program of that name, or `/usr/sbin/sendmail`.
    Sendmail(PathBuf),
}

/// A mail server and how to talk to it.
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
    pub password: SecretString,
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

/// What is wrong with a transport. The URL itself is never repeated, it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTransport {
    #[error("a mail transport begins with `file:`, `smtp://`, `smtps://` or `sendmail:`")]
    Scheme,
    #[error("`file:` needs a directory, such as `file:var/mail`")]
    Directory,
    #[error("`sendmail:` takes an absolute path, such as `sendmail:/usr/sbin/sendmail`")]
    Program,
    #[error(
        "the mail server's URL is not well-formed; in user and password `%`, `/`, `?`, `#`, `@` and `:` are \
         written as `%25`, `%2F`, `%3F`, `%23`, `%40` and `%3A`"
    )]
    Malformed,
    #[error("the mail server's host is missing or not a host name")]
    Host,
    #[error("the mail server's port is not between 1 and 65535")]
    Port,
    #[error("a mail server takes user and password together, or neither")]
    Credentials,
    #[error("`smtp://` knows the option `tls=none` or `tls=starttls`, and `smtps://` none")]
    Option,
    #[error("a mail server's URL ends behind host and port")]
    Path,
    #[error("a password goes to another machine only over TLS: use `smtps://` or `tls=starttls`")]
    PasswordInClear,
}

const SENDMAIL: &str = "/usr/sbin/sendmail";

impl Transport {
    /// The same, with a relative directory taken as relative to `base`.
    #[must_use]
    pub fn below(self, base: &Path) -> Self {
        match self {
            Self::File(folder) => Self::File(base.join(folder)),
            Self::Smtp(_) | Self::Sendmail(_) => self,
        }
    }
}

impl FromStr for Transport {
    type Err = InvalidTransport;

    fn from_str(text: &str) -> Result<Self, InvalidTransport> {
        let (scheme, rest) = text.split_once(':').ok_or(InvalidTransport::Scheme)?;
        match scheme.to_ascii_lowercase().as_str() {
            "file" => folder(rest).map(Self::File),
            "sendmail" => program(rest).map(Self::Sendmail),
            "smtp" | "smtps" if !rest.starts_with("//") => Err(InvalidTransport::Scheme),
            "smtp" => server(text, smtp_security).map(Self::Smtp),
            "smtps" => server(text, smtps_security).map(Self::Smtp),
            _ => Err(InvalidTransport::Scheme),
        }
    }
}

fn folder(rest: &str) -> Result<PathBuf, InvalidTransport> {
    let path = match rest.strip_prefix("//") {
        // `file://host/…` names another machine.
        Some(absolute) if !absolute.starts_with('/') => return Err(InvalidTransport::Directory),
        Some(absolute) => absolute,
        None => rest,
    };
    if path.is_empty() || path.contains('\0') {
        return Err(InvalidTransport::Directory);
    }
    Ok(PathBuf::from(path))
}

fn program(rest: &str) -> Result<PathBuf, InvalidTransport> {
    match rest {
        "" => Ok(PathBuf::from(SENDMAIL)),
        path if path.starts_with('/') && !path.contains('\0') => Ok(PathBuf::from(path)),
        _ => Err(InvalidTransport::Program),
    }
}

fn server(
    text: &str,
    security: fn(&Url, &Host) -> Result<Tls, InvalidTransport>,
) -> Result<Server, InvalidTransport> {
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
    let credentials = credentials(&url)?;
    let tls = security(&url, &host)?;
    if tls == Tls::None && credentials.is_some() && !is_loopback(&host) {
        return Err(InvalidTransport::PasswordInClear);
    }
    let port = url.port().unwrap_or(tls.port());
    if port == 0 {
        return Err(InvalidTransport::Port);
    }
    Ok(Server { host, port, tls, credentials })
}

/// STARTTLS unless the URL says otherwise, or nothing leaves the machine.
fn smtp_security(url: &Url, host: &Host) -> Result<Tls, InvalidTransport> {
    match url.query() {
        Some("tls=none") => Ok(Tls::None),
        Some("tls=starttls") => Ok(Tls::StartTls),
        Some(_) => Err(InvalidTransport::Option),
        None if is_loopback(host) => Ok(Tls::None),
        None => Ok(Tls::StartTls),
    }
}

fn smtps_security(url: &Url, _host: &Host) -> Result<Tls, InvalidTransport> {
    url.query().map_or(Ok(Tls::Implicit), |_| Err(InvalidTransport::Option))
}

fn credentials(url: &Url) -> Result<Option<Credentials>, InvalidTransport> {
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err(InvalidTransport::Credentials),
        (user, Some(password)) => {
            let (user, password) = (decoded(user)?, decoded(password)?);
            Ok(Some(Credentials { user, password: password.into() }))
        }
    }
}

/// No control characters: they separate the fields of AUTH PLAIN (RFC 4616).
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
        match text.parse() {
            Ok(Transport::Smtp(server)) => server,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_directory_is_taken_as_it_is_written() {
        for (text, path) in [
            ("file:var/mail", "/base/var/mail"),
            ("file:/var/mail", "/var/mail"),
            ("file:///var/mail", "/var/mail"),
            ("file:50%20 off", "/base/50%20 off"),
        ] {
            let transport = text.parse::<Transport>().unwrap().below(Path::new("/base"));
            assert!(matches!(transport, Transport::File(folder) if folder == Path::new(path)));
        }
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
        ] {
            let server = smtp(text);
            assert_eq!((server.port, server.tls), (port, tls), "{text}");
        }
        assert_eq!(smtp("smtps://bücher.example").host.to_string(), "xn--bcher-kva.example");
    }

    #[test]
    fn a_password_is_decoded_and_never_printed() {
        let server = smtp("smtps://ada%40example.com:p%2Fs+s%3A%23@mail.example");
        let credentials = server.credentials.as_ref().unwrap();
        assert_eq!(credentials.user, "ada@example.com");
        assert_eq!(credentials.password.expose_secret(), "p/s+s:#");
        let printed = format!("{server:?}");
        assert!(!printed.contains("p/s") && !printed.contains("ada"), "{printed}");
    }

    #[test]
    fn what_is_wrong_with_a_transport_is_said_without_repeating_it() {
        use InvalidTransport as Wrong;
        for (text, wrong) in [
            ("", Wrong::Scheme),
            ("var/mail", Wrong::Scheme),
            ("http://hunter2", Wrong::Scheme),
            ("smtp:mail.example", Wrong::Scheme),
            ("file:", Wrong::Directory),
            ("file://host/hunter2", Wrong::Directory),
            ("file:a\0b", Wrong::Directory),
            ("sendmail:sendmail", Wrong::Program),
            ("smtp://", Wrong::Host),
            ("smtp:///hunter2", Wrong::Host),
            ("smtp://a b", Wrong::Malformed),
            ("smtp://u:hunter2/x@mail.example", Wrong::Port),
            ("smtp://mail.example:0", Wrong::Port),
            ("smtp://mail.example:65536", Wrong::Port),
            ("smtp://u@mail.example", Wrong::Credentials),
            ("smtp://:hunter2@mail.example", Wrong::Credentials),
            ("smtp://u:hunter2%00@mail.example", Wrong::Malformed),
            ("smtp://u:hunter2%ff@mail.example", Wrong::Malformed),
            ("smtp://mail.example?tls=opportunistic", Wrong::Option),
            ("smtp://mail.example?tls=none&tls=starttls", Wrong::Option),
            ("smtps://mail.example?tls=none", Wrong::Option),
            ("smtp://mail.example/hunter2", Wrong::Path),
            ("smtp://mail.example#hunter2", Wrong::Path),
            ("smtp://u:hunter2@mail.example?tls=none", Wrong::PasswordInClear),
        ] {
            let error = text.parse::<Transport>().unwrap_err();
            assert_eq!(error, wrong, "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
}
