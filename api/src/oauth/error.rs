//! What the token endpoint answers instead of a token: RFC 6749, section 5.2, in Oro's words.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::http::BodyError;

/// When to come back, where coming back may help.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
pub(super) const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    #[error("the grant type is missing or unknown")]
    UnsupportedGrantType,
    /// The hint says which part of the request to look at.
    #[error("{0}")]
    InvalidRequest(String),
    #[error(transparent)]
    Body(#[from] Unread),
    #[error("only POST and OPTIONS are answered")]
    Method,
    /// Whatever the reason: the client is told none.
    #[error("the client did not authenticate")]
    InvalidClient,
    #[error("{0}")]
    InvalidScope(String),
    #[error("there is no key to sign with")]
    NoKey,
    /// The node does not know how things stand now.
    #[error("the node does not know enough")]
    Unavailable,
    #[error("the token was not signed")]
    Unsigned,
}

/// A body that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unread(pub(super) BodyError);

#[derive(Serialize)]
struct Document<'a> {
    error: &'a str,
    error_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    /// What `error_description` says, where old clients look for it.
    message: &'a str,
}

impl Error {
    /// Something is wrong with this parameter.
    pub(super) fn parameter(name: &str) -> Self {
        Self::InvalidRequest(format!("Check the `{name}` parameter"))
    }

    /// Something is wrong with this header.
    pub(super) fn header(name: &str) -> Self {
        Self::InvalidRequest(format!("Check the `{name}` header"))
    }

    /// The scope itself is known to hold only the characters of RFC 6749.
    pub(super) fn scope(scope: &str) -> Self {
        Self::InvalidScope(format!("Check the `{scope}` scope"))
    }

    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidRequest(_) | Self::Body(_) | Self::Method => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidScope(_) => "invalid_scope",
            Self::NoKey => "no_encryption_key",
            Self::Unavailable => "temporarily_unavailable",
            Self::Unsigned => "server_error",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::UnsupportedGrantType | Self::InvalidRequest(_) | Self::InvalidScope(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Body(Unread(error)) => error.status(),
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::NoKey | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unsigned => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn description(&self) -> &'static str {
        match self {
            Self::UnsupportedGrantType => {
                "The authorization grant type is not supported by the authorization server."
            }
            Self::InvalidRequest(_) | Self::Body(_) | Self::Method => {
                "The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed."
            }
            Self::InvalidClient => "Client authentication failed",
            Self::InvalidScope(_) => "The requested scope is invalid, unknown, or malformed",
            Self::NoKey => "The encryption key does not exist.",
            Self::Unavailable => {
                "The authorization server is currently unable to handle the request due to a temporary overloading or maintenance of the server."
            }
            Self::Unsigned => {
                "The authorization server encountered an unexpected condition which prevented it from fulfilling the request."
            }
        }
    }

    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::UnsupportedGrantType => {
                Some("Check that all required parameters have been provided".to_owned())
            }
            Self::InvalidRequest(hint) | Self::InvalidScope(hint) => Some(hint.clone()),
            Self::Body(Unread(error)) => Some(error.to_string()),
            Self::Method => Some("Use the method POST".to_owned()),
            Self::InvalidClient | Self::NoKey | Self::Unavailable | Self::Unsigned => None,
        }
    }

    /// The whole answer. A client that tried the header `Authorization` is told which schemes there are (RFC 6749, section
    /// 5.2).
    pub(super) fn answer(&self, request: &HeaderMap) -> Response {
        let hint = self.hint();
        let description = self.description();
        let document = Document {
            error: self.code(),
            error_description: description,
            hint: hint.as_deref(),
            message: description,
        };
        let mut response =
            (self.status(), serde_json::to_vec(&document).unwrap_or_default()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, JSON);
        headers.insert(header::CACHE_CONTROL, NO_STORE);
        headers.insert(header::PRAGMA, NO_CACHE);
        match self {
            Self::InvalidClient => {
                headers.extend(challenge(request).map(|it| (header::WWW_AUTHENTICATE, it)));
            }
            Self::Unavailable => {
                headers.insert(header::RETRY_AFTER, RETRY_AFTER);
            }
            Self::Method => {
                headers.insert(header::ALLOW, super::cors::ALLOW);
            }
            Self::Body(_) => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Self::UnsupportedGrantType
            | Self::InvalidRequest(_)
            | Self::InvalidScope(_)
            | Self::NoKey
            | Self::Unsigned => {}
        }
        response
    }
}

fn challenge(request: &HeaderMap) -> Option<HeaderValue> {
    let authorization = request.get(header::AUTHORIZATION)?.as_bytes();
    let scheme = authorization.split(|byte| *byte == b' ').next().unwrap_or_default();
    Some(HeaderValue::from_static(if scheme.eq_ignore_ascii_case(b"Bearer") {
        "Bearer realm=\"OAuth\""
    } else {
        "Basic realm=\"OAuth\""
    }))
}
