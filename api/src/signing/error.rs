//! What can be wrong with a key file, in words that say what to do.

use std::{fmt, io, path::PathBuf};

use super::Half;

/// One file of the pair and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyError {
    pub half: Half,
    pub path: PathBuf,
    pub problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    Missing,
    Unreadable(io::ErrorKind),
    NotAFile,
    TooLarge,
    NotPem,
    /// A PEM file of something that is no key, by its label.
    NotAKey(String),
    /// A private key where the public one belongs, or the reverse.
    OtherHalf,
    Encrypted,
    /// A key of another kind, named.
    NotRsa(String),
    TooShort {
        bits: usize,
    },
    TooLong {
        bits: usize,
    },
    Damaged,
    /// Mode & 007 of the private key is not zero, and configuration does not allow it.
    OpenToAll {
        mode: u32,
    },
    /// The public key belongs to another private key than this one.
    Mismatch {
        private: PathBuf,
    },
}

impl std::error::Error for KeyError {}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = self.half;
        let path = self.path.display();
        write!(f, "the {half} key {path} ")?;
        match &self.problem {
            Problem::Missing => write!(
                f,
                "does not exist: make a key pair with `oathbook keys generate`, or set `keys.{half}` to the file that holds it"
            ),
            Problem::Unreadable(kind) => {
                write!(f, "cannot be read ({kind}): let the user that runs Oathbook read it")
            }
            Problem::NotAFile => {
                write!(f, "is not a file: set `keys.{half}` to the file that holds it")
            }
            Problem::TooLarge => write!(
                f,
                "is too large for a key: set `keys.{half}` to a PEM file with one {half} key"
            ),
            Problem::NotPem => write!(
                f,
                "is not a PEM file: convert it with `openssl pkey`, or make a pair with `oathbook keys generate`"
            ),
            Problem::NotAKey(label) => write!(
                f,
                "holds {label}, which is no key in PKCS#1 or PKCS#8 form: convert it with `openssl pkey`, or set `keys.{half}` to another file"
            ),
            Problem::OtherHalf => write!(
                f,
                "holds a {} key: check whether `keys.private` and `keys.public` are swapped",
                half.other()
            ),
            Problem::Encrypted => write!(
                f,
                "is encrypted: write it without a passphrase with `openssl pkey -in {path} -out FILE` and protect it by its mode, `chmod 600 FILE`"
            ),
            Problem::NotRsa(kind) => write!(
                f,
                "is not RSA but {kind}: tokens are signed with RS256, so make an RSA pair with `oathbook keys generate`"
            ),
            Problem::TooShort { bits } => write!(
                f,
                "has {bits} bits, and at least 2048 are needed: make a new pair with `oathbook keys generate`"
            ),
            Problem::TooLong { bits } => write!(
                f,
                "has {bits} bits, and at most 8192 are supported: make a new pair with `oathbook keys generate`"
            ),
            Problem::Damaged => write!(
                f,
                "is damaged, or RSA of an unusual kind: restore it from a backup, or make a new pair with `oathbook keys generate --force`"
            ),
            Problem::OpenToAll { mode } => write!(
                f,
                "is open to every user of this machine (mode {mode:04o}): run `chmod 600 {path}`, or set `keys.allow_world_readable` to true if nobody else can reach it"
            ),
            Problem::Mismatch { private } => write!(
                f,
                "does not belong to the private key {private}: restore the one that does, or derive it with `openssl pkey -in {private} -pubout -out {path}`",
                private = private.display()
            ),
        }
    }
}
