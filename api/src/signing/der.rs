//! From the text of a file to an RSA key, or to what it is instead.

use rsa::{
    PrivateKey, PublicKey,
    pkcs1::{ALGORITHM_OID as RSA_ENCRYPTION, RsaPrivateKeyRef, RsaPublicKeyRef, UintRef},
    pkcs8::{ObjectIdentifier, PrivateKeyInfoRef, SubjectPublicKeyInfoRef, der::Decode},
};
use zeroize::Zeroizing;

use super::{
    Problem,
    pem::{self, Block},
};

const SHORTEST: usize = 2048;
const LONGEST: usize = 8192;

pub(super) struct Private {
    /// The `RSAPrivateKey` of RFC 8017, which is what signs.
    pub(super) pkcs1: Zeroizing<Vec<u8>>,
    pub(super) public: PublicKey,
    pub(super) bits: usize,
}

/// Finds the private key in PKCS#1 or PKCS#8 form.
pub(super) fn private(text: &[u8]) -> Result<Private, Problem> {
    let block = find(text, &["PRIVATE KEY", "RSA PRIVATE KEY"], &["PUBLIC KEY", "RSA PUBLIC KEY"])?;
    let der = block.decode()?;
    let pkcs1 = if block.label == "RSA PRIVATE KEY" { der } else { unwrap_pkcs8(&der)? };
    let key = RsaPrivateKeyRef::from_der(&pkcs1).map_err(|_| Problem::Damaged)?;
    let bits = judge_length(&key.modulus)?;
    // The conversion proves that the parts belong together: the primes to the modulus, the exponents to each other.
    let key = PrivateKey::try_from(key).map_err(|_| Problem::Damaged)?;
    Ok(Private { public: key.to_public_key(), bits, pkcs1 })
}

/// Finds the public key in PKCS#1 or SPKI form.
pub(super) fn public(text: &[u8]) -> Result<PublicKey, Problem> {
    let block = find(text, &["PUBLIC KEY", "RSA PUBLIC KEY"], &["PRIVATE KEY", "RSA PRIVATE KEY"])?;
    let der = block.decode()?;
    let pkcs1 = if block.label == "RSA PUBLIC KEY" { der } else { unwrap_spki(&der)? };
    let key = RsaPublicKeyRef::from_der(&pkcs1).map_err(|_| Problem::Damaged)?;
    judge_length(&key.modulus)?;
    PublicKey::try_from(key).map_err(|_| Problem::Damaged)
}

fn find<'a>(text: &'a [u8], wanted: &[&str], other_half: &[&str]) -> Result<Block<'a>, Problem> {
    let blocks = pem::blocks(text);
    let labelled = |labels: &[&str]| blocks.iter().find(|block| labels.contains(&block.label));
    if blocks.iter().any(Block::is_encrypted) {
        return Err(Problem::Encrypted);
    }
    if let Some(block) = labelled(wanted) {
        return Ok(*block);
    }
    if labelled(other_half).is_some() {
        return Err(Problem::OtherHalf);
    }
    Err(blocks.last().map_or(Problem::NotPem, |block| match block.label {
        "EC PRIVATE KEY" | "EC PARAMETERS" => Problem::NotRsa("EC".to_owned()),
        "DSA PRIVATE KEY" | "DSA PARAMETERS" => Problem::NotRsa("DSA".to_owned()),
        label => Problem::NotAKey(label.chars().take(40).collect()),
    }))
}

fn unwrap_pkcs8(der: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| Problem::Damaged)?;
    judge_algorithm(info.algorithm.oid)?;
    Ok(Zeroizing::new(info.private_key.as_bytes().to_vec()))
}

fn unwrap_spki(der: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| Problem::Damaged)?;
    judge_algorithm(info.algorithm.oid)?;
    let key = info.subject_public_key.as_bytes().ok_or(Problem::Damaged)?;
    Ok(Zeroizing::new(key.to_vec()))
}

/// RS256 wants `rsaEncryption`: a key marked for PSS must not sign PKCS#1 v1.5 (RFC 4055, section 1.2).
fn judge_algorithm(algorithm: ObjectIdentifier) -> Result<(), Problem> {
    if algorithm == RSA_ENCRYPTION {
        return Ok(());
    }
    let identifier = algorithm.to_string();
    Err(Problem::NotRsa(match identifier.as_str() {
        "1.2.840.10045.2.1" => "EC".to_owned(),
        "1.2.840.10040.4.1" => "DSA".to_owned(),
        "1.2.840.113549.1.1.10" => "RSA-PSS".to_owned(),
        "1.3.101.110" | "1.3.101.111" => "X25519 or X448".to_owned(),
        "1.3.101.112" => "Ed25519".to_owned(),
        "1.3.101.113" => "Ed448".to_owned(),
        _ => format!("of the algorithm {identifier}"),
    }))
}

fn judge_length(modulus: &UintRef<'_>) -> Result<usize, Problem> {
    let bytes = modulus.as_bytes();
    let unused = bytes.first().map_or(0, |first| first.leading_zeros() as usize);
    match bytes.len() * 8 - unused {
        bits if bits < SHORTEST => Err(Problem::TooShort { bits }),
        bits if bits > LONGEST => Err(Problem::TooLong { bits }),
        bits => Ok(bits),
    }
}
