//! Keys are made by the `openssl` command line, which is what most operators make theirs with.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use store::Entropy;
use tempfile::TempDir;

use super::*;

/// A counter, hashed: a test's randomness repeats.
#[derive(Debug, Default)]
struct Repeatable(AtomicU64);

impl Entropy for Repeatable {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            let block = digest::digest(&digest::SHA256, &block);
            chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
        }
    }
}

struct Directory {
    directory: TempDir,
    files: KeyFiles,
}

impl Directory {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let files = KeyFiles {
            private: directory.path().join("oauth_private.key"),
            public: directory.path().join("oauth_public.key"),
            allow_world_readable: false,
        };
        Self { directory, files }
    }

    /// A good pair, PKCS#8 and SPKI.
    fn with_pair() -> Self {
        let this = Self::new();
        this.openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out oauth_private.key");
        this.openssl("pkey -in oauth_private.key -pubout -out oauth_public.key");
        this
    }

    fn openssl(&self, arguments: &str) {
        let done = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(self.directory.path())
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .expect("the openssl command line is installed");
        assert!(done.success(), "openssl {arguments}");
        self.chmod(0o600);
    }

    fn chmod(&self, mode: u32) {
        if self.files.private.exists() {
            fs::set_permissions(&self.files.private, fs::Permissions::from_mode(mode)).unwrap();
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn load(&self) -> Result<SigningKey, KeyError> {
        load(&self.files)
    }

    fn refusal(&self) -> (Half, Problem) {
        let error = self.load().expect_err("the pair is refused");
        (error.half, error.problem)
    }

    fn generate(&self, overwrite: Overwrite) -> Result<KeyId, GenerateError> {
        generate(&self.files, KeySize::Rsa2048, overwrite, &Repeatable::default())
    }
}

#[test]
fn the_thumbprint_is_that_of_rfc_7638_section_3_1() {
    let key = PublicKey {
        n: "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw".to_owned(),
        e: "AQAB".to_owned(),
    };
    assert_eq!(thumbprint(&key).0, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn a_generated_pair_signs_what_its_public_jwk_verifies() {
    let directory = Directory::new();
    let kid = directory.generate(Overwrite::Never).unwrap();
    let key = directory.load().unwrap();
    assert_eq!((key.kid(), key.bits(), key.exposure()), (&kid, 2048, Exposure::Private));
    let signature = key.sign(b"header.claims").unwrap();
    let PublicKey { n, e } = key.public_jwk();
    assert_eq!(e, "AQAB");
    let n = URL_SAFE_NO_PAD.decode(n).unwrap();
    let key = RsaPublicKeyComponents { n: &*n, e: &[1, 0, 1] };
    let verified = key.verify(&RSA_PKCS1_2048_8192_SHA256, b"header.claims", &signature);
    assert!(verified.is_ok());
}

#[test]
fn longer_keys_are_made_on_request() {
    let Directory { directory: _kept, files } = Directory::new();
    generate(&files, KeySize::Rsa3072, Overwrite::Never, &Repeatable::default()).unwrap();
    assert_eq!(load(&files).unwrap().bits(), 3072);
    assert_eq!(KeySize::from_bits(4096), Some(KeySize::Rsa4096));
    assert_eq!(KeySize::from_bits(1024), None);
}

#[test]
fn a_generated_private_key_is_its_owners_alone() {
    let directory = Directory::new();
    directory.generate(Overwrite::Never).unwrap();
    let mode = |path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&directory.files.private), 0o600);
    assert_eq!(fs::read_dir(directory.directory.path()).unwrap().count(), 2, "no draft is left");
}

#[test]
fn either_existing_file_stops_generation_unless_forced() {
    for name in ["oauth_private.key", "oauth_public.key"] {
        let directory = Directory::new();
        fs::write(directory.path(name), "precious").unwrap();
        let refused = directory.generate(Overwrite::Never).unwrap_err();
        assert!(matches!(refused, GenerateError::Exists { .. }));
        assert!(refused.to_string().contains("--force"), "{refused}");
        assert_eq!(fs::read(directory.path(name)).unwrap(), b"precious");
        directory.generate(Overwrite::Force).unwrap();
        assert!(directory.load().is_ok());
    }
}

#[test]
fn generation_writes_through_symbolic_links() {
    let directory = Directory::new();
    let vault = directory.path("vault/signing.key");
    symlink("vault/signing.key", &directory.files.private).unwrap();
    let kid = directory.generate(Overwrite::Never).unwrap();
    assert!(vault.is_file());
    assert!(directory.files.private.is_symlink());
    assert_eq!(directory.load().unwrap().kid(), &kid);
}

#[test]
fn pkcs1_and_pkcs8_hold_the_same_key() {
    let directory = Directory::with_pair();
    let kid = directory.load().unwrap().kid().clone();
    directory.openssl("rsa -in oauth_private.key -traditional -out oauth_private.key");
    directory.openssl("rsa -in oauth_private.key -RSAPublicKey_out -out oauth_public.key");
    let text = |path| fs::read_to_string(path).unwrap();
    assert!(text(&directory.files.private).starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    assert!(text(&directory.files.public).starts_with("-----BEGIN RSA PUBLIC KEY-----"));
    assert_eq!(directory.load().unwrap().kid(), &kid);
}

#[test]
fn text_around_the_key_and_other_line_ends_do_no_harm() {
    let directory = Directory::with_pair();
    let kid = directory.load().unwrap().kid().clone();
    let pem = fs::read_to_string(&directory.files.private).unwrap();
    let dressed = format!("the signing key\r\n{}\r\n", pem.replace('\n', "\r\n"));
    fs::write(&directory.files.private, dressed).unwrap();
    assert_eq!(directory.load().unwrap().kid(), &kid);
}

#[test]
fn a_missing_file_is_named() {
    let directory = Directory::with_pair();
    fs::remove_file(&directory.files.public).unwrap();
    assert_eq!(directory.refusal(), (Half::Public, Problem::Missing));
    fs::remove_file(&directory.files.private).unwrap();
    assert_eq!(directory.refusal(), (Half::Private, Problem::Missing));
    let message = directory.load().unwrap_err().to_string();
    assert!(message.contains("oauth_private.key"), "{message}");
    assert!(message.contains("oathbook keys generate"), "{message}");
}

#[test]
fn a_directory_or_a_large_file_is_no_key() {
    let directory = Directory::with_pair();
    fs::write(&directory.files.public, vec![b'a'; 100_000]).unwrap();
    assert_eq!(directory.refusal(), (Half::Public, Problem::TooLarge));
    fs::remove_file(&directory.files.public).unwrap();
    fs::create_dir(&directory.files.public).unwrap();
    assert_eq!(directory.refusal(), (Half::Public, Problem::NotAFile));
}

#[test]
fn encrypted_keys_are_refused_in_both_forms() {
    for form in ["", "-traditional "] {
        let directory = Directory::with_pair();
        directory.openssl(&format!(
            "rsa -in oauth_private.key {form}-aes256 -passout pass:x -out oauth_private.key"
        ));
        assert_eq!(directory.refusal(), (Half::Private, Problem::Encrypted));
    }
}

#[test]
fn keys_that_are_not_rsa_are_named() {
    let cases = [
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out oauth_private.key", "EC"),
        ("ecparam -name prime256v1 -genkey -out oauth_private.key", "EC"),
        ("genpkey -algorithm ed25519 -out oauth_private.key", "Ed25519"),
        ("genpkey -algorithm RSA-PSS -out oauth_private.key", "RSA-PSS"),
    ];
    for (make, kind) in cases {
        let directory = Directory::new();
        directory.openssl(make);
        let refused = (Half::Private, Problem::NotRsa(kind.to_owned()));
        assert_eq!(directory.refusal(), refused, "{make}");
    }
    let directory = Directory::with_pair();
    directory.openssl("genpkey -algorithm ed25519 -out other.key");
    directory.openssl("pkey -in other.key -pubout -out oauth_public.key");
    assert_eq!(directory.refusal(), (Half::Public, Problem::NotRsa("Ed25519".to_owned())));
}

#[test]
fn a_key_of_1024_bits_is_too_short() {
    let directory = Directory::new();
    directory
        .openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out oauth_private.key");
    assert_eq!(directory.refusal(), (Half::Private, Problem::TooShort { bits: 1024 }));
}

#[test]
fn halves_of_two_pairs_are_a_mismatch() {
    let directory = Directory::with_pair();
    directory
        .openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out oauth_private.key");
    let private = directory.files.private.clone();
    assert_eq!(directory.refusal(), (Half::Public, Problem::Mismatch { private }));
}

#[test]
fn swapped_halves_are_recognised() {
    let directory = Directory::with_pair();
    fs::copy(&directory.files.public, &directory.files.private).unwrap();
    directory.chmod(0o600);
    assert_eq!(directory.refusal(), (Half::Private, Problem::OtherHalf));
}

#[test]
fn damage_is_reported_and_never_a_panic() {
    let directory = Directory::with_pair();
    let whole = fs::read(&directory.files.private).unwrap();
    for length in [0, 10, 28, 40, 100, 900, whole.len() - 30] {
        fs::write(&directory.files.private, &whole[..length]).unwrap();
        let (half, problem) = directory.refusal();
        assert_eq!(half, Half::Private);
        assert!(matches!(problem, Problem::Damaged | Problem::NotPem), "{length}: {problem:?}");
    }
    for at in (30..whole.len() - 30).step_by(97) {
        let mut damaged = whole.clone();
        damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
        fs::write(&directory.files.private, damaged).unwrap();
        assert!(directory.load().is_err(), "a digit was changed at {at}");
    }
    fs::write(&directory.files.private, [0xff, 0, 0x30, 0x82]).unwrap();
    assert_eq!(directory.refusal(), (Half::Private, Problem::NotPem));
}

#[test]
fn other_pem_files_are_named() {
    let directory = Directory::with_pair();
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    fs::write(&directory.files.public, certificate).unwrap();
    assert_eq!(directory.refusal(), (Half::Public, Problem::NotAKey("CERTIFICATE".to_owned())));
}

#[test]
fn a_key_open_to_its_group_is_reported_and_one_open_to_all_refused() {
    let directory = Directory::with_pair();
    directory.chmod(0o640);
    assert_eq!(directory.load().unwrap().exposure(), Exposure::Group { mode: 0o640 });
    for mode in [0o604, 0o644, 0o602] {
        directory.chmod(mode);
        assert_eq!(directory.refusal(), (Half::Private, Problem::OpenToAll { mode }));
        assert_eq!(directory.files.exposure(), Some(Exposure::World { mode }));
    }
    let files = KeyFiles { allow_world_readable: true, ..directory.files.clone() };
    assert_eq!(load(&files).unwrap().exposure(), Exposure::World { mode: 0o602 });
}

#[test]
fn the_mode_that_counts_is_that_of_a_links_target() {
    let directory = Directory::with_pair();
    fs::rename(&directory.files.private, directory.path("elsewhere.key")).unwrap();
    symlink("elsewhere.key", &directory.files.private).unwrap();
    assert_eq!(directory.load().unwrap().exposure(), Exposure::Private);
    directory.chmod(0o644);
    assert_eq!(directory.refusal(), (Half::Private, Problem::OpenToAll { mode: 0o644 }));
}

#[test]
fn a_stamp_changes_with_content_and_mode() {
    let directory = Directory::with_pair();
    let before = directory.files.stamp();
    assert_eq!(directory.files.stamp(), before);
    directory.chmod(0o640);
    let after_mode = directory.files.stamp();
    assert_ne!(after_mode, before);
    directory.generate(Overwrite::Force).unwrap();
    assert_ne!(directory.files.stamp(), after_mode);
}

#[test]
fn a_signing_key_does_not_print() {
    let directory = Directory::with_pair();
    let key = directory.load().unwrap();
    assert_eq!(format!("{key:?}"), format!("SigningKey({}, withheld)", key.kid().0));
}
