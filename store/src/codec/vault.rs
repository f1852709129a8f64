//! Sealing: personal fields are encrypted with a key per person, so that erasing the key erases the person.
//!
//! AES-256-GCM-SIV (RFC 8452) with a nonce derived from where the field stands, so that encoding the same event again
//! gives the same bytes.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::UserId;
use parking_lot::RwLock;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::{Entropy, InstallationKey, Purpose};

/// Marks a personal value in clear; see `domain::Personal`.
const PERSONAL: &str = "$personal";
/// Marks a sealed value: base64url of nonce and ciphertext.
const SEALED: &str = "$sealed";
/// Whose key sealed it.
const PERSON: &str = "person";
/// Keys kept open at once; beyond it the cache starts afresh.
const CACHED: usize = 10_000;

/// A person's key, encrypted under the installation's.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey(pub Vec<u8>);

impl std::fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WrappedKey(withheld)")
    }
}

/// Where the wrapped keys of persons are kept: in state, never in the log.
#[async_trait]
pub trait PersonKeys: std::fmt::Debug + Send + Sync {
    async fn find(&self, person: UserId) -> Result<Option<WrappedKey>, VaultError>;

    /// Keeps the key durably unless the person has one; answers with the one that is kept.
    async fn keep(&self, person: UserId, key: WrappedKey) -> Result<WrappedKey, VaultError>;
}

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the keys of persons cannot be read")]
    Unavailable(#[source] crate::port::BoxError),
    #[error(
        "a sealed value or key does not open: it was altered, or sealed by another installation"
    )]
    Sealed,
}

/// Seals and opens personal fields.
pub struct Vault {
    wrapping: LessSafeKey,
    keys: Arc<dyn PersonKeys>,
    entropy: Arc<dyn Entropy>,
    open: RwLock<HashMap<UserId, Arc<LessSafeKey>>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    pub fn new(
        installation: &InstallationKey,
        keys: Arc<dyn PersonKeys>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let wrapping = Zeroizing::new(installation.derive(Purpose::PersonKeys));
        Self { wrapping: key(&wrapping), keys, entropy, open: RwLock::default() }
    }

    /// Makes sure that the person has a key, durably. Must precede the first event about them.
    pub async fn mint(&self, person: UserId) -> Result<(), VaultError> {
        if self.find(person).await?.is_some() {
            return Ok(());
        }
        let mut fresh = Zeroizing::new([0; 32]);
        self.entropy.fill(&mut *fresh);
        let wrapped = seal(&self.wrapping, &person.to_string(), "key", fresh.as_slice())?;
        self.keys.keep(person, WrappedKey(wrapped)).await.map(|_| ())
    }

    /// Replaces every marked personal value by its sealed form. Values of persons without a key are dropped.
    ///
    /// `place` names where the document will stand, and makes the outcome a function of its arguments.
    pub async fn seal(
        &self,
        person: Option<UserId>,
        place: &str,
        document: &mut Value,
    ) -> Result<(), VaultError> {
        if !contains(document, PERSONAL) {
            return Ok(());
        }
        let key = match person {
            Some(person) => self.find(person).await?.map(|key| (person, key)),
            None => None,
        };
        walk(document, PERSONAL, &mut String::new(), &mut |path, object| {
            *object = match (&key, object[PERSONAL].as_str()) {
                (Some((person, key)), Some(clear)) => {
                    let sealed = seal(key, &format!("{place}{path}"), path, clear.as_bytes())?;
                    json!({ SEALED: URL_SAFE_NO_PAD.encode(sealed), PERSON: person })
                }
                (Some(_) | None, _) => json!({ PERSONAL: null }),
            };
            Ok(())
        })
    }

    /// Replaces every sealed value by its clear form, or by nothing where the person's key is gone.
    pub async fn open(&self, document: &mut Value) -> Result<(), VaultError> {
        let mut persons = Vec::new();
        walk(document, SEALED, &mut String::new(), &mut |_, object| {
            persons.push(person_of(object)?);
            Ok(())
        })?;
        persons.sort_unstable();
        persons.dedup();
        let mut keys = HashMap::new();
        for person in persons {
            if let Some(key) = self.find(person).await? {
                keys.insert(person, key);
            }
        }
        walk(document, SEALED, &mut String::new(), &mut |path, object| {
            *object = match keys.get(&person_of(object)?) {
                Some(key) => json!({ PERSONAL: open(key, path, object)? }),
                None => json!({ PERSONAL: null }),
            };
            Ok(())
        })
    }

    async fn find(&self, person: UserId) -> Result<Option<Arc<LessSafeKey>>, VaultError> {
        if let Some(key) = self.open.read().get(&person) {
            return Ok(Some(key.clone()));
        }
        let Some(WrappedKey(wrapped)) = self.keys.find(person).await? else {
            return Ok(None);
        };
        let clear = unseal(&self.wrapping, "key", wrapped)?;
        let bytes: &[u8; 32] = clear.as_slice().try_into().map_err(|_| VaultError::Sealed)?;
        let key = Arc::new(key(bytes));
        let mut open = self.open.write();
        if open.len() >= CACHED {
            open.clear();
        }
        open.insert(person, key.clone());
        Ok(Some(key))
    }
}

#[expect(clippy::expect_used, reason = "a key of 32 bytes is what AES-256 takes")]
fn key(bytes: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, bytes).expect("32 bytes"))
}

fn person_of(object: &Value) -> Result<UserId, VaultError> {
    object[PERSON].as_str().and_then(|id| id.parse().ok()).ok_or(VaultError::Sealed)
}

/// Nonce and ciphertext; `label` is authenticated.
fn seal(key: &LessSafeKey, place: &str, label: &str, clear: &[u8]) -> Result<Vec<u8>, VaultError> {
    let hash = digest::digest(&digest::SHA256, place.as_bytes());
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&hash.as_ref()[..NONCE_LEN]);
    let mut ciphertext = clear.to_vec();
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(label.as_bytes()),
        &mut ciphertext,
    )
    .map_err(|_| VaultError::Sealed)?;
    Ok([nonce.as_slice(), &ciphertext].concat())
}

fn unseal(
    key: &LessSafeKey,
    label: &str,
    mut sealed: Vec<u8>,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, ciphertext) =
        sealed.split_first_chunk_mut::<NONCE_LEN>().ok_or(VaultError::Sealed)?;
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let clear = key
        .open_in_place(nonce, Aad::from(label.as_bytes()), ciphertext)
        .map_err(|_| VaultError::Sealed)?;
    Ok(Zeroizing::new(clear.to_vec()))
}

fn open(key: &LessSafeKey, path: &str, object: &Value) -> Result<String, VaultError> {
    let sealed = object[SEALED]
        .as_str()
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .ok_or(VaultError::Sealed)?;
    let clear = unseal(key, path, sealed)?;
    String::from_utf8(clear.to_vec()).map_err(|_| VaultError::Sealed)
}

fn is_marked(object: &Map<String, Value>, marker: &str) -> bool {
    object.contains_key(marker)
}

fn contains(value: &Value, marker: &str) -> bool {
    match value {
        Value::Object(object) => {
            is_marked(object, marker) || object.values().any(|value| contains(value, marker))
        }
        Value::Array(items) => items.iter().any(|item| contains(item, marker)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Visits every object with the marker, with its JSON pointer.
fn walk(
    value: &mut Value,
    marker: &str,
    path: &mut String,
    visit: &mut impl FnMut(&str, &mut Value) -> Result<(), VaultError>,
) -> Result<(), VaultError> {
    match value {
        Value::Object(object) if is_marked(object, marker) => visit(path, value),
        Value::Object(object) => object
            .iter_mut()
            .try_for_each(|(name, value)| descend(value, marker, path, name, visit)),
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, item)| descend(item, marker, path, &index.to_string(), visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn descend(
    value: &mut Value,
    marker: &str,
    path: &mut String,
    step: &str,
    visit: &mut impl FnMut(&str, &mut Value) -> Result<(), VaultError>,
) -> Result<(), VaultError> {
    let length = path.len();
    path.push('/');
    path.push_str(step);
    let outcome = walk(value, marker, path, visit);
    path.truncate(length);
    outcome
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::MemoryPersonKeys;

    #[derive(Debug)]
    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            (0..).zip(bytes).for_each(|(count, byte)| *byte = count);
        }
    }

    const ADA: UserId = UserId::new(Uuid::from_u128(1));
    const BOB: UserId = UserId::new(Uuid::from_u128(2));

    fn vault() -> Vault {
        let keys = Arc::new(MemoryPersonKeys::default());
        Vault::new(&InstallationKey::new([1; 32]), keys, Arc::new(Counting))
    }

    fn document() -> Value {
        json!({ "name": { "$personal": "Ada" }, "list": [{ "$personal": "Ada" }], "free": "text" })
    }

    #[tokio::test]
    async fn what_is_sealed_opens_again_and_shows_nothing_meanwhile() {
        let vault = vault();
        vault.mint(ADA).await.expect("a key");
        let mut sealed = document();
        vault.seal(Some(ADA), "event", &mut sealed).await.expect("sealed");
        assert!(!sealed.to_string().contains("Ada") && sealed.to_string().contains("text"));
        vault.open(&mut sealed).await.expect("opened");
        assert_eq!(sealed, document());
    }

    #[tokio::test]
    async fn sealing_the_same_place_again_gives_the_same_bytes() {
        let vault = vault();
        vault.mint(ADA).await.expect("a key");
        let (mut one, mut two, mut other) = (document(), document(), document());
        vault.seal(Some(ADA), "event", &mut one).await.expect("sealed");
        vault.seal(Some(ADA), "event", &mut two).await.expect("sealed");
        vault.seal(Some(ADA), "other", &mut other).await.expect("sealed");
        assert_eq!(one, two);
        assert_ne!(one, other);
    }

    #[tokio::test]
    async fn a_person_without_a_key_is_erased() {
        let vault = vault();
        let erased = json!({ "name": { "$personal": null }, "list": [{ "$personal": null }],
            "free": "text" });
        for person in [Some(BOB), None] {
            let mut sealed = document();
            vault.seal(person, "event", &mut sealed).await.expect("sealed");
            assert_eq!(sealed, erased);
        }
        let other = {
            let other = self::vault();
            other.mint(ADA).await.expect("a key");
            let mut sealed = document();
            other.seal(Some(ADA), "event", &mut sealed).await.expect("sealed");
            sealed
        };
        let mut opened = other;
        vault.open(&mut opened).await.expect("opened");
        assert_eq!(opened, erased);
    }

    #[tokio::test]
    async fn an_altered_value_does_not_open() {
        let vault = vault();
        vault.mint(ADA).await.expect("a key");
        let mut sealed = document();
        vault.seal(Some(ADA), "event", &mut sealed).await.expect("sealed");
        sealed["name"] = sealed["list"][0].take();
        assert!(matches!(vault.open(&mut sealed).await, Err(VaultError::Sealed)));
    }
}
