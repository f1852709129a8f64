//! The key pair of a running node: read when the files change, and held against what the log says.

use std::{fmt, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use commands::{Commands, Failure};
use domain::signing_key::KeyId;
use parking_lot::{Mutex, RwLock};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{EXPOSED, Exposure, KeyError, KeyFiles, Problem, SigningKey, Stamp, UNAVAILABLE, load};

/// How often the files and the log are looked at.
const GLANCE: Duration = Duration::from_secs(1);

/// Holds the key that signs, if there is one. One per process, shared.
#[derive(Debug)]
pub struct Keys {
    files: KeyFiles,
    loaded: Mutex<Option<Loaded>>,
    now: RwLock<Now>,
}

/// What the files said when they were last read.
#[derive(Debug)]
struct Loaded {
    stamp: Stamp,
    outcome: Result<Arc<Signer>, KeyError>,
}

#[derive(Debug)]
struct Now {
    condition: Condition,
    /// Whom the mode of the private key lets in, if there is such a file.
    exposure: Option<Exposure>,
}

/// Whether this node can sign.
#[derive(Clone, Debug)]
pub enum Condition {
    /// There is no private or no public key file.
    Missing(String),
    /// The files, or what the log says about them, do not allow signing; the text says what to do.
    Faulty(String),
    /// Every user of the machine can read the private key.
    Refused(Exposure, String),
    Ready(Arc<Signer>),
}

/// A signing key that the log agrees with, and what every token signed by it begins with.
#[derive(Debug)]
pub struct Signer {
    key: SigningKey,
    header: String,
}

/// What a file stands at: the key, the stamp it was read at, and the mode.
struct Glance {
    stamp: Stamp,
    exposure: Option<Exposure>,
    /// `None` when nothing has changed.
    outcome: Option<Result<SigningKey, KeyError>>,
}

impl Keys {
    /// Reads nothing yet: see [`Keys::refresh`].
    pub fn new(files: KeyFiles) -> Self {
        let condition = Condition::Missing("the key files have not been read yet".to_owned());
        Self {
            files,
            loaded: Mutex::new(None),
            now: RwLock::new(Now { condition, exposure: None }),
        }
    }

    pub fn files(&self) -> &KeyFiles {
        &self.files
    }

    /// The key that signs now.
    pub fn signer(&self) -> Option<Arc<Signer>> {
        match &self.now.read().condition {
            Condition::Ready(signer) => Some(signer.clone()),
            Condition::Missing(_) | Condition::Faulty(_) | Condition::Refused(..) => None,
        }
    }

    pub fn condition(&self) -> Condition {
        self.now.read().condition.clone()
    }

    /// What every page that concerns tokens says about the keys.
    pub fn warnings(&self) -> Vec<&'static str> {
        let now = self.now.read();
        let unavailable = !matches!(now.condition, Condition::Ready(_));
        let exposed = now.exposure.is_some_and(|exposure| exposure != Exposure::Private);
        [(unavailable, UNAVAILABLE), (exposed, EXPOSED)]
            .into_iter()
            .filter_map(|(applies, text)| applies.then_some(text))
            .collect()
    }

    /// Looks every second until cancelled, so that keys which appear later are picked up, and a key that another node
    /// replaced signs no more.
    pub async fn watch(self: Arc<Self>, commands: Commands, cancelled: CancellationToken) {
        loop {
            self.refresh(&commands).await;
            tokio::select! {
                () = tokio::time::sleep(GLANCE) => {}
                () = cancelled.cancelled() => return,
            }
        }
    }

    /// Reads the files if they changed, and asks the log whether this key is the one that signs.
    pub async fn refresh(self: &Arc<Self>, commands: &Commands) {
        let (files, known) = (self.files.clone(), self.loaded.lock().as_ref().map(|it| it.stamp));
        let Ok(glance) = tokio::task::spawn_blocking(move || Glance::at(&files, known)).await
        else {
            warn!("The key files could not be looked at");
            return;
        };
        if let Some(outcome) = glance.outcome {
            let outcome = outcome.map(|key| Arc::new(Signer::new(key)));
            *self.loaded.lock() = Some(Loaded { stamp: glance.stamp, outcome });
        }
        let found = match self.loaded.lock().as_ref().map(|loaded| &loaded.outcome) {
            Some(Ok(signer)) => Ok(signer.clone()),
            Some(Err(error)) => Err(Condition::of(error)),
            None => return,
        };
        let condition = match found {
            Ok(signer) => self.ask_the_log(commands, signer).await,
            Err(condition) => condition,
        };
        self.settle(condition, glance.exposure);
    }

    /// Introduces the key to a log that has none; a log that has another one is obeyed.
    async fn ask_the_log(&self, commands: &Commands, signer: Arc<Signer>) -> Condition {
        let scribe = commands.as_system(commands.mint());
        let (id, key) = (signer.kid().clone(), signer.key.public_jwk().clone());
        match scribe.introduce_signing_key(id, key).await {
            Ok(_) => Condition::Ready(signer),
            Err(Failure::Refused(refusal)) => Condition::Faulty(refusal.to_string()),
            Err(Failure::Log(_) | Failure::Contended) if self.signs(&signer) => {
                Condition::Ready(signer)
            }
            Err(error @ (Failure::Log(_) | Failure::Contended)) => {
                Condition::Faulty(format!("the log did not say which key signs: {error}"))
            }
        }
    }

    fn signs(&self, signer: &Arc<Signer>) -> bool {
        self.signer().is_some_and(|current| Arc::ptr_eq(&current, signer))
    }

    fn settle(&self, condition: Condition, exposure: Option<Exposure>) {
        let mut now = self.now.write();
        if !now.condition.is_like(&condition) {
            match &condition {
                Condition::Ready(signer) => {
                    info!(
                        key.id = signer.kid().0,
                        key.bits = signer.key.bits(),
                        "Tokens are signed"
                    );
                }
                Condition::Missing(_) | Condition::Faulty(_) | Condition::Refused(..) => {
                    warn!(reason = %condition, "Tokens cannot be signed");
                }
            }
        }
        *now = Now { condition, exposure };
    }
}

impl Glance {
    /// Blocks. The stamp comes first: a change meanwhile is seen at the next glance.
    fn at(files: &KeyFiles, known: Option<Stamp>) -> Self {
        let stamp = files.stamp();
        let changed = known != Some(stamp);
        Self { stamp, exposure: files.exposure(), outcome: changed.then(|| load(files)) }
    }
}

impl Condition {
    fn of(error: &KeyError) -> Self {
        let text = error.to_string();
        match &error.problem {
            Problem::Missing => Self::Missing(text),
            Problem::OpenToAll { mode } => Self::Refused(Exposure::World { mode: *mode }, text),
            Problem::Unreadable(_)
            | Problem::NotAFile
            | Problem::TooLarge
            | Problem::NotPem
            | Problem::NotAKey(_)
            | Problem::OtherHalf
            | Problem::Encrypted
            | Problem::NotRsa(_)
            | Problem::TooShort { .. }
            | Problem::TooLong { .. }
            | Problem::Damaged
            | Problem::Mismatch { .. } => Self::Faulty(text),
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

/// The reason why nothing is signed, or which key signs.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(reason) | Self::Faulty(reason) | Self::Refused(_, reason) => {
                f.write_str(reason)
            }
            Self::Ready(signer) => write!(f, "key {} signs", signer.kid().0),
        }
    }
}

/// The JOSE header of RFC 9068, section 2.1.
#[derive(Serialize)]
struct Header<'a> {
    typ: &'static str,
    alg: &'static str,
    kid: &'a str,
}

impl Signer {
    fn new(key: SigningKey) -> Self {
        let header = Header { typ: "at+jwt", alg: "RS256", kid: &key.kid().0 };
        let header = serde_json::to_vec(&header).unwrap_or_default();
        Self { header: URL_SAFE_NO_PAD.encode(header), key }
    }

    pub fn kid(&self) -> &KeyId {
        self.key.kid()
    }

    /// The JWS compact serialisation (RFC 7515, section 3.1) over these claims.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, Unsigned> {
        let claims = serde_json::to_vec(claims)?;
        let signature = self.key.bits() / 6;
        let mut token =
            String::with_capacity(self.header.len() + claims.len() * 4 / 3 + signature + 8);
        token.push_str(&self.header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&claims, &mut token);
        let signature = self.key.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

/// Neither happens with our own claims and a key that was checked.
#[derive(Debug, thiserror::Error)]
pub enum Unsigned {
    #[error(transparent)]
    Key(#[from] super::SigningFailed),
    #[error("the claims cannot be written as JSON")]
    Claims(#[from] serde_json::Error),
}
