//! Between domain events and stored bytes: tags, sealing, digests.

pub mod digest;
pub mod metadata;
pub mod upcast;
pub mod vault;
