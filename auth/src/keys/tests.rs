//! Making keys: once, whole, for the right eyes, and never over others.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{JWKS_FILE, KeyPair, KeysError, SIGNING_KEY_FILE, make};

mod rotation;

fn contents(directory: &Path) -> (String, String) {
    let read = |name| fs::read_to_string(directory.join(name)).unwrap();
    (read(SIGNING_KEY_FILE), read(JWKS_FILE))
}

#[test]
fn a_pair_is_made_where_there_is_none() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("new/keys");
    make(&directory).unwrap();
    let (key, jwks) = contents(&directory);
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    let jwks: serde_json::Value = serde_json::from_str(&jwks).unwrap();
    let pair = KeyPair::read(&directory.join(SIGNING_KEY_FILE)).unwrap();
    let public = &jwks["keys"][0];
    assert_eq!(public["kid"], pair.id);
    assert_eq!((&public["kty"], &public["crv"]), (&"OKP".into(), &"Ed25519".into()));
    assert_eq!((&public["alg"], &public["use"]), (&"EdDSA".into(), &"sig".into()));
    assert!(public.get("d").is_none());
    let mode = fs::metadata(directory.join(SIGNING_KEY_FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 2, "nothing else is left behind");
}

#[test]
fn a_pair_that_is_there_stays() {
    let home = tempfile::tempdir().unwrap();
    make(home.path()).unwrap();
    let before = contents(home.path());
    make(home.path()).unwrap();
    assert_eq!(contents(home.path()), before);
}

#[test]
fn a_set_that_is_missing_is_made_from_the_key() {
    let home = tempfile::tempdir().unwrap();
    make(home.path()).unwrap();
    let before = contents(home.path());
    fs::remove_file(home.path().join(JWKS_FILE)).unwrap();
    make(home.path()).unwrap();
    assert_eq!(contents(home.path()), before);
}

#[test]
fn a_key_that_is_missing_is_not_replaced_by_one_that_does_not_match() {
    let home = tempfile::tempdir().unwrap();
    make(home.path()).unwrap();
    fs::remove_file(home.path().join(SIGNING_KEY_FILE)).unwrap();
    assert!(matches!(make(home.path()), Err(KeysError::KeyIsGone { .. })));
    assert!(!home.path().join(SIGNING_KEY_FILE).exists());
}

#[test]
fn a_set_of_other_keys_is_refused() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make(home.path()).unwrap();
    make(other.path()).unwrap();
    fs::copy(other.path().join(JWKS_FILE), home.path().join(JWKS_FILE)).unwrap();
    assert!(matches!(make(home.path()), Err(KeysError::NotPublished { .. })));
}

#[test]
fn processes_that_make_keys_at_once_agree_on_one_pair() {
    let home = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let makers: Vec<_> = (0..8).map(|_| scope.spawn(|| make(home.path()))).collect();
        for maker in makers {
            maker.join().unwrap().unwrap();
        }
    });
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2);
}

/// The key of RFC 8037, and the thumbprint it says it has.
#[test]
fn a_key_is_named_by_its_thumbprint() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
               -----END PRIVATE KEY-----\n";
    let pair = KeyPair::from_pem(pem.as_bytes()).unwrap();
    assert_eq!(pair.id, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}
