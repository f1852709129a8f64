//! Views and state in SQLite files: the same questions as the ports ask, in SQL.

mod checkpoint;
mod grid;
mod opening;
mod state;
mod tables;
mod views;

pub use state::SqliteState;
pub use views::SqliteViews;
