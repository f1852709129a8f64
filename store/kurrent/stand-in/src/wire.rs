//! The messages, as `protos` declares them.

#![expect(
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    unreachable_pub,
    unused_qualifications,
    reason = "made by a program"
)]

pub(crate) mod client {
    tonic::include_proto!("event_store.client");

    pub(crate) mod gossip {
        tonic::include_proto!("event_store.client.gossip");
    }

    pub(crate) mod server_features {
        tonic::include_proto!("event_store.client.server_features");
    }

    pub(crate) mod streams {
        tonic::include_proto!("event_store.client.streams");
    }
}
