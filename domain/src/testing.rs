//! Given some history, when a command comes, then these events or this refusal.

use std::fmt::Debug;

use crate::Decider;

pub(crate) struct Given<D: Decider>(D);
pub(crate) struct When<D: Decider>(Result<Vec<D::Event>, D::Error>);

pub(crate) fn given<D: Decider>(history: impl IntoIterator<Item = D::Event>) -> Given<D> {
    Given(history.into_iter().fold(D::default(), D::evolve))
}

impl<D: Decider> Given<D> {
    #[must_use]
    pub(crate) fn when(self, command: D::Command) -> When<D> {
        When(self.0.decide(command))
    }
}

impl<D: Decider<Event: Debug + PartialEq, Error: Debug + PartialEq>> When<D> {
    #[track_caller]
    pub(crate) fn then(self, expected: impl IntoIterator<Item = D::Event>) {
        assert_eq!(self.0, Ok(expected.into_iter().collect()));
    }

    #[track_caller]
    pub(crate) fn then_refused(self, expected: D::Error) {
        assert_eq!(self.0, Err(expected));
    }
}
