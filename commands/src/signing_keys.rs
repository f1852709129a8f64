//! Which key signs: published in the log, so that every node agrees.

use domain::{
    InstallationId,
    signing_key::{self, KeyId, Keyring, PublicKey},
};
use store::LogError;

use crate::{
    handle::{Done, Failure, Scribe},
    permit::Permit,
};

impl Scribe {
    /// Publishes the key as the one that signs, unless another one does.
    pub async fn introduce_signing_key(
        &self,
        id: KeyId,
        key: PublicKey,
    ) -> Result<Done, Failure<signing_key::Error>> {
        let command = signing_key::Command::Introduce { id, key };
        self.handle::<Keyring>(&InstallationId::SOLE, command).await
    }

    /// Makes the key the one that signs and retires the former one; tokens signed before stay verifiable until they
    /// expire.
    pub async fn replace_signing_key(
        &self,
        _permit: &Permit,
        id: KeyId,
        key: PublicKey,
    ) -> Result<Done, Failure<signing_key::Error>> {
        let command = signing_key::Command::Replace { id, key, at: self.now() };
        self.handle::<Keyring>(&InstallationId::SOLE, command).await
    }

    /// The keys as the log has them now.
    pub async fn keyring(&self) -> Result<Keyring, LogError> {
        Ok(self.log().history::<Keyring>(&InstallationId::SOLE).await?.state)
    }
}
