//! The key pair that access tokens are signed with: the private half in a file of auth's own, the public half in the
//! JWKS file that every service reads.

mod make;
mod rotate;
mod set;
mod signing;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jsonwebtoken::EncodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use service::caller::ALGORITHM;

use crate::secrets::SecretsError;

pub use make::{JWKS_FILE, SIGNING_KEY_FILE, make};
pub use rotate::{Listed, NEXT_KEY_FILE, PUBLISHED_FOR, Standing, list, retire, rotate};
pub(crate) use signing::SigningKey;

#[cfg(test)]
mod tests;

#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("{} cannot be read", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} cannot be written", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("{} is not an Ed25519 key in PKCS#8 form", path.display())]
    NotAKey { path: PathBuf },
    #[error("{} is not a set of JSON web keys", path.display())]
    NotASet { path: PathBuf, source: serde_json::Error },
    /// Whatever it signed, nobody would believe.
    #[error("{} does not hold the public half of {}", jwks.display(), key.display())]
    NotPublished { key: PathBuf, jwks: PathBuf },
    /// A new key would not match it.
    #[error("{} is there, and the key that belongs to it is not", jwks.display())]
    KeyIsGone { jwks: PathBuf },
    #[error("the keys in {} are being changed by another process", directory.display())]
    InRotation { directory: PathBuf },
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error("a new key cannot be written as PKCS#8")]
    Encoding,
}

/// A private key with the public half that is known of it.
pub(crate) struct KeyPair {
    pub(crate) private: EncodingKey,
    pub(crate) public: Jwk,
    /// The thumbprint of the public half (RFC 7638).
    pub(crate) id: String,
}

impl KeyPair {
    pub(crate) fn read(path: &Path) -> Result<Self, KeysError> {
        let text = fs::read(path).map_err(|source| unreadable(path, source))?;
        Self::from_pem(&text).map_err(|_| KeysError::NotAKey { path: path.to_owned() })
    }

    fn from_pem(text: &[u8]) -> Result<Self, jsonwebtoken::errors::Error> {
        let private = EncodingKey::from_ed_pem(text)?;
        let mut public = Jwk::from_encoding_key(&private, ALGORITHM)?;
        let id = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { private, public, id })
    }

    fn is_in(&self, set: &JwkSet) -> bool {
        set.find(&self.id).is_some_and(|key| key.algorithm == self.public.algorithm)
    }
}

/// The keys of a JWKS file that may be shown: a secret that got into it by mistake goes no further.
pub fn public_keys(path: &Path, text: &[u8]) -> Result<JwkSet, KeysError> {
    let mut set: JwkSet = serde_json::from_slice(text)
        .map_err(|source| KeysError::NotASet { path: path.to_owned(), source })?;
    set.keys.retain(|key| !matches!(key.algorithm, AlgorithmParameters::OctetKey(_)));
    Ok(set)
}

/// Refuses a key that the services would not know.
pub(crate) fn check_published(pair: &KeyPair, key: &Path, jwks: &Path) -> Result<(), KeysError> {
    let text = fs::read(jwks).map_err(|source| unreadable(jwks, source))?;
    if pair.is_in(&public_keys(jwks, &text)?) {
        Ok(())
    } else {
        Err(KeysError::NotPublished { key: key.to_owned(), jwks: jwks.to_owned() })
    }
}

fn unreadable(path: &Path, source: io::Error) -> KeysError {
    KeysError::Unreadable { path: path.to_owned(), source }
}
