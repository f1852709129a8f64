//! Who asks for a token: client authentication of RFC 6749, section 2.3, in one place for every grant and endpoint.

use std::{num::NonZero, sync::LazyLock, thread::available_parallelism};

use axum::http::{HeaderMap, header};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use commands::secret::Verifier;
use domain::{ClientId, SecretId, application::Grant};
use percent_encoding::percent_decode;
use projections::{
    credentials,
    knowledge::{Client, Lookup, Revisions},
    state::Refusal,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::{
    error::Error,
    parameters::{PARAMETER_LIMIT, Parameters, is_vschar},
};
use crate::app::App;

/// Bytes of the header `Authorization`: id and secret at their longest, form-encoded and in base64.
const AUTHORIZATION_LIMIT: usize = 8 * PARAMETER_LIMIT;

/// RFC 7617 wants padding; clients without it are understood all the same.
const BASIC: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Argon2 runs at once: one for each core.
///
/// Runs are inline and never await, so no more can be under way anyway, and a permit is always free for whoever runs.
/// With fewer permits a waiting task would be handed one while it still queues for a core, and all others would wait for
/// that: it halved the tokens per second.
static PERMITS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, NonZero::get)));

/// What a client presents.
#[derive(Debug)]
pub(super) struct Presented {
    pub(super) client_id: String,
    pub(super) secret: SecretString,
}

/// A client whose secret was right and which may have tokens.
#[derive(Debug)]
pub(super) struct Authenticated {
    pub(super) row: credentials::Row,
    pub(super) secret: SecretId,
    pub(super) as_of: Revisions,
}

impl Presented {
    /// Finds the credentials, in the header or in the body and never in both (RFC 6749, section 2.3).
    ///
    /// The same client id in header and body is no second method.
    pub(super) fn find(headers: &HeaderMap, parameters: &mut Parameters) -> Result<Self, Error> {
        let secret = parameters.client_secret.take();
        let client_id = parameters.client_id.take();
        if let Some(basic) = basic(headers)? {
            return match (client_id, secret) {
                (_, Some(_)) => Err(Error::parameter("client_secret")),
                (Some(other), None) if other != basic.client_id => {
                    Err(Error::parameter("client_id"))
                }
                (_, None) => Ok(basic),
            };
        }
        let client_id = client_id.ok_or_else(|| Error::parameter("client_id"))?;
        Ok(Self { client_id, secret: secret.unwrap_or_default() })
    }

    /// Proves who asks, at the cost of one argon2 run whatever the outcome.
    pub(super) async fn authenticate(&self, app: &App) -> Result<Authenticated, Error> {
        // Read together: the client, its secrets and whether it may have tokens.
        let lookup = ClientId::parse(&self.client_id).map(|id| app.knowledge.client(&id));
        let client = match lookup {
            Some(Lookup::Known(client)) => Some(client),
            Some(Lookup::Unknowable) => return Err(Error::Unavailable),
            Some(Lookup::Unknown) | None => None,
        };
        let proven = {
            let _permit = PERMITS.acquire().await.map_err(|_| Error::Unavailable)?;
            self.verify(client.as_ref())
        };
        let client = client.ok_or(Error::InvalidClient)?;
        let Client { row, standing, as_of, void_before: _ } = client;
        let refuse = |secret, refusal| {
            app.usage.refused(row.application, secret, refusal, app.commands.clock.now());
            Error::InvalidClient
        };
        let secret = proven.ok_or_else(|| refuse(None, Refusal::WrongSecret))?;
        standing.map_err(|refusal| refuse(Some(secret), refusal))?;
        if !row.grants.contains(&Grant::ClientCredentials) {
            return Err(refuse(Some(secret), Refusal::Inactive));
        }
        Ok(Authenticated { row, secret, as_of })
    }

    /// Runs argon2 inline: a run takes 13 µs, less than handing it to another thread.
    ///
    /// An application has one secret; of several, the first that fits ends the search.
    fn verify(&self, client: Option<&Client>) -> Option<SecretId> {
        let presented = self.secret.expose_secret();
        let secrets = client.map_or(&[][..], |client| &client.row.secrets);
        if secrets.is_empty() {
            Verifier::nobody().verify(presented);
            return None;
        }
        let fits = |secret: &&credentials::Secret| {
            let verifier = Verifier::parse(&secret.hash).unwrap_or(Verifier::nobody());
            verifier.verify(presented)
        };
        secrets.iter().find(fits).map(|secret| secret.id)
    }
}

impl Authenticated {
    /// Whether the client may still have tokens. Costs no run: the secret was right, and is asked for by its id.
    pub(super) fn still_stands(&self, app: &App) -> Result<(), Error> {
        let client = match app.knowledge.client(&self.row.client_id) {
            Lookup::Known(client) => client,
            Lookup::Unknowable => return Err(Error::Unavailable),
            Lookup::Unknown => return Err(Error::InvalidClient),
        };
        client.standing.map_err(|refusal| {
            let now = app.commands.clock.now();
            app.usage.refused(self.row.application, Some(self.secret), refusal, now);
            Error::InvalidClient
        })?;
        let there = client.row.secrets.iter().any(|secret| secret.id == self.secret);
        there.then_some(()).ok_or(Error::InvalidClient)
    }
}

/// The credentials of the scheme `Basic`, form-decoded (RFC 6749, section 2.3.1). Other schemes are not for clients.
fn basic(headers: &HeaderMap) -> Result<Option<Presented>, Error> {
    let malformed = || Error::header("Authorization");
    let mut values = headers.get_all(header::AUTHORIZATION).into_iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() || value.len() > AUTHORIZATION_LIMIT {
        return Err(malformed());
    }
    let text = value.to_str().map_err(|_| malformed())?.trim();
    let (scheme, credentials) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Ok(None);
    }
    let pair = BASIC.decode(credentials.trim()).map_err(|_| malformed())?;
    let colon = pair.iter().position(|byte| *byte == b':').ok_or_else(malformed)?;
    let client_id = form_decode(&pair[..colon]).ok_or_else(malformed)?;
    let secret = form_decode(&pair[colon + 1..]).ok_or_else(malformed)?;
    Ok(Some(Presented { client_id, secret: secret.into() }))
}

fn form_decode(encoded: &[u8]) -> Option<String> {
    let spaced: Vec<u8> =
        encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let text = percent_decode(&spaced).decode_utf8().ok()?;
    (text.len() <= PARAMETER_LIMIT && is_vschar(&text)).then(|| text.into_owned())
}
