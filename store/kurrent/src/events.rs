//! How an event is kept: its data as it is, its metadata inside a document that also holds the digest.
//!
//! The document has the fields that KurrentDB's own tools follow, `$correlationId` and `$causationId`. Metadata and data
//! come back byte for byte; what is no JSON is kept as base64 and as a binary event.

use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use eventstore::EventData;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::{BoxError, Digest, EventId, NewEvent, RecordedEvent, StreamName, Timestamp};

use crate::{address::Address, reading};

/// KurrentDB's custom metadata.
#[derive(Serialize, Deserialize)]
struct Document<'a> {
    #[serde(rename = "$correlationId", skip_serializing_if = "Option::is_none", default)]
    correlation: Option<String>,
    #[serde(rename = "$causationId", skip_serializing_if = "Option::is_none", default)]
    causation: Option<String>,
    /// Hexadecimal.
    digest: String,
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    metadata: Option<&'a RawValue>,
    /// Metadata that is no JSON, as base64.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    metadata_bytes: Option<String>,
}

/// What KurrentDB's tools look for in our metadata.
#[derive(Default, Deserialize)]
struct Links {
    #[serde(default)]
    correlation: Option<String>,
    #[serde(default)]
    causation: Option<String>,
}

#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("event {revision} of {stream} was not written by Oathbook: {reason}")]
    Foreign { stream: String, revision: u64, reason: String },
}

pub(crate) fn proposed(event: &NewEvent) -> EventData {
    let links: Links = serde_json::from_slice(&event.metadata).unwrap_or_default();
    let metadata = exact_json(&event.metadata);
    let document = Document {
        correlation: links.correlation,
        causation: links.causation,
        digest: event.digest.to_string(),
        metadata,
        metadata_bytes: metadata.is_none().then(|| BASE64_STANDARD.encode(&event.metadata)),
    };
    let data = match exact_json(&event.data).map(|json| EventData::json(&event.tag, &json)) {
        Some(Ok(data)) => data,
        _ => EventData::binary(&event.tag, event.data.clone()),
    };
    let data = data.id(event.id.as_uuid());
    // Strings and raw JSON can always be written.
    let document = serde_json::to_vec(&document).unwrap_or_default();
    data.metadata(Bytes::from(document))
}

/// The bytes as JSON, if they are nothing else.
fn exact_json(bytes: &[u8]) -> Option<&RawValue> {
    let json: &RawValue = serde_json::from_slice(bytes).ok()?;
    (json.get().len() == bytes.len()).then_some(json)
}

pub(crate) fn recorded(
    event: eventstore::RecordedEvent,
    address: &Address,
) -> Result<RecordedEvent, BoxError> {
    let name = event.stream_id().to_owned();
    let foreign = |reason: &str| Unreadable::Foreign {
        stream: name.clone(),
        revision: event.revision,
        reason: reason.to_owned(),
    };
    let stream = address.own(&name).and_then(|name| StreamName::parse(name).ok());
    let stream = stream.ok_or_else(|| foreign("the stream has another name than ours"))?;
    let document: Document<'_> = serde_json::from_slice(&event.custom_metadata)
        .map_err(|error| foreign(&error.to_string()))?;
    let metadata = match (document.metadata, &document.metadata_bytes) {
        (Some(json), _) => Bytes::copy_from_slice(json.get().as_bytes()),
        (None, Some(text)) => BASE64_STANDARD.decode(text)?.into(),
        (None, None) => return Err(foreign("the metadata is missing").into()),
    };
    let digest = digest(&document.digest).ok_or_else(|| foreign("the digest is none"))?;
    // The client's `created` is cut to seconds; steps of 100 ns since the Unix epoch.
    let created = event.metadata.get("created").and_then(|ticks| ticks.parse::<i64>().ok());
    let created = created.ok_or_else(|| foreign("the time of its creation is missing"))?;
    Ok(RecordedEvent {
        position: reading::position(event.position),
        stream,
        revision: event.revision,
        id: EventId::new(event.id),
        tag: event.event_type.clone(),
        data: event.data.clone(),
        metadata,
        digest,
        recorded_at: Timestamp::from_micros(created / 10),
    })
}

fn digest(text: &str) -> Option<Digest> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(Digest(bytes))
}
