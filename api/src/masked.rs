//! Addresses of people without account, as others see them.

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

/// A text with every address in it masked: servers repeat them in their answers.
pub(crate) fn text(text: &str) -> String {
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
