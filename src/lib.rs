//! Oathbook's composition root: command line, configuration, and the one file that names adapters.

pub mod backup;
pub mod cli;
pub mod compose;
pub mod config;
pub mod doctor;
pub(crate) mod installation_key;
pub mod logging;
pub mod server;
