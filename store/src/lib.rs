//! Where facts are kept: the port every engine implements, and the codec between domain events and stored bytes.
//!
//! An engine stores bytes in order and refuses to change them. What the bytes mean, how they are chained by digests and
//! which of their fields are sealed is decided here, once, for all engines.

pub mod chains;
pub mod codec;
#[cfg(feature = "contract")]
pub mod contract;
pub mod copying;
mod environment;
pub mod group_commit;
pub mod growth;
mod log;
mod memory;
mod port;
mod secret_key;
pub mod subscription;

pub use codec::{
    metadata::{Actor, Metadata},
    vault::{PersonKeys, Vault, VaultError, WrappedKey},
};
/// The port speaks of these, and adapters know no other room of ours.
pub use domain::{EventId, Timestamp};
pub use environment::{Clock, Entropy};
pub use log::{History, Log, LogError, Recorded, Stamp, event_id};
pub use memory::{MemoryPersonKeys, MemoryStore};
pub use port::{
    Appended, Batch, BoxError, Categories, Digest, Direction, EventStore, Expected,
    InvalidPosition, Message, NewEvent, Position, RecordedEvent, StoreError, StreamName,
    Subscription, limits,
};
pub use secret_key::{InstallationKey, Purpose};
