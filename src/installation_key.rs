//! The file that holds the root of every other key.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use store::{Entropy, InstallationKey};
use zeroize::Zeroizing;

/// Where the file lies.
pub(crate) fn path(var: &Path) -> PathBuf {
    var.join("installation.key")
}

/// Reads the key; makes one for a log that has no events yet.
pub(crate) fn read_or_make(
    var: &Path,
    log_is_empty: bool,
    entropy: &dyn Entropy,
) -> anyhow::Result<InstallationKey> {
    let path = path(var);
    if !path.exists() {
        if !log_is_empty {
            bail!(
                "{} is missing, but the log has events: copy the file from a backup or from another node of this installation",
                path.display()
            );
        }
        write(&path, entropy)?;
    }
    let mut bytes = Zeroizing::new(Vec::new());
    std::fs::File::open(&path)
        .and_then(|file| file.take(InstallationKey::LENGTH as u64 + 1).read_to_end(&mut bytes))
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let bytes: [u8; InstallationKey::LENGTH] = bytes.as_slice().try_into().map_err(|_| {
        anyhow::anyhow!("{} does not have {} bytes", path.display(), InstallationKey::LENGTH)
    })?;
    Ok(InstallationKey::new(bytes))
}

/// Writes the whole key under another name first; of several processes that start at once, one wins.
fn write(path: &Path, entropy: &dyn Entropy) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut bytes = Zeroizing::new([0; InstallationKey::LENGTH]);
    entropy.fill(&mut *bytes);
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| {
            file.write_all(&*bytes)?;
            file.sync_all()
        })
        .and_then(|()| match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            outcome => outcome,
        });
    std::fs::remove_file(&draft).ok();
    written.with_context(|| format!("{} cannot be written", path.display()))?;
    if let Some(directory) = path.parent() {
        std::fs::File::open(directory).and_then(|directory| directory.sync_all()).ok();
    }
    Ok(())
}
