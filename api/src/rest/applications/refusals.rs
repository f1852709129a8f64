//! What the rules of applications say no to, as errors.

use axum::http::{HeaderValue, header};
use commands::{Failure, applications::Refusal};
use store::LogError;

use super::super::{
    call::{Expected, overtaken},
    error::{Error, Kind},
};

const NAME: &str = "/data/attributes/name";
const OWNER: &str = "/data/relationships/owner";
const ORGANIZATION: &str = "/data/relationships/organization";

pub(super) fn of(failure: Failure<Refusal>, expected: Expected) -> Error {
    match (failure, expected) {
        (Failure::Refused(refusal), _) => refused(refusal),
        (Failure::Log(error), _) => log(error),
        (Failure::Contended, Expected::Exactly(_)) => overtaken(),
        (Failure::Contended, Expected::Any) => {
            let a_second = HeaderValue::from_static("1");
            let text = "Others are changing the same application: try again.";
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

fn refused(refusal: Refusal) -> Error {
    let said = |kind| Error::new(kind, refusal.to_string());
    match refusal {
        Refusal::NameTaken => said(Kind::NotUnique).at(NAME),
        Refusal::NotFound => Error::not_found(),
        // JSON:API 1.1, section "Creating Resources": a related resource that is not there is 404.
        Refusal::NotAMember | Refusal::OwnerUnavailable => said(Kind::NotFound).at(OWNER),
        Refusal::OrganizationUnavailable => said(Kind::NotFound).at(ORGANIZATION),
        Refusal::OwnerOutranks => Error::denied(refusal.to_string()).at(OWNER),
        Refusal::NotDeleted | Refusal::TooLate | Refusal::Overtaken => said(Kind::Conflict),
        Refusal::Denied(denied) => Error::denied(denied.to_string()),
    }
}
