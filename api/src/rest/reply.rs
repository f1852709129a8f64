//! What a handler answers with, before it becomes HTTP.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Position;

use super::media;

/// As of which position an answer is, or which one a write has.
pub(super) const POSITION: HeaderName = HeaderName::from_static("oathbook-position");
/// How many resources match in all.
const TOTAL: HeaderName = HeaderName::from_static("x-include-total-count");

/// An answer, as it can be kept to be given again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reply {
    status: u16,
    document: Option<Value>,
    /// The revision of the primary resource.
    revision: Option<u64>,
    location: Option<String>,
    position: Option<String>,
    total: Option<u64>,
    /// The document as whoever asks again gets it, where it differs.
    #[serde(skip)]
    again: Option<Value>,
}

impl Reply {
    pub(super) fn document(status: StatusCode, document: Value) -> Self {
        let status = status.as_u16();
        Self {
            status,
            document: Some(document),
            revision: None,
            location: None,
            position: None,
            total: None,
            again: None,
        }
    }

    pub(super) fn nothing() -> Self {
        Self { document: None, ..Self::document(StatusCode::NO_CONTENT, Value::Null) }
    }

    pub(super) fn revision(self, revision: u64) -> Self {
        Self { revision: Some(revision), ..self }
    }

    pub(super) fn location(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    pub(super) fn position(self, position: Position) -> Self {
        Self { position: Some(position.to_string()), ..self }
    }

    pub(super) fn total(self, total: Option<u64>) -> Self {
        Self { total, ..self }
    }

    /// The answer to what makes something; whoever asks again gets another document.
    pub(super) fn created(self, shown: Value, again: Value) -> Self {
        let status = StatusCode::CREATED.as_u16();
        Self { status, document: Some(shown), again: Some(again), ..self }
    }

    pub(super) fn body(&self) -> &Value {
        self.document.as_ref().unwrap_or(&Value::Null)
    }

    pub(super) fn has_position(&self) -> bool {
        self.position.is_some()
    }

    /// Where what it tells of was written.
    pub(super) fn written_at(&self) -> Option<Position> {
        self.position.as_deref()?.parse().ok()
    }

    pub(super) fn is_created(&self) -> bool {
        self.status == StatusCode::CREATED.as_u16()
    }

    /// The same with another document, if it has one.
    pub(super) fn with_document(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut document = self.document;
        if let Some(document) = &mut document {
            change(document);
        }
        Self { document, ..self }
    }

    /// What whoever asks again gets: nothing that is shown only once.
    pub(super) fn to_keep(&self) -> Self {
        let document = self.again.clone().or_else(|| self.document.clone());
        Self { document, again: None, ..self.clone() }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = match self.document {
            Some(document) => {
                let content_type = (header::CONTENT_TYPE, media::JSON_API);
                (status, [content_type], Body::from(document.to_string())).into_response()
            }
            None => status.into_response(),
        };
        let etag = self.revision.map(|revision| format!("\"{revision}\""));
        for (name, value) in [
            (header::ETAG, etag),
            (header::LOCATION, self.location),
            (POSITION, self.position),
            (TOTAL, self.total.map(|total| total.to_string())),
        ] {
            let value = value.and_then(|value| HeaderValue::from_str(&value).ok());
            response.headers_mut().extend(value.map(|value| (name, value)));
        }
        response
    }
}
