//! What forms about people, organizations and letters are told when a command was not carried out.

use axum::http::StatusCode;
use commands::{Failure, notifications, organizations, users};

use super::errors::Problem;

/// A refusal in words, and where on the form they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) about: About,
    pub(super) text: String,
    pub(super) status: StatusCode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    UserName,
    DisplayName,
    Email,
    Locale,
    Password,
    OldPassword,
    Organization,
    OrganizationName,
    Role,
    Form,
}

/// Somebody else was first, every time.
pub(super) const CONTENDED: &str = "Two changes met. Nothing was written; please try again.";
const LAST_ADMINISTRATOR: &str =
    "The last administrator of an organization stays. Make somebody else administrator first.";

impl Complaint {
    pub(super) fn invalid(about: About, text: impl ToString) -> Self {
        Self { about, text: text.to_string(), status: StatusCode::UNPROCESSABLE_ENTITY }
    }

    fn conflict(text: &str) -> Self {
        Self { about: About::Form, text: text.to_owned(), status: StatusCode::CONFLICT }
    }
}

/// The status of a form that is shown again.
pub(super) fn status_of(complaints: &[Complaint]) -> StatusCode {
    complaints.first().map_or(StatusCode::UNPROCESSABLE_ENTITY, |complaint| complaint.status)
}

/// The first text about this part of the form.
pub(super) fn about(complaints: &[Complaint], part: About) -> Option<String> {
    complaints.iter().find(|complaint| complaint.about == part).map(|it| it.text.clone())
}

/// What the form says, or the page that takes its place.
pub(super) fn about_user(failure: Failure<users::Refusal>) -> Result<Complaint, Problem> {
    let refusal = match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Contended => return Ok(Complaint::conflict(CONTENDED)),
        Failure::Log(error) => return Err(error.into()),
    };
    let (part, text) = match refusal {
        users::Refusal::NameTaken => (About::UserName, refusal.to_string()),
        users::Refusal::Disabled => (About::Form, "The account has been disabled.".to_owned()),
        users::Refusal::OrganizationUnavailable => {
            (About::Organization, "This organization has been disabled.".to_owned())
        }
        users::Refusal::LastAdministrator => (About::Form, LAST_ADMINISTRATOR.to_owned()),
        users::Refusal::InvitationVoid
        | users::Refusal::InvitationUsed
        | users::Refusal::InvitationExpired
        | users::Refusal::NotFound => return Err(Problem::NotFound),
        users::Refusal::Denied(_) => return Err(Problem::Denied),
    };
    Ok(Complaint::invalid(part, text))
}

/// The same for commands about organizations.
pub(super) fn about_organization(
    failure: Failure<organizations::Refusal>,
) -> Result<Complaint, Problem> {
    let refusal = match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Contended => return Ok(Complaint::conflict(CONTENDED)),
        Failure::Log(error) => return Err(error.into()),
    };
    let (part, text) = match refusal {
        organizations::Refusal::NameTaken => (About::OrganizationName, refusal.to_string()),
        organizations::Refusal::UserNotFound => {
            (About::UserName, "There is no user of this name.".to_owned())
        }
        organizations::Refusal::NotAMember => {
            (About::Form, "They are no longer a member of this organization.".to_owned())
        }
        organizations::Refusal::LastAdministrator => (About::Form, LAST_ADMINISTRATOR.to_owned()),
        organizations::Refusal::NotFound => return Err(Problem::NotFound),
        organizations::Refusal::Denied(_) => return Err(Problem::Denied),
    };
    Ok(Complaint::invalid(part, text))
}

/// The same for commands about letters.
pub(super) fn about_delivery(
    failure: Failure<notifications::Refusal>,
) -> Result<Complaint, Problem> {
    use domain::notification::Error;
    use notifications::Refusal;
    let refusal = match failure {
        Failure::Refused(refusal) => refusal,
        Failure::Contended => return Ok(Complaint::conflict(CONTENDED)),
        Failure::Log(error) => return Err(error.into()),
    };
    match refusal {
        Refusal::Delivery(Error::Absent) => Err(Problem::NotFound),
        Refusal::Denied(_) => Err(Problem::Denied),
        Refusal::Delivery(Error::Underway) => {
            Ok(Complaint::conflict("The letter has not come to an end yet."))
        }
        Refusal::Delivery(_)
        | Refusal::Rule(_)
        | Refusal::Template(_)
        | Refusal::UserNotFound
        | Refusal::OrganizationNotFound => Ok(Complaint::conflict(&refusal.to_string())),
    }
}
