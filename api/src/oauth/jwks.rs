//! `GET /.well-known/jwks.json`: the keys by which tokens are verified (RFC 7517).

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    InstallationId, Timestamp,
    signing_key::{KeyId, Keyring, PublicKey},
};
use serde::Serialize;
use tracing::error;

use crate::app::App;

#[derive(Serialize)]
struct Document<'a> {
    keys: Vec<Jwk<'a>>,
}

/// An RSA public key of RFC 7518, section 6.3.1.
#[derive(Serialize)]
struct Jwk<'a> {
    kty: &'static str,
    r#use: &'static str,
    alg: &'static str,
    kid: &'a KeyId,
    n: &'a str,
    e: &'a str,
}

/// Read from the log, so that every node publishes the same keys at once.
pub(super) async fn document(State(app): State<App>) -> Response {
    let keyring = match app.commands.log.history::<Keyring>(&InstallationId::SOLE).await {
        Ok(history) => history.state,
        Err(error) => {
            error!(error = &error as &dyn std::error::Error, "The keys cannot be published");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let keys = published(&keyring, app.commands.clock.now(), app.settings.token_lifetime);
    match serde_json::to_vec(&Document { keys }) {
        Ok(body) => (
            [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json")),
                (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60")),
            ],
            body,
        )
            .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn published(keyring: &Keyring, now: Timestamp, lifetime: std::time::Duration) -> Vec<Jwk<'_>> {
    trusted(keyring, now, lifetime).map(|(id, key)| jwk(id, key)).collect()
}

/// The key that signs, first, and those that signed tokens which have not expired yet.
pub(crate) fn trusted(
    keyring: &Keyring,
    now: Timestamp,
    lifetime: std::time::Duration,
) -> impl Iterator<Item = (&KeyId, &PublicKey)> {
    let active = keyring.active.iter();
    let needed = keyring
        .retired
        .iter()
        .filter(move |(_, retired)| now.since(**retired) < lifetime)
        .map(|(id, _)| id);
    active.chain(needed).filter_map(|id| Some((id, keyring.keys.get(id)?)))
}

fn jwk<'a>(kid: &'a KeyId, key: &'a PublicKey) -> Jwk<'a> {
    Jwk { kty: "RSA", r#use: "sig", alg: "RS256", kid, n: &key.n, e: &key.e }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn a_retired_key_is_published_until_its_last_token_expires() {
        let retired_at = Timestamp::from_micros(1_795_000_000_000_000);
        let key = || PublicKey { n: "n".to_owned(), e: "AQAB".to_owned() };
        let (new, old) = (KeyId("new".to_owned()), KeyId("old".to_owned()));
        let keyring = Keyring {
            active: Some(new.clone()),
            keys: [(new.clone(), key()), (old.clone(), key())].into(),
            retired: [(old.clone(), retired_at)].into(),
        };
        let ids = |now| -> Vec<KeyId> {
            published(&keyring, now, HOUR).into_iter().map(|jwk| jwk.kid.clone()).collect()
        };
        assert_eq!(ids(retired_at), [new.clone(), old]);
        assert_eq!(ids(retired_at.plus(HOUR)), [new]);
    }
}
