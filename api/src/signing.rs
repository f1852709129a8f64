//! The RSA key that signs tokens: made, read and judged here.
//!
//! `rsa` makes keys and says what is wrong with a file; `aws-lc-rs` signs (RUSTSEC-2023-0071 concerns the private-key
//! operations of `rsa`). Everything here reads and writes files and blocks: call it where blocking is allowed.

mod der;
mod error;
mod files;
mod generate;
mod keys;
mod pem;
#[cfg(test)]
mod tests;

use std::fmt;

use aws_lc_rs::{
    digest, rand,
    rsa::KeyPair,
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::signing_key::{KeyId, PublicKey};

pub use self::{
    error::{KeyError, Problem},
    files::{Exposure, Half, KeyFiles, Stamp},
    generate::{GenerateError, KeySize, Overwrite, generate},
    keys::{Condition, Keys, Signer, Unsigned},
};

/// What pages say while there is no usable key pair.
pub const UNAVAILABLE: &str = "OAuth authorization is not available as encryption keys configuration was not complete. Please contact your administrator.";

/// What pages say while the private key's mode lets others in.
pub const EXPOSED: &str = "Be aware that the locally generated private key may have permissions that allow access by other Linux users. For production deployment, ensure that only the web server has read and write permissions for the private key.";

/// A key pair that was found fit to sign.
pub struct SigningKey {
    pair: KeyPair,
    public: PublicKey,
    kid: KeyId,
    bits: usize,
    exposure: Exposure,
}

/// The library refused to sign, which it has no reason to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key did not sign")]
pub struct SigningFailed;

/// Reads both files and proves that they are one RSA pair of at least 2048 bits, unencrypted, and closed to the world.
pub fn load(files: &KeyFiles) -> Result<SigningKey, KeyError> {
    let (text, exposure) = files.read_private()?;
    let private = der::private(&text).map_err(|problem| files.error(Half::Private, problem))?;
    let text = files.read(Half::Public)?;
    let public = der::public(&text).map_err(|problem| files.error(Half::Public, problem))?;
    if private.public != public {
        let problem = Problem::Mismatch { private: files.private.clone() };
        return Err(files.error(Half::Public, problem));
    }
    let pair = KeyPair::from_der(&private.pkcs1)
        .map_err(|_| files.error(Half::Private, Problem::Damaged))?;
    let public = jwk(&pair);
    Ok(SigningKey { kid: thumbprint(&public), bits: private.bits, pair, public, exposure })
}

impl SigningKey {
    /// The `kid` of tokens: the RFC 7638 thumbprint of the public key.
    pub fn kid(&self) -> &KeyId {
        &self.kid
    }

    pub fn public_jwk(&self) -> &PublicKey {
        &self.public
    }

    /// The length of the modulus.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// Who else could read the private key when it was loaded.
    pub fn exposure(&self) -> Exposure {
        self.exposure
    }

    /// The RS256 signature (RFC 7518, section 3.3) of the message. It takes most of a millisecond of one core.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        // The generator is a formality: the library blinds with its own, and the signature is deterministic.
        self.pair
            .sign(&RSA_PKCS1_SHA256, &rand::SystemRandom::new(), message, &mut signature)
            .map_err(|_| SigningFailed)?;
        Ok(signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, withheld)", self.kid.0)
    }
}

/// RFC 7638: SHA-256 over the required members in lexicographic order, without white space.
pub fn thumbprint(key: &PublicKey) -> KeyId {
    let members = format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, key.e, key.n);
    KeyId(URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, members.as_bytes())))
}

fn jwk(pair: &KeyPair) -> PublicKey {
    let key = pair.public_key();
    PublicKey {
        n: URL_SAFE_NO_PAD.encode(key.modulus().big_endian_without_leading_zero()),
        e: URL_SAFE_NO_PAD.encode(key.exponent().big_endian_without_leading_zero()),
    }
}
