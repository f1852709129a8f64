//! What an operator decides: one typed value per key, and where each came from.
//!
//! Sources, the later ones stronger: defaults, the configuration file, `OATHBOOK_…` variables, flags of the command line.
//! The table of keys is in `keys`; `docs/configuration.md` and `config.example.yml` are held to it by tests.

#[cfg(test)]
mod docs;
mod engine;
mod error;
mod file;
mod keys;
mod layers;
mod public_url;
mod roles;
#[cfg(test)]
mod tests;
mod transport;
mod value;
mod withheld;

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use api::{app::RateLimit, freshness::Availability, remote::TrustedProxies, scopes::Catalogue};
use notifier::post::{Sender, Settings};
use serde::Serialize;

use crate::logging;

pub use self::{
    engine::Engine,
    error::{ConfigError, Problem},
    layers::Origin,
    public_url::PublicUrl,
    roles::{Role, Roles},
    transport::{Transport, Transports},
};
use self::{
    layers::{Layers, Reader},
    value::Shown,
};

#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// `None` when it follows from `listen`: see [`Config::public_url_at`].
    pub public_url: Option<PublicUrl>,
    pub trusted_proxies: TrustedProxies,
    pub var: PathBuf,
    pub roles: Roles,
    pub keys: Keys,
    pub events: Engine,
    pub views: Engine,
    pub state: Engine,
    pub tokens: Tokens,
    /// What applications may be given.
    pub scopes: Catalogue,
    /// For the web API.
    pub rate_limit: RateLimit,
    pub mail: Mail,
    pub log: Log,
    pub applications: Applications,
    pub cors: Cors,
    pub sessions: Sessions,
    pub invitations: Invitations,
    pub sign_in: SignIn,
}

#[derive(Clone, Debug)]
pub struct Keys {
    pub private: PathBuf,
    pub public: PathBuf,
    pub allow_world_readable: bool,
}

#[derive(Clone, Debug)]
pub struct Tokens {
    /// Whole seconds.
    pub lifetime: Duration,
    pub freshness: Duration,
    pub availability: Availability,
    /// Empty when it is the issuer: see [`Tokens::audience_of`].
    pub audience: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Mail {
    pub transport: Transports,
    pub from: Sender,
    /// The file of those that are trusted besides the machine's.
    pub authorities: Option<PathBuf>,
    pub give_up: Duration,
    /// After midnight, UTC.
    pub digest_at: Duration,
}

#[derive(Clone, Debug)]
pub struct Log {
    pub format: logging::Format,
    /// A level or a list of `target=level` that [`logging::init`] accepts.
    pub level: String,
}

#[derive(Clone, Debug)]
pub struct Applications {
    /// After they were deleted; zero is never.
    pub restorable_for: Duration,
}

/// For the token endpoint only.
#[derive(Clone, Debug)]
pub struct Cors {
    /// Origins as browsers send them, or `*`.
    pub allow_origins: Vec<String>,
    pub allow_headers: Vec<String>,
    pub preflight_max_age: Duration,
}

#[derive(Clone, Debug)]
pub struct Sessions {
    pub idle: Duration,
    pub absolute: Duration,
}

#[derive(Clone, Debug)]
pub struct Invitations {
    pub lifetime: Duration,
}

/// How many wrong passwords are taken within a window before sign-in has to wait.
#[derive(Clone, Debug)]
pub struct SignIn {
    pub attempts_per_account: u32,
    pub attempts_per_address: u32,
    pub window: Duration,
}

/// What the command line says about configuration.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config FILE`
    pub config: Option<PathBuf>,
    /// `--listen ADDRESS`
    pub listen: Option<String>,
    /// `--roles ROLE,ROLE`
    pub roles: Option<String>,
}

/// The configuration and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    /// The file that was read.
    pub file: Option<PathBuf>,
    rows: Vec<Row>,
}

/// One key for `config show`; secrets are withheld from the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    pub key: &'static str,
    pub value: String,
    pub origin: String,
}

impl Config {
    /// Reads every source, and reports all that is wrong at once. `variables` is the environment, `directory` the working
    /// directory.
    pub fn load(
        flags: &Flags,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        directory: &Path,
    ) -> Result<Loaded, ConfigError> {
        let layers = Layers::gather(flags, variables, directory)?;
        let file = layers.file.clone();
        let mut reader = Reader::new(layers);
        let config = Self::read(&mut reader);
        config.check(&mut reader);
        let rows = reader.finish()?;
        Ok(Loaded { rows: derived(rows, &config), config, file })
    }

    fn read(reader: &mut Reader) -> Self {
        Self {
            listen: reader.read(&keys::LISTEN),
            public_url: reader.read(&keys::PUBLIC_URL),
            trusted_proxies: reader.read(&keys::TRUSTED_PROXIES),
            var: reader.read_var(&keys::VAR),
            roles: reader.read(&keys::ROLES),
            keys: Keys {
                private: reader.read(&keys::KEYS_PRIVATE),
                public: reader.read(&keys::KEYS_PUBLIC),
                allow_world_readable: reader.read(&keys::KEYS_ALLOW_WORLD_READABLE),
            },
            events: reader.read(&keys::EVENTS),
            views: reader.read(&keys::VIEWS),
            state: reader.read(&keys::STATE),
            tokens: Tokens {
                lifetime: Duration::from_secs(reader.read(&keys::TOKENS_LIFETIME).into()),
                freshness: reader.read(&keys::TOKENS_FRESHNESS),
                availability: reader.read(&keys::TOKENS_AVAILABILITY),
                audience: reader.read(&keys::TOKENS_AUDIENCE),
            },
            scopes: Catalogue::with(reader.read(&keys::SCOPES)),
            rate_limit: RateLimit {
                rate: reader.read(&keys::API_RATE),
                burst: reader.read(&keys::API_BURST),
            },
            mail: Mail {
                transport: reader.read(&keys::MAIL_TRANSPORT),
                from: reader.read(&keys::MAIL_FROM),
                authorities: reader.read(&keys::MAIL_AUTHORITIES),
                give_up: reader.read(&keys::MAIL_GIVE_UP),
                digest_at: reader.read(&keys::MAIL_DIGEST_AT),
            },
            log: Log {
                format: reader.read(&keys::LOG_FORMAT),
                level: reader.read(&keys::LOG_LEVEL),
            },
            applications: Applications {
                restorable_for: reader.read(&keys::APPLICATIONS_RESTORABLE_FOR),
            },
            cors: Cors {
                allow_origins: reader.read(&keys::CORS_ALLOW_ORIGINS),
                allow_headers: reader.read(&keys::CORS_ALLOW_HEADERS),
                preflight_max_age: Duration::from_secs(
                    reader.read(&keys::CORS_PREFLIGHT_MAX_AGE).into(),
                ),
            },
            sessions: Sessions {
                idle: reader.read(&keys::SESSIONS_IDLE),
                absolute: reader.read(&keys::SESSIONS_ABSOLUTE),
            },
            invitations: Invitations { lifetime: reader.read(&keys::INVITATIONS_LIFETIME) },
            sign_in: SignIn {
                attempts_per_account: reader.read(&keys::SIGN_IN_ATTEMPTS_PER_ACCOUNT),
                attempts_per_address: reader.read(&keys::SIGN_IN_ATTEMPTS_PER_ADDRESS),
                window: reader.read(&keys::SIGN_IN_WINDOW),
            },
        }
    }

    /// What no value can be asked alone.
    fn check(&self, reader: &mut Reader) {
        if self.keys.private == self.keys.public {
            reader.refuse(&keys::KEYS_PUBLIC, "must name another file than `keys.private`");
        }
        // One of the three is rebuilt at will and another never: a shared file could not be both.
        if self.views.shares_a_file_with(&self.events) {
            reader.refuse(&keys::VIEWS, "must name another file than `events`");
        }
        if self.state.shares_a_file_with(&self.events) || self.state.shares_a_file_with(&self.views)
        {
            reader.refuse(&keys::STATE, "must name another file than `events` and `views`");
        }
        if self.sessions.idle > self.sessions.absolute {
            reader.refuse(&keys::SESSIONS_IDLE, "must not be longer than `sessions.absolute`");
        }
    }

    /// The address that clients use: `public_url`, or what follows from the address that was bound in the end.
    pub fn public_url_at(&self, bound: SocketAddr) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| PublicUrl::derived_from(bound))
    }

    /// Where the root of every other key is kept.
    pub fn installation_key(&self) -> PathBuf {
        self.var.join("installation.key")
    }
}

impl Mail {
    /// What the notifier makes its post of.
    pub fn settings(&self) -> Settings {
        let transports = self.transport.0.iter().map(|transport| transport.post.clone());
        Settings {
            transports: transports.collect(),
            sender: self.from.clone(),
            authorities: self.authorities.clone(),
        }
    }
}

impl Tokens {
    /// The `aud` claim: what is configured, otherwise the issuer itself.
    pub fn audience_of(&self, issuer: &PublicUrl) -> Vec<String> {
        if self.audience.is_empty() { vec![issuer.to_string()] } else { self.audience.clone() }
    }
}

impl Loaded {
    /// Every key in the order of the documentation.
    pub fn show(&self) -> &[Row] {
        &self.rows
    }
}

/// Fills in the two values that follow from others.
fn derived(mut rows: Vec<Row>, config: &Config) -> Vec<Row> {
    let issuer = config.public_url_at(config.listen);
    let known = config.public_url.is_some() || config.listen.port() != 0;
    let issuer = if known { issuer.shown() } else { "known once a port is bound".to_owned() };
    for row in &mut rows {
        if row.key == keys::PUBLIC_URL.about.name && config.public_url.is_none() {
            row.value.clone_from(&issuer);
            "derived from listen".clone_into(&mut row.origin);
        }
        if row.key == keys::TOKENS_AUDIENCE.about.name && config.tokens.audience.is_empty() {
            row.value.clone_from(&issuer);
            "derived from public_url".clone_into(&mut row.origin);
        }
    }
    rows
}
