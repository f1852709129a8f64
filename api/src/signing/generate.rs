//! A new key pair, written so that neither a crash nor a second writer leaves half of one in use.

use std::{
    convert::Infallible,
    fmt::Write as _,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use domain::signing_key::{KeyId, PublicKey};
use rsa::{
    PrivateKey,
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
    rand_core::{TryCryptoRng, TryRng},
    traits::PublicKeyParts,
};
use store::Entropy;

use super::{Half, KeyFiles, thumbprint};

/// The lengths of modulus on offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeySize {
    #[default]
    Rsa2048,
    Rsa3072,
    Rsa4096,
}

/// What to do with key files that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    Never,
    Force,
}

#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    #[error(
        "the {half} key {} exists already: keep it, or replace the pair with `--force`, after which tokens that were signed with it no longer verify",
        path.display()
    )]
    Exists { half: Half, path: PathBuf },
    #[error("cannot write {}: let the user that runs Oathbook write there", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot make an RSA key of {bits} bits")]
    Make {
        bits: usize,
        #[source]
        source: rsa::Error,
    },
}

/// Makes a pair, writes the private key as PKCS#8 with mode 0600 and the public one as SPKI with mode 0644, both PEM, and
/// answers with its `kid`. A directory that is missing is made with mode 0700; a symbolic link stays and its target is
/// written.
pub fn generate(
    files: &KeyFiles,
    size: KeySize,
    overwrite: Overwrite,
    entropy: &dyn Entropy,
) -> Result<KeyId, GenerateError> {
    if overwrite == Overwrite::Never {
        // Asked first because making a key takes a second; the writing asks again, without a gap.
        for half in [Half::Private, Half::Public] {
            if fs::symlink_metadata(target(files.path(half))).is_ok() {
                return Err(GenerateError::Exists { half, path: files.path(half).to_owned() });
            }
        }
    }
    let bits = size.bits();
    let failed = |source| GenerateError::Make { bits, source };
    let key = PrivateKey::new(&mut Generator(entropy), bits).map_err(failed)?;
    let public = key.to_public_key();
    let public_pem = public.to_public_key_pem(LineEnding::LF);
    let public_pem = public_pem.map_err(|error| failed(rsa::pkcs8::Error::from(error).into()))?;
    let private_pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| failed(error.into()))?;

    let writer = Writer { files, overwrite, entropy };
    writer.write(Half::Private, private_pem.as_bytes())?;
    writer.write(Half::Public, public_pem.as_bytes()).inspect_err(|_| {
        if overwrite == Overwrite::Never {
            // Half a pair would be in the way of the next try.
            let _ = fs::remove_file(target(&files.private));
        }
    })?;
    Ok(thumbprint(&PublicKey { n: base64url(&public.n_bytes()), e: base64url(&public.e_bytes()) }))
}

fn base64url(integer: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    URL_SAFE_NO_PAD.encode(&integer[zeros..])
}

struct Writer<'a> {
    files: &'a KeyFiles,
    overwrite: Overwrite,
    entropy: &'a dyn Entropy,
}

impl Writer<'_> {
    fn write(&self, half: Half, pem: &[u8]) -> Result<(), GenerateError> {
        let path = target(self.files.path(half));
        match self.replace(&path, mode(half), pem) {
            Ok(()) => Ok(()),
            Err(error)
                if error.kind() == io::ErrorKind::AlreadyExists
                    && self.overwrite == Overwrite::Never =>
            {
                Err(GenerateError::Exists { half, path })
            }
            Err(source) => Err(GenerateError::Write { path, source }),
        }
    }

    fn replace(&self, path: &Path, mode: u32, pem: &[u8]) -> io::Result<()> {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let draft = directory.join(self.draft_name());
        let written = write_draft(&draft, mode, pem).and_then(|()| self.publish(&draft, path));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written?;
        File::open(directory)?.sync_all()
    }

    fn publish(&self, draft: &Path, path: &Path) -> io::Result<()> {
        if self.overwrite == Overwrite::Force {
            return fs::rename(draft, path);
        }
        // A link, unlike a rename, fails when somebody else was faster.
        match fs::hard_link(draft, path) {
            Ok(()) => fs::remove_file(draft),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // Some file systems have no links.
            Err(_) if fs::symlink_metadata(path).is_err() => fs::rename(draft, path),
            Err(error) => Err(error),
        }
    }

    fn draft_name(&self) -> String {
        let mut random = [0; 8];
        self.entropy.fill(&mut random);
        random.iter().fold(".oathbook-key-".to_owned(), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        })
    }
}

fn write_draft(draft: &Path, mode: u32, pem: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(draft)?;
    file.write_all(pem)?;
    file.sync_all()
}

fn mode(half: Half) -> u32 {
    match half {
        Half::Private => 0o600,
        Half::Public => 0o644,
    }
}

/// What a chain of symbolic links leads to, whether or not it exists yet.
fn target(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // As many as Linux follows.
    for _ in 0..40 {
        let Ok(link) = fs::read_link(&path) else { break };
        path = path.parent().map_or(link.clone(), |parent| parent.join(&link));
    }
    path
}

impl KeySize {
    pub const fn bits(self) -> usize {
        match self {
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
        }
    }

    /// `None` for lengths that are not on offer.
    pub const fn from_bits(bits: usize) -> Option<Self> {
        match bits {
            2048 => Some(Self::Rsa2048),
            3072 => Some(Self::Rsa3072),
            4096 => Some(Self::Rsa4096),
            _ => None,
        }
    }
}

/// The composition root's randomness in the shape that `rsa` asks for.
struct Generator<'a>(&'a dyn Entropy);

impl TryRng for Generator<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Generator<'_> {}
