//! Client ids and client secrets: made, hashed, verified.

use std::cell::RefCell;

use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash::phc};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use domain::{ClientId, application::SecretHash};
use secrecy::{ExposeSecret, SecretString};
use store::Entropy;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `oab_` + 43 characters of base62 (256 bits) + CRC-32/ISO-HDLC of those 43 as six base62 digits.
///
/// Scanners recognise it by its prefix and check it offline. It does not print.
#[derive(Clone, Debug)]
pub struct ClientSecret(SecretString);

impl ClientSecret {
    pub const PREFIX: &'static str = "oab_";
    const RANDOM: usize = 43;
    const CHECKSUM: usize = 6;
    /// Characters in all.
    pub const LENGTH: usize = Self::PREFIX.len() + Self::RANDOM + Self::CHECKSUM;

    pub fn generate(entropy: &dyn Entropy) -> Self {
        let random = random_base62(entropy, Self::RANDOM);
        let checksum = checksum(&random);
        Self(format!("{}{random}{checksum}", Self::PREFIX).into())
    }

    /// Whether a text has the form of a client secret, checksum included.
    pub fn is_well_formed(text: &str) -> bool {
        text.strip_prefix(Self::PREFIX).is_some_and(|rest| {
            rest.len() == Self::RANDOM + Self::CHECKSUM
                && rest.bytes().all(|byte| BASE62.contains(&byte))
                && checksum(&rest[..Self::RANDOM]) == rest[Self::RANDOM..]
        })
    }

    /// The value, for the one moment in which it is shown.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The last four characters, by which people tell secrets apart.
    pub fn hint(&self) -> String {
        let value = self.expose();
        value[value.len() - 4..].to_owned()
    }

    /// Hashes with a salt of 16 random bytes.
    pub fn hash(&self, entropy: &dyn Entropy) -> SecretHash {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let output = run(self.expose().as_bytes(), &salt);
        let phc = format!(
            "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${}${}",
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(output)
        );
        SecretHash::new(phc)
    }
}

/// Light parameters suffice: the secret has 256 random bits, so a guess costs 2^256 runs at any price of a run. The
/// run only keeps a leaked hash from being used as it is.
const MEMORY_KIB: u32 = 8;
const PASSES: u32 = 1;
const OUTPUT: usize = 32;

thread_local! {
    static MEMORY: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// One run of argon2id, about 13 µs; the memory is kept by the thread.
#[expect(clippy::expect_used, reason = "the parameters are constants that a test has run")]
fn run(secret: &[u8], salt: &[u8]) -> [u8; OUTPUT] {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(OUTPUT)).expect("fixed parameters");
    let blocks = params.block_count();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut output = [0; OUTPUT];
    MEMORY.with_borrow_mut(|memory| {
        memory.resize(blocks, Block::new());
        argon2
            .hash_password_into_with_memory(secret, salt, &mut output, memory.as_mut_slice())
            .expect("fixed parameters");
    });
    metrics::counter!("oathbook_argon2_runs_total", "purpose" => "client_secret").increment(1);
    output
}

/// The stored half of a secret, parsed once so that a check is one run and one comparison.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    salt: Vec<u8>,
    output: [u8; OUTPUT],
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier(withheld)")
    }
}

impl Verifier {
    /// `None` when the hash was not made with the parameters of this release.
    pub fn parse(hash: &SecretHash) -> Option<Self> {
        let parsed = phc::PasswordHash::new(hash.as_phc()).ok()?;
        let params = Params::try_from(&parsed).ok()?;
        let fits = parsed.algorithm.as_str() == "argon2id"
            && params.m_cost() == MEMORY_KIB
            && params.t_cost() == PASSES
            && params.p_cost() == 1;
        let salt = parsed.salt?;
        let output = parsed.hash?.as_bytes().try_into().ok()?;
        fits.then(|| Self { salt: salt.as_ref().to_vec(), output })
    }

    /// Nobody's: checking against it costs what any check costs, and fails.
    pub const fn nobody() -> Self {
        Self { salt: Vec::new(), output: [0; OUTPUT] }
    }

    /// One run, and a comparison in constant time.
    pub fn verify(&self, presented: &str) -> bool {
        const SALT_OF_NOBODY: [u8; 16] = [0; 16];
        let somebody = !self.salt.is_empty();
        let salt: &[u8] = if somebody { &self.salt } else { &SALT_OF_NOBODY };
        let output = run(presented.as_bytes(), salt);
        let equal: bool = subtle::ConstantTimeEq::ct_eq(&output[..], &self.output[..]).into();
        equal && somebody
    }
}

/// 32 characters of `A-Za-z0-9`.
pub fn generate_client_id(entropy: &dyn Entropy) -> ClientId {
    loop {
        if let Some(id) = ClientId::parse(&random_base62(entropy, ClientId::LENGTH)) {
            return id;
        }
    }
}

/// Uniform characters: bytes that would favour some are drawn again.
pub fn random_base62(entropy: &dyn Entropy, length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        entropy.fill(&mut bytes);
        let uniform = bytes.iter().filter(|byte| **byte < 248).map(|byte| usize::from(byte % 62));
        text.extend(uniform.take(length - text.len()).map(|digit| BASE62[digit] as char));
    }
    text
}

fn checksum(random: &str) -> String {
    let mut rest = crc32fast::hash(random.as_bytes()) as usize;
    let mut digits = [b'0'; ClientSecret::CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[rest % 62];
        rest /= 62;
    }
    digits.iter().map(|digit| *digit as char).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scripted;

    #[test]
    fn a_secret_has_the_form_that_scanners_look_for() {
        let secret = ClientSecret::generate(&Scripted::default());
        assert_eq!(secret.expose().len(), ClientSecret::LENGTH);
        assert!(ClientSecret::is_well_formed(secret.expose()));
        assert!(secret.expose().ends_with(&secret.hint()));
    }

    #[test]
    fn the_checksum_is_pinned() {
        // CRC-32/ISO-HDLC of 43 zeros, computed by Python's zlib.
        let zeros = "0".repeat(43);
        assert_eq!(crc32fast::hash(zeros.as_bytes()), 2_018_072_207);
        assert!(ClientSecret::is_well_formed(&format!("oab_{zeros}2CZclj")));
    }

    #[test]
    fn a_secret_with_any_character_changed_is_not_well_formed() {
        let secret = ClientSecret::generate(&Scripted::default());
        for index in 0..ClientSecret::LENGTH {
            let mut altered: Vec<char> = secret.expose().chars().collect();
            altered[index] = if altered[index] == 'x' { 'y' } else { 'x' };
            assert!(!ClientSecret::is_well_formed(&altered.iter().collect::<String>()));
        }
        assert!(!ClientSecret::is_well_formed(""));
        assert!(!ClientSecret::is_well_formed(&secret.expose()[..52]));
    }

    #[test]
    fn only_the_right_secret_verifies() {
        let entropy = Scripted::default();
        let (right, wrong) = (ClientSecret::generate(&entropy), ClientSecret::generate(&entropy));
        let verifier = Verifier::parse(&right.hash(&entropy)).expect("a hash of this release");
        assert!(verifier.verify(right.expose()));
        assert!(!verifier.verify(wrong.expose()));
        assert!(!verifier.verify(""));
        assert!(!Verifier::nobody().verify(right.expose()));
    }

    #[test]
    fn a_hash_is_a_phc_string_that_the_library_verifies() {
        use argon2::PasswordVerifier;
        let entropy = Scripted::default();
        let secret = ClientSecret::generate(&entropy);
        let hash = secret.hash(&entropy);
        let parsed = phc::PasswordHash::new(hash.as_phc()).expect("a PHC string");
        assert!(Argon2::default().verify_password(secret.expose().as_bytes(), &parsed).is_ok());
    }

    #[test]
    fn hashes_with_other_parameters_are_not_taken() {
        for foreign in [
            "",
            "$argon2id$v=19$m=16,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(Verifier::parse(&SecretHash::new(foreign.to_owned())), None);
        }
    }

    #[test]
    fn a_secret_does_not_print() {
        let secret = ClientSecret::generate(&Scripted::default());
        assert!(!format!("{secret:?}").contains(secret.expose()));
    }
}
