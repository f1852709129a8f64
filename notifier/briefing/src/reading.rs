//! Reading on past what cannot be read.

use store::{Log, LogError, Recorded, RecordedEvent, StreamName};
use tracing::warn;

/// `None`, and a warning, where the event cannot be read: what it says is as if it had not been said.
pub async fn readable(log: &Log, event: &RecordedEvent) -> Result<Option<Recorded>, LogError> {
    if_readable(&event.stream, log.decode(event).await)
}

/// `None`, and a warning, where what is to be known of an event of the stream cannot be read.
pub(crate) fn if_readable<T>(
    stream: &StreamName,
    read: Result<T, LogError>,
) -> Result<Option<T>, LogError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.is_unreadable() => {
            warn!(%stream, error = &error as &dyn std::error::Error,
                "An event cannot be read, and is left out");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
