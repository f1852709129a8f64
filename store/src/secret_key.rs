//! The installation key: 32 random bytes from which every other key is derived.

use aws_lc_rs::{
    digest, hkdf,
    hmac::{self, HMAC_SHA256},
};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The root of every other key. It does not print and leaves no trace in memory.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct InstallationKey([u8; 32]);

/// What a derived key is for. The label is part of the derivation, so keys of different purposes are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Wraps the keys of persons.
    PersonKeys,
    /// Names the streams of claims.
    NameClaims,
    /// Is published in the log, hashed, to recognise the installation key.
    Fingerprint,
    /// Binds form tokens to sessions.
    Forms,
    /// Authenticates the links of invitations.
    Invitations,
    /// Authenticates what is handed out to be given back unchanged, such as cursors.
    Returned,
    /// Encrypts answers that are kept to be given again.
    Answers,
    /// Remembers client secrets that were verified.
    VerifiedSecrets,
    /// Remembers from which networks people signed in.
    Networks,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::PersonKeys => b"oathbook person keys",
            Self::NameClaims => b"oathbook name claims",
            Self::Fingerprint => b"oathbook fingerprint",
            Self::Forms => b"oathbook forms",
            Self::Invitations => b"oathbook invitations",
            Self::Returned => b"oathbook returned values",
            Self::Answers => b"oathbook answers",
            Self::VerifiedSecrets => b"oathbook verified secrets",
            Self::Networks => b"oathbook networks",
        }
    }
}

impl InstallationKey {
    pub const LENGTH: usize = 32;

    pub const fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// HKDF-SHA-256 (RFC 5869) of this key for the purpose.
    pub fn derive(&self, purpose: Purpose) -> [u8; 32] {
        let pseudorandom = hkdf::Salt::new(hkdf::HKDF_SHA256, b"oathbook").extract(&self.0);
        let mut derived = [0; 32];
        // Asking HKDF-SHA-256 for one block cannot fail: the bound is 255 blocks.
        let filled = pseudorandom
            .expand(&[purpose.label()], hkdf::HKDF_SHA256)
            .and_then(|material| material.fill(&mut derived));
        debug_assert!(filled.is_ok());
        derived
    }

    /// HMAC-SHA-256 under the key derived for the purpose, over length-prefixed parts.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let key = hmac::Key::new(HMAC_SHA256, &self.derive(purpose));
        let mut context = hmac::Context::with_key(&key);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut mac = [0; 32];
        mac.copy_from_slice(context.sign().as_ref());
        mac
    }

    /// Hexadecimal SHA-256 of a derived key: tells installation keys apart and reveals nothing.
    pub fn fingerprint(&self) -> String {
        let digest = digest::digest(&digest::SHA256, &self.derive(Purpose::Fingerprint));
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        crate::Digest(bytes).to_string()
    }
}

impl std::fmt::Debug for InstallationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InstallationKey(withheld)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_different_purposes_differ() {
        let key = InstallationKey::new([7; 32]);
        assert_ne!(key.derive(Purpose::NameClaims), key.derive(Purpose::PersonKeys));
        assert_eq!(key.derive(Purpose::NameClaims), key.derive(Purpose::NameClaims));
    }

    #[test]
    fn parts_of_a_mac_cannot_be_shifted_into_each_other() {
        let key = InstallationKey::new([7; 32]);
        let mac = |parts: &[&[u8]]| key.mac(Purpose::NameClaims, parts);
        assert_ne!(mac(&[b"ab", b"c"]), mac(&[b"a", b"bc"]));
    }
}
