//! `Idempotency-Key`: a write that is sent again is answered, not repeated (draft-ietf-httpapi-idempotency-key-header).
//!
//! The command id of the write follows from caller, key, request and the moment since which the key is in use, so that
//! nothing is repeated even where the answer was lost, and a key that is free again stands for another command.
//! What is kept of an answer is encrypted: it may tell of people.

use std::time::Duration;

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest::{Context, SHA256},
};
use axum::http::{HeaderValue, header, request::Parts};
use projections::state::{Begun, KeptRequest, KeyInUse};
use store::Purpose;
use tracing::Instrument;
use uuid::Uuid;

use super::{
    error::{Error, Errors, Kind},
    reply::Reply,
    sight::Audience,
};
use crate::{app::App, bearer::Caller};

const HEADER: &str = "Idempotency-Key";
/// Characters of a key.
const LONGEST: usize = 255;
/// How long a key is in use, and an answer kept.
pub const KEPT: Duration = Duration::from_hours(24);
/// After this time whoever began and did not end has died.
const STALE: Duration = Duration::from_mins(1);

/// A key, and the request it was sent with.
#[derive(Clone, Debug)]
pub(super) struct Key {
    request: KeptRequest,
    /// Whose it is.
    caller: Uuid,
    text: String,
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
        Ok(Some(Self { request, caller, text: key.to_owned() }))
    }

    /// The command id of what is sent with the key while it is in use.
    fn command(&self, key: KeyInUse) -> Uuid {
        // With the request in it: one that was mended under the same key is another command.
        let named = [HEADER.as_bytes(), self.text.as_bytes(), b"\0", &self.request.fingerprint];
        let since = key.since.map(|since| since.as_micros().to_be_bytes());
        let since = since.as_ref().map_or(&b""[..], |since| since);
        Uuid::new_v5(&self.caller, &[named.concat().as_slice(), since].concat())
    }
}

/// Runs a request that has a key under its command id, unless it ran before: then the audience is told again what was kept,
/// as far as it may see it still. It goes on when the client does not wait for the answer, which is kept for when they ask
/// again.
pub(super) async fn once<R>(
    app: &App,
    key: Key,
    audience: &Audience,
    run: impl FnOnce(Uuid) -> R,
) -> Result<Reply, Errors>
where
    R: Future<Output = Result<Reply, Errors>> + Send + 'static,
{
    let in_use = match app.state.begin_request(key.request, STALE, KEPT).await? {
        Begun::Now(in_use) => in_use,
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
            let reply = open(app, &key, sealed).ok_or_else(|| {
                Error::new(Kind::Failed, "The answer that was kept cannot be read any more.")
            })?;
            audience.check(&reply).await?;
            return Ok(reply);
        }
    };
    let (app, running) = (app.clone(), run(key.command(in_use)));
    let carried_out = async move { keep(&app, &key, in_use, running.await).await };
    let carried_out = tokio::spawn(carried_out.in_current_span());
    carried_out.await.unwrap_or_else(|error| Err(Error::failed(&error).into()))
}

/// Keeps the answer. Whoever got an error may try again under the same key: the same request, which is the same command
/// still, or a mended one.
async fn keep(
    app: &App,
    key: &Key,
    in_use: KeyInUse,
    outcome: Result<Reply, Errors>,
) -> Result<Reply, Errors> {
    let sealed = outcome.as_ref().ok().and_then(|reply| seal(app, key, &reply.to_keep()));
    let kept = match sealed {
        Some(sealed) => app.state.finish_request(in_use, sealed).await,
        None => app.state.release_request(in_use).await,
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
