//! The parameter `scope` (RFC 6749, section 3.3), and what an application may have of it.

use domain::Scope;

use super::{error::Error, parameters::PARAMETER_LIMIT};

/// Scopes named in one request.
const ITEMS: usize = 64;

/// The scopes a client asked for: well-formed, in their order, none twice.
///
/// `None` when it named none; an empty parameter counts as an absent one (RFC 6749, section 3.2).
pub(super) fn requested(parameter: Option<&str>) -> Result<Option<Vec<&str>>, Error> {
    let Some(text) = parameter.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let malformed = || Error::InvalidScope("Check the `scope` parameter".to_owned());
    if text.len() > PARAMETER_LIMIT {
        return Err(malformed());
    }
    let mut scopes = Vec::new();
    for (index, item) in text.split(' ').enumerate() {
        if index == ITEMS || Scope::parse(item).is_err() {
            return Err(malformed());
        }
        if !scopes.contains(&item) {
            scopes.push(item);
        }
    }
    Ok(Some(scopes))
}

/// The scope of the token, as the claim spells it: what was asked for if all of it is allowed, otherwise everything.
pub(super) fn granted(requested: Option<&[&str]>, allowed: &[Scope]) -> Result<String, Error> {
    let Some(requested) = requested else {
        return Ok(join(allowed.iter().map(Scope::as_str)));
    };
    match requested.iter().find(|item| !allowed.iter().any(|scope| scope.as_str() == **item)) {
        Some(foreign) => Err(Error::scope(foreign)),
        None => Ok(join(requested.iter().copied())),
    }
}

fn join<'a>(scopes: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for scope in scopes {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(scope);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> Vec<Scope> {
        ["read", "write"].map(|text| Scope::parse(text).expect("a scope")).to_vec()
    }

    #[test]
    fn a_request_without_scope_gets_all_that_are_allowed() {
        for nothing in [None, Some("")] {
            let requested = requested(nothing).expect("well-formed");
            assert_eq!(granted(requested.as_deref(), &allowed()), Ok("read write".to_owned()));
        }
    }

    #[test]
    fn a_scope_that_is_not_allowed_is_refused_by_name() {
        let requested = requested(Some("read admin")).expect("well-formed");
        let refusal = Error::InvalidScope("Check the `admin` scope".to_owned());
        assert_eq!(granted(requested.as_deref(), &allowed()), Err(refusal));
    }

    #[test]
    fn a_scope_named_twice_is_granted_once() {
        let requested = requested(Some("write read write")).expect("well-formed");
        assert_eq!(granted(requested.as_deref(), &allowed()), Ok("write read".to_owned()));
    }

    #[test]
    fn scopes_are_bounded_in_length_number_and_alphabet() {
        let many = |count: usize| vec!["s"; count].join(" ");
        assert!(requested(Some(&many(64))).is_ok());
        let long = format!("{} {}", "a".repeat(255), "b".repeat(255));
        assert!(requested(Some(&long)).is_ok());
        for wrong in [
            &many(65),
            &"a ".repeat(600),
            &"a".repeat(256),
            "a  b",
            " a",
            "a ",
            "é",
            "a\"",
            "a\0",
            "a\tb",
        ] {
            assert!(requested(Some(wrong)).is_err(), "{wrong:?}");
        }
    }
}
