//! What goes wrong, as JSON:API error objects. Titles are those that Oro's clients know, where it has one.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use projections::{state::StateError, views::ViewsError};
use serde_json::{Value, json};
use tracing::{error, warn};

use super::media;
use crate::scopes::Own;

/// One or several errors of one request. All of them have the status of the first.
#[derive(Debug)]
pub(super) struct Errors(pub(super) Vec<Error>);

/// One error object.
#[derive(Debug)]
pub(super) struct Error {
    pub(super) kind: Kind,
    pub(super) detail: String,
    pub(super) source: Option<Source>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What it is that went wrong, and where: JSON:API 1.1, section "Error Objects".
#[derive(Debug)]
pub(super) enum Source {
    /// RFC 6901, into the body of the request.
    Pointer(String),
    Parameter(String),
    Header(&'static str),
}

macro_rules! kinds {
    ($($kind:ident = $status:ident, $code:literal, $title:literal;)+) => {
        /// The kinds of errors, each with a status, a code for programs and a title for people.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind {
            $($kind),+
        }

        impl Kind {
            pub(super) const fn status(self) -> StatusCode {
                match self {
                    $(Self::$kind => StatusCode::$status),+
                }
            }

            const fn code(self) -> &'static str {
                match self {
                    $(Self::$kind => $code),+
                }
            }

            const fn title(self) -> &'static str {
                match self {
                    $(Self::$kind => $title),+
                }
            }
        }
    };
}

kinds! {
    BadRequest = BAD_REQUEST, "bad_request", "bad request http exception";
    UnknownFilter = BAD_REQUEST, "unknown_parameter", "filter constraint";
    UnexpectedValue = BAD_REQUEST, "unexpected_value", "unexpected value exception";
    InsufficientScope = FORBIDDEN, "insufficient_scope", "access denied exception";
    Denied = FORBIDDEN, "access_denied", "access denied exception";
    NotFound = NOT_FOUND, "not_found", "not found http exception";
    WrongMethod = METHOD_NOT_ALLOWED, "method_not_allowed", "method not allowed http exception";
    NotAcceptable = NOT_ACCEPTABLE, "not_acceptable", "not acceptable http exception";
    Conflict = CONFLICT, "conflict", "conflict http exception";
    Behind = CONFLICT, "position_not_reached", "conflict http exception";
    Overtaken = PRECONDITION_FAILED, "precondition_failed", "precondition failed http exception";
    TooLarge = PAYLOAD_TOO_LARGE, "payload_too_large", "payload too large http exception";
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "unsupported media type http exception";
    Empty = UNPROCESSABLE_ENTITY, "empty", "request data constraint";
    Blank = UNPROCESSABLE_ENTITY, "blank", "not blank constraint";
    Invalid = UNPROCESSABLE_ENTITY, "invalid", "form constraint";
    UnknownField = UNPROCESSABLE_ENTITY, "unknown_field", "extra fields constraint";
    NotUnique = CONFLICT, "not_unique", "unique entity constraint";
    KeyReused = UNPROCESSABLE_ENTITY, "idempotency_key_reused", "idempotency key constraint";
    TooMany = TOO_MANY_REQUESTS, "too_many_requests", "too many requests http exception";
    Failed = INTERNAL_SERVER_ERROR, "internal_error", "runtime exception";
    Unavailable = SERVICE_UNAVAILABLE, "unavailable", "service unavailable http exception";
}

impl Error {
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), source: None, headers: vec![] }
    }

    pub(super) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.source = Some(Source::Pointer(pointer.into()));
        self
    }

    /// The same, for a body that has the value elsewhere.
    pub(super) fn moved_to(self, pointer: &str) -> Self {
        match self.source {
            Some(Source::Pointer(_)) => self.at(pointer),
            Some(Source::Parameter(_) | Source::Header(_)) | None => self,
        }
    }

    pub(super) fn parameter(mut self, name: impl Into<String>) -> Self {
        self.source = Some(Source::Parameter(name.into()));
        self
    }

    pub(super) fn header(mut self, name: &'static str) -> Self {
        self.source = Some(Source::Header(name));
        self
    }

    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Nothing is there, or nothing that the caller may see.
    pub(super) fn not_found() -> Self {
        Self::new(Kind::NotFound, "An entity with the requested identifier does not exist.")
    }

    pub(super) fn denied(why: impl Into<String>) -> Self {
        Self::new(Kind::Denied, why)
    }

    pub(super) fn insufficient_scope(scope: Own) -> Self {
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
        let detail = format!("The token does not have the scope \"{scope}\".");
        let error = Self::new(Kind::InsufficientScope, detail);
        match HeaderValue::from_str(&challenge) {
            Ok(challenge) => error.with(header::WWW_AUTHENTICATE, challenge),
            Err(_) => error,
        }
    }

    /// Asking again later may help.
    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        let a_second = HeaderValue::from_static("1");
        Self::new(Kind::Unavailable, detail).with(header::RETRY_AFTER, a_second)
    }

    /// The client did nothing wrong, and is told nothing more. What it was is noted once, with its sources.
    pub(super) fn failed(what: &(dyn std::error::Error + 'static)) -> Self {
        error!(error = what, "The web API failed");
        Self::new(Kind::Failed, "Something went wrong. It has been noted.")
    }

    fn object(&self) -> Value {
        let mut object = json!({
            "status": self.kind.status().as_str(),
            "code": self.kind.code(),
            "title": self.kind.title(),
            "detail": self.detail,
        });
        object["source"] = match &self.source {
            Some(Source::Pointer(pointer)) => json!({ "pointer": pointer }),
            Some(Source::Parameter(name)) => json!({ "parameter": name }),
            Some(Source::Header(name)) => json!({ "header": name }),
            None => return object,
        };
        object
    }
}

impl From<Error> for Errors {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}

impl From<StateError> for Errors {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Unavailable(_) => {
                warn!(error = &error as &dyn std::error::Error, "The state cannot be reached");
                Error::unavailable("The state cannot be reached at the moment.").into()
            }
            StateError::Engine(_) => Error::failed(&error).into(),
        }
    }
}

impl From<ViewsError> for Errors {
    fn from(error: ViewsError) -> Self {
        if matches!(error, ViewsError::Unavailable(_)) {
            warn!(error = &error as &dyn std::error::Error, "The views cannot be reached");
            return Error::unavailable("The views cannot be reached at the moment.").into();
        }
        Error::failed(&error).into()
    }
}

impl Errors {
    pub(super) fn status(&self) -> StatusCode {
        self.0.first().map_or(StatusCode::INTERNAL_SERVER_ERROR, |error| error.kind.status())
    }

    pub(super) fn document(&self) -> Value {
        let errors: Vec<_> = self.0.iter().map(Error::object).collect();
        json!({ "jsonapi": { "version": "1.1" }, "errors": errors })
    }
}

impl IntoResponse for Errors {
    fn into_response(self) -> Response {
        let body = Body::from(self.document().to_string());
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, media::JSON_API);
        for error in self.0 {
            headers.extend(error.headers);
        }
        response
    }
}
