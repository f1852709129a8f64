//! Passwords of people: argon2id with the parameters OWASP recommends, a few at a time.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc,
};
use domain::{Personal, name::folded};
use secrecy::{ExposeSecret, SecretString};
use store::Entropy;
use tokio::sync::Semaphore;
use zxcvbn::{Score, feedback::Feedback, zxcvbn};

/// Runs at once. Each takes 19 MiB and a core for some 20 ms.
const PERMITS: usize = 2;

/// A password somebody chose. It does not print.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

/// The rule a password breaks, in words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    #[error("This value is too short. It should have 12 characters or more.")]
    TooShort,
    #[error("This value is too long. It should have 1024 bytes or less.")]
    TooLong,
}

/// Why a password may not be chosen, and what to do about it, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error(transparent)]
    Invalid(#[from] InvalidPassword),
    #[error(
        "This password is too easy to guess. Take several words that do not belong together. {advice}"
    )]
    Guessable { advice: String },
}

impl Password {
    const MIN_CHARACTERS: usize = 12;
    const MAX_BYTES: usize = 1024;
    /// Characters of a chosen password that are in no name of its owner.
    const BESIDE_NAMES: usize = 8;

    /// A password for an account: 12 characters to 1024 bytes, any characters.
    pub fn parse(text: &str) -> Result<Self, InvalidPassword> {
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidPassword::TooLong);
        }
        if text.chars().count() < Self::MIN_CHARACTERS {
            return Err(InvalidPassword::TooShort);
        }
        Ok(Self(text.to_owned().into()))
    }

    /// The same, hard to guess also for those who know the names of its owner.
    pub fn choose(text: &str, names: &[&str]) -> Result<Self, WeakPassword> {
        let password = Self::parse(text)?;
        // Their parts, too: an address gives away the name and the domain.
        let parts = names.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
        let known: Vec<_> =
            names.iter().copied().chain(parts).filter(|it| !it.is_empty()).collect();
        if beside(&known, text) < Self::BESIDE_NAMES {
            let advice = "Leave your own names and your address out of it.".to_owned();
            return Err(WeakPassword::Guessable { advice });
        }
        let guess = zxcvbn(text, &known);
        if guess.score() >= Score::Three {
            return Ok(password);
        }
        let suggestions = guess.feedback().map(Feedback::suggestions).unwrap_or_default();
        let advice = suggestions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        Err(WeakPassword::Guessable { advice })
    }

    /// What somebody typed at sign-in, right or wrong. `None` when it is longer than any password.
    pub fn attempt(text: &str) -> Option<Self> {
        (text.len() <= Self::MAX_BYTES).then(|| Self(text.to_owned().into()))
    }

    /// 24 random characters of base62.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(crate::secret::random_base62(entropy, 24).into())
    }

    /// The value, for the one moment in which it is shown.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// How many characters are left when the names are taken out, whatever their case.
fn beside(names: &[&str], text: &str) -> usize {
    let mut names: Vec<_> = names.iter().map(|name| folded(name)).collect();
    names.retain(|name| name.chars().count() > 2);
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let rest = names.iter().fold(folded(text), |rest, name| rest.replace(name, ""));
    rest.chars().count()
}

/// Hashes and verifies passwords off the request threads.
#[derive(Clone, Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(PERMITS)) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashingFailed;

/// m = 19 MiB, t = 2, p = 1: OWASP Password Storage Cheat Sheet.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// A hash of nothing anybody knows, made with the same parameters, so that unknown users cost the same time.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

impl Passwords {
    /// An argon2id PHC string with a salt of 16 random bytes.
    pub async fn hash(
        &self,
        password: Password,
        entropy: &dyn Entropy,
    ) -> Result<Personal, HashingFailed> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        self.run(move || {
            let hash = argon2().hash_password_with_salt(password.expose().as_bytes(), &salt);
            hash.map(|hash: phc::PasswordHash| Personal::new(hash.to_string()))
        })
        .await?
        .map_err(|_| HashingFailed)
    }

    /// Whether the password is the one hashed. Takes as long when there is no hash.
    pub async fn verify(
        &self,
        password: Password,
        hash: Option<Personal>,
    ) -> Result<bool, HashingFailed> {
        self.run(move || {
            let hash = hash.as_ref().and_then(Personal::as_open);
            let Ok(parsed) = phc::PasswordHash::new(hash.unwrap_or(NOBODY)) else {
                return false;
            };
            let matches = argon2().verify_password(password.expose().as_bytes(), &parsed).is_ok();
            matches && hash.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashingFailed> {
        let _permit = self.permits.acquire().await.map_err(|_| HashingFailed)?;
        metrics::counter!("oathbook_argon2_runs_total", "purpose" => "password").increment(1);
        tokio::task::spawn_blocking(work).await.map_err(|_| HashingFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scripted;

    fn password(text: &str) -> Password {
        Password::parse(text).expect("a password")
    }

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let passwords = Passwords::default();
        let right = password("correct horse battery");
        let hash = passwords.hash(right.clone(), &Scripted::default()).await.expect("a hash");
        assert!(hash.as_open().is_some_and(|hash| hash.contains("$m=19456,t=2,p=1$")));
        assert_eq!(passwords.verify(right.clone(), Some(hash.clone())).await, Ok(true));
        let wrong = password("incorrect horse battery");
        assert_eq!(passwords.verify(wrong, Some(hash)).await, Ok(false));
        assert_eq!(passwords.verify(right.clone(), None).await, Ok(false));
        assert_eq!(passwords.verify(right, Some(Personal::ERASED)).await, Ok(false));
    }

    #[test]
    fn a_password_that_is_easy_to_guess_is_not_chosen() {
        let names = ["ada", "Ada Lovelace", "ada@acme.example"];
        for weak in [
            "passwordpassword",
            "123456789012",
            "qwertyuiopasdf",
            "adalovelace1",
            "AdaLovelace1815",
        ] {
            let refused = Password::choose(weak, &names).err();
            assert!(matches!(refused, Some(WeakPassword::Guessable { .. })), "{weak}: {refused:?}");
        }
        assert!(Password::choose("correct horse battery staple", &names).is_ok());
        let short = Password::choose("xK9!", &names).err();
        assert_eq!(short, Some(InvalidPassword::TooShort.into()));
    }

    #[test]
    fn the_hash_of_nobody_can_be_parsed() {
        assert!(phc::PasswordHash::new(NOBODY).is_ok());
    }

    #[test]
    fn a_password_has_twelve_characters_to_1024_bytes() {
        assert!(Password::parse(&"é".repeat(12)).is_ok());
        assert_eq!(Password::parse("short").err(), Some(InvalidPassword::TooShort));
        assert_eq!(Password::parse(&"a".repeat(1025)).err(), Some(InvalidPassword::TooLong));
    }
}
