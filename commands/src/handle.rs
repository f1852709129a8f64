//! Read, fold, decide, append at the revision read.

use std::{fmt::Display, sync::Arc};

use domain::{Aggregate, OrganizationId, Personal, Reason, Timestamp};
use store::{
    Actor, Clock, Entropy, Expected, History, InstallationKey, Log, LogError, Metadata, Position,
    Stamp, StoreError, StreamName,
};
use tracing::{Instrument, info_span};
use uuid::Uuid;

/// How often a command is decided again because somebody else wrote first, or the outcome was unknown.
pub(crate) const ATTEMPTS: usize = 8;

/// What all commands of a process share.
#[derive(Clone, Debug)]
pub struct Commands {
    pub log: Log,
    pub key: Arc<InstallationKey>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// Who asks for a change, and how; it is written beside every event that follows.
#[derive(Clone, Debug)]
pub struct Origin {
    pub actor: Actor,
    pub organization: Option<OrganizationId>,
    /// The same command id again is the same command: it is answered, not repeated.
    pub command: Uuid,
    pub correlation: Uuid,
    pub causation: Option<Uuid>,
    pub remote_address: Option<Personal>,
    pub user_agent: Option<Personal>,
    pub reason: Option<Reason>,
}

impl Origin {
    /// A command outside any request.
    pub fn of(actor: Actor, command: Uuid) -> Self {
        Self {
            actor,
            organization: None,
            command,
            correlation: command,
            causation: None,
            remote_address: None,
            user_agent: None,
            reason: None,
        }
    }
}

/// Writes on behalf of one origin.
#[derive(Clone, Debug)]
pub struct Scribe {
    pub(crate) commands: Commands,
    pub(crate) origin: Origin,
    pub(crate) ids: Ids,
    /// The only state of a stream that may be written to.
    only_at: Option<(StreamName, Expected)>,
}

/// Where the ids of what is made come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    Minted,
    /// From the command, so that one sent again finds what it made before.
    Derived,
}

/// A command that was carried out, or had nothing to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Whoever has read this far sees the outcome.
    pub position: Position,
}

/// Why a command was not carried out: the domain said no, or the log failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure<E: std::error::Error + 'static> {
    #[error(transparent)]
    Refused(E),
    #[error("the log failed")]
    Log(#[from] LogError),
    /// Others kept writing to the same stream; nothing was changed.
    #[error("others are changing the same thing; try again")]
    Contended,
}

impl<E: std::error::Error + 'static> Failure<E> {
    /// Translates the refusal.
    pub fn refused_as<F: std::error::Error + 'static>(
        self,
        translate: impl FnOnce(E) -> F,
    ) -> Failure<F> {
        match self {
            Self::Refused(refusal) => Failure::Refused(translate(refusal)),
            Self::Log(error) => Failure::Log(error),
            Self::Contended => Failure::Contended,
        }
    }
}

impl Commands {
    pub fn on_behalf_of(&self, origin: Origin) -> Scribe {
        Scribe { commands: self.clone(), origin, ids: Ids::Minted, only_at: None }
    }

    /// A scribe for the operator at the command line.
    pub fn as_operator(&self) -> Scribe {
        let command = self.mint();
        self.on_behalf_of(Origin::of(Actor::Operator, command))
    }

    /// A scribe for Oathbook itself, with a command id of its own choosing.
    pub fn as_system(&self, command: Uuid) -> Scribe {
        self.on_behalf_of(Origin::of(Actor::System, command))
    }

    /// A `UUIDv7` that nobody has had.
    pub fn mint(&self) -> Uuid {
        self.entropy.uuid_v7(self.clock.now())
    }
}

/// What became of one attempt to append.
pub(crate) enum Attempt {
    Done(Position),
    /// Somebody else wrote first, or nobody knows, which is the error then: read again.
    Again(Option<LogError>),
}

impl Scribe {
    pub fn log(&self) -> &Log {
        &self.commands.log
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.commands.clock.now()
    }

    /// The same, with the actor's reason, if they gave one, written beside what follows.
    #[must_use]
    pub fn because(mut self, reason: Option<Reason>) -> Self {
        self.origin.reason = reason;
        self
    }

    /// A further command id within this command, the same each time for the same words.
    pub(crate) fn derived(&self, words: impl Display) -> Self {
        let command = Uuid::new_v5(&self.origin.command, words.to_string().as_bytes());
        let origin = Origin { command, ..self.origin.clone() };
        Self { origin, ..self.clone() }
    }

    /// The same, for a command that may be sent again in another request: what it makes gets an id that follows from it.
    #[must_use]
    pub fn repeatable(self) -> Self {
        Self { ids: Ids::Derived, ..self }
    }

    /// The same, for a command that was given about one revision of a thing: about another one it is
    /// [`Failure::Contended`].
    #[must_use]
    pub fn only_behind<A: Aggregate>(self, id: &A::Id, revision: u64) -> Self {
        self.only_at::<A>(id, Expected::Exact(revision))
    }

    /// The same, also for a command that was given about a thing of which there is no event yet.
    #[must_use]
    pub fn only_at<A: Aggregate>(self, id: &A::Id, expected: Expected) -> Self {
        Self { only_at: Some((StreamName::of::<A>(id), expected)), ..self }
    }

    /// Where the command's events stand in the stream of the thing, if it wrote any.
    pub async fn carried_out<A: Aggregate>(
        &self,
        id: &A::Id,
    ) -> Result<Option<Position>, LogError> {
        let history = self.log().history::<A>(id).await?;
        Ok(history.position_of(&StreamName::of::<A>(id), self.origin.command))
    }

    /// Whether the command was given about another revision of the thing than it has.
    pub(crate) fn is_overtaken<A: Aggregate>(&self, id: &A::Id, history: &History<A>) -> bool {
        let stream = StreamName::of::<A>(id);
        self.only_at
            .as_ref()
            .is_some_and(|(only, expected)| *only == stream && history.expected != *expected)
    }

    /// An id for what the command makes.
    pub(crate) fn new_id(&self) -> Uuid {
        match self.ids {
            Ids::Minted => self.commands.mint(),
            Ids::Derived => Uuid::new_v5(&self.origin.command, b"made"),
        }
    }

    /// Carries out a command on one aggregate.
    pub async fn handle<A>(
        &self,
        id: &A::Id,
        command: A::Command,
    ) -> Result<Done, Failure<A::Error>>
    where
        A: Aggregate,
    {
        self.handle_if(id, command, |_: &A| Ok(())).await
    }

    /// The same, if the very state that is decided on passes the check.
    pub(crate) async fn handle_if<A, R>(
        &self,
        id: &A::Id,
        command: A::Command,
        check: impl Fn(&A) -> Result<(), R>,
    ) -> Result<Done, Failure<R>>
    where
        A: Aggregate,
        R: From<A::Error> + std::error::Error + 'static,
    {
        let stream = StreamName::of::<A>(id);
        let span = info_span!("command.handle", stream.category = stream.category());
        async {
            let mut unknown = None;
            for _ in 0..ATTEMPTS {
                let history = self.log().history::<A>(id).await?;
                check(&history.state).map_err(Failure::Refused)?;
                let attempt = self.decide_and_append(id, &history, command.clone()).await;
                match attempt.map_err(|failure| failure.refused_as(R::from))? {
                    Attempt::Done(position) => return Ok(Done { position }),
                    Attempt::Again(doubt) => unknown = doubt.or(unknown),
                }
            }
            // Whoever may have written is not told that nothing was changed.
            Err(unknown.map_or(Failure::Contended, Failure::from))
        }
        .instrument(span)
        .await
    }

    /// Decides on a history that was read before, and appends at its revision.
    pub(crate) async fn decide_and_append<A>(
        &self,
        id: &A::Id,
        history: &History<A>,
        command: A::Command,
    ) -> Result<Attempt, Failure<A::Error>>
    where
        A: Aggregate,
    {
        let stream = StreamName::of::<A>(id);
        if let Some(position) = history.position_of(&stream, self.origin.command) {
            return Ok(Attempt::Done(position));
        }
        if self.is_overtaken::<A>(id, history) {
            return Err(Failure::Contended);
        }
        let events = history.state.decide(command).map_err(Failure::Refused)?;
        if events.is_empty() {
            return Ok(Attempt::Done(history.position));
        }
        match self.log().append(id, history, &events, &self.stamp()).await {
            Ok(appended) => Ok(Attempt::Done(appended.position)),
            Err(LogError::Store(StoreError::Conflict { .. })) => Ok(Attempt::Again(None)),
            Err(error @ LogError::Store(StoreError::OutcomeUnknown(_))) => {
                Ok(Attempt::Again(Some(error)))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn stamp(&self) -> Stamp {
        let Origin {
            actor,
            organization,
            command,
            correlation,
            causation,
            remote_address,
            user_agent,
            reason,
        } = self.origin.clone();
        Stamp {
            metadata: Metadata {
                occurred_at: self.now(),
                actor,
                organization,
                correlation,
                causation,
                command,
                remote_address,
                user_agent,
                reason: reason.map(String::from),
            },
        }
    }
}
