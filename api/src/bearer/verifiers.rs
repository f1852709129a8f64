//! The public keys that verify tokens, as the log publishes them, held for a second.

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    InstallationId,
    signing_key::{KeyId, Keyring, PublicKey},
};
use parking_lot::RwLock;
use tracing::warn;

use super::token::Presented;
use crate::{app::App, oauth::trusted_keys};

/// How long keys are held. Which ones there are changes once in a year.
const HELD: Duration = Duration::from_secs(1);
/// A key that is not held yet is looked for sooner; but not for each token that names any.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The keys that are held. One per process, shared.
#[derive(Debug, Default)]
pub(crate) struct Verifiers(RwLock<Option<Held>>);

#[derive(Debug)]
struct Held {
    keys: HashMap<KeyId, Arc<Verifier>>,
    /// By the clock that goes on while the machine sleeps.
    since: Duration,
}

/// One RSA public key.
#[derive(Debug)]
pub(super) struct Verifier {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Verifiers {
    /// The key of that name. The outer `None`: this node has never been able to learn which keys there are.
    pub(super) async fn key(&self, app: &App, id: &KeyId) -> Option<Option<Arc<Verifier>>> {
        let now = app.commands.clock.since_boot();
        if let Some(held) = &*self.0.read() {
            let age = now.saturating_sub(held.since);
            let key = held.keys.get(id);
            if age < if key.is_some() { HELD } else { LOOK_AGAIN } {
                return Some(key.cloned());
            }
        }
        match app.commands.log.history::<Keyring>(&InstallationId::SOLE).await {
            Ok(history) => {
                let (today, lifetime) = (app.commands.clock.now(), app.settings.token_lifetime);
                let keys = trusted_keys(&history.state, today, lifetime)
                    .filter_map(|(id, key)| Some((id.clone(), Arc::new(Verifier::of(key)?))))
                    .collect();
                *self.0.write() = Some(Held { keys, since: now });
            }
            Err(error) => warn!(%error, "The keys that verify tokens cannot be read"),
        }
        self.0.read().as_ref().map(|held| held.keys.get(id).cloned())
    }
}

impl Verifier {
    fn of(key: &PublicKey) -> Option<Self> {
        let modulus = URL_SAFE_NO_PAD.decode(&key.n).ok()?;
        let exponent = URL_SAFE_NO_PAD.decode(&key.e).ok()?;
        Some(Self { modulus, exponent })
    }

    /// Whether the token was signed by this key with RS256.
    pub(super) fn verifies(&self, token: &Presented<'_>) -> bool {
        let key = RsaPublicKeyComponents { n: &self.modulus[..], e: &self.exponent[..] };
        let message = token.message.as_bytes();
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, &token.signature).is_ok()
    }
}
