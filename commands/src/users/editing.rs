//! Changing what is known of an account: several things at once, all of them or none.

use domain::{
    UserId,
    authority::Deed,
    name::UserName,
    user::{self, Account, DisplayName, Edit, Email, User},
};
use store::{History, LogError, Position, StreamName};
use tracing::{info, warn};

use super::{Refusal, own_or_any};
use crate::{
    claims::ScopedName,
    handle::{Done, Failure, Scribe},
    permit::Permit,
};

impl Scribe {
    /// Changes several things about the account, all or none of them; a former user name is free again. Who may only keep
    /// the own account changes neither its user name nor whether it is enabled. An account is disabled as
    /// [`Self::disable_user`] does it.
    pub async fn edit_user(
        &self,
        permit: &Permit,
        id: UserId,
        edit: Edit,
    ) -> Result<Done, Failure<Refusal>> {
        if edit.user_name.is_some() || edit.enabled.is_some() {
            permit.covers_one_of(&[Deed::KeepAccounts])?;
        } else {
            permit.covers_one_of(&own_or_any(id))?;
        }
        let done = if edit.enabled == Some(false) {
            self.edit_and_disable(id, &edit).await?
        } else {
            let (mut position, before) = self.apply(id, edit.clone()).await?;
            self.release_former_name(id, &before).await;
            if edit.enabled == Some(true) {
                position = position.max(self.reinstate_everywhere(id, "enabled").await?);
            }
            Done { position }
        };
        match edit.enabled {
            None => info!(user.id = %id, "Edited"),
            Some(true) => info!(user.id = %id, "Enabled"),
            Some(false) => info!(user.id = %id, "Disabled"),
        }
        Ok(done)
    }

    /// Where it is refused, or others kept coming first, everything is as it was.
    async fn edit_and_disable(&self, id: UserId, edit: &Edit) -> Result<Done, Failure<Refusal>> {
        let history = self.log().history::<User>(&id).await?;
        let sent_before = self.carried_out::<User>(&id).await?.is_some();
        if !sent_before && self.is_overtaken::<User>(&id, &history) {
            return Err(Failure::Contended);
        }
        let edited = match self.suspend_everywhere(id, "before").await {
            Ok(_) => self.apply(id, edit.clone()).await,
            Err(failure) => Err(failure),
        };
        let failure = match edited {
            // They may have been made administrator somewhere meanwhile.
            Ok((position, before)) => match self.suspend_everywhere(id, "after").await {
                Ok(suspended) => {
                    self.release_former_name(id, &before).await;
                    return Ok(Done { position: position.max(suspended) });
                }
                Err(failure @ (Failure::Refused(_) | Failure::Contended)) => {
                    self.undo(id, edit).await?;
                    failure
                }
                Err(failure @ Failure::Log(_)) => failure,
            },
            Err(failure) => failure,
        };
        if !matches!(failure, Failure::Log(_)) {
            self.reinstate_everywhere(id, "taken back").await?;
        }
        Err(failure)
    }

    /// Gives the account back what the edit replaced, if it was this very command that replaced it.
    async fn undo(&self, id: UserId, edit: &Edit) -> Result<(), Failure<Refusal>> {
        let scribe = self.derived("take back");
        let (_, edited) = scribe.apply(id, undone(edit, &self.before(id).await?)).await?;
        scribe.release_former_name(id, &edited).await;
        Ok(())
    }

    /// The account as it was before this very command wrote to it.
    async fn before(&self, id: UserId) -> Result<User, LogError> {
        let history = self.log().history::<User>(&id).await?;
        let stream = StreamName::of::<User>(&id);
        let Some(first) = history.first_revision_of(&stream, self.origin.command) else {
            return Ok(history.state);
        };
        match first.checked_sub(1) {
            Some(revision) => Ok(self.log().as_of::<User>(&id, revision).await?.state),
            None => Ok(User::default()),
        }
    }

    /// Answers with the account as it was before.
    async fn apply(&self, id: UserId, edit: Edit) -> Result<(Position, User), Failure<Refusal>> {
        let wanted = |history: &History<User>| {
            let account = history.state.account()?;
            let other = |name: &&UserName| account.user_name.as_open() != Some(name.as_str());
            Ok::<_, Refusal>(edit.user_name.as_ref().filter(other).map(ScopedName::user))
        };
        self.use_name_of(&id, wanted, user::Command::Edit(edit.clone())).await
    }

    /// Gives back the user name that the account had, if it does not have it any more. A name that stays claimed is free for
    /// others after the grace all the same.
    async fn release_former_name(&self, id: UserId, before: &User) {
        let former = before.account().ok().and_then(|account| account.user_name.as_open());
        if let Some(former) = former.and_then(|name| UserName::parse(name).ok())
            && let Err(error) = self.release::<User>(&ScopedName::user(&former), &id).await
        {
            warn!(user.id = %id, %error, "The former user name was not released");
        }
    }
}

/// What gives back the values that the edit replaced.
fn undone(edit: &Edit, before: &User) -> Edit {
    let Ok(Account { user_name, display_name, email, locale, enabled, .. }) = before.account()
    else {
        return Edit::default();
    };
    Edit {
        user_name: edit.user_name.as_ref().and_then(|_| UserName::parse(user_name.as_open()?).ok()),
        display_name: edit
            .display_name
            .as_ref()
            .and_then(|_| DisplayName::parse(display_name.as_open()?).ok()),
        email: edit.email.as_ref().and_then(|_| Email::parse(email.as_open()?).ok()),
        locale: edit.locale.as_ref().map(|_| locale.clone()),
        enabled: Some(*enabled),
    }
}

#[cfg(test)]
mod tests;
