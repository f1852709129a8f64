//! Values as they are written, read into types, and shown again.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use api::{freshness::Availability, remote::TrustedProxies, scopes::Catalogue};
use domain::Scope;
use ipnet::IpNet;
use notifier::post::{InvalidSender, Sender};
use url::Url;

use crate::logging;

/// What a source says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    List(Vec<String>),
}

/// A value and the directory its relative paths start from.
pub(super) struct Given<'a> {
    pub(super) value: &'a Value,
    pub(super) place: Place<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The directory of the file, or the working directory without one.
    Base(&'a Path),
    /// A default: what it calls `var/` is this directory.
    Var(&'a Path),
}

/// The end of a sentence that begins with the key: `must be …`.
pub(super) type Wrong = String;

/// How `config show` prints a value, without secrets.
pub(super) trait Shown {
    fn shown(&self) -> String;
}

impl Given<'_> {
    pub(super) fn text(&self) -> Result<&str, Wrong> {
        match self.value {
            Value::Text(text) => Ok(text.trim()),
            Value::List(_) => Err("must be a single value, not a list".to_owned()),
        }
    }

    /// In variables, and wherever one line is all there is, commas separate.
    pub(super) fn list(&self) -> Vec<String> {
        let items = match self.value {
            Value::Text(text) => text.split(',').collect(),
            Value::List(items) => items.iter().map(String::as_str).collect::<Vec<_>>(),
        };
        let items = items.into_iter().map(str::trim).filter(|item| !item.is_empty());
        items.map(str::to_owned).collect()
    }

    /// An absolute path, without `.` in it.
    pub(super) fn resolve(&self, path: &str) -> Result<PathBuf, Wrong> {
        if path.is_empty() || path.contains('\0') {
            return Err("must name a path".to_owned());
        }
        let path = match self.place {
            Place::Base(base) => base.join(path),
            Place::Var(var) => var.join(path.strip_prefix("var/").unwrap_or(path)),
        };
        Ok(path.components().collect())
    }
}

pub(super) fn address(given: &Given<'_>) -> Result<SocketAddr, Wrong> {
    given.text()?.parse().map_err(|_| {
        "must be an IP address and a port, as in 127.0.0.1:8080 or [::1]:8080".to_owned()
    })
}

pub(super) fn path(given: &Given<'_>) -> Result<PathBuf, Wrong> {
    given.resolve(given.text()?)
}

/// Nothing is no path.
pub(super) fn optional_path(given: &Given<'_>) -> Result<Option<PathBuf>, Wrong> {
    match given.text()? {
        "" => Ok(None),
        path => given.resolve(path).map(Some),
    }
}

pub(super) fn boolean(given: &Given<'_>) -> Result<bool, Wrong> {
    given.text()?.parse().map_err(|_| "must be true or false".to_owned())
}

pub(super) fn number(given: &Given<'_>, least: u32, most: u32) -> Result<u32, Wrong> {
    let number = given.text()?.parse().ok();
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("must be a whole number from {least} to {most}"))
}

pub(super) fn duration(
    given: &Given<'_>,
    least: Duration,
    most: Duration,
) -> Result<Duration, Wrong> {
    parse_duration(given.text()?).filter(|duration| (least..=most).contains(duration)).ok_or_else(
        || {
            format!(
                "must be a duration from {} to {}, as in 500ms, 2s, 15m, 12h or 7d",
                least.shown(),
                most.shown()
            )
        },
    )
}

/// A duration of at least a minute, or `0`.
pub(super) fn duration_or_none(given: &Given<'_>, most: Duration) -> Result<Duration, Wrong> {
    if given.text()? == "0" {
        return Ok(Duration::ZERO);
    }
    duration(given, Duration::from_mins(1), most)
        .map_err(|rule| rule.replacen("must be", "must be 0, or", 1))
}

/// Milliseconds of every unit, the longest first.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*millis).map(Duration::from_millis)
}

pub(super) fn audience(given: &Given<'_>) -> Result<Vec<String>, Wrong> {
    let audience = given.list();
    if audience.iter().any(|item| item.chars().any(|c| c.is_whitespace() || c.is_control())) {
        return Err("must be a list of names or URLs without spaces".to_owned());
    }
    Ok(audience)
}

/// Scopes with what they allow.
pub(super) type Scopes = Vec<(Scope, String)>;

pub(super) fn scopes(given: &Given<'_>) -> Result<Scopes, Wrong> {
    given.list().iter().map(|entry| Catalogue::entry(entry)).collect::<Result<_, _>>().map_err(|rule| {
        format!("must be a list of scopes, each with a description behind a space as in `orders:read Read all orders`, where {rule}")
    })
}

pub(super) fn origins(given: &Given<'_>) -> Result<Vec<String>, Wrong> {
    let origins = given.list();
    match origins.iter().find(|origin| !is_origin(origin)) {
        None => Ok(origins),
        Some(_) => Err("must be a list of origins as browsers send them, `https://app.example` or `http://localhost:3000`, without a path, or `*`".to_owned()),
    }
}

fn is_origin(text: &str) -> bool {
    let is_http = |url: &Url| matches!(url.scheme(), "http" | "https");
    text == "*"
        || Url::parse(text)
            .is_ok_and(|url| is_http(&url) && url.origin().ascii_serialization() == text)
}

pub(super) fn header_names(given: &Given<'_>) -> Result<Vec<String>, Wrong> {
    // RFC 9110, section 5.6.2.
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let names = given.list();
    if names.iter().all(|name| name.chars().all(is_token)) {
        Ok(names)
    } else {
        Err("must be a list of names of headers".to_owned())
    }
}

pub(super) fn trusted_proxies(given: &Given<'_>) -> Result<TrustedProxies, Wrong> {
    let network = |text: &String| {
        text.parse().or_else(|_| text.parse().map(|address: IpAddr| IpNet::from(address)))
    };
    let networks: Result<Vec<_>, _> = given.list().iter().map(network).collect();
    let networks =
        networks.map_err(|_| "must be a list of addresses and networks, as 10.1.0.0/16")?;
    if networks.iter().any(|network| network.prefix_len() == 0) {
        return Err(
            "must not be every address: anybody could make up where they come from".to_owned()
        );
    }
    Ok(TrustedProxies::of(networks))
}

pub(super) fn sender(given: &Given<'_>) -> Result<Sender, Wrong> {
    given.text()?.parse().map_err(|rule: InvalidSender| rule.to_string())
}

pub(super) fn availability(given: &Given<'_>) -> Result<Availability, Wrong> {
    match given.text()? {
        "fresh" => Ok(Availability::Fresh),
        "last_known" => Ok(Availability::LastKnown),
        _ => Err("must be fresh or last_known".to_owned()),
    }
}

pub(super) fn log_format(given: &Given<'_>) -> Result<logging::Format, Wrong> {
    given.text()?.parse().map_err(|()| "must be text or json".to_owned())
}

pub(super) fn log_level(given: &Given<'_>) -> Result<String, Wrong> {
    // A list reads like the same directives with commas between.
    let level = given.list().join(",");
    match logging::parse_level(&level) {
        Ok(_) => Ok(level),
        Err(_) => Err(
            "must be error, warn, info, debug, trace or off, also by target as in info,sqlx=warn"
                .to_owned(),
        ),
    }
}

impl Shown for SocketAddr {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for PathBuf {
    fn shown(&self) -> String {
        self.display().to_string()
    }
}

impl Shown for bool {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for Sender {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for u32 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for String {
    fn shown(&self) -> String {
        self.clone()
    }
}

impl Shown for Vec<String> {
    fn shown(&self) -> String {
        self.join(",")
    }
}

impl Shown for Scopes {
    fn shown(&self) -> String {
        let entry = |(scope, description): &(Scope, String)| {
            format!("{scope} {description}").trim_end().to_owned()
        };
        self.iter().map(entry).collect::<Vec<_>>().join(",")
    }
}

impl Shown for TrustedProxies {
    fn shown(&self) -> String {
        self.networks().iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

impl Shown for logging::Format {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for Duration {
    fn shown(&self) -> String {
        let millis = self.as_millis();
        let unit = UNITS.iter().find(|(_, length)| millis.is_multiple_of(u128::from(*length)));
        let (name, length) = unit.unwrap_or(&("ms", 1));
        format!("{}{name}", millis / u128::from(*length))
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> String {
        self.as_ref().map(Shown::shown).unwrap_or_default()
    }
}

impl Shown for Availability {
    fn shown(&self) -> String {
        match self {
            Self::Fresh => "fresh",
            Self::LastKnown => "last_known",
        }
        .to_owned()
    }
}
