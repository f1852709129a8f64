//! The place of the one process that projects.

use std::{
    any::Any,
    fs::{OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use projections::views::{ProjectorLease, ViewsError};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::failure;

/// Where the place is taken. A lock on a file ends with whoever holds it, however that end comes.
#[derive(Clone, Debug)]
pub(super) enum Place {
    File(PathBuf),
    Memory(Arc<Mutex<()>>),
}

impl Place {
    /// The file beside the views, named like them with `.projector` behind.
    pub(super) fn beside(views: &Path) -> Self {
        let mut path = views.as_os_str().to_owned();
        path.push(".projector");
        Self::File(path.into())
    }

    pub(super) fn in_memory() -> Self {
        Self::Memory(Arc::default())
    }

    pub(super) fn is_held(&self) -> Result<bool, ViewsError> {
        match self {
            Self::Memory(place) => Ok(place.try_lock().is_err()),
            Self::File(path) => {
                let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
                match file.map_err(failure)?.try_lock_shared() {
                    Ok(()) => Ok(false),
                    Err(TryLockError::WouldBlock) => Ok(true),
                    Err(TryLockError::Error(error)) => Err(failure(error)),
                }
            }
        }
    }

    pub(super) fn claim(&self) -> Result<Option<ProjectorLease>, ViewsError> {
        match self {
            Self::Memory(place) => {
                let held = place.clone().try_lock_owned().ok();
                Ok(held.map(lease))
            }
            Self::File(path) => {
                let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
                let file = file.map_err(failure)?;
                match file.try_lock() {
                    Ok(()) => Ok(Some(lease(file))),
                    Err(TryLockError::WouldBlock) => Ok(None),
                    Err(TryLockError::Error(error)) => Err(failure(error)),
                }
            }
        }
    }
}

/// It is never lost: no process writes to a file whose lock ended without its knowledge.
fn lease(held: impl Any + Send + Sync) -> ProjectorLease {
    ProjectorLease::new(held, CancellationToken::new())
}
