//! What a form is told when a command was not carried out.

use axum::http::StatusCode;
use commands::{Failure, applications::Refusal};

use super::Problem;
use crate::web::complaints::CONTENDED;

/// A refusal in words, and where on the form they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) about: About,
    pub(super) text: String,
    pub(super) status: StatusCode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Name,
    Organization,
    Owner,
    Description,
    Contact,
    Homepage,
    Reason,
    Form,
}

/// Somebody else was first, this time.
pub(super) const OVERTAKEN: &str =
    "Another change to this application came first. Look at it again, then repeat yours.";

impl Complaint {
    /// About something that was entered.
    pub(super) fn invalid(about: About, text: impl Into<String>) -> Self {
        Self { about, text: text.into(), status: StatusCode::UNPROCESSABLE_ENTITY }
    }

    pub(super) fn conflict(text: impl Into<String>) -> Self {
        Self { about: About::Form, text: text.into(), status: StatusCode::CONFLICT }
    }
}

/// What the form says, or the page that takes its place.
pub(super) fn complain(failure: Failure<Refusal>) -> Result<Complaint, Problem> {
    match failure {
        Failure::Refused(refusal) => refused(refusal),
        Failure::Contended => Ok(Complaint::conflict(CONTENDED)),
        Failure::Log(error) => Err(error.into()),
    }
}

fn refused(refusal: Refusal) -> Result<Complaint, Problem> {
    let (about, text) = match refusal {
        Refusal::NameTaken => (About::Name, refusal.to_string()),
        Refusal::NotAMember => {
            (About::Owner, "This person is not a member of the organization.".to_owned())
        }
        Refusal::OrganizationUnavailable => {
            (About::Organization, "This organization has been disabled.".to_owned())
        }
        Refusal::OwnerUnavailable => {
            (About::Owner, "The account of this person has been disabled.".to_owned())
        }
        Refusal::OwnerOutranks => (
            About::Owner,
            "This person has more rights here than you have. Ask somebody who has as many."
                .to_owned(),
        ),
        Refusal::NotDeleted => {
            (About::Form, "The application has been restored already.".to_owned())
        }
        Refusal::TooLate => (
            About::Form,
            "The application was deleted too long ago, so it cannot be restored any more."
                .to_owned(),
        ),
        Refusal::Overtaken => return Ok(Complaint::conflict(OVERTAKEN)),
        Refusal::NotFound => return Err(Problem::NotFound),
        Refusal::Denied(_) => return Err(Problem::Denied),
    };
    Ok(Complaint::invalid(about, text))
}
