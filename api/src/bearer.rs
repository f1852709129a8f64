//! Who calls the web API: a program with a token of ours in the `Authorization` header (RFC 6750, section 2.1).
//!
//! A token acts as its application's owner, inside the application's organization, within its scopes, and never beyond the
//! rights of whoever came to know its secret when it was made. Beside its signature everything is looked up as it stands
//! now: an application that was switched off, an owner who left or a secret that is gone ends a token at once, and for
//! good. Tokens in bodies and in addresses are not looked for: there they end up in logs.

mod token;
mod verifiers;

use std::time::Duration;

use axum::http::{HeaderMap, header};
use domain::{
    ApplicationId, ClientId, OrganizationId, Scope, UserId,
    authority::{Agent, Member},
};
use projections::knowledge::{Client, Lookup};

use self::token::{Claims, Presented};
pub(crate) use self::verifiers::Verifiers;
use crate::{app::App, scopes::Own};

/// Bytes of a token that are looked at.
const LIMIT: usize = 16 * 1024;
/// How far the clocks of our nodes may be apart, in seconds.
const LEEWAY: i64 = 5;
/// How long a request waits for the node to learn how things stand.
const PATIENCE: Duration = Duration::from_secs(1);

/// A program at work in the name of its owner.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The owner, inside the application's organization, and whoever else knows the secret.
    pub(crate) agent: Agent,
    pub(crate) application: ApplicationId,
    scopes: Vec<Scope>,
}

/// Why nobody is known to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is no token.
    Absent,
    /// There is more than one `Authorization` header.
    Ambiguous,
    /// The token is none of ours, expired, or void.
    Invalid,
    /// The token is good, but whoever made its secret has no rights here any more that they could lend.
    Powerless,
    /// This node does not know at the moment.
    Unavailable,
}

impl Caller {
    /// Whether the token has the scope, and the application still has it, too.
    pub(crate) fn has(&self, scope: Own) -> bool {
        self.scopes.iter().any(|has| has.as_str() == scope.as_str())
    }

    const fn owner(&self) -> &Member {
        self.agent.owner()
    }

    /// In whose name it calls.
    pub(crate) const fn user(&self) -> UserId {
        self.owner().user
    }

    /// Where it works.
    pub(crate) const fn organization(&self) -> OrganizationId {
        self.owner().organization
    }

    /// Finds out who calls. The cheap checks come first.
    pub(crate) async fn find(
        app: &App,
        verifiers: &Verifiers,
        headers: &HeaderMap,
    ) -> Result<Self, Refused> {
        let presented = Presented::parse(bearer(headers)?).ok_or(Refused::Invalid)?;
        let claims = presented.claims().ok_or(Refused::Invalid)?;
        check_claims(app, &claims)?;
        let key = verifiers.key(app, &presented.key).await.ok_or(Refused::Unavailable)?;
        let key = key.ok_or(Refused::Invalid)?;
        if !key.verifies(&presented) {
            return Err(Refused::Invalid);
        }
        let fresh = app.freshness.wait_for_tokens(&app.knowledge, PATIENCE).await;
        fresh.map_err(|_| Refused::Unavailable)?;
        Self::standing_behind(app, &claims)
    }

    /// Everything that may have changed since the token was issued.
    fn standing_behind(app: &App, claims: &Claims) -> Result<Self, Refused> {
        let id = ClientId::parse(&claims.client_id).ok_or(Refused::Invalid)?;
        let Client { row, standing, as_of: _, void_before } = match app.knowledge.client(&id) {
            Lookup::Known(client) => client,
            Lookup::Unknown => return Err(Refused::Invalid),
            Lookup::Unknowable => return Err(Refused::Unavailable),
        };
        let is_void = standing.is_err()
            || claims.rev < row.void_before
            || claims.owner_rev.is_some_and(|revision| revision < void_before.owner)
            || claims.org_rev.is_some_and(|revision| revision < void_before.organization)
            || claims.org != row.organization
            || claims.owner != row.owner
            || !row.secrets.iter().any(|secret| secret.id == claims.cred);
        if is_void {
            return Err(Refused::Invalid);
        }
        let agent = app.knowledge.agent(&row, claims.cred).map_err(|_| Refused::Unavailable)?;
        let agent = agent.ok_or(Refused::Powerless)?;
        let granted = claims.scope.split(' ');
        let scopes = row
            .scopes
            .into_iter()
            .filter(|scope| granted.clone().any(|granted| granted == scope.as_str()))
            .collect();
        Ok(Self { agent, application: row.application, scopes })
    }
}

/// What the token says about itself: ours, for us, and valid now.
fn check_claims(app: &App, claims: &Claims) -> Result<(), Refused> {
    let issuer = app.settings.issuer();
    let now = app.commands.clock.now().as_secs();
    let ours = claims.iss == issuer && claims.sub == claims.client_id && claims.aud.names(issuer);
    let now_valid = claims.nbf <= now + LEEWAY && now < claims.exp;
    if ours && now_valid { Ok(()) } else { Err(Refused::Invalid) }
}

/// The credentials of the scheme `Bearer`. Whoever uses another scheme presents no token.
fn bearer(headers: &HeaderMap) -> Result<&str, Refused> {
    let mut values = headers.get_all(header::AUTHORIZATION).into_iter();
    let value = values.next().ok_or(Refused::Absent)?;
    if values.next().is_some() {
        return Err(Refused::Ambiguous);
    }
    if value.len() > LIMIT {
        return Err(Refused::Invalid);
    }
    let text = value.to_str().map_err(|_| Refused::Invalid)?.trim();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("Bearer") { Ok(token.trim()) } else { Err(Refused::Absent) }
}
