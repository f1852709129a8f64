//! One row of the table of operations: what is done where, by whom, with what, and what comes back.

use std::{fmt, pin::Pin, sync::Arc};

use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::{
    body,
    call::{Admission, Call},
    error::Errors,
    query::Accepts,
    reply::Reply,
    schema::Type,
};
use crate::scopes::Own;

/// A scope as a type: a [`Call`] names the one without which there is none.
pub(super) trait Needs: Send + Sync + 'static {
    const SCOPE: Own;
    /// What it takes to be told of resources more than the request itself says.
    const READING: Own;
}

macro_rules! needs {
    ($($name:ident = $scope:ident, told with $reading:ident;)+) => {$(
        #[derive(Debug)]
        pub(super) struct $name;

        impl Needs for $name {
            const SCOPE: Own = Own::$scope;
            const READING: Own = Own::$reading;
        }
    )+};
}

needs! {
    ReadApplications = ApplicationsRead, told with ApplicationsRead;
    WriteApplications = ApplicationsWrite, told with ApplicationsRead;
    ReadNotifications = NotificationsRead, told with NotificationsRead;
    WriteNotifications = NotificationsWrite, told with NotificationsRead;
    ReadOrganizations = OrganizationsRead, told with OrganizationsRead;
    WriteOrganizations = OrganizationsWrite, told with OrganizationsRead;
    ReadUsers = UsersRead, told with UsersRead;
    WriteUsers = UsersWrite, told with UsersRead;
}

pub(super) type Running = Pin<Box<dyn Future<Output = Result<Reply, Errors>> + Send>>;

/// What the web API can do.
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: &'static str,
    /// The `OpenAPI` `operationId`.
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) tag: &'static str,
    pub(super) scope: Own,
    /// The scope without which an answer tells no more than the request did.
    pub(super) reading: Own,
    pub(super) accepts: &'static Accepts,
    pub(super) body: Body,
    /// Bytes of the body.
    pub(super) limit: usize,
    pub(super) gives: Gives,
    run: Arc<dyn Fn(Admission) -> Running + Send + Sync>,
}

/// What a request carries.
pub(super) enum Body {
    None,
    /// A document of this JSON schema.
    Needed(Value),
    /// A document of this JSON schema, or nothing.
    Possible(Value),
}

/// What a success answers with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gives {
    One(StatusCode, &'static Type),
    Many(&'static Type),
    /// A relationship to one resource of that type.
    Linkage(&'static str),
    Nothing,
}

impl Gives {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::One(status, _) => status,
            Self::Many(_) | Self::Linkage(_) => StatusCode::OK,
            Self::Nothing => StatusCode::NO_CONTENT,
        }
    }
}

impl Operation {
    /// An operation whose handler says, by what it takes, which scope it needs.
    pub(super) fn new<S: Needs, F>(
        method: Method,
        path: &'static str,
        name: &'static str,
        handler: impl Fn(Call<S>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Reply, Errors>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        let run = move |admission: Admission| -> Running {
            match Call::admit(admission) {
                Ok(call) => Box::pin(handler(call)),
                Err(error) => Box::pin(std::future::ready(Err(error.into()))),
            }
        };
        Self {
            method,
            path,
            name,
            summary: "",
            tag: path.split('/').nth(1).unwrap_or_default(),
            scope: S::SCOPE,
            reading: S::READING,
            accepts: &Accepts::NOTHING,
            body: Body::None,
            limit: body::LIMIT,
            gives: Gives::Nothing,
            run: Arc::new(run),
        }
    }

    pub(super) fn summary(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    pub(super) fn accepting(self, accepts: &'static Accepts) -> Self {
        Self { accepts, ..self }
    }

    pub(super) fn body(self, body: Body) -> Self {
        Self { body, ..self }
    }

    /// With room for a longer body than usual, in bytes.
    pub(super) fn of_at_most(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    pub(super) fn giving(self, gives: Gives) -> Self {
        Self { gives, ..self }
    }

    pub(super) fn changes(&self) -> bool {
        self.method != Method::GET
    }

    pub(super) fn run(&self, admission: Admission) -> Running {
        (self.run)(admission)
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
