//! Addresses of people without account, as others see them. What of a letter is told of them is decided here alone.

use briefing::Rules;
use domain::{
    Personal,
    notification::{Recipient, Request},
};

/// What may stand around an address in a sentence.
const AROUND: [char; 11] = [' ', '<', '>', '(', ')', '[', ']', '"', ',', ';', ':'];

/// Whose mail server it is, and the first letter: `a…@acme.example`.
pub(crate) fn address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let first: String = local.chars().take(1).collect();
            format!("{first}…@{domain}")
        }
        None => "…".to_owned(),
    }
}

/// To whom a letter goes who has no account, as far as a rule still names them.
pub(crate) fn recipient(rules: &Rules, request: &Request) -> Option<String> {
    let Recipient::Address(id) = request.recipient else {
        return None;
    };
    let found = rules.get(request.rule)?.recipients.address(id);
    found.and_then(Personal::as_open).map(address)
}

/// What a server or Oathbook said about a letter, with nothing in it of somebody without account.
pub(crate) fn answer(request: &Request, said: &str) -> String {
    match request.recipient {
        Recipient::User(_) => said.to_owned(),
        Recipient::Address(_) => text(said),
    }
}

/// A text with every address in it masked: servers repeat them in their answers.
fn text(text: &str) -> String {
    let masked = |piece: &str| {
        let word = piece.trim_end_matches(AROUND);
        if word.contains('@') { address(word) + &piece[word.len()..] } else { piece.to_owned() }
    };
    text.split_inclusive(AROUND).map(masked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_first_letter_and_its_server() {
        for (whole, masked) in [
            ("ada@acme.example", "a…@acme.example"),
            ("\"a@b\"@acme.example", "\"…@acme.example"),
            ("änne@bücher.example", "ä…@bücher.example"),
            ("@acme.example", "…@acme.example"),
            ("nobody", "…"),
        ] {
            assert_eq!(address(whole), masked);
        }
    }

    #[test]
    fn addresses_in_a_sentence_are_masked_and_nothing_else_is() {
        for (said, masked) in [
            ("550 5.1.1 <ada@acme.example>: unknown", "550 5.1.1 <a…@acme.example>: unknown"),
            ("to=ada@acme.example", "t…@acme.example"),
            ("ada@acme.example,bob@acme.example", "a…@acme.example,b…@acme.example"),
            ("250 2.0.0 Ok: queued as 4F2", "250 2.0.0 Ok: queued as 4F2"),
            ("", ""),
        ] {
            assert_eq!(text(said), masked);
        }
    }
}
