//! Notification rules: who is told when what happens.

mod describe;
pub(super) mod list;
#[cfg(test)]
pub(in crate::web) mod samples;

use super::{Operator, Problem, masked, tabs};
