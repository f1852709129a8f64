//! `Idempotency-Key`: a write that is sent again is answered, not repeated (draft-ietf-httpapi-idempotency-key-header).
//!
//! The command id of the write follows from caller, key and request, so that nothing is repeated even where the answer was
//! lost.
//! What is kept of an answer is encrypted: it may tell of people.

use std::time::Duration;

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest::{Context, SHA256},
};
use axum::http::{HeaderValue, header, request::Parts};
use projections::state::{Begun, KeptRequest};
use store::Purpose;
use uuid::Uuid;

use super::{
    error::{Error, Errors, Kind},
    reply::Reply,
};
use crate::{app::App, bearer::Caller};

const HEADER: &str = "Idempotency-Key";
/// Characters of a key.
const LONGEST: usize = 255;
/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_hours(24);
/// After this time whoever began and did not end has died.
const STALE: Duration = Duration::from_mins(1);

/// A key, and the request it was sent with.
#[derive(Debug)]
pub(super) struct Key {
    request: KeptRequest,
    command: Uuid,
}

impl Key {
    /// The key of the request, if there is one.
    pub(super) fn find(
        app: &App,
        caller: &Caller,
        parts: &Parts,
        body: &[u8],
    ) -> Result<Option<Self>, Error> {
        let mut values = parts.headers.get_all(HEADER).into_iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let key = value.to_str().ok().filter(|_| values.next().is_none()).and_then(unquoted);
        let key = key.ok_or_else(|| {
            let text = format!("Expected 1 to {LONGEST} printable ASCII characters.");
            Error::new(Kind::UnexpectedValue, text).header(HEADER)
        })?;
        let caller = caller.application.as_uuid();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let precondition = parts.headers.get(header::IF_MATCH).map_or(&b""[..], |it| it.as_bytes());
        let request = KeptRequest {
            key_hash: hash(&[caller.as_bytes(), key.as_bytes()]),
            fingerprint: hash(&[
                parts.method.as_str().as_bytes(),
                target.as_bytes(),
                precondition,
                body,
            ]),
            at: app.commands.clock.now(),
        };
        // With the request in it: one that was mended under the same key is another command.
        let named = [HEADER.as_bytes(), key.as_bytes(), b"\0", &request.fingerprint].concat();
        let command = Uuid::new_v5(&caller, &named);
        Ok(Some(Self { request, command }))
    }

    /// The command id that follows from caller, key and request.
    pub(super) fn command(&self) -> Uuid {
        self.command
    }
}

/// Runs a request that has a key, unless it ran before.
pub(super) async fn once(
    app: &App,
    key: &Key,
    running: impl Future<Output = Result<Reply, Errors>>,
) -> Result<Reply, Errors> {
    match app.state.begin_request(key.request, STALE, KEPT).await? {
        Begun::Now => {}
        Begun::ByAnother => {
            let text = "The key was sent with another request before.";
            return Err(Error::new(Kind::KeyReused, text).header(HEADER).into());
        }
        Begun::UnderWay => {
            let a_second = HeaderValue::from_static("1");
            let text = "A request with this key is under way: ask again in a moment.";
            let error = Error::new(Kind::Conflict, text).header(HEADER);
            return Err(error.with(header::RETRY_AFTER, a_second).into());
        }
        Begun::Answered(sealed) => {
            let reply = open(app, key, sealed).ok_or_else(|| {
                Error::new(Kind::Failed, "The answer that was kept cannot be read any more.")
            })?;
            return Ok(reply);
        }
    }
    let outcome = running.await;
    let kept = match &outcome {
        Ok(reply) => match seal(app, key, &reply.to_keep()) {
            Some(sealed) => app.state.finish_request(key.request.key_hash, sealed).await,
            None => app.state.abandon_request(key.request.key_hash).await,
        },
        // May be tried again under the same key, mended or not.
        Err(_) => app.state.abandon_request(key.request.key_hash).await,
    };
    if let Err(error) = kept {
        // The write happened: its answer counts. Whoever asks again is told that it is under way, and then the same.
        tracing::warn!(error = &error as &dyn std::error::Error, "An answer was not kept");
    }
    outcome
}

/// A structured string (RFC 8941, section 3.3.3), or what most clients send: the key as it is.
fn unquoted(text: &str) -> Option<&str> {
    let text = text.trim();
    let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let printable = key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    let plain = !key.contains(['"', '\\']);
    (printable && plain && (1..=LONGEST).contains(&key.len())).then_some(key)
}

/// SHA-256 over length-prefixed parts.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// Nonce and AES-256-GCM-SIV of the answer, bound to the key it belongs to.
fn seal(app: &App, key: &Key, reply: &Reply) -> Option<Vec<u8>> {
    let mut nonce = [0; NONCE_LEN];
    app.commands.entropy.fill(&mut nonce);
    let mut sealed = serde_json::to_vec(reply).ok()?;
    cipher(app)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(key.request.key_hash),
            &mut sealed,
        )
        .ok()?;
    Some([&nonce[..], &sealed].concat())
}

fn open(app: &App, key: &Key, mut sealed: Vec<u8>) -> Option<Reply> {
    let (nonce, sealed) = sealed.split_at_mut_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let opened = cipher(app)?.open_in_place(nonce, Aad::from(key.request.key_hash), sealed).ok()?;
    serde_json::from_slice(opened).ok()
}

fn cipher(app: &App) -> Option<LessSafeKey> {
    let key = app.commands.key.derive(Purpose::Answers);
    UnboundKey::new(&AES_256_GCM_SIV, &key).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_printable_with_or_without_quotes() {
        assert_eq!(unquoted("\"8e03978e\""), Some("8e03978e"));
        assert_eq!(unquoted(" 8e03978e "), Some("8e03978e"));
        for wrong in ["", "\"\"", "a\"b", "a\\b", "é", &"a".repeat(256)] {
            assert_eq!(unquoted(wrong), None, "{wrong}");
        }
    }
}
