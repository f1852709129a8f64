//! People with accounts.

use domain::{
    Personal, UserId,
    name::UserName,
    user::{self, DisplayName, Email, Locale, User},
};
use store::{LogError, Position, VaultError};
use tracing::info;

use crate::{
    claims::{ScopedName, Taken},
    handle::{Done, Failure, Scribe},
    permit::{Denied, Permit},
};

/// What is known of a person when the account is made.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub user_name: UserName,
    pub display_name: DisplayName,
    pub email: Email,
    pub locale: Locale,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("The user with the given name already exists.")]
    NameTaken,
    #[error("the user does not exist")]
    NotFound,
    #[error(transparent)]
    Denied(#[from] Denied),
}

impl From<Taken> for Refusal {
    fn from(Taken: Taken) -> Self {
        Self::NameTaken
    }
}

impl From<user::Error> for Refusal {
    fn from(error: user::Error) -> Self {
        match error {
            user::Error::Absent | user::Error::Exists => Self::NotFound,
            user::Error::Forfeited | user::Error::NameHeld => Self::NameTaken,
        }
    }
}

impl From<Denied> for Failure<Refusal> {
    fn from(denied: Denied) -> Self {
        Self::Refused(denied.into())
    }
}

impl<E: std::error::Error + 'static> From<VaultError> for Failure<E> {
    fn from(error: VaultError) -> Self {
        Self::Log(LogError::Vault(error))
    }
}

impl Scribe {
    /// Makes an account. The person's key comes first, so that nothing about them is ever written in clear.
    pub async fn register_user(
        &self,
        permit: &Permit,
        new: NewUser,
    ) -> Result<(UserId, Position), Failure<Refusal>> {
        permit.covers_administration()?;
        let id = UserId::new(self.commands.mint());
        let name = ScopedName::user(&new.user_name);
        let NewUser { user_name, display_name, email, locale } = new;
        let command = user::Command::Register { user_name, display_name, email, locale };
        self.log().vault().mint(id).await?;
        let (position, _) = self.use_name::<User, Refusal>(&id, &name, command).await?;
        info!(user.id = %id, "Registered");
        Ok((id, position))
    }

    /// Sets the password to one whose argon2id PHC string is given.
    pub async fn set_password(
        &self,
        permit: &Permit,
        id: UserId,
        hash: Personal,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_administration()?;
        let command = user::Command::SetPassword { hash };
        let done = self.handle::<User>(&id, command).await.map_err(refused)?;
        info!(user.id = %id, "Password set");
        Ok(done)
    }

    /// Disables the account: no sign-in, no tokens for its applications.
    pub async fn disable_user(
        &self,
        permit: &Permit,
        id: UserId,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_administration()?;
        let done = self.handle::<User>(&id, user::Command::Disable).await.map_err(refused)?;
        info!(user.id = %id, "Disabled");
        Ok(done)
    }

    /// Enables the account again.
    pub async fn enable_user(&self, permit: &Permit, id: UserId) -> Result<Done, Failure<Refusal>> {
        permit.covers_administration()?;
        let done = self.handle::<User>(&id, user::Command::Enable).await.map_err(refused)?;
        info!(user.id = %id, "Enabled");
        Ok(done)
    }

    /// Who has the user name now, as fresh as the log.
    pub async fn find_user(&self, name: &UserName) -> Result<Option<UserId>, LogError> {
        self.holder_of::<User>(&ScopedName::user(name)).await
    }

    /// The account as the log has it now, if it exists.
    pub async fn user(&self, id: UserId) -> Result<Option<user::Account>, LogError> {
        let state = self.log().history::<User>(&id).await?.state;
        Ok(state.account().ok().cloned())
    }
}

fn refused(failure: Failure<user::Error>) -> Failure<Refusal> {
    failure.refused_as(Refusal::from)
}
