//! Why a mail did not leave, in words that may be kept for ever.

use lettre::Address;

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{stage}: {reason}")]
pub struct PostError {
    pub outlook: Outlook,
    pub stage: Stage,
    /// Without addresses, names and passwords.
    pub reason: String,
}

/// Whether trying again makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// This mail to this address will never be taken: a 5xx for recipient or content, or no address at all.
    Permanent,
    /// Time or an operator can help: a 4xx, a server that is away, a refused login. The mail is in nobody's hands.
    Transient,
    /// The whole mail was on its way, and whether it was taken was never said. Trying again may repeat it, under the
    /// same Message-ID.
    Unknown,
}

/// Where on its way a mail was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stage {
    #[error("composing the mail")]
    Composing,
    #[error("looking up the mail server")]
    Resolving,
    #[error("connecting to the mail server")]
    Connecting,
    #[error("being greeted by the mail server")]
    Greeting,
    #[error("securing the connection")]
    Securing,
    #[error("logging in")]
    Login,
    /// What the mail needs is not what the server offers; another one may.
    #[error("asking for extensions")]
    Extensions,
    #[error("naming the sender")]
    Sender,
    #[error("naming the recipient")]
    Recipient,
    #[error("announcing the mail")]
    Announcing,
    #[error("handing over the mail")]
    HandingOver,
    #[error("writing the file")]
    File,
    #[error("running sendmail")]
    Sendmail,
    /// Several, one after the other; the reason has the stage of each.
    #[error("trying every transport")]
    Transports,
}

/// The longest answer that is kept, in characters.
const LONGEST: usize = 300;

impl PostError {
    pub(super) fn permanent(stage: Stage, reason: impl Into<String>) -> Self {
        Self { outlook: Outlook::Permanent, stage, reason: reason.into() }
    }

    pub(super) fn transient(stage: Stage, reason: impl Into<String>) -> Self {
        Self { outlook: Outlook::Transient, stage, reason: reason.into() }
    }

    pub(super) fn unknown(stage: Stage, reason: impl Into<String>) -> Self {
        Self { outlook: Outlook::Unknown, stage, reason: reason.into() }
    }

    /// Whether no other transport may be asked: the mail is refused for good, or may be in somebody's hands.
    pub(super) fn ends_the_round(&self) -> bool {
        match self.outlook {
            Outlook::Permanent => self.stage != Stage::Extensions,
            Outlook::Transient => false,
            Outlook::Unknown => true,
        }
    }

    /// What a round over several transports comes to, none of which took the mail.
    pub(super) fn of_round(mut failures: Vec<(String, Self)>) -> Self {
        if let [(_, _)] = failures[..]
            && let Some((_, only)) = failures.pop()
        {
            return only;
        }
        let transient = failures.iter().any(|(_, error)| error.outlook == Outlook::Transient);
        let reasons: Vec<_> =
            failures.iter().map(|(route, error)| format!("{route}: {error}")).collect();
        let reason = reasons.join("; ");
        if transient {
            Self::transient(Stage::Transports, reason)
        } else {
            Self::permanent(Stage::Transports, reason)
        }
    }

    pub(super) fn publishable(self, recipient: &Address) -> Self {
        Self { reason: publishable(&self.reason, recipient), ..self }
    }
}

/// What a server said, on one line, with every address and the recipient's local part withheld.
pub(super) fn publishable(text: &str, recipient: &Address) -> String {
    let withheld = |word: &str| {
        let bare = word.trim_matches(|c: char| c.is_ascii_punctuation());
        word.contains('@') || bare.eq_ignore_ascii_case(recipient.user())
    };
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .map(|word| if withheld(word) { "(withheld)" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_kept_without_addresses() {
        let ada = "Ada.Lovelace@example.com".parse().unwrap();
        for (said, kept) in [
            ("250 2.0.0 Ok: queued as 4F1", "250 2.0.0 Ok: queued as 4F1"),
            ("550 5.1.1 <ada.lovelace@example.com>: no", "550 5.1.1 (withheld) no"),
            ("550 no user 'ada.lovelace'\r\n here", "550 no user (withheld) here"),
            ("250 accepted for=ada.lovelace@example.com;", "250 accepted (withheld)"),
        ] {
            assert_eq!(publishable(said, &ada), kept);
        }
        assert_eq!(publishable(&"é".repeat(1000), &ada).chars().count(), LONGEST);
    }
}
