//! What every request to the web API goes through before its handler, and what every answer gets on its way out.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use commands::Origin;
use domain::Personal;
use store::{Actor, Position};
use uuid::Uuid;

use super::{
    call::{Admission, Repeatable},
    error::{Error, Errors, Kind},
    idempotency::{self, Key},
    limits::{Allowance, Buckets, Exhausted},
    media,
    operation::{Body, Operation},
    query::Query,
    sight::Audience,
};
use crate::{
    app::App,
    bearer::{Caller, Refused, Verifiers},
    http::{BodyError, RequestId, read_body},
    oauth::RESOURCE_PATH,
    remote,
};

/// A position that the answer must know about.
const WAIT_FOR: &str = "oathbook-wait-for";
/// Characters of a user agent that are kept.
const USER_AGENT: usize = 512;

/// What requests share. One per process.
#[derive(Debug, Default)]
pub(super) struct Front {
    verifiers: Verifiers,
    buckets: Buckets,
}

impl Front {
    pub(super) async fn serve(
        &self,
        State(app): State<App>,
        operation: &Operation,
        path: Result<Path<HashMap<String, String>>, PathRejection>,
        request: Request,
    ) -> Response {
        let (parts, stream) = request.into_parts();
        let caller = match Caller::find(&app, &self.verifiers, &parts.headers).await {
            Ok(caller) => caller,
            Err(refused) => return challenge(&app, refused),
        };
        let now = app.commands.clock.since_boot();
        let bounds = app.settings.rate_limit;
        let (allowance, outcome) = match self.buckets.take(now, bounds, caller.application) {
            Ok(allowance) => {
                let id = path.ok().and_then(|Path(mut path)| path.remove("id"));
                let request = Received { app, caller, id, parts };
                (allowance, request.answer(operation, stream).await)
            }
            Err(Exhausted(allowance)) => (allowance, Err(too_many(&allowance).into())),
        };
        let mut response = outcome.into_response();
        allowance.tell(response.headers_mut());
        dress(&mut response);
        response
    }
}

/// A request of somebody known.
struct Received {
    app: App,
    caller: Caller,
    id: Option<String>,
    parts: Parts,
}

impl Received {
    async fn answer(
        self,
        operation: &Operation,
        stream: axum::body::Body,
    ) -> Result<Response, Errors> {
        media::check_accept(&self.parts.headers)?;
        if !self.caller.has(operation.scope) {
            return Err(Error::insufficient_scope(operation.scope).into());
        }
        let query = self.parts.uri.query().unwrap_or_default();
        let query = Query::parse(query, operation.accepts)?;
        let body = self.read(operation, stream).await?;
        self.wait().await?;
        let key = match &self.parts.method {
            &Method::GET | &Method::HEAD => None,
            _ => Key::find(&self.app, &self.caller, &self.parts, &body)?,
        };
        let as_of = self.app.knowledge.position();
        let app = self.app.clone();
        let audience = Audience::of(&app, &self.caller, operation, self.id.as_ref(), &body);
        let reply = if let Some(key) = key {
            let run =
                |command| operation.run(self.admission(query, body, command, Repeatable::Yes));
            idempotency::once(&app, key, &audience, run).await?
        } else {
            let command = app.commands.mint();
            operation.run(self.admission(query, body, command, Repeatable::No)).await?
        };
        let reply = if reply.has_position() { reply } else { reply.position(as_of) };
        Ok(audience.tell(reply).into_response())
    }

    /// The body, of the right type where there is one.
    async fn read(&self, operation: &Operation, stream: axum::body::Body) -> Result<Bytes, Errors> {
        let headers = &self.parts.headers;
        let body = read_body(headers, stream, operation.limit).await.map_err(|error| {
            let kind = match error {
                BodyError::TooLarge { .. } => Kind::TooLarge,
                BodyError::Incomplete => Kind::BadRequest,
            };
            let close = HeaderValue::from_static("close");
            Error::new(kind, error.to_string()).with(header::CONNECTION, close)
        })?;
        let needed = match operation.body {
            Body::None => false,
            Body::Needed(_) => true,
            Body::Possible(_) => !body.is_empty(),
        };
        if needed {
            media::check_content_type(headers)?;
        }
        Ok(body)
    }

    /// Waits until this node knows what the client knows already, bounded.
    async fn wait(&self) -> Result<(), Error> {
        let Some(value) = self.parts.headers.get(WAIT_FOR) else {
            return Ok(());
        };
        let position = value.to_str().ok().and_then(|text| text.parse::<Position>().ok());
        let position = position.ok_or_else(|| {
            // A position is opaque: one that is none is like one of another log, which never comes.
            let text = "This is no position that the header Oathbook-Position has given.";
            Error::new(Kind::Behind, text).header("Oathbook-Wait-For")
        })?;
        if self.app.settled(position).await {
            Ok(())
        } else {
            let a_second = HeaderValue::from_static("1");
            let text =
                "This node has not come as far as that position: ask again, or another node.";
            let error = Error::new(Kind::Behind, text).header("Oathbook-Wait-For");
            Err(error.with(header::RETRY_AFTER, a_second))
        }
    }

    fn admission(
        self,
        query: Query,
        body: Bytes,
        command: Uuid,
        repeatable: Repeatable,
    ) -> Admission {
        let Self { app, caller, id, parts } = self;
        let minted = || app.commands.mint();
        let request = parts.extensions.get().map_or_else(minted, |RequestId(id)| *id);
        let actor = Actor::Application { id: caller.application, owner: caller.user() };
        let address = remote::address_of(&parts.extensions);
        let origin = Origin {
            organization: Some(caller.organization()),
            correlation: request,
            remote_address: address.map(|address| Personal::new(address.to_string())),
            user_agent: user_agent(&parts.headers).map(Personal::new),
            ..Origin::of(actor, command)
        };
        Admission { app, caller, query, id, body, headers: parts.headers, origin, repeatable }
    }
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::USER_AGENT)?;
    Some(String::from_utf8_lossy(value.as_bytes()).chars().take(USER_AGENT).collect())
}

/// 401 has no body: RFC 6750, section 3, says why in the header, and no more than whoever asks needs to know. Where to
/// get a token follows RFC 9728, section 5.1.
fn challenge(app: &App, refused: Refused) -> Response {
    let error = match refused {
        Refused::Unavailable => {
            let text = "This node does not know at the moment who may call it.";
            let mut response = Errors::from(Error::unavailable(text)).into_response();
            dress(&mut response);
            return response;
        }
        Refused::Powerless => {
            let text = "Whoever made the secret of this application has no rights here any more that it could lend.";
            let mut response = Errors::from(Error::denied(text)).into_response();
            dress(&mut response);
            return response;
        }
        Refused::Absent => "",
        Refused::Ambiguous => " error=\"invalid_request\",",
        Refused::Invalid => " error=\"invalid_token\",",
    };
    let metadata = format!("{}{RESOURCE_PATH}{}", origin(app), app.settings.path());
    let value = format!("Bearer{error} resource_metadata=\"{metadata}\"");
    let value = HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("Bearer"));
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, value), no_store]).into_response()
}

/// The issuer without its path.
fn origin(app: &App) -> &str {
    app.settings.issuer().strip_suffix(app.settings.path()).unwrap_or_default()
}

fn too_many(allowance: &Allowance) -> Error {
    let seconds = HeaderValue::from(allowance.seconds());
    Error::new(Kind::TooMany, "Too many requests: wait a moment.")
        .with(header::RETRY_AFTER, seconds)
}

/// What all answers share. Nothing is cached: what a caller may see can change at any moment.
fn dress(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Authorization"));
}
