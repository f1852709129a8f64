//! Mail into a directory: written, made durable, then renamed, so that a file is a whole mail.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use domain::NotificationId;

use super::{PostError, Stage, message::Message};

#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// With the process id it makes the names of unfinished files distinct.
    written: AtomicU64,
}

impl Folder {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path, written: AtomicU64::new(0) }
    }

    /// The same notification is the same file, however often it comes.
    pub(super) async fn deliver(
        &self,
        notification: NotificationId,
        message: &Message,
    ) -> Result<String, PostError> {
        let name = format!("{notification}.eml");
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.path.join(format!(".{name}.{}.{number}.tmp", process::id()));
        let (folder, finished) = (self.path.clone(), self.path.join(&name));
        let bytes = message.bytes.clone();
        let written = tokio::task::spawn_blocking(move || {
            write(&folder, &unfinished, &finished, &bytes).inspect_err(|_| {
                // The first error is the one to report.
                fs::remove_file(&unfinished).ok();
            })
        });
        match written.await {
            Ok(Ok(())) => Ok(format!("written to {name}")),
            Ok(Err(error)) => Err(PostError::transient(Stage::File, error.to_string())),
            Err(_) => Err(PostError::transient(Stage::File, "the writing thread ended")),
        }
    }
}

impl Folder {
    /// Whether mails could be written, without writing one.
    pub(super) async fn check(&self) -> Result<String, PostError> {
        let path = self.path.clone();
        match tokio::task::spawn_blocking(move || probe(&path)).await {
            Ok(Ok(())) => Ok(format!("mails are written to {}", self.path.display())),
            Ok(Err(error)) => Err(PostError::transient(Stage::File, error.to_string())),
            Err(_) => Err(PostError::transient(Stage::File, "the writing thread ended")),
        }
    }
}

/// A folder that is not there yet is made with the first mail, so the nearest one that is there counts.
fn probe(path: &Path) -> io::Result<()> {
    let there = path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let probe = there.join(format!(".oathbook-probe.{}", process::id()));
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&probe)?;
    fs::remove_file(probe)
}

fn write(folder: &Path, unfinished: &Path, finished: &Path, bytes: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(unfinished, finished)?;
    File::open(folder)?.sync_all()
}
