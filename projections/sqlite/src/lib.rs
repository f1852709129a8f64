//! Views and state in SQLite files, one for each.
//!
//! One connection of a process writes; a few read-only ones answer questions beside it. Several processes may share the
//! files. Views are disposable, so a crash may cost their last commits; what state has acknowledged is on the disk.

mod checkpoints;
mod opening;
mod state;
mod views;

pub use state::SqliteState;
pub use views::SqliteViews;

/// SQLite counts to 2⁶³ - 1, and nothing we count comes near.
fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Values as one parameter, for `IN (SELECT value FROM json_each(?))`.
fn json(values: impl IntoIterator<Item = impl ToString>) -> String {
    values.into_iter().map(|value| value.to_string()).collect::<serde_json::Value>().to_string()
}
