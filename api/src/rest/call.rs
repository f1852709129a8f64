//! One request to the web API, as handlers get it.

use std::{fmt::Display, marker::PhantomData, str::FromStr};

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use commands::{Origin, Permit, Scribe};
use domain::{
    Aggregate,
    authority::{Authority, Deed},
};
use store::Position;
use uuid::Uuid;

use super::{
    document,
    error::{Error, Errors, Kind},
    operation::Needs,
    query::Query,
    refusals,
    reply::Reply,
};
use crate::{app::App, bearer::Caller};

/// A request of somebody known, before it is checked for a scope.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) app: App,
    pub(super) caller: Caller,
    pub(super) query: Query,
    /// The part of the path that names a resource.
    pub(super) id: Option<String>,
    pub(super) body: Bytes,
    pub(super) headers: HeaderMap,
    pub(super) origin: Origin,
    pub(super) repeatable: Repeatable,
}

/// Whether a request can be recognised when it is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeatable {
    /// It has an idempotency key, and its command id follows from it.
    Yes,
    No,
}

/// A request of somebody whose token has the scope. There is no other way to one than [`Call::admit`].
#[derive(Debug)]
pub(super) struct Call<S> {
    pub(super) app: App,
    pub(super) caller: Caller,
    pub(super) query: Query,
    pub(super) body: Bytes,
    id: Option<String>,
    headers: HeaderMap,
    origin: Origin,
    repeatable: Repeatable,
    scope: PhantomData<fn() -> S>,
}

/// The revision that a write may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Any,
    Exactly(u64),
}

impl Expected {
    /// Writes to the thing behind that revision only.
    pub(super) fn behind<A: Aggregate>(self, scribe: Scribe, id: &A::Id) -> Scribe {
        match self {
            Self::Exactly(revision) => scribe.only_behind::<A>(id, revision),
            Self::Any => scribe,
        }
    }

    /// The same of a thing as it was read, of which there may be no event yet.
    pub(super) fn at<A: Aggregate>(
        self,
        scribe: Scribe,
        id: &A::Id,
        read: store::Expected,
    ) -> Scribe {
        match self {
            Self::Exactly(_) => scribe.only_at::<A>(id, read),
            Self::Any => scribe,
        }
    }
}

impl<S: Needs> Call<S> {
    pub(super) fn admit(admission: Admission) -> Result<Self, Error> {
        let Admission { app, caller, query, id, body, headers, origin, repeatable } = admission;
        if !caller.has(S::SCOPE) {
            return Err(Error::insufficient_scope(S::SCOPE));
        }
        Ok(Self { app, caller, query, body, id, headers, origin, repeatable, scope: PhantomData })
    }

    /// The id in the address. What is no id names nothing.
    pub(super) fn id<T: FromStr>(&self) -> Result<T, Error> {
        let id = self.id.as_deref().and_then(|id| id.parse().ok());
        id.ok_or_else(Error::not_found)
    }

    /// Where the web API is.
    pub(super) fn base(&self) -> String {
        document::base(&self.app.settings)
    }

    /// Whether the header `X-Include` asks how many there are in all. As with Oro, semicolons separate.
    pub(super) fn wants_total(&self) -> bool {
        let values = self.headers.get_all("x-include").into_iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .any(|item| item.trim() == "totalCount")
    }

    /// Writes in the name of the caller. One request may take several steps, each a command of its own.
    pub(super) fn scribe(&self, step: impl Display) -> Scribe {
        let command = Uuid::new_v5(&self.origin.command, step.to_string().as_bytes());
        let scribe = self.app.commands.on_behalf_of(Origin { command, ..self.origin.clone() });
        match self.repeatable {
            Repeatable::Yes => scribe.repeatable(),
            Repeatable::No => scribe,
        }
    }

    /// Whether it may have been sent before.
    pub(super) fn is_repeatable(&self) -> bool {
        self.repeatable == Repeatable::Yes
    }

    /// Where the events stand that this very request wrote to the stream of the thing when it was sent before.
    pub(super) async fn sent_before<A: Aggregate>(
        &self,
        scribe: &Scribe,
        id: &A::Id,
    ) -> Result<Option<Position>, Error> {
        if !self.is_repeatable() {
            return Ok(None);
        }
        scribe.carried_out::<A>(id).await.map_err(refusals::log)
    }

    /// Compares the header `If-Match` with the revision that would be replaced (RFC 9110, section 13.1.1).
    pub(super) fn check_revision(&self, revision: u64) -> Result<Expected, Error> {
        let given = self.headers.get_all(header::IF_MATCH);
        let mut tags = Vec::new();
        for value in given {
            let text = value.to_str().map_err(|_| malformed_tag())?;
            tags.extend(text.split(',').map(str::trim));
        }
        if !tags.iter().all(|tag| is_tag(tag)) {
            return Err(malformed_tag());
        }
        let wanted = format!("\"{revision}\"");
        if tags.is_empty() || tags.contains(&"*") {
            Ok(Expected::Any)
        } else if tags.contains(&wanted.as_str()) {
            Ok(Expected::Exactly(revision))
        } else {
            Err(overtaken())
        }
    }

    /// Whoever may not keep notifications is told of none, nor of their rules and templates.
    pub(super) fn keeps_notifications(&self) -> Result<(), Error> {
        let keeps = self.caller.agent.may_do(Deed::KeepNotifications);
        if keeps { Ok(()) } else { Err(Error::not_found()) }
    }

    /// The permit for the deed, if the token may do it.
    pub(super) fn permit(&self, deed: Deed) -> Result<Permit, Error> {
        let permit = Permit::for_deed(&self.caller.agent, deed);
        permit.map_err(|denied| Error::denied(denied.to_string()))
    }

    /// Lets this node learn what was written, bounded, and answers with its position.
    pub(super) async fn written(&self, position: Position, reply: Reply) -> Result<Reply, Errors> {
        self.app.settled(position).await;
        Ok(reply.position(position))
    }
}

/// `*`, or an entity tag of RFC 9110, section 8.8.3.
fn is_tag(text: &str) -> bool {
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    let opaque = opaque.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    text == "*" || opaque.is_some_and(|tag| !tag.contains('"'))
}

fn malformed_tag() -> Error {
    let text = "Expected an entity tag, as the header ETag gives it.";
    Error::new(Kind::UnexpectedValue, text).header("If-Match")
}

pub(super) fn overtaken() -> Error {
    let text = "The resource has another revision by now: read it again.";
    Error::new(Kind::Overtaken, text).header("If-Match")
}
