//! What can be done to many applications, and what stands in the way for each.

use domain::authority::{Action, Belonging};
use projections::register::{Entry, Status};

use crate::web::session::SignedIn;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bulk {
    Activate,
    Deactivate,
    Delete,
}

impl Bulk {
    pub(super) fn read(text: &str) -> Option<Self> {
        [Self::Activate, Self::Deactivate, Self::Delete].into_iter().find(|it| it.key() == text)
    }

    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Activate => "Activate",
            Self::Deactivate => "Deactivate",
            Self::Delete => "Delete",
        }
    }

    /// What was done, in words that follow a number of applications.
    pub(super) const fn done(self) -> &'static str {
        match self {
            Self::Activate => "activated",
            Self::Deactivate => "deactivated",
            Self::Delete => "deleted",
        }
    }

    pub(super) const fn consequence(self) -> &'static str {
        match self {
            Self::Activate => "Requests with their credentials will be accepted again from now on.",
            Self::Deactivate => "Requests with their credentials will be refused from now on.",
            Self::Delete => {
                "They leave the list, and requests with their credentials will be refused from now on. A manager can restore what was deleted for some time."
            }
        }
    }

    pub(super) const fn action(self) -> Action {
        match self {
            Self::Activate | Self::Deactivate => Action::Change,
            Self::Delete => Action::Delete,
        }
    }

    /// Why this cannot be done to the application, if it cannot.
    pub(super) fn obstacle(self, caller: &SignedIn, entry: &Entry) -> Option<Obstacle> {
        let Entry { row, .. } = entry;
        let belonging = Belonging { organization: row.organization, owner: row.owner };
        match (self, entry.status()) {
            (_, Status::Deleted) => Some(Obstacle::Deleted),
            _ if !caller.may(self.action(), belonging) => Some(Obstacle::Denied),
            (Self::Activate, Status::Active) => Some(Obstacle::AlreadyActive),
            (Self::Deactivate, Status::Inactive) => Some(Obstacle::AlreadyInactive),
            (Self::Activate, Status::Inactive)
            | (Self::Deactivate, Status::Active)
            | (Self::Delete, Status::Active | Status::Inactive) => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    AlreadyActive,
    AlreadyInactive,
    Deleted,
    Denied,
}

impl Obstacle {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::AlreadyActive => "It is active already.",
            Self::AlreadyInactive => "It is inactive already.",
            Self::Deleted => "It has been deleted.",
            Self::Denied => "Your role does not include this.",
        }
    }
}

/// What became of one application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Refused(Obstacle),
    /// It is not there, or not for this person.
    Absent,
    /// It could be done by now, but not when it was asked about.
    NotAskedFor,
    /// The domain said no for another reason.
    Unavailable,
    Contended,
    /// The log could not be written, or it is not known whether it was.
    Failed,
}

impl Outcome {
    const ALL: [Self; 10] = [
        Self::Done,
        Self::Refused(Obstacle::AlreadyActive),
        Self::Refused(Obstacle::AlreadyInactive),
        Self::Refused(Obstacle::Deleted),
        Self::Refused(Obstacle::Denied),
        Self::Absent,
        Self::NotAskedFor,
        Self::Unavailable,
        Self::Contended,
        Self::Failed,
    ];

    pub(super) fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.key() == text)
    }

    /// As forms carry it from one part of a long list to the next.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused(Obstacle::AlreadyActive) => "active",
            Self::Refused(Obstacle::AlreadyInactive) => "inactive",
            Self::Refused(Obstacle::Deleted) => "deleted",
            Self::Refused(Obstacle::Denied) => "denied",
            Self::Absent => "absent",
            Self::NotAskedFor => "not-asked-for",
            Self::Unavailable => "unavailable",
            Self::Contended => "contended",
            Self::Failed => "failed",
        }
    }

    /// Why nothing was done, if nothing was.
    pub(super) const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Done => None,
            Self::Refused(obstacle) => Some(obstacle.words()),
            Self::Absent => Some("It is not there any more."),
            Self::NotAskedFor => Some("It could not be done when you were asked. Select it again."),
            Self::Unavailable => Some("It was refused. Open it and try there to see why."),
            Self::Contended => Some("Two changes met. Nothing was written; try again."),
            Self::Failed => {
                Some("It is not known whether it was done. Look at the application, and try again.")
            }
        }
    }
}
