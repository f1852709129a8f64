//! `POST /oauth2-token`: credentials in, a signed token out (RFC 6749, section 4.4; RFC 9068).
//!
//! Cheap checks come before the argon2 run, and nothing is written to a database on the way. The signature is computed
//! where the request runs: it takes a quarter of a millisecond, and that is what the processor is for.

use std::{net::IpAddr, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use commands::applications::Created;
use domain::{ClientId, OrganizationId, SecretId, UserId};
use metrics::counter;
use projections::{
    knowledge::{Client, Lookup},
    state::Refusal,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};
use tracing::{debug, error, info};
use uuid::Uuid;

use super::{
    client::{Authenticated, Presented},
    cors,
    error::{Error, JSON, NO_CACHE, NO_STORE, Unread},
    parameters::{BODY_LIMIT, Parameters},
    scope,
};
use crate::{app::App, http::read_body, remote, signing::Signer};

/// How long a request waits for the node to learn how things stand.
const PATIENCE: Duration = Duration::from_secs(1);

/// A token that was made just now.
#[derive(Debug)]
pub struct Issued {
    pub token: SecretString,
    pub expires_in: Duration,
    /// As the claim spells it.
    scope: String,
}

/// Why there is no temporary access token beside new credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotIssued {
    #[error("there is no key to sign with")]
    NoKey,
    #[error("the application may not have tokens now")]
    NotAllowed,
    #[error("this node does not know enough at the moment, or could not sign")]
    Unavailable,
}

/// The claims of RFC 9068, section 2.2, and ours.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a ClientId,
    client_id: &'a ClientId,
    aud: Audience<'a>,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
    scope: &'a str,
    org: OrganizationId,
    owner: UserId,
    cred: SecretId,
    rev: u64,
    owner_rev: u64,
    org_rev: u64,
}

/// One audience is a string, several are an array (RFC 7519, section 4.1.3).
struct Audience<'a>(&'a [String]);

impl Serialize for Audience<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [one] => one.serialize(serializer),
            several => several.serialize(serializer),
        }
    }
}

/// RFC 6749, section 5.1.
#[derive(Serialize)]
struct Document<'a> {
    token_type: &'static str,
    expires_in: u64,
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

pub(super) async fn endpoint(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut response = match read_body(&parts.headers, body, BODY_LIMIT).await {
        Ok(body) => answer(&app, &parts, &body).await,
        Err(error) => refuse(&Unread(error).into(), &parts.headers),
    };
    cors::allow(&app.settings, &parts.headers, response.headers_mut());
    response
}

/// Whatever is neither `POST` nor `OPTIONS`.
pub(super) async fn wrong_method(State(app): State<App>, headers: HeaderMap) -> Response {
    let mut response = refuse(&Error::Method, &headers);
    cors::allow(&app.settings, &headers, response.headers_mut());
    response
}

async fn answer(app: &App, parts: &Parts, body: &[u8]) -> Response {
    match issue(app, parts, body).await {
        Ok((issued, named)) => {
            counter!("oathbook_tokens_total", "outcome" => "issued").increment(1);
            issued.answer(named)
        }
        Err(error) => refuse(&error, &parts.headers),
    }
}

fn refuse(error: &Error, request: &HeaderMap) -> Response {
    counter!("oathbook_tokens_total", "outcome" => error.code()).increment(1);
    info!(oauth.error = error.code(), oauth.hint = error.hint(), "No token was issued");
    error.answer(request)
}

/// Whether the client named the scopes it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scopes {
    Named,
    Unnamed,
}

async fn issue(app: &App, parts: &Parts, body: &[u8]) -> Result<(Issued, Scopes), Error> {
    let mut parameters = Parameters::read(&parts.headers, body)?;
    if parameters.grant_type.as_deref() != Some("client_credentials") {
        return Err(Error::UnsupportedGrantType);
    }
    let presented = Presented::find(&parts.headers, &mut parameters)?;
    let requested = scope::requested(parameters.scope.as_deref())?;
    let signer = app.keys.signer().ok_or(Error::NoKey)?;
    freshen(app).await?;
    let client = presented.authenticate(app).await?;
    let granted = scope::granted(requested.as_deref(), &client.row.scopes).inspect_err(|_| {
        let (application, now) = (client.row.application, app.commands.clock.now());
        app.usage.refused(application, Some(client.secret), Refusal::Scope, now);
    })?;
    let issued = client.token(app, &signer, granted, remote::address_of(&parts.extensions))?;
    Ok((issued, if requested.is_some() { Scopes::Named } else { Scopes::Unnamed }))
}

/// A token for an application that was registered this moment, to be shown beside its credentials.
///
/// [`Created`] stands for the secret: whoever has one has the secret in it. The claims are those of any other token.
pub async fn issue_for(
    app: &App,
    created: &Created,
    address: Option<IpAddr>,
) -> Result<Issued, NotIssued> {
    let signer = app.keys.signer().ok_or(NotIssued::NoKey)?;
    freshen(app).await.map_err(|_| NotIssued::Unavailable)?;
    let Client { row, as_of, .. } = match app.knowledge.client(&created.client_id) {
        Lookup::Known(client) if client.standing.is_ok() => client,
        Lookup::Known(_) | Lookup::Unknown => return Err(NotIssued::NotAllowed),
        Lookup::Unknowable => return Err(NotIssued::Unavailable),
    };
    let secret = row.secrets.first().map(|secret| secret.id).ok_or(NotIssued::NotAllowed)?;
    let scope = scope::granted(None, &row.scopes).map_err(|_| NotIssued::NotAllowed)?;
    let issued = Authenticated { row, secret, as_of }.token(app, &signer, scope, address);
    let issued = issued.map_err(|error| match error {
        Error::InvalidClient => NotIssued::NotAllowed,
        Error::NoKey => NotIssued::NoKey,
        Error::Unavailable
        | Error::Unsigned
        | Error::UnsupportedGrantType
        | Error::InvalidRequest(_)
        | Error::Body(_)
        | Error::Method
        | Error::InvalidScope(_) => NotIssued::Unavailable,
    })?;
    counter!("oathbook_tokens_total", "outcome" => "issued").increment(1);
    Ok(issued)
}

async fn freshen(app: &App) -> Result<(), Error> {
    let freshness = app.freshness.wait_for_tokens(&app.knowledge, PATIENCE).await;
    freshness.map_err(|_| Error::Unavailable)
}

impl Authenticated {
    /// Signs, and then looks again whether the client may have what was signed: the signature took its time.
    fn token(
        &self,
        app: &App,
        signer: &Signer,
        scope: String,
        address: Option<IpAddr>,
    ) -> Result<Issued, Error> {
        let now = app.commands.clock.now();
        let lifetime = app.settings.token_lifetime;
        let issued_at = now.as_secs();
        let claims = Claims {
            iss: app.settings.issuer(),
            sub: &self.row.client_id,
            client_id: &self.row.client_id,
            aud: Audience(&app.settings.audience),
            iat: issued_at,
            nbf: issued_at,
            exp: issued_at.saturating_add_unsigned(lifetime.as_secs()),
            jti: app.commands.mint(),
            scope: &scope,
            org: self.row.organization,
            owner: self.row.owner,
            cred: self.secret,
            rev: self.row.revision,
            owner_rev: self.as_of.owner,
            org_rev: self.as_of.organization,
        };
        let token = signer.sign(&claims).map_err(|error| {
            error!(%error, "A token was not signed");
            Error::Unsigned
        })?;
        if !app.freshness.allows_token(&app.knowledge) {
            return Err(Error::Unavailable);
        }
        self.still_stands(app)?;
        debug!(application.id = %self.row.application, token.id = %claims.jti, "Issued");
        app.usage.issued(&self.row, self.secret, now, address);
        Ok(Issued { token: token.into(), expires_in: lifetime, scope })
    }
}

impl Issued {
    /// The scope is told to those who named none, unless there is none (RFC 6749, section 5.1).
    fn answer(&self, scopes: Scopes) -> Response {
        let tell = scopes == Scopes::Unnamed && !self.scope.is_empty();
        let document = Document {
            token_type: "Bearer",
            expires_in: self.expires_in.as_secs(),
            access_token: self.token.expose_secret(),
            scope: tell.then_some(&self.scope),
        };
        let headers = [
            (header::CONTENT_TYPE, JSON),
            (header::CACHE_CONTROL, NO_STORE),
            (header::PRAGMA, NO_CACHE),
        ];
        match serde_json::to_vec(&document) {
            Ok(body) => (headers, body).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}
