//! Reading on past what cannot be read.

use store::{Log, LogError, Recorded, RecordedEvent};
use tracing::warn;

/// `None`, and a warning, where the event cannot be read: what it says is as if it had not been said.
pub async fn readable(log: &Log, event: &RecordedEvent) -> Result<Option<Recorded>, LogError> {
    match log.decode(event).await {
        Ok(recorded) => Ok(Some(recorded)),
        Err(error) if error.is_unreadable() => {
            warn!(stream = %event.stream, error = &error as &dyn std::error::Error,
                "An event cannot be read, and is left out");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
