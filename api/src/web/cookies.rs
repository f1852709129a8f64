//! Our cookies: no script sees them, no other site sends them with its forms, and with https no other host sets them.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::app::Settings;

/// What a cookie is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// The id of the session.
    Session,
    /// Ties the sign-in form to the browser it was shown in.
    Browser,
    /// What the next page has to say.
    Flash,
    /// Up to where the browser has written.
    Position,
}

impl Cookie {
    const ALL: [Self; 4] = [Self::Session, Self::Browser, Self::Flash, Self::Position];

    /// With https the prefix of RFC 6265bis, section 4.1.3.2, so that a neighbouring host cannot set it.
    const fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, false) => "oathbook_session",
            (Self::Session, true) => "__Host-oathbook_session",
            (Self::Browser, false) => "oathbook_browser",
            (Self::Browser, true) => "__Host-oathbook_browser",
            (Self::Flash, false) => "oathbook_flash",
            (Self::Flash, true) => "__Host-oathbook_flash",
            (Self::Position, false) => "oathbook_position",
            (Self::Position, true) => "__Host-oathbook_position",
        }
    }

    /// The header that sets the cookie. `value` is of the base64url alphabet, dots and hyphens.
    pub(super) fn set(self, settings: &Settings, value: &str) -> Option<HeaderValue> {
        let life = match self {
            Self::Session | Self::Browser => "",
            Self::Flash | Self::Position => "; Max-Age=60",
        };
        self.header(settings, value, life)
    }

    pub(super) fn clear(self, settings: &Settings) -> Option<HeaderValue> {
        self.header(settings, "", "; Max-Age=0")
    }

    fn header(self, settings: &Settings, value: &str, life: &str) -> Option<HeaderValue> {
        let secure = is_secure(settings);
        let (name, mark) = (self.name(secure), if secure { "; Secure" } else { "" });
        let text = format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/{mark}{life}");
        HeaderValue::from_str(&text).ok()
    }
}

fn is_secure(settings: &Settings) -> bool {
    settings.public_url.scheme() == "https"
}

/// Those of our cookies that came with a request. Of several with the same name the first one counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Cookies([Option<String>; Cookie::ALL.len()]);

impl Cookies {
    pub(super) fn read(settings: &Settings, headers: &HeaderMap) -> Self {
        let secure = is_secure(settings);
        let mut found = Self::default();
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|it| it.to_str().ok());
        for (name, value) in
            lines.flat_map(|line| line.split(';')).filter_map(|it| it.split_once('='))
        {
            for (cookie, slot) in Cookie::ALL.into_iter().zip(&mut found.0) {
                if slot.is_none() && name.trim() == cookie.name(secure) {
                    *slot = Some(value.trim().to_owned());
                }
            }
        }
        found
    }

    pub(super) fn get(&self, cookie: Cookie) -> Option<&str> {
        let index = Cookie::ALL.into_iter().position(|it| it == cookie)?;
        self.0[index].as_deref()
    }
}
