//! What every request goes through: an id and a span, bounds on size and time, and headers that all answers share.

use std::{any::Any, fmt, time::Duration};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Response as HttpResponse, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, debug, error, info_span};
use uuid::Uuid;

use crate::{app::App, remote};

/// How long a request may take in all. Waiting for one's own writes and for freshness ends long before.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How much of an over-long body is read and thrown away, so that its sender gets to read the answer.
const DRAINED: usize = 1024 * 1024;
/// How long that may take.
const DRAINING: Duration = Duration::from_secs(5);
/// Enough for every form of ours.
const FORM_LIMIT: usize = 64 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request: in the log, in the answer, and the correlation id of what the request causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

/// Gives the request an id and a span, and the answer the headers that all answers share.
pub(crate) async fn trace(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = app.commands.mint();
    request.extensions_mut().insert(RequestId(id));
    remote::note(&app.settings.trusted_proxies, &mut request);
    let span = info_span!(
        "http.request",
        request.id = %id,
        http.method = %request.method(),
        http.path = loggable(request.uri().path()),
    );
    let began = Instant::now();
    async {
        let mut response = next.run(request).await;
        debug!(
            http.status = response.status().as_u16(),
            duration_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
            "Answered"
        );
        let mut text = Uuid::encode_buffer();
        let id = HeaderValue::from_str(id.hyphenated().encode_lower(&mut text));
        let headers = response.headers_mut();
        headers.extend(id.ok().map(|id| (REQUEST_ID, id)));
        let nosniff = HeaderValue::from_static("nosniff");
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        response
    }
    .instrument(span)
    .await
}

/// A path as it may stand in the log: what follows `/invitation/` lets its bearer choose a password.
fn loggable(path: &str) -> &str {
    const SECRET: &str = "/invitation/";
    path.find(SECRET).map_or(path, |place| &path[..place + SECRET.len()])
}

/// Answers in place of a handler that panicked. The message stays in the log.
pub(crate) fn panicked(panic: Box<dyn Any + Send + 'static>) -> HttpResponse<Body> {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    error!(panic = message, "A request panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong. It has been noted.\n")
        .into_response()
}

/// Reads bodies of up to 64 KiB ahead of the handler; longer ones never reach it.
pub(crate) async fn bounded(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match read_body(&parts.headers, body, FORM_LIMIT).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) => error.into_response(),
    }
}

/// Why there is no body to work with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    TooLarge {
        limit: usize,
    },
    /// The connection broke, or the framing was wrong.
    Incomplete,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "The body has more than {limit} bytes."),
            Self::Incomplete => f.write_str("The body is incomplete."),
        }
    }
}

impl BodyError {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Incomplete => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for BodyError {
    fn into_response(self) -> Response {
        (self.status(), [(header::CONNECTION, "close")], format!("{self}\n")).into_response()
    }
}

/// Reads a body of up to `limit` bytes. Of a longer one up to 1 MiB is read and thrown away, unless its sender waits to
/// be told (`Expect: 100-continue`, RFC 9110, section 10.1.1).
pub(crate) async fn read_body(
    headers: &HeaderMap,
    mut body: Body,
    limit: usize,
) -> Result<Bytes, BodyError> {
    let too_large = BodyError::TooLarge { limit };
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) {
        if !headers.contains_key(header::EXPECT) {
            drain(&mut body, 0).await;
        }
        return Err(too_large);
    }
    let mut whole: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Incomplete)?.into_data() else {
            continue;
        };
        if whole.len() + data.len() > limit {
            drain(&mut body, whole.len() + data.len()).await;
            return Err(too_large);
        }
        if whole.is_empty() && HttpBody::is_end_stream(&body) {
            return Ok(data);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.into())
}

async fn drain(body: &mut Body, mut read: usize) {
    let draining = async {
        while read <= DRAINED {
            let Some(Ok(frame)) = body.frame().await else { return };
            read += frame.data_ref().map_or(0, Bytes::len);
        }
    };
    timeout(DRAINING, draining).await.ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_does_not_hold_the_token_of_an_invitation() {
        assert_eq!(loggable("/oathbook/invitation/AAAA"), "/oathbook/invitation/");
        assert_eq!(loggable("/applications/new"), "/applications/new");
    }
}
