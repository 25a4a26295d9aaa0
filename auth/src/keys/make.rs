//! Makes a key pair where there is none. Files appear whole or not at all, and are never overwritten, so any number of
//! processes may do this at once.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey as _, KeypairBytes};
use jsonwebtoken::jwk::JwkSet;
use tempfile::NamedTempFile;

use super::{KeyPair, KeysError, check_published};
use crate::secrets::secret;

/// The private key, for auth alone.
pub const SIGNING_KEY_FILE: &str = "signing-key.pem";
/// The public keys, for everybody.
pub const JWKS_FILE: &str = "jwks.json";

/// Sees to it that `directory` holds a private key and a JWKS file with its public half.
pub fn make(directory: &Path) -> Result<(), KeysError> {
    fs::create_dir_all(directory).map_err(|source| unwritable(directory, source))?;
    let (key, jwks) = (directory.join(SIGNING_KEY_FILE), directory.join(JWKS_FILE));
    // The key is written first, so whoever sees the set and then no key has lost it.
    let has_jwks = jwks.exists();
    if !key.exists() {
        if has_jwks {
            return Err(KeysError::KeyIsGone { jwks });
        }
        write_new(&key, 0o600, new_key()?.as_bytes())?;
    }
    // Read again, since it may be another process that was first.
    let pair = KeyPair::read(&key)?;
    if !has_jwks {
        let set = JwkSet { keys: vec![pair.public.clone()] };
        let text = serde_json::to_string_pretty(&set)
            .map_err(|source| KeysError::NotASet { path: jwks.clone(), source })?;
        write_new(&jwks, 0o644, text.as_bytes())?;
    }
    check_published(&pair, &key, &jwks)
}

pub(super) fn new_key() -> Result<impl std::ops::Deref<Target = String>, KeysError> {
    // Without the public half, which not everybody expects to find there.
    let key = KeypairBytes { secret_key: secret()?, public_key: None };
    key.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeysError::Encoding)
}

/// Leaves alone what is there already.
pub(super) fn write_new(path: &Path, mode: u32, text: &[u8]) -> Result<(), KeysError> {
    let written = whole(path, mode, text).and_then(|file| match file.persist_noclobber(path) {
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
        Ok(_) => Ok(()),
    });
    written.map_err(|source| unwritable(path, source))
}

/// In place of what is there.
pub(super) fn replace(path: &Path, mode: u32, text: &[u8]) -> Result<(), KeysError> {
    let written = whole(path, mode, text).and_then(|file| file.persist(path).map_err(|error| error.error));
    written.map(drop).map_err(|source| unwritable(path, source))
}

/// A file in the same directory, complete before it has its name.
fn whole(path: &Path, mode: u32, text: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix(".new-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn unwritable(path: &Path, source: io::Error) -> KeysError {
    KeysError::Unwritable { path: path.to_owned(), source }
}
