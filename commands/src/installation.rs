//! The founding of a log: its first event, and the check that this installation founded it.

use domain::{
    InstallationId, LogId,
    installation::{self, Installation},
};

use crate::handle::{Commands, Failure, Scribe};

impl Scribe {
    /// Founds the log unless it has been founded, and answers with its id.
    ///
    /// Refused when the log was founded with another installation key: names could not be claimed and persons not
    /// be read.
    pub async fn found(&self) -> Result<LogId, Failure<installation::Error>> {
        let Commands { key, .. } = &self.commands;
        let command = installation::Command::Found {
            log: LogId::new(self.commands.mint()),
            key_fingerprint: key.fingerprint(),
        };
        let id = InstallationId::SOLE;
        self.handle::<Installation>(&id, command).await?;
        match self.log().history::<Installation>(&id).await?.state {
            Installation::Founded { log, .. } => Ok(log),
            Installation::Unfounded => Err(Failure::Contended),
        }
    }
}
