//! Forms as browsers send them: each field at most once, in UTF-8.

use std::collections::HashMap;

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use domain::name;
use percent_encoding::percent_decode;
use store::Expected;

use super::{errors::Problem, local};
use crate::{app::Settings, http::read_body};

/// Bytes of a form.
pub(super) const LIMIT: usize = 64 * 1024;
/// Bytes of a form that holds a template: each of its two long parts may have 64 KiB, and three bytes stand for one.
pub(super) const LONG: usize = 512 * 1024;

/// What was sent. Fields nobody asks for are not looked at.
#[derive(Debug, Default)]
pub(super) struct Fields(HashMap<String, String>);

/// What whoever filled in a form had seen of its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// What it is now.
    Present,
    /// What it was before somebody else changed it, or nobody knows what.
    Overtaken,
}

/// A check box sends `true`, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This value is not valid: it is either true or left out.")]
pub(super) struct NotAFlag;

impl Fields {
    pub(super) async fn read(
        headers: &HeaderMap,
        body: Body,
        limit: usize,
    ) -> Result<Self, Problem> {
        if !is_form(headers) {
            return Err(Problem::NotAForm);
        }
        Self::parse(&read_body(headers, body, limit).await?)
    }

    fn parse(body: &[u8]) -> Result<Self, Problem> {
        let mut fields = HashMap::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            if fields.insert(name, value).is_some() {
                return Err(Problem::Malformed("One of its fields was sent twice."));
            }
        }
        Ok(Self(fields))
    }

    /// The field's text; empty when it was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The field's text, unless it was not sent or is empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// The field's text, empty or not, unless it was not sent.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, NotAFlag> {
        match self.0.get(name).map(String::as_str) {
            None => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(NotAFlag),
        }
    }

    /// What the field `revision` says, as forms get it from [`Expected::next_revision`]. One that is left out or cannot be
    /// read says nothing that may be built on.
    pub(super) fn seen(&self, expected: Expected) -> Seen {
        match self.text("revision").parse::<u64>() {
            Ok(revision) if revision == expected.next_revision() => Seen::Present,
            Ok(_) | Err(_) => Seen::Overtaken,
        }
    }

    /// The fields whose names begin so, with what follows in their names.
    pub(super) fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let fields = self.0.iter();
        fields.filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// Where to go afterwards.
    pub(super) fn return_to(&self, settings: &Settings) -> String {
        local::parse(self.text("return_to")).unwrap_or_else(|| local::home(settings))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).into_iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let essence = value.to_str().ok().and_then(|text| text.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn decode(text: &[u8]) -> Result<String, Problem> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = percent_decode(&spaced).decode_utf8();
    decoded.map(Into::into).map_err(|_| Problem::Malformed("One of its fields is not UTF-8."))
}

/// What could be a part of a name: what somebody searches for.
pub(super) fn readable(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).take(name::MAX_LENGTH).collect();
    text.trim().to_owned()
}

/// The first value of a field in the query of an address.
pub(super) fn asked(query: Option<&str>, field: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.find(|(name, _)| name == field).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Fields, Problem> {
        Fields::parse(body.as_bytes())
    }

    #[test]
    fn a_field_is_decoded() {
        let fields = parse("name=Caf%C3%A9+sync&empty=&bare&&").expect("fields");
        assert_eq!(fields.text("name"), "Café sync");
        for blank in ["empty", "bare", "absent"] {
            assert_eq!((fields.text(blank), fields.filled(blank)), ("", None));
        }
    }

    #[test]
    fn a_field_sent_twice_or_in_another_encoding_is_refused() {
        for body in ["a=1&a=2", "a=1&%61=1", "a=%FF", "%C3=1"] {
            assert!(matches!(parse(body), Err(Problem::Malformed(_))), "{body}");
        }
    }

    #[test]
    fn only_the_revision_that_a_form_was_made_from_is_the_present_one() {
        let seen = |body: &str, expected| parse(body).expect("fields").seen(expected);
        for (made_from, expected) in [("0", Expected::NoStream), ("3", Expected::Exact(2))] {
            assert_eq!(seen(&format!("revision={made_from}"), expected), Seen::Present);
            for other in ["", "name=x", "revision=", "revision=x", "revision=2", "revision=-1"] {
                assert_eq!(seen(other, expected), Seen::Overtaken, "{other}");
            }
        }
    }

    #[test]
    fn a_flag_is_true_or_left_out() {
        let fields = parse("on=true&odd=1&blank=").expect("fields");
        assert_eq!(fields.flag("on"), Ok(true));
        assert_eq!(fields.flag("absent"), Ok(false));
        assert_eq!((fields.flag("odd"), fields.flag("blank")), (Err(NotAFlag), Err(NotAFlag)));
    }
}
