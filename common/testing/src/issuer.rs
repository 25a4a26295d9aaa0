//! Signs access tokens, as auth does, with a key that everybody knows.

use std::path::PathBuf;

use contracts::users::Role;
use contracts::{SessionId, Timestamp, UserId};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{EncodingKey, Header};
use service::caller::{ALGORITHM, Claims, TOKEN_TYPE};
use uuid::Uuid;

/// Who issues the tokens, and for whom.
const STAGEDOOR: &str = "stagedoor";
const KEY_ID: &str = "first";

/// Its public key lies in a folder of its own as long as it lives.
pub struct Issuer {
    folder: tempfile::TempDir,
}

impl Default for Issuer {
    fn default() -> Self {
        let issuer = Self { folder: tempfile::tempdir().expect("a folder for the key") };
        let mut key = Jwk::from_encoding_key(&private_key(), ALGORITHM).expect("the public half");
        key.common.key_id = Some(KEY_ID.to_owned());
        let keys = serde_json::to_vec(&JwkSet { keys: vec![key] }).expect("JSON");
        std::fs::write(issuer.jwks_file(), keys).expect("the file of the key");
        issuer
    }
}

impl Issuer {
    pub fn jwks_file(&self) -> PathBuf {
        self.folder.path().join("keys.json")
    }

    /// Good for 15 minutes from `now`.
    pub fn token(&self, user: UserId, roles: &[Role], now: Timestamp) -> String {
        let issued_at = now.as_millis() / 1000;
        let claims = Claims {
            iss: STAGEDOOR.to_owned(),
            aud: STAGEDOOR.to_owned(),
            sub: user,
            sid: SessionId(Uuid::from_u128(7)),
            roles: roles.to_vec(),
            iat: issued_at,
            exp: issued_at + 900,
            jti: Uuid::from_u128(8),
        };
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(KEY_ID.to_owned());
        jsonwebtoken::encode(&header, &claims, &private_key()).expect("a signature")
    }
}

fn private_key() -> EncodingKey {
    key_of_seed(1)
}

/// An Ed25519 key in PKCS #8: the fixed head of that form, then the seed.
pub(crate) fn key_of_seed(seed: u8) -> EncodingKey {
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    EncodingKey::from_ed_der(&[&head[..], &[seed; 32]].concat())
}
