//! The one table of keys: name, default, how it is read, what it means.

use api::{freshness::Availability, remote::TrustedProxies};
use notifier::post::Sender;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::{
    engine::{self, Engine},
    public_url::{self, PublicUrl},
    roles::{self, Roles},
    transport::{self, Transports},
    value::{self, Given, Scopes, Wrong},
};
use crate::logging;

pub(super) struct Key<T> {
    pub(super) about: About,
    pub(super) read: fn(&Given<'_>) -> Result<T, Wrong>,
}

/// What people are told about a key.
pub(super) struct About {
    pub(super) name: &'static str,
    /// As it would be written in the file. Empty: without the key there is no value, or it follows from another.
    pub(super) default: &'static str,
    /// For the documentation.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "only tests hold the documents to the table")
    )]
    pub(super) doc: &'static str,
}

impl About {
    /// `tokens.lifetime` is `OATHBOOK_TOKENS__LIFETIME`.
    pub(super) fn variable(&self) -> String {
        format!("OATHBOOK_{}", self.name.replace('.', "__").to_uppercase())
    }
}

macro_rules! keys {
    ($($key:ident: $value:ty = $name:literal, $default:literal, $read:expr, $doc:literal;)+) => {
        $(pub(super) const $key: Key<$value> = Key {
            about: About { name: $name, default: $default, doc: $doc },
            read: $read,
        };)+

        pub(super) const ALL: &[About] = &[$($key.about),+];
    };
}

const DAY: Duration = Duration::from_hours(24);

keys! {
    LISTEN: SocketAddr = "listen", "127.0.0.1:8080", value::address,
        "IP address and port to serve on; port 0 picks a free one";
    PUBLIC_URL: Option<PublicUrl> = "public_url", "", public_url::read,
        "address that clients and browsers use, and the issuer of tokens; without it, derived from `listen`, which suits one node without a proxy";
    TRUSTED_PROXIES: TrustedProxies = "trusted_proxies", "", value::trusted_proxies,
        "list of addresses and networks, as `10.1.0.0/16`, of proxies whose `X-Forwarded-For` is believed; without it, requests come from wherever their connection does";
    VAR: PathBuf = "var", "var", value::path,
        "directory of everything that is kept; the defaults below that begin with `var/` lie in it, wherever it is";
    ROLES: Roles = "roles", "api,projector,notifier", roles::read,
        "list of what a serving node does: `api` answers people and clients, `projector` keeps the views, `notifier` sends mail. Every role must be somebody's";
    KEYS_PRIVATE: PathBuf = "keys.private", "var/oauth_private.key", value::path,
        "RSA key that signs tokens, PEM, PKCS#1 or PKCS#8, at least 2048 bits";
    KEYS_PUBLIC: PathBuf = "keys.public", "var/oauth_public.key", value::path,
        "its public half, PEM";
    KEYS_ALLOW_WORLD_READABLE: bool = "keys.allow_world_readable", "false", value::boolean,
        "sign although the mode of the private key opens it to every user of the machine; for file systems without modes";
    EVENTS: Engine = "events", "sqlite:var/events.db", engine::read_log,
        "the log: `sqlite:PATH`, `postgres://…`, `kurrentdb://…` or `esdb://…`, or `memory:` for a try";
    VIEWS: Engine = "views", "sqlite:var/views.db", engine::read,
        "what is rebuilt from the log: `sqlite:PATH`, `postgres://…` or `memory:`";
    STATE: Engine = "state", "sqlite:var/state.db", engine::read,
        "what is neither, such as sessions and wrapped person keys: `sqlite:PATH`, `postgres://…` or `memory:`";
    TOKENS_LIFETIME: u32 = "tokens.lifetime", "3600", |given| value::number(given, 1, 2_592_000),
        "seconds for which an access token is valid, up to 30 days";
    TOKENS_FRESHNESS: Duration = "tokens.freshness", "1s",
        |given| value::duration(given, Duration::from_millis(10), Duration::from_mins(1)),
        "how old the knowledge about credentials may be when a token is issued";
    TOKENS_AVAILABILITY: Availability = "tokens.availability", "fresh", value::availability,
        "what to do when the knowledge is older and the log cannot be read: `fresh` waits a second and refuses, `last_known` issues tokens, also to those who were deactivated meanwhile";
    TOKENS_AUDIENCE: Vec<String> = "tokens.audience", "", value::audience,
        "list for the `aud` claim of tokens; without it, the issuer. Oathbook's own API accepts only tokens for the issuer";
    SCOPES: Scopes = "scopes", "", value::scopes,
        "list of scopes that applications may be given besides Oathbook's own, each with a description behind a space: `orders:read Read all orders`";
    API_RATE: u32 = "api.rate", "100", |given| value::number(given, 1, 1_000_000),
        "requests per second to the web API that the tokens of one application are good for";
    API_BURST: u32 = "api.burst", "200", |given| value::number(given, 1, 1_000_000),
        "how many of them may come at once after a rest";
    MAIL_TRANSPORT: Transports = "mail.transport", "file:var/mail", transport::read,
        "`file:DIRECTORY`; `smtp://USER:PASSWORD@HOST` with STARTTLS, except to this machine; `smtps://…` with TLS from the start; `sendmail:` or `sendmail:PATH`; or a list of up to 4, tried in order. `docs/mail.md` tells about options, tokens and relays";
    MAIL_FROM: Sender = "mail.from", "Oathbook <oathbook@localhost>", value::sender,
        "sender of letters";
    MAIL_AUTHORITIES: Option<PathBuf> = "mail.authorities", "", value::optional_path,
        "PEM file of certificate authorities that mail servers may have their certificates from, besides those that this machine trusts";
    MAIL_GIVE_UP: Duration = "mail.give_up", "2d",
        |given| value::duration(given, Duration::from_mins(1), 30 * DAY),
        "a letter that no transport took for this time is given up";
    MAIL_DIGEST_AT: Duration = "mail.digest_at", "7h",
        |given| value::duration_or_none(given, DAY),
        "how long after midnight, UTC, the mails of the day leave to those who want one a day";
    LOG_FORMAT: logging::Format = "log.format", "text", value::log_format,
        "`text` or `json`, on standard error";
    LOG_LEVEL: String = "log.level", "info", value::log_level,
        "`error`, `warn`, `info`, `debug`, `trace` or `off`, also by target: `info,sqlx=warn`";
    APPLICATIONS_RESTORABLE_FOR: Duration = "applications.restorable_for", "30d",
        |given| value::duration_or_none(given, 3650 * DAY),
        "how long a deleted application can be restored; `0` is never";
    CORS_ALLOW_ORIGINS: Vec<String> = "cors.allow_origins", "", value::origins,
        "list of origins whose pages may call the token endpoint, as `https://app.example`, or `*`";
    CORS_ALLOW_HEADERS: Vec<String> = "cors.allow_headers", "", value::header_names,
        "list of request headers they may send besides `Authorization` and `Content-Type`";
    CORS_PREFLIGHT_MAX_AGE: u32 = "cors.preflight_max_age", "600",
        |given| value::number(given, 0, 86_400),
        "seconds for which browsers may remember the answer";
    SESSIONS_IDLE: Duration = "sessions.idle", "1h",
        |given| value::duration(given, Duration::from_mins(1), 30 * DAY),
        "a session without requests ends after this time";
    SESSIONS_ABSOLUTE: Duration = "sessions.absolute", "12h",
        |given| value::duration(given, Duration::from_mins(1), 30 * DAY),
        "every session ends after this time";
    INVITATIONS_LIFETIME: Duration = "invitations.lifetime", "7d",
        |given| value::duration(given, Duration::from_mins(1), 90 * DAY),
        "a link by which somebody chooses the password of their account can be used for this time";
    SIGN_IN_ATTEMPTS_PER_ACCOUNT: u32 = "sign_in.attempts_per_account", "10",
        |given| value::number(given, 1, 10_000),
        "wrong passwords for one account within the window before it has to wait";
    SIGN_IN_ATTEMPTS_PER_ADDRESS: u32 = "sign_in.attempts_per_address", "100",
        |given| value::number(given, 1, 1_000_000),
        "the same for one remote address";
    SIGN_IN_WINDOW: Duration = "sign_in.window", "15m",
        |given| value::duration(given, Duration::from_secs(1), DAY),
        "the window";
}
