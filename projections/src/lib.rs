//! What the screens and the token endpoint ask: folds of the log, one file per question, and the ports that keep them.
//!
//! Projections never append. Views may be deleted at any time and come back from the log; state may not.

pub mod activity;
pub mod applications;
#[cfg(feature = "contract")]
pub mod contract;
pub mod credentials;
pub mod directory;
pub mod knowledge;
mod mirror;
pub mod notifications;
mod projection;
pub mod projector;
pub mod register;
pub mod roster;
pub mod saved_views;
pub mod state;
pub mod views;

pub use knowledge::Knowledge;
pub use projection::{Checkpoint, Identity, Projection, row_of};
pub use projector::{Projections, Projector};
pub use saved_views::SavedViews;
pub use state::{State, StatePersonKeys};
pub use views::Views;
