//! Invitations: a link that lets whoever reads somebody's mail choose the password of their account, once.
//!
//! The link is kept nowhere. It is computed from what the event says, under a key derived from the installation key, and
//! used up by the event of the password that was chosen.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    InvitationId, OrganizationId, Personal, Timestamp, UserId,
    authority::{Deed, Role},
    organization::Organization,
    user::{self, Account, User},
};
use store::{LogError, Position, Purpose};
use subtle::ConstantTimeEq;
use tracing::info;
use uuid::Uuid;

use crate::{
    Commands, Permit,
    handle::{Done, Failure, Scribe},
    users::{NewUser, Refusal, refused},
};

/// What a link says that this installation made. Only [`Commands::read_invitation`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invited {
    user: UserId,
    invitation: InvitationId,
    until: Timestamp,
}

impl Invited {
    pub const fn user(&self) -> UserId {
        self.user
    }
}

/// Bytes of a token: user, invitation, expiry in microseconds, HMAC-SHA-256.
const LENGTH: usize = 16 + 16 + 8 + 32;

impl Commands {
    /// The last part of the link, in base64url.
    pub fn invitation_token(
        &self,
        user: UserId,
        invitation: InvitationId,
        until: Timestamp,
    ) -> String {
        let (user, invitation) = (user.as_uuid().into_bytes(), invitation.as_uuid().into_bytes());
        let until = until.as_micros().to_be_bytes();
        let parts: [&[u8]; 4] = [b"invitation", &user, &invitation, &until];
        let mac = self.key.mac(Purpose::Invitations, &parts);
        URL_SAFE_NO_PAD.encode([user.as_slice(), &invitation, &until, &mac].concat())
    }

    /// What the token says, if this installation made it.
    pub fn read_invitation(&self, token: &str) -> Option<Invited> {
        let bytes: [u8; LENGTH] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (user, rest) = bytes.split_first_chunk::<16>()?;
        let (invitation, rest) = rest.split_first_chunk::<16>()?;
        let (until, _) = rest.split_first_chunk::<8>()?;
        let invited = Invited {
            user: UserId::new(Uuid::from_bytes(*user)),
            invitation: InvitationId::new(Uuid::from_bytes(*invitation)),
            until: Timestamp::from_micros(i64::from_be_bytes(*until)),
        };
        let ours = self.invitation_token(invited.user, invited.invitation, invited.until);
        bool::from(ours.as_bytes().ct_eq(token.as_bytes())).then_some(invited)
    }
}

impl Scribe {
    /// Makes an account for somebody, makes them a member, and invites them to choose a password.
    pub async fn invite_user(
        &self,
        permit: &Permit,
        new: NewUser,
        (organization, role): (OrganizationId, Role),
        lifetime: Duration,
    ) -> Result<(UserId, Position), Failure<Refusal>> {
        permit.covers_one_of(&[Deed::Invite { organization, role }])?;
        let state = self.log().history::<Organization>(&organization).await?.state;
        if !state.registered().is_ok_and(|registered| registered.enabled) {
            return Err(Failure::Refused(Refusal::OrganizationUnavailable));
        }
        let (user, _) = self.make_account(new).await?;
        self.appoint(organization, user, role, |_| Ok(())).await.map_err(refused_membership)?;
        let done = self.give_invitation(user, lifetime).await?;
        Ok((user, done.position))
    }

    /// Whom this very command invited before, if it can be sent again at all.
    pub async fn invited_before(&self) -> Result<Option<(UserId, Position)>, LogError> {
        let user = UserId::new(self.new_id());
        let invited = self.inviting(user).carried_out::<User>(&user).await?;
        Ok(invited.map(|position| (user, position)))
    }

    fn inviting(&self, user: UserId) -> Self {
        self.derived(format_args!("invite {user}"))
    }

    /// Invites somebody who has an account; every earlier invitation is void from then on.
    pub async fn invite_again(
        &self,
        permit: &Permit,
        user: UserId,
        lifetime: Duration,
    ) -> Result<Done, Failure<Refusal>> {
        permit.covers_one_of(&[Deed::KeepAccounts])?;
        self.give_invitation(user, lifetime).await
    }

    /// Sets the password of the invited account, whose argon2id PHC string is given. The link is the permit.
    pub async fn accept_invitation(
        &self,
        invited: &Invited,
        hash: Personal,
    ) -> Result<Done, Failure<Refusal>> {
        let Invited { user, invitation, until } = *invited;
        let at = self.now();
        if until <= at {
            return Err(Failure::Refused(Refusal::InvitationExpired));
        }
        let command = user::Command::AcceptInvitation { invitation, at, hash };
        let done = self.handle::<User>(&user, command).await.map_err(refused)?;
        info!(user.id = %user, "Accepted an invitation");
        Ok(done)
    }

    /// The account whose password the link lets choose now.
    pub async fn invited_account(&self, invited: &Invited) -> Result<Account, Failure<Refusal>> {
        let refuse = |error: user::Error| Failure::Refused(Refusal::from(error));
        let state = self.log().history::<User>(&invited.user).await?.state;
        let account = state.account().map_err(refuse)?;
        account.admits(invited.invitation, self.now()).map_err(refuse)?;
        Ok(account.clone())
    }

    async fn give_invitation(
        &self,
        user: UserId,
        lifetime: Duration,
    ) -> Result<Done, Failure<Refusal>> {
        let invitation = InvitationId::new(self.commands.mint());
        let until = self.now().plus(lifetime);
        let command = user::Command::Invite { invitation, until };
        let done = self.inviting(user).handle::<User>(&user, command).await.map_err(refused)?;
        info!(user.id = %user, "Invited");
        Ok(done)
    }
}

fn refused_membership(failure: Failure<crate::organizations::Refusal>) -> Failure<Refusal> {
    failure.refused_as(|_| Refusal::OrganizationUnavailable)
}

#[cfg(test)]
mod tests;
