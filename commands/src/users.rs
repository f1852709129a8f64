//! People with accounts.

mod editing;
mod standing;

use domain::{
    Personal, UserId,
    authority::Deed,
    name::UserName,
    user::{self, DisplayName, Email, Locale, User},
};
use store::{Expected, LogError, Position, StreamName, VaultError};
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
    #[error("the account is disabled")]
    Disabled,
    #[error("the organization does not exist or is disabled")]
    OrganizationUnavailable,
    #[error(
        "the last administrator of an organization stays; make another member administrator first"
    )]
    LastAdministrator,
    #[error(
        "the invitation was never given, a later one has taken its place, or the account was changed since"
    )]
    InvitationVoid,
    #[error("the invitation has been used")]
    InvitationUsed,
    #[error("the invitation has expired")]
    InvitationExpired,
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
            user::Error::Disabled => Self::Disabled,
            user::Error::InvitationVoid => Self::InvitationVoid,
            user::Error::InvitationUsed => Self::InvitationUsed,
            user::Error::InvitationExpired => Self::InvitationExpired,
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
    /// Makes an account.
    pub async fn register_user(
        &self,
        permit: &Permit,
        new: NewUser,
    ) -> Result<(UserId, Position), Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepAccounts])?;
        self.make_account(new).await
    }

    /// The person's key comes first, so that nothing about them is ever written in clear.
    pub(crate) async fn make_account(
        &self,
        new: NewUser,
    ) -> Result<(UserId, Position), Failure<Refusal>> {
        let id = UserId::new(self.new_id());
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
        permit.covers_one_of(&own_or_any(id))?;
        let command = user::Command::SetPassword { hash };
        let done = self.handle::<User>(&id, command).await.map_err(refused)?;
        info!(user.id = %id, "Password set");
        Ok(done)
    }

    /// Voids every session of the user that began before.
    pub async fn sign_out_everywhere(
        &self,
        permit: &Permit,
        id: UserId,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_one_of(&own_or_any(id))?;
        let command = user::Command::SignOutEverywhere;
        let done = self.handle::<User>(&id, command).await.map_err(refused)?;
        info!(user.id = %id, "Signed out everywhere");
        Ok(done)
    }

    /// The revision of the last event that this very command wrote about the user; before the first of all where it
    /// wrote none.
    pub async fn revision_written_to(&self, id: UserId) -> Result<u64, LogError> {
        let history = self.log().history::<User>(&id).await?;
        let stream = StreamName::of::<User>(&id);
        Ok(history.revision_of(&stream, self.origin.command).unwrap_or_default())
    }

    /// Who has the user name now, as fresh as the log.
    pub async fn find_user(&self, name: &UserName) -> Result<Option<UserId>, LogError> {
        self.holder_of::<User>(&ScopedName::user(name)).await
    }

    /// The account as the log has it now, if it exists.
    pub async fn user(&self, id: UserId) -> Result<Option<user::Account>, LogError> {
        Ok(self.user_as_of(id).await?.map(|(account, _)| account))
    }

    /// The same, with the revision it has.
    pub async fn user_as_of(&self, id: UserId) -> Result<Option<(user::Account, u64)>, LogError> {
        let history = self.log().history::<User>(&id).await?;
        let (Ok(account), Expected::Exact(revision)) = (history.state.account(), history.expected)
        else {
            return Ok(None);
        };
        Ok(Some((account.clone(), revision)))
    }
}

/// What people may change about their own account, and those who keep accounts about any.
const fn own_or_any(id: UserId) -> [Deed; 2] {
    [Deed::KeepOwnAccount(id), Deed::KeepAccounts]
}

pub(crate) fn refused(failure: Failure<user::Error>) -> Failure<Refusal> {
    failure.refused_as(Refusal::from)
}
