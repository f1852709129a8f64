//! Unique names without a table: the stream of a claim decides who has the name.
//!
//! The order of steps is what makes it safe: read the holder's stream, claim, then append to the holder's stream at the
//! revision read. A takeover appends to the holder's stream first, so that a late use of the name there conflicts.

use std::fmt;

use domain::{
    Aggregate, Category, NameClaimId,
    application::{self, Application},
    authority::Belonging,
    name::{ApplicationName, OrganizationName, UserName},
    name_claim::{self, Holder, NameClaim},
    organization::{self, Organization},
    user::{self, User},
};
use store::{Expected, History, Position, Purpose, StreamName};

use crate::handle::{ATTEMPTS, Attempt, Failure, Scribe};

/// The name belongs to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name is taken")]
pub(crate) struct Taken;

/// A name within the scope in which it must be unique.
#[derive(Clone, Debug)]
pub(crate) struct ScopedName {
    scope: Scope,
    pub(crate) normalised: String,
}

/// Among which names a name must be unique.
#[derive(Clone, Copy, Debug)]
enum Scope {
    /// Those of the applications of one owner in one organization.
    Applications(Belonging),
    Users,
    Organizations,
}

/// An aggregate that holds a unique name.
pub(crate) trait Named: Aggregate<Id: std::str::FromStr> {
    fn holds(&self, name: &ScopedName) -> bool;
    fn forfeit(claim: NameClaimId, name: &ScopedName) -> Option<Self::Command>;
}

impl Named for Application {
    fn holds(&self, name: &ScopedName) -> bool {
        let Some((belonging, name)) = name.of_application() else {
            return false;
        };
        Self::holds(self, belonging, &name)
    }

    fn forfeit(claim: NameClaimId, name: &ScopedName) -> Option<application::Command> {
        let (belonging, name) = name.of_application()?;
        Some(application::Command::ForfeitName { claim: claim.to_string(), belonging, name })
    }
}

impl Named for User {
    fn holds(&self, name: &ScopedName) -> bool {
        Self::holds(self, &name.normalised)
    }

    fn forfeit(claim: NameClaimId, name: &ScopedName) -> Option<user::Command> {
        let (claim, name) = (claim.to_string(), name.normalised.clone());
        Some(user::Command::ForfeitName { claim, name })
    }
}

impl Named for Organization {
    fn holds(&self, name: &ScopedName) -> bool {
        Self::holds(self, &name.normalised)
    }

    fn forfeit(claim: NameClaimId, name: &ScopedName) -> Option<organization::Command> {
        let (claim, name) = (claim.to_string(), name.normalised.clone());
        Some(organization::Command::ForfeitName { claim, name })
    }
}

impl Scribe {
    pub(crate) fn claim_id(&self, name: &ScopedName) -> NameClaimId {
        let scope = name.scope.to_string();
        let parts = [scope.as_bytes(), name.normalised.as_bytes()];
        NameClaimId::new(self.commands.key.mac(Purpose::NameClaims, &parts))
    }

    /// Claims the name for a holder whose stream was read at `holder_at`.
    pub(crate) async fn claim<A: Named>(
        &self,
        name: &ScopedName,
        holder: &A::Id,
        holder_at: Expected,
    ) -> Result<(), Failure<Taken>> {
        let claim = self.claim_id(name);
        let scribe = self.derived(format_args!("claim {holder} {holder_at:?}"));
        for _ in 0..ATTEMPTS {
            let history = self.log().history::<NameClaim>(&claim).await?;
            let me = Holder::of::<A>(holder);
            let forfeited_by = match &history.state {
                NameClaim::Claimed { holder: other, .. } if *other != me => {
                    match self.forfeit::<A>(claim, name, &history.state, other).await? {
                        Forfeited::Yes => Some(other.clone()),
                        Forfeited::Again => continue,
                    }
                }
                NameClaim::Claimed { .. } | NameClaim::Free => None,
            };
            let command = name_claim::Command::Claim { holder: me, at: self.now(), forfeited_by };
            let attempt = scribe
                .decide_and_append(&claim, &history, command)
                .await
                .map_err(|failure| failure.refused_as(|_| Taken))?;
            match attempt {
                Attempt::Done(_) => return Ok(()),
                // A claim that nobody uses harms nobody.
                Attempt::Again(_) => {}
            }
        }
        Err(Failure::Contended)
    }

    /// Reads the holder, claims the name for it, and carries out the command that uses the name at the revision read.
    ///
    /// Answers with the position and with the holder's state before; with the default state where the command was carried
    /// out earlier, since what was before is not known then.
    pub(crate) async fn use_name<A, R>(
        &self,
        id: &A::Id,
        name: &ScopedName,
        command: A::Command,
    ) -> Result<(Position, A), Failure<R>>
    where
        A: Named,
        R: From<Taken> + From<A::Error> + std::error::Error + 'static,
    {
        self.use_name_of(id, |_| Ok(Some(name.clone())), command).await
    }

    /// The same with a name that follows from how the holder is when it is read, which may be more than once; `None`
    /// where the command uses no other name than the holder has.
    ///
    /// Of a command that was carried out before, what is answered as the state before is the present one.
    pub(crate) async fn use_name_of<A, R>(
        &self,
        id: &A::Id,
        name: impl Fn(&History<A>) -> Result<Option<ScopedName>, R>,
        command: A::Command,
    ) -> Result<(Position, A), Failure<R>>
    where
        A: Named,
        R: From<Taken> + From<A::Error> + std::error::Error + 'static,
    {
        let mut unknown = None;
        for _ in 0..ATTEMPTS {
            let history = self.log().history::<A>(id).await?;
            if let Some(position) =
                history.position_of(&StreamName::of::<A>(id), self.origin.command)
            {
                return Ok((position, history.state));
            }
            if let Some(name) = name(&history).map_err(Failure::Refused)? {
                self.claim::<A>(&name, id, history.expected)
                    .await
                    .map_err(|failure| failure.refused_as(R::from))?;
            }
            let attempt = self.decide_and_append(id, &history, command.clone()).await;
            match attempt.map_err(|failure| failure.refused_as(R::from))? {
                Attempt::Done(position) => return Ok((position, history.state)),
                Attempt::Again(doubt) => unknown = doubt.or(unknown),
            }
        }
        Err(unknown.map_or(Failure::Contended, Failure::from))
    }

    /// Gives the name back, unless the holder holds it, or may be on the way to it.
    ///
    /// A claim that is older than the last event of its holder's stream was made for a use that came or never comes:
    /// the holder was read before it was claimed, so what would be appended at that revision conflicts.
    pub(crate) async fn release<A: Named>(
        &self,
        name: &ScopedName,
        holder: &A::Id,
    ) -> Result<(), Failure<name_claim::Error>> {
        let claim = self.claim_id(name);
        let scribe = self.derived(format_args!("release {holder}"));
        for _ in 0..ATTEMPTS {
            // In this order: a claim that comes after it was read conflicts with the release.
            let history = self.log().history::<NameClaim>(&claim).await?;
            let held_by = self.log().history::<A>(holder).await?;
            if held_by.state.holds(name) || history.position > held_by.position {
                return Ok(());
            }
            let command = name_claim::Command::Release { holder: Holder::of::<A>(holder) };
            match scribe.decide_and_append(&claim, &history, command).await? {
                Attempt::Done(_) => return Ok(()),
                Attempt::Again(_) => {}
            }
        }
        Err(Failure::Contended)
    }

    /// Makes the present holder give up a claim that no longer counts.
    async fn forfeit<A: Named>(
        &self,
        claim: NameClaimId,
        name: &ScopedName,
        state: &NameClaim,
        other: &Holder,
    ) -> Result<Forfeited, Failure<Taken>> {
        let Some(id) = other.id_in(A::CATEGORY).and_then(|id| id.parse::<A::Id>().ok()) else {
            return Err(Failure::Refused(Taken));
        };
        let history = self.log().history::<A>(&id).await?;
        if state.counts(history.state.holds(name), self.now()) {
            return Err(Failure::Refused(Taken));
        }
        let Some(command) = A::forfeit(claim, name) else {
            return Err(Failure::Refused(Taken));
        };
        let scribe = self.derived(format_args!("forfeit {id} {:?}", history.expected));
        match scribe.decide_and_append(&id, &history, command).await {
            Ok(Attempt::Done(_)) => Ok(Forfeited::Yes),
            Ok(Attempt::Again(_)) => Ok(Forfeited::Again),
            Err(failure) => Err(failure.refused_as(|_| Taken)),
        }
    }

    /// Who holds the name now: found through its claim, which is as fresh as the log.
    pub(crate) async fn holder_of<A: Named>(
        &self,
        name: &ScopedName,
    ) -> Result<Option<A::Id>, store::LogError> {
        let history = self.log().history::<NameClaim>(&self.claim_id(name)).await?;
        let NameClaim::Claimed { holder, .. } = history.state else {
            return Ok(None);
        };
        let Some(id) = holder.id_in(A::CATEGORY).and_then(|id| id.parse::<A::Id>().ok()) else {
            return Ok(None);
        };
        let held = self.log().history::<A>(&id).await?.state.holds(name);
        Ok(held.then_some(id))
    }
}

enum Forfeited {
    Yes,
    Again,
}

impl ScopedName {
    pub(crate) fn application(belonging: Belonging, name: &ApplicationName) -> Self {
        let scope = Scope::Applications(belonging);
        Self { scope, normalised: name.as_str().to_owned() }
    }

    pub(crate) fn user(name: &UserName) -> Self {
        Self { scope: Scope::Users, normalised: name.as_str().to_owned() }
    }

    pub(crate) fn organization(name: &OrganizationName) -> Self {
        Self { scope: Scope::Organizations, normalised: name.normalised() }
    }

    fn of_application(&self) -> Option<(Belonging, ApplicationName)> {
        let Scope::Applications(belonging) = self.scope else {
            return None;
        };
        Some((belonging, ApplicationName::parse(&self.normalised).ok()?))
    }
}

/// As it goes into the names of claims' streams: for ever.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applications(Belonging { organization, owner }) => {
                write!(f, "{} {organization} {owner}", Category::Application)
            }
            Self::Users => Category::User.fmt(f),
            Self::Organizations => Category::Organization.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
