//! What the rules of applications say no to, as errors.

use commands::{Failure, applications::Refusal};

use super::super::{
    call::Expected,
    error::{Error, Kind},
    refusals,
};

const NAME: &str = "/data/attributes/name";
const OWNER: &str = "/data/relationships/owner";
const ORGANIZATION: &str = "/data/relationships/organization";

pub(super) fn of(failure: Failure<Refusal>, expected: Expected) -> Error {
    refusals::of(failure, expected, refused)
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
