//! How soon an installation goes on after it lost a process, its database, or the way to it. The bounds are those that
//! `docs/deployment.md` promises; each test prints what it measured.

mod client;
mod cut_off;
mod database;
mod projector;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

/// Within which everything goes on.
const PROMISED: Duration = Duration::from_secs(5);

/// `tokens.freshness`, as it is by default.
const BOUND: Duration = Duration::from_secs(1);
