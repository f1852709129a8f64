//! The hash chain of a stream: each event's digest covers the exact bytes written and the digest before it.

use aws_lc_rs::digest::{Context, SHA256};
use domain::EventId;

use crate::{Digest, RecordedEvent, StreamName};

/// The version of the layout hashed below. A change of the layout takes the next number.
const FORMAT: u8 = 1;

/// What a digest covers.
#[derive(Clone, Copy, Debug)]
pub struct Covered<'a> {
    pub stream: &'a StreamName,
    pub revision: u64,
    pub id: EventId,
    pub tag: &'a str,
    pub data: &'a [u8],
    pub metadata: &'a [u8],
    pub previous: Digest,
}

impl Covered<'_> {
    /// SHA-256 over every field, each preceded by its length as eight big-endian bytes.
    pub fn digest(&self) -> Digest {
        let mut context = Context::new(&SHA256);
        for field in [
            &[FORMAT],
            self.stream.as_str().as_bytes(),
            &self.revision.to_be_bytes(),
            self.id.as_uuid().as_bytes(),
            self.tag.as_bytes(),
            self.data,
            self.metadata,
            &self.previous.0,
        ] {
            context.update(&(field.len() as u64).to_be_bytes());
            context.update(field);
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.finish().as_ref());
        Digest(digest)
    }
}

/// Whether a recorded event is what was written behind the event with the digest `previous`.
pub fn verifies(event: &RecordedEvent, previous: Digest) -> bool {
    let covered = Covered {
        stream: &event.stream,
        revision: event.revision,
        id: event.id,
        tag: &event.tag,
        data: &event.data,
        metadata: &event.metadata,
        previous,
    };
    covered.digest() == event.digest
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_layout_is_pinned() {
        let stream = StreamName::parse("application-0").expect("a stream name");
        let covered = Covered {
            stream: &stream,
            revision: 1,
            id: EventId::new(Uuid::from_u128(2)),
            tag: "application.activated.v1",
            data: b"{}",
            metadata: b"{\"a\":1}",
            previous: Digest([9; 32]),
        };
        // Computed apart from this code, by Python's hashlib over the same fields.
        let expected = "1a05b8b16bc43e53950c856fbdfe645201d9577688caa6961563b3819bd44502";
        assert_eq!(covered.digest().to_string(), expected);
    }
}
