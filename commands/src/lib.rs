//! How facts come to be: the only write path into the log.
//!
//! One module per use case that spans aggregates. Everything else is [`Scribe::handle`]: read, fold, decide, append.

pub mod applications;
mod claims;
mod handle;
pub mod installation;
pub mod invitations;
pub mod notifications;
pub mod organizations;
pub mod password;
mod permit;
pub mod secret;
pub mod signing_keys;
#[cfg(test)]
mod testing;
pub mod users;

pub use handle::{Commands, Done, Failure, Origin, Scribe};
pub use permit::{Denied, Permit};
