//! The address that clients and browsers use, which is also the issuer of tokens.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use url::Url;

use super::value::{Given, Shown, Wrong};

/// An `http` or `https` URL without query, fragment, user or trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    url: Url,
}

impl PublicUrl {
    /// What a browser on this machine would use.
    pub fn derived_from(bound: SocketAddr) -> Self {
        let ip = match bound.ip() {
            ip if !ip.is_unspecified() => ip,
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        let url = format!("http://{}", SocketAddr::new(ip, bound.port()));
        Self::new(Url::parse(&url).expect("an IP address and a port make a URL"))
    }

    fn new(url: Url) -> Self {
        Self { text: url.as_str().trim_end_matches('/').to_owned(), url }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn as_url(&self) -> &Url {
        &self.url
    }

    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// What comes after the host: empty, or begins with a slash and does not end with one.
    pub fn path(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// Scheme, host and port, as browsers send them in `Origin`.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Shown for PublicUrl {
    fn shown(&self) -> String {
        self.text.clone()
    }
}

/// RFC 8414, section 2, forbids query and fragment in an issuer.
pub(super) fn read(given: &Given<'_>) -> Result<Option<PublicUrl>, Wrong> {
    let text = given.text()?;
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |rule: &str| Err(rule.to_owned());
    let Ok(url) = Url::parse(text) else {
        return wrong("must be a URL, as in https://oathbook.example.org");
    };
    if !matches!(url.scheme(), "http" | "https") || !text.contains("://") {
        return wrong("must begin with http:// or https://");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("must have neither query nor fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("must not carry a user or a password");
    }
    if url.port() == Some(0) {
        return wrong("must name the port that clients use");
    }
    Ok(Some(PublicUrl::new(url)))
}
