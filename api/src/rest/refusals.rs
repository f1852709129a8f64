//! What the rules say no to, as errors.

use axum::http::{HeaderValue, header};
use commands::{Failure, notifications, organizations, users};
use store::LogError;

use super::{
    call::{Expected, overtaken},
    error::{Error, Kind},
};

/// A failed command; `refused` knows the refusals of its use case.
pub(super) fn of<E: std::error::Error + 'static>(
    failure: Failure<E>,
    expected: Expected,
    refused: impl FnOnce(E) -> Error,
) -> Error {
    match (failure, expected) {
        (Failure::Refused(refusal), _) => refused(refusal),
        (Failure::Log(error), _) => log(error),
        (Failure::Contended, Expected::Exactly(_)) => overtaken(),
        (Failure::Contended, Expected::Any) => {
            let a_second = HeaderValue::from_static("1");
            let text = "Others are changing the same thing: try again.";
            Error::new(Kind::Conflict, text).with(header::RETRY_AFTER, a_second)
        }
    }
}

pub(super) fn log(error: LogError) -> Error {
    if error.may_pass() {
        tracing::warn!(error = &error as &dyn std::error::Error, "The log cannot be reached");
        Error::unavailable("The log cannot be reached at the moment.")
    } else {
        Error::failed(&error)
    }
}

pub(super) fn user(refusal: users::Refusal) -> Error {
    use users::Refusal as R;
    let said = |kind| Error::new(kind, refusal.to_string());
    match refusal {
        R::NameTaken => said(Kind::NotUnique).at("/data/attributes/userName"),
        R::NotFound => Error::not_found(),
        R::OrganizationUnavailable => said(Kind::NotFound).at("/data/relationships/organization"),
        R::Disabled
        | R::LastAdministrator
        | R::InvitationVoid
        | R::InvitationUsed
        | R::InvitationExpired => said(Kind::Conflict),
        R::Denied(denied) => Error::denied(denied.to_string()),
    }
}

pub(super) fn organization(refusal: organizations::Refusal) -> Error {
    use organizations::Refusal as R;
    let said = |kind| Error::new(kind, refusal.to_string());
    match refusal {
        R::NameTaken => said(Kind::NotUnique).at("/data/attributes/name"),
        R::NotFound | R::NotAMember => Error::not_found(),
        R::UserNotFound => said(Kind::NotFound).at("/data/relationships/user"),
        R::LastAdministrator => said(Kind::Conflict),
        R::Denied(denied) => Error::denied(denied.to_string()),
    }
}

/// A failed command about rules, templates or letters.
pub(super) fn notification(failure: Failure<notifications::Refusal>, expected: Expected) -> Error {
    of(failure, expected, about_notification)
}

fn about_notification(refusal: notifications::Refusal) -> Error {
    use domain::{
        email_template::Error as Template, notification::Error as Letter,
        notification_rule::Error as Rule,
    };
    use notifications::Refusal as R;
    let said = |kind| Error::new(kind, refusal.to_string());
    match refusal {
        R::Rule(Rule::NoRecipients | Rule::TooManyRecipients) => {
            said(Kind::Invalid).at("/data/attributes/recipients")
        }
        R::Rule(Rule::Absent) | R::Template(Template::Absent) | R::Delivery(Letter::Absent) => {
            Error::not_found()
        }
        R::Rule(Rule::Exists | Rule::Shipped) | R::Template(_) | R::Delivery(_) => {
            said(Kind::Conflict)
        }
        R::UserNotFound => said(Kind::NotFound).at("/data/attributes"),
        R::OrganizationNotFound => said(Kind::NotFound).at("/data/attributes/filter/organization"),
        R::Denied(denied) => Error::denied(denied.to_string()),
    }
}
