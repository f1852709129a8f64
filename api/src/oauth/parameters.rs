//! The parameters of a token request, from a form or a JSON object, each at most once (RFC 6749, section 3.2).
//!
//! The query string is never looked at.

use std::{borrow::Cow, collections::HashSet, fmt};

use axum::http::{HeaderMap, header};
use secrecy::SecretString;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use url::form_urlencoded;

use super::error::Error;

/// Bytes of a body.
pub(super) const BODY_LIMIT: usize = 16 * 1024;
/// Bytes of a parameter.
pub(super) const PARAMETER_LIMIT: usize = 1024;

/// What was sent. An absent parameter and an empty one are told apart.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    pub(super) grant_type: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<SecretString>,
    pub(super) scope: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    GrantType,
    ClientId,
    ClientSecret,
    Scope,
}

impl Name {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "grant_type" => Some(Self::GrantType),
            "client_id" => Some(Self::ClientId),
            "client_secret" => Some(Self::ClientSecret),
            "scope" => Some(Self::Scope),
            _ => None,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::GrantType => "grant_type",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::Scope => "scope",
        }
    }
}

impl Parameters {
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        match media_type(headers).as_deref() {
            Some("application/json") => Self::from_json(body),
            Some("application/x-www-form-urlencoded") => Self::from_form(body),
            Some(_) | None => Err(Error::header("Content-Type")),
        }
    }

    fn from_form(body: &[u8]) -> Result<Self, Error> {
        let mut parameters = Self::default();
        let mut seen = HashSet::new();
        for (name, value) in form_urlencoded::parse(body) {
            if let Some(known) = Name::parse(&name) {
                parameters.set(known, value.into_owned())?;
            }
            if let Some(name) = seen.replace(name) {
                return Err(repeated(&name));
            }
        }
        Ok(parameters)
    }

    fn from_json(body: &[u8]) -> Result<Self, Error> {
        let Object(parameters) = serde_json::from_slice(body)
            .map_err(|_| Error::InvalidRequest("The body must be one JSON object".to_owned()))?;
        parameters
    }

    fn set(&mut self, name: Name, value: String) -> Result<(), Error> {
        if value.len() > PARAMETER_LIMIT || !(name == Name::Scope || is_vschar(&value)) {
            return Err(Error::parameter(name.as_str()));
        }
        match name {
            Name::GrantType => self.grant_type = Some(value),
            Name::ClientId => self.client_id = Some(value),
            Name::ClientSecret => self.client_secret = Some(value.into()),
            Name::Scope => self.scope = Some(value),
        }
        Ok(())
    }
}

/// `*VSCHAR` of RFC 6749, appendix A: what client ids and secrets consist of.
pub(super) fn is_vschar(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x7E))
}

fn repeated(name: &str) -> Error {
    // A name that is not ours is not repeated to whoever reads the answer.
    Name::parse(name).map_or_else(
        || Error::InvalidRequest("Check that no parameter is sent twice".to_owned()),
        |name| Error::parameter(name.as_str()),
    )
}

fn media_type(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let mut values = headers.get_all(header::CONTENT_TYPE).into_iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let essence = value.to_str().ok()?.split(';').next()?.trim();
    Some(if essence.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(essence.to_ascii_lowercase())
    } else {
        Cow::Borrowed(essence)
    })
}

/// A JSON object, and whether it is a token request. Reading stops at nothing but wrong syntax, so that a wrong value and
/// wrong syntax are told apart.
struct Object(Result<Parameters, Error>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Object, A::Error> {
        let mut parameters = Parameters::default();
        let mut seen = HashSet::new();
        let mut wrong = None;
        while let Some(name) = members.next_key::<String>()? {
            let outcome = match Name::parse(&name) {
                Some(known) => match members.next_value::<Member>()? {
                    Member::Text(value) => parameters.set(known, value),
                    Member::Other => Err(Error::parameter(known.as_str())),
                },
                None => members.next_value::<IgnoredAny>().map(|_| Ok(()))?,
            };
            let outcome = match seen.replace(name) {
                Some(name) => Err(repeated(&name)),
                None => outcome,
            };
            wrong = wrong.or(outcome.err());
        }
        Ok(Object(wrong.map_or(Ok(parameters), Err)))
    }
}

/// A member's value: a text, or something that is none.
enum Member {
    Text(String),
    Other,
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Member, E> {
        Ok(Member::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Member, E> {
        Ok(Member::Text(text))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Member, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Member, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }
}
