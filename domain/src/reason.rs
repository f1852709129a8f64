//! Why somebody did something, in their own words.

/// What is written beside a change, for ever and in clear: one line of 1–1000 scalar values without control characters
/// and without space around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

/// The rule a reason breaks. The texts are those that people read beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReason {
    #[error("This value is too long. It should have {} characters or less.", Reason::MAX_LENGTH)]
    TooLong,
    #[error("This value should not contain control characters.")]
    ControlCharacter,
}

impl Reason {
    /// The greatest number of Unicode scalar values in one.
    pub const MAX_LENGTH: usize = 1_000;

    /// Whoever gives a blank one gives none.
    pub fn parse(text: &str) -> Result<Option<Self>, InvalidReason> {
        let text = text.trim();
        if text.chars().count() > Self::MAX_LENGTH {
            return Err(InvalidReason::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidReason::ControlCharacter);
        }
        Ok((!text.is_empty()).then(|| Self(text.to_owned())))
    }
}

impl From<Reason> for String {
    fn from(Reason(text): Reason) -> Self {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_of_at_most_a_thousand_characters() {
        let parsed = |text: &str| Reason::parse(text).map(|reason| reason.map(String::from));
        assert_eq!(parsed(" \n "), Ok(None));
        assert_eq!(parsed(" Suspicious traffic "), Ok(Some("Suspicious traffic".to_owned())));
        assert!(parsed(&"ä".repeat(1000)).is_ok());
        assert_eq!(parsed(&"ä".repeat(1001)), Err(InvalidReason::TooLong));
        for wrong in ["a\nb", "a\u{0}b", "a\u{85}b"] {
            assert_eq!(parsed(wrong), Err(InvalidReason::ControlCharacter));
        }
    }
}
