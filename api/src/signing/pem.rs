//! PEM (RFC 7468), read leniently: any line width, anything before and after the key.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use super::Problem;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One `-----BEGIN label-----` … `-----END label-----`.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    body: &'a str,
}

/// All blocks in order: `openssl ecparam`, for one, writes parameters before the key.
pub(super) fn blocks(text: &[u8]) -> Vec<Block<'_>> {
    let mut rest = std::str::from_utf8(text).unwrap_or_default();
    let mut blocks = Vec::new();
    while let Some((block, after)) = next(rest) {
        blocks.push(block);
        rest = after;
    }
    blocks
}

fn next(text: &str) -> Option<(Block<'_>, &str)> {
    let (_, text) = text.split_once("-----BEGIN ")?;
    let (label, text) = text.split_once("-----")?;
    let end = format!("-----END {label}-----");
    // A file that was cut off has no end line; its body then fails to decode.
    let (body, after) = text.split_once(&end).unwrap_or((text, ""));
    Some((Block { label, body }, after))
}

impl Block<'_> {
    /// RFC 1421 headers, which only the older way of encrypting writes.
    pub(super) fn is_encrypted(&self) -> bool {
        self.label == "ENCRYPTED PRIVATE KEY" || self.body.contains("ENCRYPTED")
    }

    pub(super) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let digits = self.body.bytes().filter(|byte| !byte.is_ascii_whitespace());
        let digits: Zeroizing<Vec<u8>> = Zeroizing::new(digits.collect());
        BASE64.decode(&*digits).map(Zeroizing::new).map_err(|_| Problem::Damaged)
    }
}
