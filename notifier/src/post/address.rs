//! Who writes and who is written to, as the wire needs them.

use std::{fmt, str::FromStr};

use lettre::{Address, message::Mailbox};
use url::Host;

/// Who letters come from: `Oathbook <oathbook@example.org>`, or the address alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(pub(super) Mailbox);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be one mail address, with or without a name, as in Oathbook <oathbook@example.org>; a name with signs \
     such as commas stands in quotes"
)]
pub struct InvalidSender;

impl FromStr for Sender {
    type Err = InvalidSender;

    fn from_str(text: &str) -> Result<Self, InvalidSender> {
        if text.chars().any(char::is_control) {
            return Err(InvalidSender);
        }
        let Mailbox { name, email } = text.parse().map_err(|_| InvalidSender)?;
        let email = address(email.as_ref()).ok_or(InvalidSender)?;
        Ok(Self(Mailbox::new(name.as_deref().and_then(display_name), email)))
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.name {
            Some(name) if name.chars().all(|c| c.is_alphanumeric() || c == ' ') => {
                write!(f, "{name} <{}>", self.0.email)
            }
            _ => self.0.fmt(f),
        }
    }
}

/// An internationalised domain goes over the wire in ASCII (RFC 5891); a local part has no such form (RFC 6531).
pub(super) fn address(text: &str) -> Option<Address> {
    if text.chars().any(char::is_control) {
        return None;
    }
    let address: Address = text.parse().ok()?;
    if address.domain().is_ascii() {
        return Some(address);
    }
    let domain = Host::parse(address.domain()).ok()?;
    Address::new(address.user(), domain.to_string()).ok()
}

pub(super) fn display_name(name: &str) -> Option<String> {
    Some(one_line(name)).filter(|name| !name.is_empty())
}

/// Whatever could begin a new header becomes a space.
pub(super) fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.replace(breaks, " ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_is_an_address_with_or_without_a_name() {
        for (sound, shown) in [
            ("oathbook@localhost", "oathbook@localhost"),
            ("Oathbook <o@example.com>", "Oathbook <o@example.com>"),
            ("\"A, B\" <o@example.com>", "\"A, B\" <o@example.com>"),
            ("Bücher <o@bücher.example>", "Bücher <o@xn--bcher-kva.example>"),
        ] {
            let sender: Sender = sound.parse().unwrap();
            assert_eq!(sender.to_string(), shown);
            assert_eq!(shown.parse(), Ok(sender));
        }
        for wrong in ["", "Oathbook", "a@b, c@d", "O <o@example.com>\r\nBcc: eve@example.com"] {
            assert_eq!(wrong.parse::<Sender>(), Err(InvalidSender), "{wrong}");
        }
    }
}
