//! What is wrong with a transport, one step after the other.

use std::time::Duration;

use super::PostError;

/// How long a step may take.
pub(super) const CHECK: Duration = Duration::from_secs(15);

/// A step on the way to a mail that left, and what was found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub name: &'static str,
    /// What was found, or what is wrong.
    pub found: Result<String, String>,
}

#[derive(Default)]
pub(super) struct Steps {
    pub(super) taken: Vec<Step>,
}

impl Steps {
    /// Notes a step; after one that failed there is no next.
    pub(super) fn take<T, E: Into<PostError>>(
        &mut self,
        name: &'static str,
        outcome: Result<T, E>,
        say: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        let outcome = outcome.map_err(Into::into);
        let found = match &outcome {
            Ok(found) => Ok(say(found)),
            Err(PostError { reason, .. }) => Err(reason.clone()),
        };
        self.taken.push(Step { name, found });
        outcome.ok()
    }
}
