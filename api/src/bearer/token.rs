//! A token as it is presented: the exact form in which ours are issued (RFC 7515, section 3.1; RFC 9068).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{OrganizationId, SecretId, UserId, signing_key::KeyId};
use serde::{Deserialize, de::IgnoredAny};

/// A JWS in compact form whose header names a key. Nothing about it is proven.
#[derive(Debug)]
pub(super) struct Presented<'a> {
    pub(super) key: KeyId,
    /// What is signed.
    pub(super) message: &'a str,
    pub(super) signature: Vec<u8>,
    payload: &'a str,
}

/// Our header has these three members and no other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: String,
    alg: String,
    kid: String,
}

/// The claims of ours; further ones, which a later release may add, are none of this one's business.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) client_id: String,
    pub(super) aud: Audience,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    #[serde(rename = "iat")]
    _iat: i64,
    #[serde(rename = "jti")]
    _jti: IgnoredAny,
    pub(super) scope: String,
    pub(super) org: OrganizationId,
    pub(super) owner: UserId,
    pub(super) cred: SecretId,
    pub(super) rev: u64,
    /// Absent in tokens that a release issued which did not know it; they end within their lifetime.
    #[serde(default)]
    pub(super) owner_rev: Option<u64>,
    /// Absent likewise.
    #[serde(default)]
    pub(super) org_rev: Option<u64>,
}

/// One audience or several (RFC 7519, section 4.1.3).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    pub(super) fn names(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Several(several) => several.iter().any(|one| one == wanted),
        }
    }
}

impl<'a> Presented<'a> {
    pub(super) fn parse(token: &'a str) -> Option<Self> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        if payload.contains('.') {
            return None;
        }
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        if header.typ != "at+jwt" || header.alg != "RS256" {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        Some(Self { key: KeyId(header.kid), message, signature, payload })
    }

    pub(super) fn claims(&self) -> Option<Claims> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(self.payload).ok()?).ok()
    }
}
