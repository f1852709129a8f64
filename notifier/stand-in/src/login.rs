//! Who may send, and by which proof (RFC 4954, RFC 4616, and XOAUTH2 as Google and Microsoft describe it).

use base64::{Engine, engine::general_purpose::STANDARD};

/// The one login that is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// By AUTH PLAIN.
    Plain { user: String, password: String },
    /// By AUTH LOGIN, which asks for user and password one after the other.
    Login { user: String, password: String },
    /// By AUTH XOAUTH2.
    Xoauth2 { user: String, token: String },
}

impl Login {
    pub(crate) fn mechanism(&self) -> &'static str {
        match self {
            Self::Plain { .. } => "PLAIN",
            Self::Login { .. } => "LOGIN",
            Self::Xoauth2 { .. } => "XOAUTH2",
        }
    }

    /// What the client must say in one go; AUTH LOGIN has no such thing.
    pub(crate) fn proof(&self) -> Option<String> {
        match self {
            Self::Plain { user, password } => Some(encoded(&format!("\0{user}\0{password}"))),
            Self::Login { .. } => None,
            Self::Xoauth2 { user, token } => {
                Some(encoded(&format!("user={user}\x01auth=Bearer {token}\x01\x01")))
            }
        }
    }
}

pub(crate) fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}
