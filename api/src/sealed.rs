//! Values that are handed out to be given back unchanged, such as cursors: typed, bound to a use, authenticated.
//!
//! They are not secret: whoever has one may read it, and nobody can make one up.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use store::Purpose;
use subtle::ConstantTimeEq;

use crate::app::App;

/// Characters of a value that is looked at, at most.
const LIMIT: usize = 4096;
const MAC: usize = 32;

/// What a value is for. One made for another use is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// The place of a page in a list of applications.
    ApplicationsCursor,
    /// The place of a page in another list of the web API.
    ListCursor,
    /// The place of a page in a list of letters.
    PlaceOfLetters,
}

impl Use {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::ApplicationsCursor => b"applications cursor",
            Self::ListCursor => b"list cursor",
            Self::PlaceOfLetters => b"place of letters",
        }
    }
}

/// The value in base64url, followed by its HMAC.
pub(crate) fn seal<T: Serialize>(app: &App, what: Use, value: &T) -> String {
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    let mac = mac(app, what, &bytes);
    bytes.extend(mac);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The value, if we made it for this use.
pub(crate) fn open<T: DeserializeOwned>(app: &App, what: Use, text: &str) -> Option<T> {
    if text.len() > LIMIT {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (value, given) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
    bool::from(mac(app, what, value).ct_eq(given)).then_some(())?;
    serde_json::from_slice(value).ok()
}

fn mac(app: &App, what: Use, bytes: &[u8]) -> [u8; MAC] {
    app.commands.key.mac(Purpose::Returned, &[what.label(), bytes])
}
